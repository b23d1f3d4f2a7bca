"""Puts what a repair found in the place of what the live memory had of the same vehicles."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hazmat.alerts import AlertChange, alert_id
from hazmat.clock import from_time, to_time
from hazmat.columns import ID_DTYPE, Mask
from ingest.snapshots import part_of
from rules.catalogue import CATALOGUE, TOGETHER_RULES
from rules.memory import Episodes, Memory, VehicleMemory

NOT_JUDGED_AGAIN = frozenset(rule.id for rule in TOGETHER_RULES)  # they look at several vehicles at once
_OF_TICKS = ("seen_at", "seen_x_m", "seen_y_m", "passed_at", "passed_by")  # of the table `together`


def graft(live: Memory, scratch: Memory, named: Mapping[str, AlertChange]) -> Memory:
    """The live memory with the scratch memory's vehicles.

    ``named``: by the id of a found alert, the standing one under whose id it goes on.
    """
    slots = live.slots(scratch.hashes)
    vehicles = live.vehicles.take(np.arange(len(live.hashes)))
    ticked = {name: getattr(live.vehicles.together, name)[slots] for name in _OF_TICKS}
    together = replace(scratch.vehicles.together, **ticked)
    vehicles.assign(slots, replace(scratch.vehicles, together=together))
    others = ~np.isin(live.episodes.vehicle_id, scratch.vehicles.vehicle_id) | _not_again(live.episodes)
    found = renamed(scratch.episodes.take(~_not_again(scratch.episodes)), named)
    return replace(live, vehicles=vehicles, episodes=live.episodes.take(others).append(found).ordered())


def _not_again(episodes: Episodes) -> Mask:
    return np.isin(episodes.rule_id, np.array(sorted(NOT_JUDGED_AGAIN), ID_DTYPE))


def renamed(episodes: Episodes, named: Mapping[str, AlertChange]) -> Episodes:
    """The same episodes (our own copy), those that go on under another id with its opening as name."""
    for row in np.flatnonzero(~np.isnat(episodes.fired_at)).tolist():  # few: what is open of a few vehicles
        goes_on = named.get(id_of(episodes, row))
        if goes_on is not None:
            episodes.named_at[row] = to_time(goes_on.named_at)
            episodes.opened_at[row] = to_time(goes_on.opened_at)
            episodes.fired_at[row] = to_time(goes_on.fired_at)
    return episodes


def id_of(episodes: Episodes, row: int) -> str:
    """Id of the alert of an open episode."""
    names = (getattr(episodes, name)[row] for name in ("vehicle_id", "rule_id", "object_id"))
    vehicle, rule, about = (name.decode(errors="replace") for name in names)
    return alert_id(vehicle, CATALOGUE[rule].id, about, from_time(episodes.named_at[row]))


def only_differences(live: Memory, plain: Memory, scratch: Memory) -> Memory:
    """The live memory of the same vehicles, changed only where late fixes made a difference.

    For a stretch that could not begin with a memory of its time: ``plain`` was folded without the late
    fixes, ``scratch`` with them, both from nothing. Where they agree, what the flow remembers is right.
    """
    mine = part_of(live, live.slots(scratch.hashes))
    columns = zip(mine.vehicles.flat().items(), plain.vehicles.flat().values(), strict=True)
    found = scratch.vehicles.flat()
    merged = {name: _chosen(column, without, found[name]) for (name, column), without in columns}
    episodes = _differing(scratch.episodes, plain.episodes)
    gone = _differing(plain.episodes, scratch.episodes)
    untouched = ~_have(mine.episodes, episodes) & ~_have(mine.episodes, gone)
    open_now = mine.episodes.take(untouched).append(episodes)
    return Memory.of(VehicleMemory.from_flat(merged), open_now)


def _chosen(live: NDArray[Any], plain: NDArray[Any], scratch: NDArray[Any]) -> NDArray[Any]:
    return np.where(_same(plain, scratch), live, scratch).astype(live.dtype)


def _same(one: NDArray[Any], other: NDArray[Any]) -> Mask:
    same: Mask = one == other
    if one.dtype.kind in "fM":
        same |= np.isnan(one) & np.isnan(other) if one.dtype.kind == "f" else np.isnat(one) & np.isnat(other)
    return same


def _differing(episodes: Episodes, others: Episodes) -> Episodes:
    """Those that the others have not got just so."""
    seen = {_row(others, row) for row in range(len(others.vehicle_id))}
    rows = [row for row in range(len(episodes.vehicle_id)) if _row(episodes, row) not in seen]
    return episodes.take(np.array(rows, np.intp))


def _have(episodes: Episodes, others: Episodes) -> Mask:
    """Which have a namesake (vehicle, rule, object) among the others."""
    keys = {_row(others, row)[:3] for row in range(len(others.vehicle_id))}
    mine = [_row(episodes, row)[:3] in keys for row in range(len(episodes.vehicle_id))]
    return np.array(mine, bool)


def _row(episodes: Episodes, row: int) -> tuple[str, ...]:
    return tuple(str(column[row]) for column in episodes.flat().values())
