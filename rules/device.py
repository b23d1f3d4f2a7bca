"""How each terminal behaves: silences, lost fixes, a clock that stands; a fold over its messages."""

from dataclasses import dataclass

import numpy as np

from hazmat.clock import seconds_between
from hazmat.columns import Floats, Mask, Rows, Times
from hazmat.position import Positions
from rules.carry import Carry
from rules.dead_zones import near_dead_zone
from rules.facts import Facts
from rules.memory import VehicleMemory
from rules.memory_device import DeviceMemory

_LONG_STEP_S = 60.0  # only after such a step is it asked whether it began in a tunnel


@dataclass(frozen=True, slots=True)
class Device:
    """Aligned with the messages; NaN: not so, or not known.

    ``no_fix_s``: at a message without a GNSS fix, since the last usable one; ``driven_km``: by the odometer
    since then. ``quiet_s``: at a usable fix, the longest time without a message since the one before it;
    ``moved_m``: how far away that one surely was. ``dead_zone``: the last usable fix before this message was
    near a tunnel, where either is asked. ``clock_s``: for so long has the device said the same time.
    """

    no_fix_s: Floats
    driven_km: Floats
    quiet_s: Floats
    moved_m: Floats
    dead_zone: Mask
    clock_s: Floats


def fold_device(
    judged: Positions, carry: Carry, facts: Facts, before: VehicleMemory, memory: VehicleMemory
) -> Device:
    """Over messages sorted by (slot, fix_time); ``before`` is the memory before them, ``memory`` advances."""
    no_fix_s, driven_km = _without_fix(judged, carry, before, memory.device)
    quiet_s = _quiet_s(judged, carry, before, memory.device)
    moved_m = np.full(len(judged), np.nan)
    moved_m[carry.usable] = np.maximum(facts.track.step_m - 2 * facts.accuracy_m, 0.0)
    return Device(
        no_fix_s=no_fix_s,
        driven_km=driven_km,
        quiet_s=quiet_s,
        moved_m=moved_m,
        dead_zone=_dead_zone((no_fix_s > 0) | (quiet_s > _LONG_STEP_S), judged, carry, facts, before),
        clock_s=_clock_s(judged, carry, before.device, memory.device),
    )


def _without_fix(
    judged: Positions, carry: Carry, before: VehicleMemory, memory: DeviceMemory
) -> tuple[Floats, Floats]:
    lost = ~judged.has_fix | (judged.satellites == 0)
    lost &= np.isnan(judged.clock_off_s)  # with a wrong clock its fix was not looked at
    mileage = judged.mileage_km[carry.usable]
    fix_time = carry(judged.fix_time[carry.usable], before.fix_time)
    driven = judged.mileage_km - carry(mileage, before.device.mileage_km)
    memory.mileage_km[carry.slot[carry.usable]] = mileage  # the last row of a vehicle is written last
    since = seconds_between(fix_time, judged.fix_time)
    return np.where(lost, since, np.nan), np.where(lost, driven, np.nan)


def _quiet_s(judged: Positions, carry: Carry, before: VehicleMemory, memory: DeviceMemory) -> Floats:
    """The longest step between messages since the last usable fix, at usable fixes."""
    rows = len(judged)
    if not rows:
        return np.zeros(0)
    last = np.where(carry.first, before.last_time[carry.slot], np.roll(judged.fix_time, 1))
    step = judged.fix_time - last
    step_ms = np.where(np.isnat(step), 0, step.astype(np.int64))
    starts = np.flatnonzero(carry.first | np.roll(carry.usable, 1))
    longest = np.maximum.reduceat(step_ms, starts)
    begun = carry.first[starts]  # goes on from the batch before
    longest[begun] = np.maximum(longest[begun], before.device.quiet_ms[carry.slot[starts[begun]]])
    ends = np.append(starts[1:], rows) - 1
    done = carry.usable[ends]
    memory.quiet_ms[carry.slot[ends]] = np.where(done, 0, longest)
    quiet_s = np.full(rows, np.nan)
    quiet_s[ends[done]] = longest[done] / 1000.0
    return quiet_s


def _dead_zone(asked: Mask, judged: Positions, carry: Carry, facts: Facts, before: VehicleMemory) -> Mask:
    """Of the last usable fix before each message that is asked about."""
    near = np.zeros(len(judged), bool)
    row = np.flatnonzero(asked)
    x_m, y_m = _place_before(row, carry, facts, before)
    near[row] = near_dead_zone(facts.registry, x_m, y_m, judged.fix_time[row])
    return near


def _place_before(row: Rows, carry: Carry, facts: Facts, before: VehicleMemory) -> tuple[Floats, Floats]:
    """Where the last usable fix before each of these messages was."""
    slot, of_fix = carry.slot[row], facts.slot
    if not len(of_fix):
        return before.x_m[slot], before.y_m[slot]
    nth: Rows = np.cumsum(carry.usable)[row] - np.where(carry.usable[row], 2, 1)  # of any vehicle; -1: none
    here = (nth >= 0) & (of_fix[nth] == slot)
    x_m = np.where(here, facts.track.x_m[nth], before.x_m[slot])
    return x_m, np.where(here, facts.track.y_m[nth], before.y_m[slot])


def _clock_s(judged: Positions, carry: Carry, before: DeviceMemory, memory: DeviceMemory) -> Floats:
    """For how long the device has said the time that it says."""
    slot = carry.slot
    said = device_time(judged)
    same = said == np.where(carry.first, before.clock_at[slot], np.roll(said, 1))
    since = judged.fix_time
    if same.any():
        start = np.maximum.accumulate(np.where(~same | carry.first, np.arange(len(judged)), 0))
        since = np.where(same[start], before.clock_since[slot], judged.fix_time[start])
    memory.clock_at[slot], memory.clock_since[slot] = said, since
    return seconds_between(since, judged.fix_time)


def device_time(positions: Positions) -> Times:
    """What the device's own clock said: the fix's time but where that was not believed."""
    said = positions.fix_time.copy()
    row = np.flatnonzero(~np.isnan(positions.clock_off_s))  # few
    said[row] += np.rint(positions.clock_off_s[row] * 1000).astype("timedelta64[ms]")
    return said
