"""Asks thousands of fences about thousands of fixes at once: one tree for areas, one for roads, in metres."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

import numpy as np
import shapely
from numpy.typing import NDArray

from hazmat.clock import to_time
from hazmat.columns import ID_DTYPE, Floats, Ids, Ints, Mask, Points, Rows, Times
from hazmat.geofences import LINE_KINDS, STOP_KINDS, Direction, FenceKind, Geofence, RoadClass
from hazmat.goods import tunnel_rank
from hazmat.line_cells import AreaCells
from hazmat.lookup import Keys, Timeline
from hazmat.polyline import Segments
from hazmat.schedule import Hours, Schedule

REACH_M = (
    50.0  # how far beyond its own width a road is still seen: the largest accuracy that is reckoned with
)
WAY_M = 300.0  # longer ways between two fixes are few
KINDS = tuple(FenceKind)
KIND_CODE = {kind: code for code, kind in enumerate(KINDS)}
_FOREVER = np.datetime64("2200-01-01", "ms")


@dataclass(frozen=True, slots=True)
class Roadside:
    """(fix, road) pairs, aligned: ``row`` of the fix, ``fence`` index, and how the fix lies to the road.

    ``beyond_m``: metres outside its half width, negative inside. ``along_deg``: bearing of the line there.
    ``right_m``: metres to the right of the line in its own sense.
    """

    row: Rows
    fence: Rows
    beyond_m: Floats
    along_deg: Floats
    right_m: Floats

    def take(self, keep: NDArray[Any]) -> "Roadside":
        """These pairs (a mask or indices)."""
        return Roadside(
            self.row[keep], self.fence[keep], self.beyond_m[keep], self.along_deg[keep], self.right_m[keep]
        )


@dataclass(frozen=True, slots=True, eq=False)
class FenceIndex:
    """All fence versions of a registry as columns, and the trees over them; index is the row in ``fences``.

    ``names`` finds a fence id; ``name`` of a fence row points into it, so that versions of one fence share
    it. ``tunnel_rank``: as ``hazmat.goods.tunnel_rank``, 0 where nothing is barred.
    """

    fences: tuple[Geofence, ...]
    names: Keys
    name: Ints
    ids: Ids
    versions: Timeline
    kind: Ints
    class_bits: Ints
    hours: Hours
    valid_from: Times
    valid_to: Times
    always: Mask
    loaded_only: Mask
    permit_required: Mask
    limit_kmh: Floats
    expressway: Mask
    one_way: Ints
    tunnel_rank: Ints
    half_width_m: Floats
    geometry_m: NDArray[np.object_]
    edge_m: NDArray[np.object_]
    districts: Rows
    area_rows: Rows
    area_tree: shapely.STRtree
    gated: Mask
    gated_rows: Rows
    gated_tree: shapely.STRtree
    gated_cells: AreaCells
    stop_rows: Rows
    stop_tree: shapely.STRtree
    sensitive_rows: Rows
    sensitive_tree: shapely.STRtree
    designated: Rows
    designated_tree: shapely.STRtree
    roads: Segments

    @classmethod
    def of(cls, fences: Sequence[Geofence], class_bits: Sequence[int], holidays: Sequence[date] = ()) -> Self:
        """From fence versions, the bit set of hazard classes of each, and the public holidays."""
        geometry = np.empty(len(fences), object)
        geometry[:] = [fence.geometry_m() for fence in fences]
        shapely.prepare(geometry)
        is_line = np.array([fence.kind in LINE_KINDS for fence in fences], bool)
        is_district = np.array([fence.kind is FenceKind.DISTRICT for fence in fences], bool)
        area_rows = np.flatnonzero(~is_line & ~is_district)
        is_corridor = np.array([fence.kind is FenceKind.CORRIDOR for fence in fences], bool)
        # A corridor is asked for by its waybill, never searched for: thousands may share one trunk road.
        on_map = is_line & ~is_corridor
        barred = np.array([f.kind is FenceKind.BARRED_AREA or f.permit_required for f in fences], bool)
        stops = np.flatnonzero([fence.kind in STOP_KINDS for fence in fences])
        gated = np.flatnonzero(barred & ~is_line & ~is_district)
        half_width = np.array([_half_width_m(fence) for fence in fences], float)
        edge = np.full(len(fences), None, object)
        edge[~is_line] = shapely.boundary(geometry[~is_line])
        shapely.prepare(edge)
        designated = np.flatnonzero([fence.kind is FenceKind.DESIGNATED_ROAD for fence in fences])
        sensitive = np.flatnonzero([fence.kind is FenceKind.SENSITIVE for fence in fences])
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
            hours=Hours.of([fence.schedule for fence in fences], holidays),
            valid_from=np.array([to_time(fence.valid_from) for fence in fences], "datetime64[ms]"),
            valid_to=_superseded(fences),
            always=np.array([fence.schedule == Schedule() for fence in fences], bool),
            loaded_only=np.array([fence.loaded_only for fence in fences], bool),
            permit_required=np.array([fence.permit_required for fence in fences], bool),
            limit_kmh=np.array([fence.speed_limit_kmh or np.nan for fence in fences], float),
            expressway=np.array([fence.road_class is RoadClass.EXPRESSWAY for fence in fences], bool),
            one_way=np.array([_one_way(fence.direction) for fence in fences], np.int64),
            tunnel_rank=np.array([tunnel_rank(fence.tunnel_category or "A") for fence in fences], np.int64),
            half_width_m=half_width,
            geometry_m=geometry,
            edge_m=edge,
            districts=np.flatnonzero(is_district),
            area_rows=area_rows,
            area_tree=shapely.STRtree(_widened(geometry[area_rows])),
            gated=np.isin(np.arange(len(fences)), gated),
            gated_rows=gated,
            gated_tree=shapely.STRtree(geometry[gated]),
            gated_cells=AreaCells.of(geometry[gated], WAY_M),
            stop_rows=stops,
            stop_tree=shapely.STRtree(geometry[stops]),
            sensitive_rows=sensitive,
            sensitive_tree=shapely.STRtree(geometry[sensitive]),
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
        return valid & self.hours.run(fence, times)

    def versions_at(self, name: Ints, times: Times) -> Ints:
        """Fence row of each name's version valid at the time beside it, -1 for none."""
        return self.versions.at(name, times)

    def areas(self, points: Points, x_m: Floats, y_m: Floats) -> tuple[Rows, Rows]:
        """(fix, fence) pairs: the areas, but for districts, in which each fix lies."""
        row, spot = self.area_tree.query(points)
        fence = self.area_rows[spot]
        inside = shapely.intersects_xy(self.geometry_m[fence], x_m[row], y_m[row])
        return row[inside], fence[inside]

    def areas_near(
        self, points: Points, x_m: Floats, y_m: Floats, reach_m: Floats
    ) -> tuple[Rows, Rows, Mask]:
        """(fix, fence, inside): as ``areas``, and those not to be entered freely within each fix's reach.

        No area further than ``REACH_M`` is found.
        """
        row, spot = self.area_tree.query(points)
        fence = self.area_rows[spot]
        inside = shapely.intersects_xy(self.geometry_m[fence], x_m[row], y_m[row])
        beside = np.flatnonzero(~inside & self.gated[fence])
        touches = inside.copy()
        touches[beside] = shapely.dwithin(
            self.geometry_m[fence[beside]], points[row[beside]], reach_m[row[beside]]
        )
        return row[touches], fence[touches], inside[touches]

    def crossed_areas(self, points: Points, way_m: Floats) -> tuple[Rows, Rows, Floats, Floats]:
        """(way, fence, metres along it of entry and exit) where a way leads through an area.

        ``way_m`` has rows (from x, from y, to x, to y), ``points`` their ends. Both ends lie outside. Only
        areas that may not be entered freely are looked at.
        """
        length = np.hypot(way_m[:, 2] - way_m[:, 0], way_m[:, 3] - way_m[:, 1])
        asked = np.flatnonzero((length > WAY_M) | self.gated_cells.near(way_m[:, 2], way_m[:, 3]))
        nth, spot = self.gated_tree.query(points[asked], predicate="dwithin", distance=length[asked])
        row, fence = asked[nth], self.gated_rows[spot]
        shapes, way = self.geometry_m[fence], way_m[row]
        outside = ~shapely.intersects_xy(shapes, way[:, 0], way[:, 1])
        outside &= ~shapely.intersects_xy(shapes, way[:, 2], way[:, 3])
        row, fence, way = row[outside], fence[outside], way[outside]
        inside = shapely.intersection(self.geometry_m[fence], shapely.linestrings(way.reshape(-1, 2, 2)))
        spots, owner = shapely.get_coordinates(inside, return_index=True)
        first = np.flatnonzero(np.append(True, owner[1:] != owner[:-1])) if len(owner) else owner
        along = np.hypot(*(spots - way[owner, :2]).T)
        met = owner[first]
        if not len(met):
            return row[met], fence[met], along, along
        return row[met], fence[met], np.minimum.reduceat(along, first), np.maximum.reduceat(along, first)

    def near_roads(self, points: Points, x_m: Floats, y_m: Floats, reach_m: Floats) -> Roadside:
        """Roads within each fix's ``reach_m`` of their edge, each at its nearest point.

        No road further than ``REACH_M`` from its edge is found.
        """
        row, fence, distance, along, right = self.roads.near(points, x_m, y_m, self.half_width_m, reach_m)
        return Roadside(row, fence, distance - self.half_width_m[fence], along, right)

    def distance_m(self, fence: Rows, points: Points) -> Floats:
        """Metres from each fix to the fence beside it: to an area's surface (0 inside) or a line's axis."""
        return np.asarray(shapely.distance(self.geometry_m[fence], points), float)

    def near_stop_places(self, points: Points, reach_m: Floats, times: Times) -> tuple[Rows, Rows]:
        """(fix, fence): plants, parks and service areas in force then that lie within each fix's reach."""
        row, spot = self.stop_tree.query(points, predicate="dwithin", distance=reach_m)
        in_force = self.in_force(self.stop_rows[spot], times[row])
        return row[in_force], self.stop_rows[spot[in_force]]

    def sensitive_near(self, points: Points, reach_m: float) -> tuple[Rows, Rows, Floats]:
        """(fix, fence, metres between them): sensitive sites within reach; 0 inside."""
        row, spot = self.sensitive_tree.query(points, predicate="dwithin", distance=reach_m)
        fence = self.sensitive_rows[spot]
        return row, fence, self.distance_m(fence, points[row])

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


def _widened(areas: NDArray[np.object_]) -> NDArray[np.object_]:
    """Boxes around areas, ``REACH_M`` wider: what a tree finds by them may be beside the area."""
    low, high = shapely.bounds(areas).reshape(-1, 2, 2).transpose(1, 0, 2)
    return np.asarray(shapely.box(*(low - REACH_M).T, *(high + REACH_M).T), object)


def _half_width_m(fence: Geofence) -> float:
    if fence.half_width_m is not None:
        return fence.half_width_m
    return fence.lanes.count * fence.lanes.width_m / 2 if fence.lanes else np.nan


def _one_way(direction: Direction) -> int:
    return {Direction.FORWARD: 1, Direction.BACKWARD: -1, Direction.BOTH: 0}[direction]
