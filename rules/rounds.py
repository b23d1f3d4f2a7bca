"""Rounds: the k-th row of every vehicle at once, so that folds over time work on columns too."""

from collections.abc import Iterator

import numpy as np

from hazmat.columns import Rows


def rounds(slot: Rows) -> Iterator[Rows]:
    """Rows of the first fix of every vehicle, then of every second one, and so on; ``slot`` is sorted."""
    if not len(slot):
        return
    start = np.flatnonzero(np.append(True, slot[1:] != slot[:-1]))
    count = np.diff(np.append(start, len(slot)))
    for nth in range(int(count.max())):
        yield start[count > nth] + nth
