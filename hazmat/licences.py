"""Certificates of people and licences of carriers as columns, a row a person or carrier."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from hazmat.clock import to_time
from hazmat.columns import TIME_DTYPE, Ints, Mask, Times
from hazmat.documents import Carrier, Person, SafetyCode
from hazmat.hazard_bits import class_bits


@dataclass(frozen=True, slots=True)
class PeopleTable:
    """``certified``: a certificate is registered; ``red``, ``yellow``: the safety code."""

    class_bits: Ints
    certified: Mask
    may_drive: Mask
    may_escort: Mask
    red: Mask
    yellow: Mask
    valid_from: Times
    valid_to: Times

    @classmethod
    def of(cls, people: Sequence[Person]) -> Self:
        """From the people."""
        return cls(
            class_bits=np.array([class_bits(p.hazard_classes) for p in people], np.int64),
            certified=np.array([bool(p.certificate_no.strip()) for p in people], bool),
            may_drive=np.array([p.may_drive for p in people], bool),
            may_escort=np.array([p.may_escort for p in people], bool),
            red=np.array([p.code is SafetyCode.RED for p in people], bool),
            yellow=np.array([p.code is SafetyCode.YELLOW for p in people], bool),
            valid_from=np.array([to_time(p.valid_from) for p in people], TIME_DTYPE),
            valid_to=np.array([to_time(p.valid_to) for p in people], TIME_DTYPE),
        )


@dataclass(frozen=True, slots=True)
class CarrierTable:
    """``class_bits``: classes in the scope of the licence."""

    class_bits: Ints
    valid_from: Times
    valid_to: Times

    @classmethod
    def of(cls, carriers: Sequence[Carrier]) -> Self:
        """From the carriers."""
        return cls(
            class_bits=np.array([class_bits(c.hazard_classes) for c in carriers], np.int64),
            valid_from=np.array([to_time(c.valid_from) for c in carriers], TIME_DTYPE),
            valid_to=np.array([to_time(c.valid_to) for c in carriers], TIME_DTYPE),
        )
