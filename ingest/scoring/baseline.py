"""The two-fix baseline: what a tracker does that compares this fix with the last one.

Traccar and its like keep one state for each vehicle and rule (in or out, over or under, stopped or moving)
and raise an event when it flips. So here: an alert on each flip into the breach, over on the flip back. No
hold, no hysteresis, no accuracy, no doubt about the road; fixes that come late are ignored. Fences, papers,
speed limits and the spans that belong to a breach itself (ten minutes' stop, four hours' driving) are
the same as ours; only what is there against noise is left out. See docs/labels.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hazmat.clock import seconds_between
from hazmat.columns import Floats, Ints, Mask, Rows
from hazmat.coordinates import to_metres
from hazmat.geofences import STOP_KINDS, FenceKind
from hazmat.position import Load, Positions
from hazmat.registry import Registry
from ingest.order import split_by_order
from ingest.scoring.matching import Claim
from ingest.simulator.ground import LEGAL_KMH, Ground, Inside, in_force, near
from ingest.simulator.law import LAW

BASELINE_RULES = (
    "off_designated_road", "off_corridor", "barred_area", "sensitive_site", "illegal_stop", "stop_on_no_stop",
    "long_stop", "overspeed", "overspeed_20", "overspeed_50", "fatigue", "daily_driving", "no_waybill",
    "no_permit", "silent",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Fixes:
    """Fixes that came in time, by vehicle and time; ``at`` in seconds since 1970."""

    positions: Positions
    at: Floats
    x_m: Floats
    y_m: Floats
    first: Mask
    loaded: Mask
    moving: Mask
    waybill: Ints
    vehicle: Ints

    def rows_of(self, vehicle: int) -> Rows:
        """Fixes of a registered vehicle, which stand together."""
        return np.flatnonzero(self.vehicle == vehicle)


def baseline(positions: Positions, registry: Registry, ground: Ground, until: float) -> list[Claim]:
    """Every alert that two-fix logic raises for these fixes, in the order of their arrival.

    ``until``: when the track ends, in seconds since 1970; a vehicle may be silent until then.
    """
    if not len(positions):
        return []
    fixes = _in_time(positions, registry)
    claims: list[Claim] = []
    for rule_id, object_id, breached in _states(fixes, registry, ground):
        claims += _flips(fixes, rule_id, object_id, breached)
    return claims + _silent_at_last(fixes, until)


def _silent_at_last(fixes: _Fixes, until: float) -> list[Claim]:
    """Vehicles that were moving and are heard no more."""
    last = np.append(fixes.first[1:], True) & fixes.moving & (until - fixes.at > LAW["silent_s"])
    vehicle = fixes.positions.vehicle_id
    return [
        Claim(vehicle[row].decode(), "silent", "", at, until, at + LAW["silent_s"])
        for row, at in zip(np.flatnonzero(last).tolist(), fixes.at[last].tolist(), strict=True)
    ]


def _in_time(positions: Positions, registry: Registry) -> _Fixes:
    placed = positions.take(positions.has_fix & ~np.isnan(positions.lon))
    vehicles, slot = np.unique(placed.vehicle_id, return_inverse=True)
    order = split_by_order(placed, slot, np.full(len(vehicles), np.datetime64("NaT", "ms")))
    fixes, slot = placed.take(order.judged), slot[order.judged]
    x_m, y_m = to_metres(fixes.lon, fixes.lat)
    vehicle = registry.vehicles.find(fixes.vehicle_id)
    waybill = registry.waybills.at(vehicle, fixes.fix_time)
    return _Fixes(
        positions=fixes,
        at=fixes.fix_time.astype(np.int64) / 1000.0,
        x_m=x_m,
        y_m=y_m,
        first=np.append(True, slot[1:] != slot[:-1]),
        loaded=np.where(fixes.load == Load.UNKNOWN, waybill >= 0, fixes.load > Load.EMPTY),
        moving=fixes.speed_kmh >= LAW["standing_kmh"],
        waybill=waybill,
        vehicle=vehicle,
    )


def _states(fixes: _Fixes, registry: Registry, ground: Ground) -> Iterator[tuple[str, str, Mask]]:
    """(rule, object, whether each fix is in breach)."""
    inside = ground.inside(fixes.x_m, fixes.y_m, fixes.at)
    at_place, no_stop = inside.within(*STOP_KINDS), inside.within(FenceKind.NO_STOP)
    under_way = fixes.loaded & ~at_place
    designated = inside.within(FenceKind.DESIGNATED_ROAD)
    yield "off_designated_road", "", under_way & inside.within(FenceKind.DISTRICT) & ~designated
    yield from _sites(fixes, ground, under_way & ~(designated & fixes.moving))
    yield "no_waybill", "", under_way & (fixes.waybill < 0) & (fixes.vehicle >= 0)
    yield from _corridors(fixes, registry, ground, under_way)
    yield from _gates(fixes, registry, ground, inside)
    yield from _speeds(fixes, inside)
    yield from _stops(fixes, under_way, inside.within(FenceKind.SERVICE_AREA), no_stop)
    yield from _driving(fixes)


def _sites(fixes: _Fixes, ground: Ground, concerned: Mask) -> Iterator[tuple[str, str, Mask]]:
    for shape, fence in zip(ground.shapes, ground.fences, strict=True):
        if fence.kind is FenceKind.SENSITIVE:
            here = near(shape, LAW["site_m"], fixes.x_m, fixes.y_m) & in_force(fence, fixes.at)
            yield "sensitive_site", fence.fence_id, _since(fixes, here & concerned) >= LAW["site_s"]


def _corridors(
    fixes: _Fixes, registry: Registry, ground: Ground, under_way: Mask
) -> Iterator[tuple[str, str, Mask]]:
    papers = registry.world.waybills
    routes = np.array([ground.row_of.get(paper.route_id, -1) for paper in papers] + [-1])[fixes.waybill]
    for route in np.unique(routes[routes >= 0]).tolist():
        name = ground.fences[route].fence_id
        mine = np.flatnonzero(routes == route)
        off = np.zeros(len(routes), bool)
        off[mine] = ~ground.contains(name, fixes.x_m[mine], fixes.y_m[mine])
        yield "off_corridor", name, off & under_way


def _gates(
    fixes: _Fixes, registry: Registry, ground: Ground, inside: Inside
) -> Iterator[tuple[str, str, Mask]]:
    """Barred areas, and roads that want a permit, without a permit in force that names them."""
    for row in np.unique(inside.fence).tolist():
        fence = ground.fences[row]
        barred = fence.kind is FenceKind.BARRED_AREA
        if barred or fence.permit_required:
            here = inside.on(row) & ~_permitted(fixes, registry, fence.fence_id)
            concerned = fixes.loaded if fence.loaded_only else fixes.vehicle >= 0
            yield "barred_area" if barred else "no_permit", fence.fence_id, here & concerned


def _permitted(fixes: _Fixes, registry: Registry, fence_id: str) -> Mask:
    allowed = np.zeros(len(fixes.at), bool)
    for paper in registry.world.permits:
        if fence_id in paper.roads:
            mine = fixes.rows_of(registry.vehicles.index.get(paper.vehicle_id, -2))
            at = fixes.at[mine]
            allowed[mine] |= (at >= paper.valid_from.timestamp()) & (at < paper.valid_to.timestamp())
    return allowed


def _speeds(fixes: _Fixes, inside: Inside) -> Iterator[tuple[str, str, Mask]]:
    limit = inside.highest_limit_kmh()
    limit = np.where(np.isnan(limit), max(LEGAL_KMH.values()), limit)
    speed = fixes.positions.speed_kmh
    yield "overspeed", "", speed > limit
    yield "overspeed_20", "", speed >= LAW["serious_share"] * limit
    yield "overspeed_50", "", speed >= LAW["grave_share"] * limit


def _stops(
    fixes: _Fixes, under_way: Mask, in_service_area: Mask, no_stop: Mask
) -> Iterator[tuple[str, str, Mask]]:
    """One moving fix ends a stop; the span of a stop is part of the breach."""
    for_s = _since(fixes, ~fixes.moving & ~np.isnan(fixes.positions.speed_kmh))
    yield "illegal_stop", "", under_way & ~no_stop & (for_s >= LAW["stop_s"])
    yield "stop_on_no_stop", "", fixes.loaded & no_stop & (for_s >= LAW["no_stop_s"])
    yield "long_stop", "", fixes.loaded & in_service_area & (for_s >= LAW["long_stop_s"])


def _since(fixes: _Fixes, holds: Mask) -> Floats:
    """Seconds for which a state has held at each fix; NaN where it does not hold."""
    row = np.arange(len(holds))
    begins = holds & (fixes.first | ~np.append(False, holds[:-1]))
    start = np.maximum.accumulate(np.where(begins, row, 0))
    return np.where(holds, fixes.at - fixes.at[start], np.nan)


def _driving(fixes: _Fixes) -> Iterator[tuple[str, str, Mask]]:
    """Driving since the last rest by the sum of moving steps; a silence by the time of arrival."""
    step_s = np.where(fixes.first, 0.0, np.diff(fixes.at, prepend=fixes.at[:1]))
    driven = np.cumsum(np.where(fixes.moving, step_s, 0.0))
    rested = fixes.first | (_since(fixes, ~fixes.moving) >= LAW["rest_s"])
    at_rest = np.maximum.accumulate(np.where(rested, driven, -np.inf))
    yield "fatigue", "", (driven - at_rest >= LAW["fatigue_s"]) & fixes.moving
    yield "daily_driving", "", _driven_in_a_day(fixes, driven) > LAW["daily_s"]
    received = fixes.positions.received_at
    gap_s = seconds_between(np.append(received[:1], received[:-1]), received)
    was_moving = np.append(False, fixes.moving[:-1])
    yield "silent", "", ~fixes.first & was_moving & (gap_s > LAW["silent_s"])


def _driven_in_a_day(fixes: _Fixes, driven: Floats) -> Floats:
    """Seconds driven in the 24 h up to each fix; each vehicle's times are lifted above the one before."""
    nth = np.cumsum(fixes.first)
    span = float(np.ptp(fixes.at)) + 2 * 86_400.0
    lifted = fixes.at + nth * span
    start = np.flatnonzero(fixes.first)[nth - 1]
    before = np.maximum(np.searchsorted(lifted, lifted - 86_400.0), start)
    return np.asarray(driven - driven[before], float)


def _flips(fixes: _Fixes, rule_id: str, object_id: str, breached: Mask) -> list[Claim]:
    """A claim for each run of fixes in breach; few against the fixes, so a loop over runs is cheap."""
    begins = np.flatnonzero(breached & (fixes.first | ~np.append(False, breached[:-1])))
    after = np.append(breached[1:] & ~fixes.first[1:], False)
    ends = np.flatnonzero(breached & ~after)
    vehicle = fixes.positions.vehicle_id
    silent = rule_id == "silent"
    return [
        Claim(
            vehicle_id=vehicle[start].decode(),
            rule_id=rule_id,
            object_id=object_id,
            opened=float(fixes.at[start - silent]),
            last=float(fixes.at[end]),
            fired=float(fixes.at[start - silent]) + LAW["silent_s"] * silent,
        )
        for start, end in zip(begins.tolist(), ends.tolist(), strict=True)
    ]
