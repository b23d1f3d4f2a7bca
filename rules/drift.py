"""Leaps that no truck can make: a drifting or deceived receiver, or two trucks under one plate."""

from dataclasses import dataclass

import numpy as np

from hazmat.clock import seconds_between
from hazmat.columns import NO_TIME, Floats, Mask, Rows, Times
from rules.memory import VehicleMemory
from rules.rounds import rounds
from rules.track import Track

LEAP_KMH = 150.0  # implied between two fixes: no tanker
LEAP_M = 300.0  # echoes between high buildings throw a fix this far, and are no leap
ALIVE_S = 60.0  # a track left longer ago than that may be anywhere: two terminals take turns sooner


@dataclass(frozen=True, slots=True)
class Drift:
    """Aligned with the fixes; NaN: never so far.

    ``leap``: no truck can have come here from the fix before.
    ``leaps_s``: at a leap, since the second last leap before it: three in so many seconds. ``since_leap_s``:
    since the last leap. A fix that goes back to the track that was left by a leap is a swap, and no leap;
    ``swaps_s``: at a swap, since the one before it, with none but swaps between. ``since_swap_s``: since the
    last swap.
    """

    leap: Mask
    leaps_s: Floats
    since_leap_s: Floats
    swaps_s: Floats
    since_swap_s: Floats


def fold_drift(track: Track, fix_time: Times, accuracy_m: Floats, memory: VehicleMemory) -> Drift:
    """``memory``'s device columns are advanced in place; its last fix is still the one before these."""
    far_m = track.step_m - 2 * accuracy_m  # both ends may err
    leap = _is_leap(far_m, track.step_s)
    row = np.flatnonzero(leap)
    leaps_s, swaps_s = np.full(len(fix_time), np.nan), np.full(len(fix_time), np.nan)
    last_leap, last_swap = _carried(track, row, memory)
    device, slots = memory.device, track.slot[row]
    for nth in rounds(slots):  # few rows: the leaps
        here, slot = row[nth], slots[nth]
        swap = _goes_back(track, here, fix_time, accuracy_m, memory)
        x_m, y_m, at = _before(track, here, memory)
        device.other_x_m[slot], device.other_y_m[slot], device.other_at[slot] = x_m, y_m, at
        now = fix_time[here]
        swaps_s[here[swap]] = seconds_between(device.swap_at[slot[swap]], now[swap])
        leaps_s[here[~swap]] = seconds_between(device.leap_before[slot[~swap]], now[~swap])
        device.swap_at[slot] = np.where(swap, now, NO_TIME)  # a leap elsewhere: there are no two tracks
        device.leap_before[slot[~swap]] = device.leap_at[slot[~swap]]
        device.leap_at[slot[~swap]] = now[~swap]
        last_leap.write(here, device.leap_at[slot])
        last_swap.write(here, device.swap_at[slot])
    since_leap_s = seconds_between(last_leap.forward(), fix_time)
    return Drift(leap, leaps_s, since_leap_s, swaps_s, seconds_between(last_swap.forward(), fix_time))


def _is_leap(far_m: Floats, step_s: Floats) -> Mask:
    return (far_m > LEAP_M) & (far_m > LEAP_KMH / 3.6 * step_s)  # NaN, no fix before, compares false


def _goes_back(track: Track, row: Rows, fix_time: Times, accuracy_m: Floats, memory: VehicleMemory) -> Mask:
    """Whether the other track may have come here; not to its very last digit: a receiver's stale answer."""
    slot, device = track.slot[row], memory.device
    away_s = seconds_between(device.other_at[slot], fix_time[row])
    away_m = np.hypot(track.x_m[row] - device.other_x_m[slot], track.y_m[row] - device.other_y_m[slot])
    near = (away_m > 0) & ~_is_leap(away_m - 2 * accuracy_m[row], away_s)
    return near & (away_s <= ALIVE_S)


def _before(track: Track, row: Rows, memory: VehicleMemory) -> tuple[Floats, Floats, Times]:
    first, slot = track.first[row], track.slot[row]
    x_m = np.where(first, memory.x_m[slot], track.x_m[row - 1])
    y_m = np.where(first, memory.y_m[slot], track.y_m[row - 1])
    return x_m, y_m, track.before_at[row]


@dataclass(frozen=True, slots=True)
class _Column:
    """A time that changes at few rows and is carried forward to all later ones of the vehicle."""

    before: Times
    values: Times
    latest: Rows

    def write(self, row: Rows, values: Times) -> None:
        self.values[row] = values

    def forward(self) -> Times:
        return np.where(self.latest >= 0, self.values[self.latest], self.before)


def _carried(track: Track, row: Rows, memory: VehicleMemory) -> tuple[_Column, _Column]:
    rows = len(track.slot)
    latest = np.full(rows, -1, np.intp)
    latest[row] = row
    if rows:
        start = np.maximum.accumulate(np.where(track.first, np.arange(rows), 0))
        latest = np.maximum.accumulate(latest)
        latest = np.where(latest >= start, latest, -1)
    leap, swap = (c[track.slot].copy() for c in (memory.device.leap_at, memory.device.swap_at))
    return _Column(leap, np.full(rows, NO_TIME), latest), _Column(swap, np.full(rows, NO_TIME), latest)
