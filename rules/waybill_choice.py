"""Which of several waybills in force at once a trip is made on: papers for the next trip are issued ahead."""

from dataclasses import dataclass

import numpy as np

from hazmat.columns import ID_DTYPE, Ids, Ints, Mask
from hazmat.registry import Registry


@dataclass(frozen=True, slots=True)
class Candidates:
    """A row a question.

    ``several``: set in force. ``now``: number of the waybill so far, ``done``: of the one unloaded last.
    ``empty``: known to be empty. ``loading``: plant where it is loaded at this fix, else b"".
    """

    several: Ints
    now: Ids
    done: Ids
    empty: Mask
    loading: Ids


def choose(asked: Candidates, registry: Registry) -> Ids:
    """Number of the waybill: the same as before while it is in force, until it is unloaded and loaded again.

    A new load goes by one that was not unloaded yet: from this place if there is one, else the next after the
    one unloaded. Without any knowledge it is the first to begin. Asked again, the answer is the same.
    """
    row, paper = registry.waybill_overlaps.items.expand(asked.several)
    number = registry.waybill_table.number[paper]
    within = np.arange(len(row)) - np.searchsorted(row, row)
    now, done = number == asked.now[row], number == asked.done[row]
    from_here = (asked.loading[row] != b"") & (registry.derived(_origins)[paper] == asked.loading[row])
    done_at = np.full(len(asked.several), -1)
    done_at[row[done]] = within[done]
    used_up = done & ~(asked.empty[row] & now)
    order = np.lexsort((within, within < done_at[row], ~now, ~from_here, used_up, row))
    best = order[np.searchsorted(row, np.arange(len(asked.several)))]  # the first of each row
    return np.asarray(number[best], ID_DTYPE)


def _origins(registry: Registry) -> Ids:
    """Fence of the place where each waybill's goods are loaded, b"" where it names none."""
    fences = np.append(registry.fences.names.ids, np.zeros(1, ID_DTYPE))
    return fences[registry.waybill_table.origin]
