"""Since when each vehicle is known to have been in the district without a pause that it may have left in."""

import numpy as np

from hazmat.columns import Times
from rules.memory_way import WayMemory
from rules.track import Track

AWAY_S = 3600.0  # unseen for longer and seen again elsewhere, it may have been anywhere
AWAY_M = 1000.0


def fold_stay(track: Track, fix_time: Times, entered_at: Times, memory: WayMemory) -> Times:
    """For each fix: the later of its entry (NaT: outside) and of being seen again after a long absence.

    ``memory`` is advanced in place.
    """
    row = np.arange(len(fix_time))
    again = (track.step_s > AWAY_S) & (track.step_m > AWAY_M)  # NaN, the very first fix, compares false
    start = np.maximum.accumulate(np.where(track.first, row, 0))
    latest = np.maximum.accumulate(np.where(again, row, -1))
    seen = np.where(latest >= start, fix_time[latest], memory.seen_again_at[track.slot])
    memory.seen_again_at[track.slot] = seen  # the last row of a vehicle is written last
    return np.where(seen > entered_at, seen, entered_at)  # NaT compares false
