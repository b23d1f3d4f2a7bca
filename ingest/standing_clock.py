"""Messages whose time was not believed or does not go on: signs of life, told from what is sent twice.

A broker may deliver a message again; a terminal whose clock stands sends new ones with an old time. They are
told apart by their fingerprints: another payload, come some seconds later, is another message.
"""

from dataclasses import dataclass, replace

import numpy as np

from hazmat.columns import Ints, Mask, Rows, Times
from hazmat.position import Positions
from ingest.signs_of_life import with_our_time
from rules.device import device_time
from rules.memory import VehicleMemory
from rules.memory_device import DeviceMemory
from rules.rounds import rounds

TWIN_S = 5.0  # a terminal may send several messages within one second of its clock
_TWIN = np.timedelta64(round(TWIN_S * 1000), "ms")
_COLUMNS = (
    "lon", "lat", "speed_kmh", "heading_deg", "altitude_m", "satellites", "mileage_km", "alarm", "status",
    "load", "tank_level_pct", "tank_temp_c", "tank_pressure_kpa", "valve_open",
)  # fmt: skip
_ODD = np.uint64(0x9E3779B97F4A7C15)  # odd: one field that differs always shows


def fingerprints(positions: Positions) -> Ints:
    """64 bits of what each message said, without when it came: its fields, one after the other."""
    value = device_time(positions).astype(np.int64).view(np.uint64) * _ODD
    for name in _COLUMNS:
        value = (value ^ getattr(positions, name).view(np.uint64)) * _ODD
    return value.view(np.int64)


@dataclass(frozen=True, slots=True)
class Queue:
    """A batch, and its rows in ``order`` of (slot, message, fix_time), with which the rest is aligned.

    What is neither ``judged`` nor ``late`` was seen before.
    """

    batch: Positions
    order: Rows
    slot: Rows
    prints: Ints
    judged: Mask
    late: Mask


def clock_stands(queue: Queue, memory: VehicleMemory) -> Mask:
    """Rows of the vehicles, few, of which messages must be looked at one after the other.

    They have a row with a wrong clock, said another time last than their row shows, or repeat a time in
    another message some seconds later.
    """
    slot, received = queue.slot, queue.batch.received_at[queue.order]
    said = memory.device.clock_at[slot]
    strange = ~np.isnan(queue.batch.clock_off_s[queue.order])
    strange |= (said != memory.last_time[slot]) & ~np.isnat(said)
    again = np.flatnonzero(~queue.judged & ~queue.late)
    if len(again):
        strange[again] |= _another(queue, again, received, memory)
    if not strange.any():
        return strange
    odd = np.zeros(len(memory.last_time), bool)
    odd[slot[strange]] = True
    return odd[slot]


def _another(queue: Queue, again: Rows, received: Times, memory: VehicleMemory) -> Mask:
    """Whether rows with the time of one before them are another message, come some seconds later."""
    slot = queue.slot
    carrier = np.maximum.accumulate(np.where(queue.judged, np.arange(len(slot)), -1))[again]
    here = (carrier >= 0) & (slot[carrier] == slot[again])
    before = np.where(here, queue.prints[carrier], memory.device.print_last[slot[again]])
    came = np.where(here, received[carrier], memory.last_received[slot[again]])
    other: Mask = queue.prints[again] != before
    return other & (received[again] - came >= _TWIN)


def settle(queue: Queue, odd: Mask, memory: VehicleMemory) -> Queue:
    """The queue with the odd vehicles' messages taken one after the other, their k-th ones at once."""
    fold = _Fold(queue, memory)
    row = np.flatnonzero(odd)
    for nth in rounds(queue.slot[row]):
        fold.step(row[nth])
    lives = np.zeros(len(odd), bool)
    lives[queue.order] = fold.lives
    return replace(queue, batch=with_our_time(queue.batch, lives), judged=fold.judged, late=fold.late)


class _Fold:
    """Goes through messages in order; its columns are its own copies."""

    def __init__(self, queue: Queue, memory: VehicleMemory) -> None:
        self.judged, self.late = queue.judged.copy(), queue.late.copy()
        self.lives = np.zeros(len(queue.slot), bool)
        self._slot, self._said = queue.slot, queue.batch.fix_time[queue.order]
        self._received = queue.batch.received_at[queue.order]
        self._wrong = ~np.isnan(queue.batch.clock_off_s[queue.order])
        self._device_time, self._row_prints = device_time(queue.batch)[queue.order], queue.prints
        self._last_time, self._last_received = memory.last_time.copy(), memory.last_received.copy()
        self._clock_at = memory.device.clock_at.copy()
        self._print_last, self._prints = memory.device.print_last.copy(), memory.device.prints.copy()

    def step(self, row: Rows) -> None:
        """One message for each of these vehicles."""
        slot, fingerprint = self._slot[row], self._row_prints[row]
        seen = (fingerprint == self._print_last[slot]) | _among(fingerprint, self._prints[slot])
        wrong, said, came = self._wrong[row], self._said[row], self._received[row]
        last = self._last_time[slot]
        stands = ~wrong & (said == self._clock_at[slot])
        lives = stands & ~seen & (came - self._last_received[slot] >= _TWIN) & (came > last)
        time = np.where(lives, came, said)
        newer = (time > last) | np.isnat(last)
        judged = np.where(wrong, newer & ~seen, lives | (newer & ~stands))
        again = (wrong & seen) | (stands & ~lives) | (time == last)
        self.lives[row], self.judged[row], self.late[row] = lives, judged, ~judged & ~again
        self._remember(row[judged], time[judged], (wrong | lives)[judged])

    def _remember(self, row: Rows, time: Times, sign: Mask) -> None:
        slot = self._slot[row]
        self._last_time[slot], self._last_received[slot] = time, self._received[row]
        self._clock_at[slot] = self._device_time[row]
        _write_prints(self._print_last, self._prints, slot, self._row_prints[row], sign)


def _among(fingerprint: Ints, prints: Ints) -> Mask:
    found: Mask = (prints == fingerprint[:, None]).any(axis=1)
    return found


def remember_prints(memory: DeviceMemory, judged: Positions, slot: Rows, prints: Ints) -> None:
    """Of judged messages by (slot, fix_time), in place."""
    sign = ~np.isnan(judged.clock_off_s)
    row = np.flatnonzero(sign)
    plain = np.flatnonzero(~sign) if len(row) else slice(None)
    memory.print_last[slot[plain]] = prints[plain]  # the last row of a vehicle is written last
    for nth in rounds(slot[row]):  # few: terminals with wrong clocks
        some = row[nth]
        _write_prints(memory.print_last, memory.prints, slot[some], prints[some], sign[some])


def _write_prints(print_last: Ints, prints: Ints, slot: Rows, new: Ints, sign: Mask) -> None:
    print_last[slot[~sign]] = new[~sign]
    prints[slot[sign]] = np.column_stack([new[sign], prints[slot[sign], :-1]])
