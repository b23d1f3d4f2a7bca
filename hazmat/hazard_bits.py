"""Hazard classes as bit sets, for columns."""

from collections.abc import Sequence

from hazmat.documents import HAZARD_CLASSES

CLASS_BIT = {name: 1 << bit for bit, name in enumerate(HAZARD_CLASSES)}
ALL_CLASSES = (1 << len(HAZARD_CLASSES)) - 1


def class_bits(names: Sequence[str]) -> int:
    """Bit set of hazard classes; none means all."""
    return sum(CLASS_BIT[name] for name in set(names)) or ALL_CLASSES
