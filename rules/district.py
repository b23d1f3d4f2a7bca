"""Whether each fix is in the district, how surely, and when its edge was crossed on the way."""

from dataclasses import dataclass

import numpy as np
import shapely

from hazmat.columns import NO_TIME, Floats, Mask, Times
from hazmat.edge_crossing import crossing_fraction
from hazmat.fence_index import FenceIndex
from rules.track import Track


@dataclass(frozen=True, slots=True)
class InDistrict:
    """Aligned with the fixes. ``sure``: the edge is further away than the fix's accuracy.

    ``crossed_at``: when the way from the fix before crossed the edge (interpolated), NaT where it did not.
    """

    inside: Mask
    sure: Mask
    crossed_at: Times


def in_district(track: Track, fix_time: Times, accuracy_m: Floats, fences: FenceIndex) -> InDistrict:
    """Against every district in force at the fix's time."""
    inside = np.zeros(len(fix_time), bool)
    sure = np.ones(len(fix_time), bool)
    crossed_at = np.full(len(fix_time), NO_TIME)
    points = shapely.points(track.x_m, track.y_m)
    for district in fences.districts:  # one, or a few neighbours
        in_force = fences.in_force(np.full(len(fix_time), district), fix_time)
        shape, edge = fences.geometry_m[district], fences.edge_m[district]
        within = in_force & shapely.intersects_xy(shape, track.x_m, track.y_m)
        was_within = in_force & shapely.intersects_xy(shape, track.from_x_m, track.from_y_m)
        inside |= within
        sure &= ~(in_force & shapely.dwithin(edge, points, accuracy_m))
        row = np.flatnonzero(within != was_within)
        way = np.column_stack([track.from_x_m[row], track.from_y_m[row], track.x_m[row], track.y_m[row]])
        part = crossing_fraction(np.full(len(row), edge), way, within[row])
        since_ms = np.nan_to_num(part * track.step_s[row] * 1000).astype("timedelta64[ms]")
        crossed_at[row] = np.where(np.isnan(part), fix_time[row], track.before_at[row] + since_ms)
    return InDistrict(inside, sure, crossed_at)
