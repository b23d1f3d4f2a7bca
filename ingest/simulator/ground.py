"""Which fences lie where, by plain geometry: what truth and the two-fix baseline both stand on.

Written apart from ``hazmat.fence_index``, so that a fault there is not its own witness.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from hazmat.columns import Floats, Mask, Rows
from hazmat.geofences import FenceKind, Geofence, RoadClass
from hazmat.registry import World

_DAY_S, _SHANGHAI_S = 86_400, 8 * 3600
LEGAL_KMH = {RoadClass.EXPRESSWAY: 80.0, RoadClass.OTHER: 60.0}  # 危险货物道路运输安全管理办法 §46


@dataclass(frozen=True)
class Inside:
    """(row, fence) pairs of points that lie in a fence in force; ``rows`` points in all."""

    rows: int
    row: Rows
    fence: Rows
    ground: "Ground"

    def within(self, *kinds: FenceKind) -> Mask:
        """Which points lie in a fence of one of these kinds."""
        return self.where(lambda fence: fence.kind in kinds)

    def where(self, wanted: Callable[[Geofence], bool]) -> Mask:
        """Which points lie in a fence that is wanted."""
        good = np.array([wanted(fence) for fence in self.ground.fences], bool)
        return self.of(good)

    def of(self, good: Mask) -> Mask:
        """Which points lie in one of these fences (a mask over fences)."""
        mask = np.zeros(self.rows, bool)
        mask[self.row[good[self.fence]]] = True
        return mask

    def on(self, fence: int) -> Mask:
        """Which points lie in this fence."""
        mask = np.zeros(self.rows, bool)
        mask[self.row[self.fence == fence]] = True
        return mask

    def highest_limit_kmh(self) -> Floats:
        """Highest limit, legal and posted, of the roads at each point; NaN where there is no road."""
        limit = np.full(self.rows, np.nan)
        road = ~np.isnan(self.ground.limit_kmh[self.fence])
        np.fmax.at(limit, self.row[road], self.ground.limit_kmh[self.fence[road]])
        return limit


class Ground:
    """The fences of a world as shapes in metres (EPSG:32651), lines widened by their half width."""

    def __init__(self, world: World) -> None:
        self.fences = world.fences
        self.shapes: NDArray[np.object_] = np.empty(len(world.fences), object)
        self.shapes[:] = [_shape(fence) for fence in world.fences]
        shapely.prepare(self.shapes)
        self.limit_kmh = np.array([_limit_kmh(fence) for fence in world.fences], float)
        self.row_of = {fence.fence_id: row for row, fence in enumerate(world.fences)}

    @cached_property
    def _on_map(self) -> Rows:
        # corridors overlap by the dozen and are asked for by their waybill
        return np.flatnonzero([fence.kind is not FenceKind.CORRIDOR for fence in self.fences])

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.shapes[self._on_map])

    def inside(self, x_m: Floats, y_m: Floats, at: Floats) -> Inside:
        """All fences but corridors around these points, in force ``at`` (seconds since 1970)."""
        row, spot = self._tree.query(shapely.points(x_m, y_m))
        fence = self._on_map[spot]
        inside = np.asarray(shapely.contains_xy(self.shapes[fence], x_m[row], y_m[row]), bool)
        row, fence = row[inside], fence[inside]
        keep = np.zeros(len(row), bool)
        for number in np.unique(fence).tolist():  # few fences, many points
            mine = fence == number
            keep[mine] = in_force(self.fences[number], at[row[mine]])
        return Inside(len(x_m), row[keep], fence[keep], self)

    def contains(self, fence_id: str, x_m: Floats, y_m: Floats) -> Mask:
        """Which points lie in one fence, whatever its hours."""
        return np.asarray(shapely.contains_xy(self.shapes[self.row_of[fence_id]], x_m, y_m), bool)

    def half_width_m(self, fence_id: str) -> float:
        """Of a line; 0 where it has none."""
        return _half_width_m(self.fences[self.row_of[fence_id]])


def near(shape: shapely.Geometry, within_m: float, x_m: Floats, y_m: Floats) -> Mask:
    """Which points lie within so many metres of a shape."""
    return np.asarray(shapely.contains_xy(shape.buffer(within_m), x_m, y_m), bool)


def in_force(fence: Geofence, at: Floats) -> Mask:
    """Whether a fence is valid, and its hours run, at these moments (seconds since 1970)."""
    end = np.inf if fence.valid_to is None else fence.valid_to.timestamp()
    valid = (at >= fence.valid_from.timestamp()) & (at < end)
    minute = (at + _SHANGHAI_S) % _DAY_S // 60
    start, stop = fence.schedule.start_minute, fence.schedule.end_minute
    across = stop <= start
    tail = across & (minute < stop)  # after midnight: counts to the day before
    runs = tail | ((minute >= start) & (across | (minute < stop)))
    day = (at + _SHANGHAI_S) // _DAY_S - tail
    weekday = (day.astype(int) + 3) % 7 + 1  # 1970-01-01 was a Thursday
    return np.asarray(valid & runs & (((fence.schedule.weekday_bits >> weekday) & 1) > 0), bool)


def _shape(fence: Geofence) -> shapely.Geometry:
    shape = fence.geometry_m()
    return shape.buffer(_half_width_m(fence)) if fence.is_line else shape


def _half_width_m(fence: Geofence) -> float:
    if fence.half_width_m is not None:
        return fence.half_width_m
    return fence.lanes.count * fence.lanes.width_m / 2 if fence.lanes else 0.0


def _limit_kmh(fence: Geofence) -> float:
    if fence.kind not in (FenceKind.ROAD, FenceKind.DESIGNATED_ROAD):
        return np.nan
    legal = LEGAL_KMH[fence.road_class]
    return legal if fence.speed_limit_kmh is None else min(legal, fence.speed_limit_kmh)
