"""What a truck really does wrong, and when: from its motion without errors, the fences and papers."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from hazmat.columns import Floats, Mask
from hazmat.geofences import STOP_KINDS, FenceKind, Geofence
from hazmat.registry import World
from ingest.simulator.fleet import Truck
from ingest.simulator.law import LAW

_STANDING_KMH = 0.5
_LEGAL_KMH = {False: 60.0, True: 80.0}  # on an expressway?
_HOLD_S = {"off_designated_road": 60, "off_corridor": 60, "overspeed": 30, "overspeed_20": 10,
           "overspeed_50": 10, "no_waybill": 300, "illegal_stop": 600,
           "stop_on_no_stop": 60, "no_permit": 30, "silent": 600}  # fmt: skip
_SEEN_AGAIN_S = 60
_BREAK_S = 20  # shorter pauses do not part a breach in two


@dataclass(frozen=True, slots=True)
class Breached:
    """One stretch of a breach, as ``start`` and ``end`` on the clock; no end: it lasts beyond the case."""

    vehicle_id: str
    rule_id: str
    object_id: str
    start: datetime
    end: datetime | None

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Motion:
    """A truck's true motion, a row every few seconds."""

    at: Floats
    x_m: Floats
    y_m: Floats
    speed_kmh: Floats
    loaded: Mask
    terminal: Mask

    @classmethod
    def of(cls, truck: Truck, start: float, seconds: float, step_s: float = 1.0) -> "Motion":
        """Of a fresh truck, from ``start`` for so many seconds."""
        moments = start + np.arange(0.0, seconds, step_s)
        states = [truck.at(float(moment)) for moment in moments]
        return cls(
            moments,
            np.array([s.x_m for s in states]),
            np.array([s.y_m for s in states]),
            np.array([s.speed_kmh for s in states]),
            np.array([s.level_pct >= 5.0 for s in states]),
            np.array([s.terminal for s in states]),
        )


