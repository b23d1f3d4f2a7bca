"""Fixes of a batch as track: each fix with the one before it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from hazmat.clock import seconds_between
from hazmat.columns import Floats, Mask, Points, Rows, Times
from hazmat.coordinates import to_metres
from hazmat.position import Positions
from rules.memory import VehicleMemory

SEGMENT_GAP_S = 300.0  # between fixes further apart nobody knows the way
SEGMENT_KMH = 200.0  # no truck: a jump of the receiver


@dataclass(frozen=True, slots=True)
class Track:
    """Aligned with positions sorted by (slot, fix_time).

    ``slot``: row in the memory. ``first``: the vehicle's first fix in this batch. ``before_*``: the fix
    before, NaT and NaN at the very first. ``from_*``: where the segment to this fix starts; the fix itself
    where the gap is too long or the jump too far (``joined`` false). ``step_s``, ``step_m`` from the fix
    before.
    """

    slot: Rows
    first: Mask
    x_m: Floats
    y_m: Floats
    points: Points
    before_at: Times
    step_s: Floats
    step_m: Floats
    joined: Mask
    before_kmh: Floats
    from_x_m: Floats
    from_y_m: Floats


def build_track(positions: Positions, slot: Rows, memory: VehicleMemory) -> Track:
    """The track of positions that are sorted by (slot, fix_time)."""
    x_m, y_m = to_metres(positions.lon, positions.lat)
    first = np.ones(len(slot), bool)
    first[1:] = slot[1:] != slot[:-1]
    before_at = _before(positions.fix_time, memory.fix_time[slot], first)
    before_x, before_y = _before(x_m, memory.x_m[slot], first), _before(y_m, memory.y_m[slot], first)
    step_s = seconds_between(before_at, positions.fix_time)
    step_m = np.hypot(x_m - before_x, y_m - before_y)
    joined = (step_s <= SEGMENT_GAP_S) & (step_m <= SEGMENT_KMH / 3.6 * step_s)
    from_x, from_y = np.where(joined, before_x, x_m), np.where(joined, before_y, y_m)
    before_kmh = _before(positions.speed_kmh, memory.speed_kmh[slot], first)
    points = shapely.points(x_m, y_m)
    return Track(slot, first, x_m, y_m, points, before_at, step_s, step_m, joined, before_kmh, from_x, from_y)


def _before(column: NDArray[Any], remembered: NDArray[Any], first: Mask) -> NDArray[Any]:
    shifted = np.empty_like(column)
    shifted[1:] = column[:-1]
    return np.where(first, remembered, shifted)
