"""Which messages of a batch are judged now, late, or seen before: by the order of arrival alone."""

from dataclasses import dataclass

import numpy as np

from hazmat.columns import Ints, Mask, Rows, Times
from hazmat.position import Positions
from ingest.standing_clock import Queue, clock_stands, settle
from rules.memory import VehicleMemory


@dataclass(frozen=True, slots=True)
class Order:
    """``judged``: rows by (slot, fix_time), newer than all that came before; ``late`` and ``repeated`` are
    masks.

    The same messages give the same split in any cut into batches: within a message fixes go by their own
    time, between messages by arrival.
    """

    judged: Rows
    late: Mask
    repeated: Mask


_SPAN = 1 << 42  # milliseconds, wider than any range of accepted times


def split_by_order(batch: Positions, slot: Rows, last_time: Times) -> Order:
    """``slot``: the vehicle's row in the memory, ``last_time``: its newest judged time, NaT if none."""
    order, judged, late = _sorted(batch, slot, last_time)
    return _in_place(order, judged, late)


def split_messages(
    batch: Positions, slot: Rows, prints: Ints, memory: VehicleMemory
) -> tuple[Positions, Order]:
    """The same with an eye on clocks: the batch with its split; ``prints`` are fingerprints of its rows.

    A message that says the time of the one before it, but is another, is a sign of life of a terminal whose
    clock stands: its row gets the time at which it came.
    """
    order, judged, late = _sorted(batch, slot, memory.last_time)
    queue = Queue(batch, order, slot[order], prints[order], judged, late)
    odd = clock_stands(queue, memory)
    if odd.any():
        queue = settle(queue, odd, memory)
    return queue.batch, _in_place(order, queue.judged, queue.late)


def _sorted(batch: Positions, slot: Rows, last_time: Times) -> tuple[Rows, Mask, Mask]:
    """(rows by slot, message and time; which of them are newer and which older than all before)."""
    time = batch.fix_time.astype("datetime64[ms]").astype(np.int64)
    order = np.lexsort((time, batch.message, slot))
    code, moment = slot[order].astype(np.int64), time[order]
    first = np.ones(len(code), bool)
    first[1:] = code[1:] != code[:-1]
    known = last_time[slot[order]]
    newest = np.where(np.isnat(known), -1, known.astype(np.int64))
    # a running maximum within each vehicle: every vehicle's times are lifted above those of the one before
    lift = np.cumsum(first) * _SPAN
    reached = np.maximum.accumulate(np.maximum(moment, newest) + lift) - lift
    before = np.where(first, newest, np.roll(reached, 1))
    return order, moment > before, moment < before


def _in_place(order: Rows, judged: Mask, late: Mask) -> Order:
    late_rows, repeated = np.zeros(len(order), bool), np.zeros(len(order), bool)
    late_rows[order], repeated[order] = late, ~judged & ~late
    return Order(order[judged], late_rows, repeated)
