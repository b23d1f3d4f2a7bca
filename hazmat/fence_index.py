"""Asks thousands of fences about thousands of fixes at once: one tree for areas, one for roads, in metres."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import shapely
from numpy.typing import NDArray

from hazmat.clock import to_time
from hazmat.columns import ID_DTYPE, Floats, Ids, Ints, Mask, Points, Rows, Times
from hazmat.geofences import LINE_KINDS, STOP_KINDS, Direction, FenceKind, Geofence, RoadClass
from hazmat.lookup import Keys, Timeline
from hazmat.polyline import Segments
from hazmat.schedule import Schedule, in_hours

REACH_M = (
    50.0  # how far beyond its own width a road is still seen: the largest accuracy that is reckoned with
)
KINDS = tuple(FenceKind)
KIND_CODE = {kind: code for code, kind in enumerate(KINDS)}
_FOREVER = np.datetime64("2200-01-01", "ms")


@dataclass(frozen=True, slots=True)
class Pairs:
    """(fix, fence) pairs, aligned: ``row`` of the fix, ``fence`` index, and how the fix lies to it.

    ``inside``: the fix is in the area, or within the half width of the line. ``was_inside``: so was the fix
    before (areas only). ``crossed``: the way from the fix before touches the area, though neither end is
    inside. ``beyond_m``: metres outside a line's half width, negative inside; NaN for areas. ``along_deg``:
    bearing of the line there, NaN for areas.
    """

    row: Rows
    fence: Rows
    inside: Mask
    was_inside: Mask
    crossed: Mask
    beyond_m: Floats
    along_deg: Floats

    def take(self, keep: NDArray[Any]) -> "Pairs":
        """These pairs (a mask or indices)."""
        return Pairs(
            self.row[keep],
            self.fence[keep],
            self.inside[keep],
            self.was_inside[keep],
            self.crossed[keep],
            self.beyond_m[keep],
            self.along_deg[keep],
        )


@dataclass(frozen=True, slots=True, eq=False)
class FenceIndex:
    """All fence versions of a registry as columns, and the trees over them; index is the row in ``fences``.

    ``names`` finds a fence id; ``name`` of a fence row points into it, so that versions of one fence share
    it.
    """

    fences: tuple[Geofence, ...]
    names: Keys
    name: Ints
    ids: Ids
    versions: Timeline
    kind: Ints
    class_bits: Ints
    start_minute: Ints
    end_minute: Ints
    weekday_bits: Ints
    valid_from: Times
    valid_to: Times
    always: Mask
    loaded_only: Mask
    permit_required: Mask
    limit_kmh: Floats
    expressway: Mask
    one_way: Ints
    half_width_m: Floats
    geometry_m: NDArray[np.object_]
    edge_m: NDArray[np.object_]
    districts: Rows
    area_rows: Rows
    area_tree: shapely.STRtree
    stop_tree: shapely.STRtree
    designated: Rows
    designated_tree: shapely.STRtree
    roads: Segments

    @classmethod
    def of(cls, fences: Sequence[Geofence], class_bits: Sequence[int]) -> Self:
        """From fence versions and the bit set of hazard classes of each."""
        geometry = np.empty(len(fences), object)
        geometry[:] = [fence.geometry_m() for fence in fences]
        shapely.prepare(geometry)
        is_line = np.array([fence.kind in LINE_KINDS for fence in fences], bool)
        # A corridor is asked for by its waybill, never searched for: thousands may share one trunk road.
        on_map = is_line & np.array([fence.kind is not FenceKind.CORRIDOR for fence in fences], bool)
        is_district = np.array([fence.kind is FenceKind.DISTRICT for fence in fences], bool)
        area_rows = np.flatnonzero(~is_line & ~is_district)
        edge = np.full(len(fences), None, object)
        edge[~is_line] = shapely.boundary(geometry[~is_line])
        shapely.prepare(edge)
        designated = np.flatnonzero([fence.kind is FenceKind.DESIGNATED_ROAD for fence in fences])
        half_width = np.array([_half_width_m(fence) for fence in fences], float)
        names = Keys.of([fence.fence_id for fence in fences])
        name = np.array([names.index[fence.fence_id] for fence in fences], np.int64)
        return cls(
            fences=tuple(fences),
            names=names,
            name=name,
            versions=Timeline.of(name, [(fence.valid_from, fence.valid_to) for fence in fences]),
            ids=np.array([fence.fence_id.encode() for fence in fences], ID_DTYPE),
            kind=np.array([KIND_CODE[fence.kind] for fence in fences], np.int64),
            class_bits=np.array(class_bits, np.int64),
            start_minute=np.array([fence.schedule.start_minute for fence in fences], np.int64),
            end_minute=np.array([fence.schedule.end_minute for fence in fences], np.int64),
            weekday_bits=np.array([fence.schedule.weekday_bits for fence in fences], np.int64),
            valid_from=np.array([to_time(fence.valid_from) for fence in fences], "datetime64[ms]"),
            valid_to=_superseded(fences),
            always=np.array([fence.schedule == Schedule() for fence in fences], bool),
            loaded_only=np.array([fence.loaded_only for fence in fences], bool),
            permit_required=np.array([fence.permit_required for fence in fences], bool),
            limit_kmh=np.array([fence.speed_limit_kmh or np.nan for fence in fences], float),
            expressway=np.array([fence.road_class is RoadClass.EXPRESSWAY for fence in fences], bool),
            one_way=np.array([_one_way(fence.direction) for fence in fences], np.int64),
            half_width_m=half_width,
            geometry_m=geometry,
            edge_m=edge,
            districts=np.flatnonzero(is_district),
            area_rows=area_rows,
            area_tree=shapely.STRtree(geometry[area_rows]),
            stop_tree=shapely.STRtree(geometry[np.array([f.kind in STOP_KINDS for f in fences], bool)]),
            designated=designated,
            designated_tree=shapely.STRtree(geometry[designated]),
            roads=Segments.of(geometry, np.flatnonzero(on_map), half_width + REACH_M),
        )

    def kinds(self, fence: Rows, *wanted: FenceKind) -> Mask:
        """Whether each fence is of one of these kinds."""
        return np.isin(self.kind[fence], [KIND_CODE[kind] for kind in wanted])

    def in_force(self, fence: Rows, times: Times) -> Mask:
        """Whether each fence's version is valid, and its hours run, at the time beside it."""
        valid = (self.valid_from[fence] <= times) & (times < self.valid_to[fence])
        if bool(self.always[fence].all()):
            return valid
        return valid & in_hours(
            times, self.start_minute[fence], self.end_minute[fence], self.weekday_bits[fence]
        )

    def versions_at(self, name: Ints, times: Times) -> Ints:
        """Fence row of each name's version valid at the time beside it, -1 for none."""
        return self.versions.at(name, times)

    def areas(self, x_m: Floats, y_m: Floats, from_x_m: Floats, from_y_m: Floats) -> Pairs:
        """Pairs of each fix with the areas (not districts) that it, or the way to it from the fix before,
        touches.

        Where there is no fix before, ``from_*`` equals the fix.
        """
        ways = shapely.linestrings(np.stack([from_x_m, from_y_m, x_m, y_m], -1).reshape(-1, 2, 2))
        row, spot = self.area_tree.query(ways)
        fence = self.area_rows[spot]
        shapes = self.geometry_m[fence]
        inside = shapely.intersects_xy(shapes, x_m[row], y_m[row])
        moved = (from_x_m[row] != x_m[row]) | (from_y_m[row] != y_m[row])
        was_inside = inside.copy()
        was_inside[moved] = shapely.intersects_xy(shapes[moved], from_x_m[row[moved]], from_y_m[row[moved]])
        crossed = moved & ~inside & ~was_inside
        crossed[crossed] = shapely.intersects(shapes[crossed], ways[row[crossed]])
        none = np.full(len(row), np.nan)
        touching = inside | was_inside | crossed
        return Pairs(row, fence, inside, was_inside, crossed, none, none).take(touching)

    def near_roads(self, points: Points, x_m: Floats, y_m: Floats, reach_m: Floats) -> Pairs:
        """Pairs of each fix with the roads within its ``reach_m`` of their edge, a road at its nearest point.

        No road further than ``REACH_M`` from its edge is found.
        """
        row, fence, distance, along = self.roads.near(points, x_m, y_m, self.half_width_m, reach_m)
        beyond = distance - self.half_width_m[fence]
        no = np.zeros(len(row), bool)
        return Pairs(row, fence, beyond <= 0, no, no, beyond, along)

    def distance_m(self, fence: Rows, points: Points) -> Floats:
        """Metres from each fix to the fence beside it: to an area's surface (0 inside) or a line's axis."""
        return np.asarray(shapely.distance(self.geometry_m[fence], points), float)

    def within_m(self, fence: Rows, points: Points, reach_m: Floats) -> Mask:
        """Whether each fix lies within ``reach_m`` of the fence beside it; quicker than the distance."""
        return np.asarray(shapely.dwithin(self.geometry_m[fence], points, reach_m), bool)

    def near_stop_place(self, points: Points, reach_m: Floats) -> Mask:
        """Whether each fix lies within its reach of a plant or park, of any version."""
        near = np.zeros(len(points), bool)
        near[self.stop_tree.query(points, predicate="dwithin", distance=reach_m)[0]] = True
        return near

    def beyond_designated_m(self, points: Points) -> Floats:
        """Metres from each fix to the edge of the nearest designated road, of any version; NaN for none."""
        beyond = np.full(len(points), np.nan)
        if len(self.designated):
            (row, spot), away = self.designated_tree.query_nearest(
                points, return_distance=True, all_matches=False
            )
            beyond[row] = away - self.half_width_m[self.designated[spot]]
        return beyond

    def edge_distance_m(self, fence: Rows, points: Points) -> Floats:
        """Metres from each fix to the edge of the area beside it."""
        return np.asarray(shapely.distance(self.edge_m[fence], points), float)

    def chord_m(self, fence: Rows, way_m: Floats) -> Floats:
        """Metres of each way (rows of from x, from y, to x, to y) that lie in the area beside it."""
        ways = shapely.linestrings(way_m.reshape(-1, 2, 2))
        return np.asarray(shapely.length(shapely.intersection(self.geometry_m[fence], ways)), float)


def _superseded(fences: Sequence[Geofence]) -> Times:
    """End of each version: its own, or the beginning of the fence's next one if that is sooner."""
    ends = np.array(
        [_FOREVER if f.valid_to is None else to_time(f.valid_to) for f in fences], "datetime64[ms]"
    )
    follower: dict[str, np.datetime64] = {}
    for row in sorted(range(len(fences)), key=lambda row: fences[row].valid_from, reverse=True):
        ends[row] = min(ends[row], follower.get(fences[row].fence_id, _FOREVER))
        follower[fences[row].fence_id] = to_time(fences[row].valid_from)
    return ends


def _half_width_m(fence: Geofence) -> float:
    if fence.half_width_m is not None:
        return fence.half_width_m
    return fence.lanes.count * fence.lanes.width_m / 2 if fence.lanes else np.nan


def _one_way(direction: Direction) -> int:
    return {Direction.FORWARD: 1, Direction.BACKWARD: -1, Direction.BOTH: 0}[direction]
