"""Speed of each fix: as measured by the receiver, else reckoned from the track.

A fix errs by metres: over one second that is the speed of a lorry. So a speed is never reckoned over less
than 10 s, and a truck that stood is not said to move before it is further away than its fixes may err.
"""

from dataclasses import dataclass

import numpy as np

from hazmat.clock import seconds_between
from hazmat.columns import Floats, Rows, Times
from rules.memory_speed import SpeedMemory
from rules.rounds import rounds
from rules.stops import STOPPED_KMH
from rules.track import Track

BASE_S = 10.0  # as often as a terminal reports that is asked to report its speed too
LEFT_M = 20.0  # so far from where it stood, or twice the error, before it moves
_LEFT_ERRORS = 2.0


@dataclass(frozen=True, slots=True)
class Speed:
    """Aligned with the fixes: ``kmh``, NaN where unknown, and over how many seconds it was reckoned; infinite
    where it was measured.
    """

    kmh: Floats
    over_s: Floats


def fold_speed(
    track: Track, fix_time: Times, measured_kmh: Floats, accuracy_m: Floats, memory: SpeedMemory
) -> Speed:
    """Of fixes sorted by (slot, fix_time); ``memory`` is advanced in place."""
    kmh, over_s = measured_kmh.copy(), np.full(len(fix_time), np.inf)
    unsaid = np.flatnonzero(np.isnan(measured_kmh))
    for nth in rounds(track.slot[unsaid]):
        row = unsaid[nth]
        slot = track.slot[row]
        _start(track, fix_time, row, memory)
        _reckon(track, fix_time, accuracy_m, row, memory)
        kmh[row], over_s[row] = memory.kmh[slot], memory.over_s[slot]
    return Speed(kmh, over_s)


def _start(track: Track, fix_time: Times, row: Rows, memory: SpeedMemory) -> None:
    """After a speed that was measured begin there; after a gap, or a jump, begin anew and know nothing."""
    slot, joined = track.slot[row], track.joined[row]
    anew = ~joined | ~np.isnan(track.before_kmh[row]) | np.isnat(memory.from_at[slot])
    row, slot, joined = row[anew], slot[anew], joined[anew]
    memory.from_at[slot] = np.where(joined, track.before_at[row], fix_time[row])
    memory.from_x_m[slot], memory.from_y_m[slot] = track.from_x_m[row], track.from_y_m[row]
    memory.kmh[slot] = np.where(joined, track.before_kmh[row], np.nan)
    memory.over_s[slot] = np.inf


def _reckon(track: Track, fix_time: Times, accuracy_m: Floats, row: Rows, memory: SpeedMemory) -> None:
    """Over the way since the fix that it is reckoned from; while that is too short the last one stands."""
    slot = track.slot[row]
    away_m = np.hypot(track.x_m[row] - memory.from_x_m[slot], track.y_m[row] - memory.from_y_m[slot])
    over_s = seconds_between(memory.from_at[slot], fix_time[row])
    kmh = away_m / np.where(over_s >= BASE_S, over_s, np.nan) * 3.6
    still_there = (memory.kmh[slot] < STOPPED_KMH) & (
        away_m < np.maximum(LEFT_M, _LEFT_ERRORS * accuracy_m[row])
    )
    told = (over_s >= BASE_S) & ((kmh < STOPPED_KMH) | ~still_there)
    row, slot = row[told], slot[told]
    memory.from_at[slot] = fix_time[row]
    memory.from_x_m[slot], memory.from_y_m[slot] = track.x_m[row], track.y_m[row]
    memory.kmh[slot], memory.over_s[slot] = kmh[told], over_s[told]
