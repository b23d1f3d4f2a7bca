"""Which fixes of a batch are judged now, late, or seen before: by the order of arrival alone."""

from dataclasses import dataclass

import numpy as np

from hazmat.columns import Mask, Rows, Times
from hazmat.position import Positions


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
    if not len(batch):
        nothing = np.zeros(0, bool)
        return Order(np.zeros(0, np.intp), nothing, nothing)
    time = batch.fix_time.astype("datetime64[ms]").astype(np.int64)
    order = np.lexsort((time, batch.message, slot))
    code, moment = slot[order].astype(np.int64), time[order]
    first = np.append(True, code[1:] != code[:-1])
    known = last_time[slot[order]]
    newest = np.where(np.isnat(known), -1, known.astype(np.int64))
    # a running maximum within each vehicle: every vehicle's times are lifted above those of the one before
    lift = np.cumsum(first) * _SPAN
    reached = np.maximum.accumulate(np.maximum(moment, newest) + lift) - lift
    before = np.where(first, newest, np.append(-1, reached[:-1]))
    late, repeated = np.zeros(len(batch), bool), np.zeros(len(batch), bool)
    late[order] = moment < before
    repeated[order] = moment == before
    return Order(order[moment > before], late, repeated)
