"""The demo's world: made when none is there or its waybills have run out, never over somebody's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from hazmat import clock
from hazmat.cli.complaint import ConditionError
from hazmat.registry import World
from hazmat.store.registry import import_world, load_registry
from ingest.simulator.world import make_world

_SEED = 1
_MARK = "（示例）"
_LASTS = timedelta(hours=1)  # what a demo should be good for before its waybills run out


def ensure_sample_world(dsn: str, vehicles: int, say: Callable[[str], None]) -> None:
    """Import the sample world unless it is there for so many trucks; ConditionError if another one is."""
    at = clock.now()
    present, wanted = load_registry(dsn).world, make_world(vehicles, _SEED, at)
    if not _is_sample(present):
        raise ConditionError(
            "the database holds a registry that is not the sample's: the demo would overwrite it. "
            "Use hazmat serve, or another DATABASE_URL or HAZMAT_DATA_DIR"
        )
    if _size(present) == _size(wanted) and _in_force(present, at):
        return
    import_world(dsn, wanted)
    say(f"imported the sample world: {len(wanted.vehicles)} vehicles, {len(wanted.fences)} fences")


def _is_sample(world: World) -> bool:
    """Whether a world is empty or one of ours: every name of a carrier in it is marked as an example."""
    return all(_MARK in vehicle.carrier_name for vehicle in world.vehicles) and (
        bool(world.vehicles) or not world.fences
    )


def _size(world: World) -> tuple[int, int]:
    return len(world.vehicles), len(world.fences)


def _in_force(world: World, at: datetime) -> bool:
    """Whether a waybill is in force now and one will be in an hour."""
    return all(
        any(paper.valid_from <= moment < paper.valid_to for paper in world.waybills)
        for moment in (at, at + _LASTS)
    )
