"""Carries what is known at some rows forward to all later rows of the same vehicle."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hazmat.columns import Mask, Rows


class Carry:
    """From usable fixes to every message; ``slot`` and ``first`` are those of the messages."""

    def __init__(self, slot: Rows, first: Mask, usable: Mask) -> None:
        row = np.arange(len(slot))
        start = np.maximum.accumulate(np.where(first, row, 0)) if len(row) else row
        latest = np.maximum.accumulate(np.where(usable, row, -1)) if len(row) else row
        self.slot, self.first, self.usable = slot, first, usable
        self._in_batch = latest >= start
        self._nth = np.maximum(np.cumsum(usable) - 1, 0)

    def __call__(self, of_fix: NDArray[Any], remembered: NDArray[Any]) -> NDArray[Any]:
        """``of_fix`` is aligned with the usable fixes, ``remembered`` with the memory."""
        before = remembered[self.slot]
        return np.where(self._in_batch, of_fix[self._nth], before) if len(of_fix) else before
