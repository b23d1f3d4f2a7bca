"""Whether each fix is in the district, how surely, and when its edge was crossed on the way."""

from dataclasses import dataclass

import numpy as np
import shapely

from hazmat.columns import NO_TIME, Floats, Ints, Mask, Rows, Times
from hazmat.edge_crossing import crossing_fraction
from hazmat.fence_index import FenceIndex
from hazmat.journeys import JourneyPhase
from rules.track import Track


@dataclass(frozen=True, slots=True)
class InDistrict:
    """Aligned with the fixes. ``sure``: the edge is further away than the fix's accuracy.

    ``crossed_at``: when the way from the fix before crossed the edge (interpolated), NaT where it did not.
    """

    inside: Mask
    sure: Mask
    crossed_at: Times


def in_district(
    track: Track, fix_time: Times, accuracy_m: Floats, fences: FenceIndex, phase: Ints
) -> InDistrict:
    """Against every district in force at the fix's time; ``phase`` is the memory's, before this batch."""
    inside = np.zeros(len(fix_time), bool)
    was_inside = np.zeros(len(fix_time), bool)
    crossed_at = np.full(len(fix_time), NO_TIME)
    for district in fences.districts:  # one, or a few neighbours
        in_force = fences.in_force(np.full(len(fix_time), district), fix_time)
        shape = fences.geometry_m[district]
        within = in_force & shapely.intersects_xy(shape, track.x_m, track.y_m)
        was_within = in_force & shapely.intersects_xy(shape, track.from_x_m, track.from_y_m)
        row = np.flatnonzero(within != was_within)
        crossed_at[row] = _crossing_times(track, fix_time, row, fences.edge_m[district], within[row])
        inside, was_inside = inside | within, was_inside | was_within
    return InDistrict(inside, _sure(inside, track, accuracy_m, fences, phase), crossed_at)


def _sure(inside: Mask, track: Track, accuracy_m: Floats, fences: FenceIndex, phase: Ints) -> Mask:
    """Asked only of vehicles that may change sides in this batch: for the others nobody looks at it."""
    changing = np.zeros(len(phase), bool)
    changing[track.slot[inside != (phase[track.slot] != JourneyPhase.OUTSIDE)]] = True
    row = np.flatnonzero(changing[track.slot])
    sure = np.ones(len(inside), bool)
    for district in fences.districts:
        sure[row] &= ~shapely.dwithin(fences.edge_m[district], track.points[row], accuracy_m[row])
    return sure


def _crossing_times(track: Track, fix_time: Times, row: Rows, edge: object, entering: Mask) -> Times:
    way = np.column_stack([track.from_x_m[row], track.from_y_m[row], track.x_m[row], track.y_m[row]])
    part = crossing_fraction(np.full(len(row), edge), way, entering)
    since_ms = np.nan_to_num(part * track.step_s[row] * 1000).astype("timedelta64[ms]")
    return np.where(np.isnan(part), fix_time[row], track.before_at[row] + since_ms)
