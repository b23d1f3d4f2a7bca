"""Hazard classes as bit sets, for columns."""

from collections.abc import Sequence

from hazmat.documents import HAZARD_CLASSES

ALL_CLASSES = (1 << len(HAZARD_CLASSES)) - 1
_BIT = {name: 1 << bit for bit, name in enumerate(HAZARD_CLASSES)}


def class_bit(name: str) -> int:
    """Bit of one hazard class; ValueError for a name that is none."""
    if name not in _BIT:
        raise ValueError(f"unknown hazard class {name!r}")
    return _BIT[name]


def class_bits(names: Sequence[str]) -> int:
    """Bit set of hazard classes; none means all. ValueError for a name that is none."""
    return sum(class_bit(name) for name in set(names)) or ALL_CLASSES
