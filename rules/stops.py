"""Since when and where each vehicle stands: a fold over its fixes."""

import numpy as np

from hazmat.columns import NO_TIME, Floats, Mask, Times
from rules.memory import VehicleMemory
from rules.rounds import rounds
from rules.track import Track

STOPPED_KMH = 3.0
STOPPED_WITHIN_M = 30.0  # further from where the stop began it is a new stop, or creeping in a queue


def fold_stops(
    track: Track, fix_time: Times, speed_kmh: Floats, accuracy_m: Floats, memory: VehicleMemory
) -> tuple[Times, Mask]:
    """(standing since, standing) for each fix; ``memory``'s stop columns are advanced in place."""
    slow = speed_kmh < STOPPED_KMH
    within_m = np.maximum(STOPPED_WITHIN_M, 2 * accuracy_m)
    since = np.full(len(fix_time), NO_TIME)
    for row in rounds(track.slot):
        slot = track.slot[row]
        moved_m = np.hypot(track.x_m[row] - memory.stop_x_m[slot], track.y_m[row] - memory.stop_y_m[slot])
        goes_on = slow[row] & (moved_m <= within_m[row])  # NaN, no stop so far, compares false
        begins = slow[row] & ~goes_on
        memory.stop_x_m[slot] = np.where(
            begins, track.x_m[row], np.where(goes_on, memory.stop_x_m[slot], np.nan)
        )
        memory.stop_y_m[slot] = np.where(
            begins, track.y_m[row], np.where(goes_on, memory.stop_y_m[slot], np.nan)
        )
        memory.stop_since[slot] = np.where(
            begins, fix_time[row], np.where(goes_on, memory.stop_since[slot], NO_TIME)
        )
        since[row] = memory.stop_since[slot]
    return since, ~np.isnat(since)