class Judge:
    """Judges true motion by the world's fences and papers, second by second."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.shapes = {fence.fence_id: _shape(fence) for fence in world.fences}

    def breaches(self, vehicle_id: str, motion: Motion) -> list[Breached]:
        """Every breach of one vehicle in its motion, long enough to count, by start."""
        found = [
            breach
            for rule_id, object_id, mask in self._masks(vehicle_id, motion)
            for breach in _stretches(vehicle_id, rule_id, object_id, motion.at, mask)
        ]
        return sorted(found, key=lambda breach: (breach.start, breach.rule_id, breach.object_id))

    def _masks(self, vehicle_id: str, motion: Motion) -> Iterator[tuple[str, str, Mask]]:
        """(rule, object, seconds on which it is broken)."""
        at_place = self._within(motion, *STOP_KINDS)
        on_the_way = motion.loaded & ~at_place
        standing = motion.speed_kmh < _STANDING_KMH
        no_stop = self._within(motion, FenceKind.NO_STOP)
        in_district = self._within(motion, FenceKind.DISTRICT)
        designated = self._within(motion, FenceKind.DESIGNATED_ROAD)
        yield "off_designated_road", "", on_the_way & in_district & ~designated
        limit = self._limit_kmh(motion)
        yield "overspeed", "", motion.speed_kmh > limit
        yield "overspeed_20", "", motion.speed_kmh >= LAW["serious_share"] * limit
        yield "overspeed_50", "", motion.speed_kmh >= LAW["grave_share"] * limit
        yield "illegal_stop", "", on_the_way & standing & ~no_stop
        yield "stop_on_no_stop", "", motion.loaded & standing & no_stop
        yield "silent", "", ~motion.terminal
        yield "offline_displacement", "", _displaced(motion)
        for fence in self.world.fences:
            if fence.kind is FenceKind.BARRED_AREA:
                yield "barred_area", fence.fence_id, self._in(fence, motion) & self._hours(fence, motion)
        yield from self._papers(vehicle_id, motion, on_the_way, ~standing)

    def _papers(
        self, vehicle_id: str, motion: Motion, on_the_way: Mask, moving: Mask
    ) -> Iterator[tuple[str, str, Mask]]:
        vehicle = next(v for v in self.world.vehicles if v.vehicle_id == vehicle_id)
        covered = np.zeros(len(motion.at), bool)
        drivers = set()
        for paper in (w for w in self.world.waybills if w.vehicle_id == vehicle_id):
            valid = (motion.at >= paper.valid_from.timestamp()) & (motion.at < paper.valid_to.timestamp())
            covered |= valid
            drivers.add(paper.driver_id)
            if paper.plate != vehicle.plate:
                yield (
                    "waybill_mismatch",
                    paper.waybill_no,
                    valid & motion.loaded & self._later(moving & motion.loaded),
                )
            if valid.any():
                corridor = shapely.contains_xy(self.shapes[paper.route_id], motion.x_m, motion.y_m)
                yield "off_corridor", paper.route_id, valid & on_the_way & ~corridor
        yield "no_waybill", "", on_the_way & ~covered
        for entry in self.world.blacklist:
            if entry.subject_id in {vehicle_id, vehicle.carrier_id, *drivers}:
                yield "blacklisted", entry.entry_id, self._later(moving)
        parked = self._within(motion, FenceKind.PLANT, FenceKind.PARKING)  # at rest where it may
        named = {
            road for p in self.world.permits if p.vehicle_id == vehicle_id for road in self._valid(p, motion)
        }
        for fence in self.world.fences:
            if fence.permit_required and fence.fence_id not in named:
                yield "no_permit", fence.fence_id, self._in(fence, motion) & (moving | ~parked)

    @staticmethod
    def _valid(permit: Any, motion: Motion) -> Sequence[str]:
        inside = permit.valid_from.timestamp() <= motion.at[0] and motion.at[-1] < permit.valid_to.timestamp()
        roads: Sequence[str] = permit.roads
        return roads if inside else ()

    @staticmethod
    def _later(moving: Mask) -> Mask:
        """From the first second on the move: a pause changes nothing about the papers."""
        return np.cumsum(moving) > 0

    def _in(self, fence: Geofence, motion: Motion) -> Mask:
        return np.asarray(shapely.contains_xy(self.shapes[fence.fence_id], motion.x_m, motion.y_m), bool)

    def _within(self, motion: Motion, *kinds: FenceKind) -> Mask:
        masks = [self._in(fence, motion) for fence in self.world.fences if fence.kind in kinds]
        return np.any(masks, axis=0) if masks else np.zeros(len(motion.at), bool)

    @staticmethod
    def _hours(fence: Geofence, motion: Motion) -> Mask:
        minute = ((motion.at + 8 * 3600) % 86400) // 60
        return (minute >= fence.schedule.start_minute) & (minute < fence.schedule.end_minute)

    def _limit_kmh(self, motion: Motion) -> Floats:
        """Highest limit of the roads that it is on; the expressway's where it is on none."""
        limit = np.zeros(len(motion.at))
        for fence in self.world.fences:
            if fence.speed_limit_kmh is not None:
                legal = _LEGAL_KMH[fence.road_class == "expressway"]
                limit = np.maximum(
                    limit, np.where(self._in(fence, motion), min(legal, fence.speed_limit_kmh), 0.0)
                )
        return np.where(limit > 0, limit, _LEGAL_KMH[True])


def _displaced(motion: Motion) -> Mask:
    """The minute after a terminal came back far from where it fell silent."""
    back = np.zeros(len(motion.at), bool)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (~motion.terminal).astype(np.int8), [0]])))
    for start, end in edges.reshape(-1, 2).tolist():  # few
        if end < len(motion.at) and motion.at[end] - motion.at[start] > LAW["silent_s"]:
            away_m = np.hypot(motion.x_m[end] - motion.x_m[start], motion.y_m[end] - motion.y_m[start])
            back |= (away_m > LAW["displaced_m"]) & (motion.at >= motion.at[end])
            back &= motion.at < motion.at[end] + _SEEN_AGAIN_S
    return back


def _shape(fence: Geofence) -> BaseGeometry:
    shape = fence.geometry_m()
    shape = shape.buffer(fence.half_width_m) if fence.half_width_m else shape
    shapely.prepare(shape)
    return shape


def _stretches(vehicle_id: str, rule_id: str, object_id: str, at: Floats, mask: Mask) -> Iterator[Breached]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    spans = edges.reshape(-1, 2).tolist()
    merged: list[list[int]] = []
    for start, end in spans:
        if merged and at[start] - at[merged[-1][1]] < _BREAK_S:
            merged[-1][1] = end
        else:
            merged.append([start, end])
    for start, end in merged:
        if at[min(end, len(at) - 1)] - at[start] >= _HOLD_S.get(rule_id, 0):
            until = None if end >= len(at) else datetime.fromtimestamp(at[end], UTC)
            yield Breached(vehicle_id, rule_id, object_id, datetime.fromtimestamp(at[start], UTC), until)
