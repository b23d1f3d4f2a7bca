"""Several vehicles at once, for tests: what judge() finds, and trucks that follow, park and gather."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from hazmat.alerts import AlertChange
from hazmat.clock import from_time
from hazmat.geofences import FenceKind, Geofence
from hazmat.position import Positions
from hazmat.registry import Registry
from ingest.judge import judge
from rules.memory import Memory
from rules.together import TOGETHER_IDS
from tests.fold import memory_rows
from tests.town import FENCES, NOON, TRUNK_Y, positions, town, waybill

NAMES = {name.decode() for name in TOGETHER_IDS.tolist()}
FAR_SIDE_Y = 9000.0  # where no road is
AREA = next(each for each in FENCES if each.fence_id == "plant")


class Judged:
    """Keeps what judge() hands out, and the moment up to which it has judged."""

    def __init__(self, registry: Registry, memory: Memory | None = None) -> None:
        self.registry = registry
        self.memory = memory or Memory.empty()
        self.alerts: dict[str, AlertChange] = {}
        self.since: datetime | None = None

    def feed(self, batch: Positions, at: datetime | None = None) -> "Judged":
        at = at or from_time(batch.received_at[-1])
        outcome, self.memory = judge(batch, self.registry, self.memory, at, None, self.since)
        self.since = at
        for change in outcome.alerts:
            self.alerts[change.alert_id] = change.after(self.alerts.get(change.alert_id))
        return self

    def feed_cut(self, messages: Positions, cuts: Sequence[int]) -> "Judged":
        for start, stop in zip([0, *cuts], [*cuts, len(messages)], strict=True):
            if stop > start:
                self.feed(messages.take(np.arange(start, stop)))
        return self

    def together(self) -> list[AlertChange]:
        found = [change for change in self.alerts.values() if change.rule_id in NAMES]
        return sorted(found, key=lambda change: (change.opened_at, change.vehicle_id, change.object_id))


def truck(number: int, t_s: Any, **columns: Any) -> Positions:
    return positions(t_s=t_s, vehicle_id=f"T{number:03d}".encode(), **columns)


def merged(*tracks: Positions) -> Positions:
    """Messages of several trucks in the order in which they arrived."""
    fixes = Positions.concat(tracks)
    order = np.lexsort((fixes.vehicle_id, fixes.received_at))
    return Positions(**fixes.take(order).columns() | {"message": np.arange(len(fixes))})


def found(messages: Positions, registry: Registry, until_s: float = 0.0) -> list[AlertChange]:
    judged = Judged(registry).feed(messages)
    if until_s:
        judged.feed(Positions.empty(), NOON + timedelta(seconds=until_s))
    return judged.together()


def rules_of(messages: Positions, registry: Registry) -> list[str]:
    return [change.rule_id for change in found(messages, registry)]


def following(
    apart_m: float, seconds: float = 300.0, kmh: float = 36.0, step_s: float = 10.0, **second: Any
) -> Positions:
    """Two trucks eastward on the trunk road; the second one, ahead, reports out of step with the first."""
    t_s = np.arange(0.0, seconds + 1, step_s)
    offset = 4.0 if step_s > 4 else 0.0
    given = {"speed_kmh": kmh, "heading_deg": 90.0, "y_m": TRUNK_Y}
    ahead = 1500 + apart_m + kmh / 3.6 * (t_s + offset)
    return merged(
        truck(0, t_s, x_m=1500 + kmh / 3.6 * t_s, **given),
        truck(1, t_s + offset, **{"x_m": ahead, **given, **second}),
    )


def with_tunnel(registry: Registry) -> Registry:
    tunnel = replace(
        AREA, fence_id="tunnel", kind=FenceKind.TUNNEL, geometry=AREA.geometry.envelope.buffer(0.05)
    )
    return Registry(replace(registry.world, fences=(*registry.world.fences, tunnel)), 1)


def parked(number: int, seconds: float, x_m: float, y_m: float = FAR_SIDE_Y, **more: Any) -> Positions:
    t_s = np.arange(0.0, seconds + 1, 30.0) + number % 20
    return truck(number, t_s, **{"x_m": x_m, "y_m": y_m, "speed_kmh": 0.0, **more})


def crowd(count: int, seconds: float = 700.0, apart_m: float = 20.0, **more: Any) -> Positions:
    return merged(*(parked(n, seconds, **{"x_m": 2000 + apart_m * n, **more}) for n in range(count)))


def classes(*names: str) -> Registry:
    papers = tuple(waybill(n, hazard_class=name) for n, name in enumerate(names))
    return town(len(names), papers)


def park(capacity: int | None) -> Geofence:
    return replace(AREA, fence_id="park", kind=FenceKind.PARKING, name="停车场", capacity=capacity)


def town_with_park(vehicles: int, capacity: int | None) -> Registry:
    others = (each for each in FENCES if each.fence_id != "plant")
    return town(vehicles, fences=(*others, park(capacity)))


def same(one: Judged, other: Judged) -> None:
    assert {k: repr(v) for k, v in one.alerts.items()} == {k: repr(v) for k, v in other.alerts.items()}
    assert memory_rows(one.memory) == memory_rows(other.memory)
