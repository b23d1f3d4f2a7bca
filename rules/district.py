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
    """Against every district in force at the fix's time; ``phase`` is the memory's, before this batch.

    Edges are looked at only for vehicles that may change sides in this batch: for the others nobody asks.
    """
    rows = len(fix_time)
    within = [_within(track, fix_time, district, fences) for district in fences.districts]  # one, or a few
    inside = np.logical_or.reduce(within) if within else np.zeros(rows, bool)
    changing = np.zeros(len(phase), bool)
    changing[track.slot[inside != (phase[track.slot] != JourneyPhase.OUTSIDE)]] = True
    row = np.flatnonzero(changing[track.slot])
    sure, crossed_at = np.ones(rows, bool), np.full(rows, NO_TIME)
    for district, here in zip(fences.districts, within, strict=True):
        edge, shape = fences.edge_m[district], fences.geometry_m[district]
        sure[row] &= ~shapely.dwithin(edge, track.points[row], accuracy_m[row])
        was_here = shapely.intersects_xy(shape, track.from_x_m[row], track.from_y_m[row])
        over = row[here[row] != was_here]
        crossed_at[over] = _crossing_times(track, fix_time, over, edge, here[over])
    return InDistrict(inside, sure, crossed_at)


def _within(track: Track, fix_time: Times, district: int, fences: FenceIndex) -> Mask:
    in_force = fences.in_force(np.full(len(fix_time), district), fix_time)
    return np.asarray(
        in_force & shapely.intersects_xy(fences.geometry_m[district], track.x_m, track.y_m), bool
    )


def _crossing_times(track: Track, fix_time: Times, row: Rows, edge: object, entering: Mask) -> Times:
    way = np.column_stack([track.from_x_m[row], track.from_y_m[row], track.x_m[row], track.y_m[row]])
    part = crossing_fraction(np.full(len(row), edge), way, entering)
    since_ms = np.nan_to_num(part * track.step_s[row] * 1000).astype("timedelta64[ms]")
    return np.where(np.isnan(part), fix_time[row], track.before_at[row] + since_ms)
