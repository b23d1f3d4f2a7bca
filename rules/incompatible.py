"""Which classes of dangerous goods may not stand beside each other.

No Chinese standard gives such a table for tankers parked side by side, and ADR 7.5.2.1 (JT/T 617.6) lets most
classes even share a vehicle. So this is a default by chemistry, to be agreed on with the fire service: pairs
that the IMDG Code (7.2.4) keeps apart in a ship and that make a leak of one into a fire or explosion of both.
Explosives of one class are left to their own rules (compatibility groups).
"""

import numpy as np

from hazmat.columns import Ints, Mask
from hazmat.documents import HAZARD_CLASSES
from hazmat.hazard_bits import class_bits

_EXPLOSIVES = ("1.1", "1.2", "1.3", "1.4", "1.5", "1.6")
_FLAMMABLE = ("2.1", "3", "4.1", "4.2", "4.3", "5.2")
_PAIRS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (_EXPLOSIVES, tuple(each for each in HAZARD_CLASSES if each not in _EXPLOSIVES and each != "9")),
    (("5.1",), _FLAMMABLE),  # an oxidiser feeds a fire
    (("5.2",), ("2.1", "3", "4.1", "4.2", "4.3", "8")),  # organic peroxides decompose
    (("4.2",), ("2.1", "3")),  # what ignites by itself beside what burns
    (("4.3",), ("8",)),  # gives off gas with water, and acids come in water
)


def _bad() -> Ints:
    """For each class the bit set of the classes that it may not stand beside."""
    bad = np.zeros(len(HAZARD_CLASSES), np.int64)
    for some, others in _PAIRS:
        for one, other in ((some, others), (others, some)):
            for name in one:
                bad[HAZARD_CLASSES.index(name)] |= class_bits(other)
    return bad


BAD_NEIGHBOURS = _bad()


def incompatible(one_class: Ints, other_class: Ints) -> Mask:
    """Whether each two classes (rows of ``HAZARD_CLASSES``, -1: unknown, then not) may not stand together."""
    known = (one_class >= 0) & (other_class >= 0)
    return known & (BAD_NEIGHBOURS[one_class] >> np.maximum(other_class, 0) & 1 > 0)
