"""What a rule is: a condition over columns, and beside it every number that an inspector may ask about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Floats, Ids, Mask, Rows
from hazmat.position import Positions
from rules.facts import Facts


class Receiver(StrEnum):
    """Who hears of an alert."""

    DRIVER = "driver"
    CARRIER = "carrier"
    TRAFFIC_POLICE = "traffic_police"
    TRANSPORT = "transport"
    EMERGENCY = "emergency_management"


@dataclass(frozen=True, slots=True)
class Hold:
    """How long a condition must hold, and for at least how many fixes, before the alert fires.

    ``unbroken``: a single fix on which it does not hold begins the hold anew; else only one that clears.
    """

    seconds: float = 0.0
    fixes: int = 1
    unbroken: bool = True


Condition = Callable[[Positions, Facts], Mask]


@dataclass(frozen=True, slots=True)
class Clear:
    """How long the clearing condition must hold before a firing alert is resolved.

    Without a ``condition`` of its own an alert clears on every fix on which the rule's condition does not
    hold. With one, a fix that neither hits nor clears leaves the alert as it is.
    """

    seconds: float = 0.0
    fixes: int = 1
    condition: Condition | None = None


class Subject(StrEnum):
    """What a condition's mask is aligned with."""

    FIXES = "fixes"  # the rows of Positions
    PLACES = "places"  # the (fix, fence) pairs in Facts.places; the object of the alert is the fence


@dataclass(frozen=True, slots=True)
class Hits:
    """Hits of one rule, sparse: row of the fix, object id, measure, and whether no hold is needed."""

    row: Rows
    object_id: Ids
    value: Floats
    at_once: Mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A breach. ``condition`` and the optional columns are aligned with ``subject``.

    ``measure`` and ``object_of`` are asked only about the subjects that hit (their indices): ``measure`` in
    ``unit``, ``object_of`` what else makes an episode its own (a document, a fence). ``at_once`` marks hits
    that need no hold. ``gap_s``: after a longer silence an episode is not continued blindly. ``limits`` are
    the numbers that the condition uses, for the catalogue.
    """

    id: str
    name_zh: str
    name_en: str
    severity: Severity
    basis: str
    receivers: tuple[Receiver, ...]
    condition: Condition
    hold: Hold = Hold()
    clear: Clear = Clear()
    gap_s: float = 300.0
    unit: str = ""
    subject: Subject = Subject.FIXES
    measure: Callable[[Positions, Facts, Rows], Floats] | None = None
    object_of: Callable[[Facts, Rows], Ids] | None = None
    at_once: Callable[[Facts, Rows], Mask] | None = None
    limits: Mapping[str, float] = field(default_factory=dict)
    version: int = 1

    def hits(self, positions: Positions, facts: Facts) -> Hits:
        """Where the condition holds."""
        subject = np.flatnonzero(self.condition(positions, facts))
        by_place = self.subject is Subject.PLACES
        row = facts.places.row[subject] if by_place else subject
        if self.object_of is not None:
            objects = self.object_of(facts, subject)
        elif by_place:
            objects = facts.fence_ids[facts.places.fence[subject]]
        else:
            objects = np.zeros(len(row), "S32")
        value = self.measure(positions, facts, subject) if self.measure else np.full(len(row), np.nan)
        at_once = self.at_once(facts, subject) if self.at_once else np.zeros(len(row), bool)
        return Hits(row, objects, value, at_once)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerRule:
    """A breach of nothing happening: no message for ``after_s`` from a vehicle that was moving."""

    id: str
    name_zh: str
    name_en: str
    severity: Severity
    basis: str
    receivers: tuple[Receiver, ...]
    after_s: float
    unit: str = "s"
    version: int = 1
