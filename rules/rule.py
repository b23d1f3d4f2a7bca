"""What a rule is: a condition over columns, and beside it every number that an inspector may ask about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from hazmat.alerts import Fact, Severity
from hazmat.columns import Floats, Ids, Mask, Rows
from hazmat.position import Positions


class RuleError(ValueError):
    """A rule's definition is impossible; the message names its file and the field."""


class Group(StrEnum):
    """Chapters of the catalogue."""

    PLACE = "place"
    CONDUCT = "conduct"
    DOCUMENTS = "documents"
    DEVICE = "device"
    LOAD = "load"
    TOGETHER = "together"
    EMERGENCY = "emergency"


class Receiver(StrEnum):
    """Who hears of an alert."""

    DRIVER = "driver"
    CARRIER = "carrier"
    TRAFFIC_POLICE = "traffic_police"
    TRANSPORT = "transport"
    EMERGENCY = "emergency_management"
    FIRE = "fire_rescue"
    MARKET = "market_supervision"


class Need(StrEnum):
    """What a rule needs to know of a trip before it can be said to have checked it."""

    VEHICLE = "vehicle"  # registered
    WAYBILL = "waybill"  # one in force
    CORRIDOR = "corridor"  # the waybill names a route that is a fence in force
    DISTRICT = "district"  # one in force
    DESIGNATED_ROAD = "designated_road"  # one in force
    ROAD = "road"  # the fix lies on a road with a known limit
    PEOPLE = "people"  # driver and escort are in the register
    CARRIER = "carrier"  # the carrier is in the register
    LOAD = "load"  # it is known whether it is loaded
    SPEED = "speed"
    GOOD_FIX = "good_fix"  # a fix that is judged at all
    STATUS = "status"  # the terminal sends alarm and status words
    TANK_SENSOR = "tank_sensor"


@dataclass(frozen=True, slots=True)
class Hold:
    """How long a condition must hold, and for at least how many fixes, before the alert fires.

    ``unbroken``: a single fix on which it does not hold begins the hold anew; else only one that clears.
    """

    seconds: float = 0.0
    fixes: int = 1
    unbroken: bool = True


Limits = Mapping[str, float]


class Judged(Protocol):
    """What rules may ask about, aligned with positions sorted by (slot, fix_time)."""

    @property
    def slot(self) -> Rows:
        """Row of each fix's vehicle in the memory."""

    @property
    def first(self) -> Mask:
        """Whether a fix is its vehicle's first in the batch."""


class Pairs(Protocol):
    """(fix, fence) pairs that a rule judges instead of fixes."""

    @property
    def row(self) -> Rows:
        """Row of the fix."""

    @property
    def object_id(self) -> Ids:
        """What the pair is about: the object of the alert."""


J = TypeVar("J", bound=Judged)


@dataclass(frozen=True)
class Clear(Generic[J]):
    """How long the clearing condition must hold before a firing alert is resolved.

    Without a ``condition`` of its own an alert clears on every fix on which the rule's condition does not
    hold. With one, a fix that neither hits nor clears leaves the alert as it is.
    """

    seconds: float = 0.0
    fixes: int = 1
    condition: Callable[[Positions, J, Limits], Mask] | None = None


@dataclass(frozen=True, slots=True)
class Hits:
    """Hits of one rule, sparse: row of the fix, object id, measure, and whether no hold is needed."""

    row: Rows
    object_id: Ids
    value: Floats
    at_once: Mask


@dataclass(frozen=True, slots=True)
class Wording:
    """What holds while a rule is broken, and what ends the alert, in words; ``{name}`` stands for a limit."""

    what_zh: str = ""
    what_en: str = ""
    ends_zh: str = "上述情形不再存在"
    ends_en: str = "this is no longer so"

    def what(self, language: str, limits: Limits) -> str:
        """The condition, ``language`` "zh" or "en", with these limits."""
        return _filled(self.what_zh if language == "zh" else self.what_en, limits)

    def ends(self, language: str, limits: Limits) -> str:
        """What ends it."""
        return _filled(self.ends_zh if language == "zh" else self.ends_en, limits)


def _filled(text: str, limits: Limits) -> str:
    return text.format_map({name: f"{value:g}" for name, value in limits.items()})


@dataclass(frozen=True, kw_only=True)
class Definition:
    """What all rules say of themselves, whatever they judge.

    ``jt808``: bit of the alarm word (JT/T 808), ``jt809``: warn type (JT/T 809), None where the standards
    have none. ``warns_of``: the rule that this one is the driver's pre-warning of. ``needs``: without these a
    trip was not checked. ``limits`` are the numbers that the condition uses; the registry may overrule them.
    ``late_s``: a finding whose fix came later than that after its time is evidence, not a live warning.
    """

    id: str
    name_zh: str
    name_en: str
    group: Group
    severity: Severity
    basis: str
    receivers: tuple[Receiver, ...]
    limits: Limits = field(default_factory=dict)
    says: Wording = Wording()
    unit: str = ""
    jt808: int | None = None
    jt809: int | None = None
    warns_of: str = ""
    needs: tuple[Need, ...] = ()
    late_s: float = 900.0
    enabled: bool = True
    version: int = 1

    def __post_init__(self) -> None:
        self._require(bool(self.id) and self.id.isascii() and len(self.id) <= 32, "id", self.id)
        for name in ("name_zh", "name_en", "basis"):
            self._require(bool(getattr(self, name).strip()), name, "missing")
        known = bool(self.receivers) and all(isinstance(each, Receiver) for each in self.receivers)
        self._require(known, "receivers", f"unknown or none: {self.receivers!r}")
        self._require(isinstance(self.severity, Severity), "severity", repr(self.severity))
        self._require(all(np.isfinite(v) for v in self.limits.values()), "limits", repr(self.limits))
        self._require(self.late_s > 0, "late_s", self.late_s)

    def _require(self, good: bool, name: str, given: object) -> None:
        if not good:
            raise RuleError(f"{self._file()}: rule {self.id!r}: {name}: {given}")

    def _file(self) -> str:
        condition = getattr(self, "condition", None) or getattr(self, "armed", None)
        code = getattr(condition, "__code__", None)
        return str(code.co_filename) if code else "?"

    @property
    def for_driver_only(self) -> bool:
        """A pre-warning: the driver can still correct, nobody else is told."""
        return self.receivers == (Receiver.DRIVER,)


@dataclass(frozen=True, kw_only=True)
class Rule(Definition, Generic[J]):
    """A breach. ``condition`` is aligned with the fixes, or with ``pairs`` where the rule judges pairs.

    ``measure`` and ``object_of`` are asked only about the subjects that hit (their indices): ``measure`` in
    ``unit``, ``object_of`` what else makes an episode its own (a document, a fence). ``at_once`` marks hits
    that need no hold. ``gap_s``: after a longer silence an episode is not continued blindly; ``known`` says
    on which fixes the rule can tell at all (None: on all): the others are silent about it.
    ``cool_down_s``: for so long after an alert its like is not told again.
    """

    condition: Callable[[Positions, J, Limits], Mask]
    hold: Hold = Hold()
    clear: Clear[J] = field(default_factory=Clear)
    gap_s: float = 300.0
    cool_down_s: float = 0.0
    known: Callable[[Positions, J, Limits], Mask] | None = None
    pairs: Callable[[J], Pairs] | None = None
    measure: Callable[[Positions, J, Rows], Floats] | None = None
    object_of: Callable[[J, Rows], Ids] | None = None
    at_once: Callable[[J, Rows], Mask] | None = None

    def __post_init__(self) -> None:
        Definition.__post_init__(self)
        hold, clear = self.hold, self.clear
        self._require(hold.seconds >= 0 and hold.fixes >= 1, "hold", hold)
        self._require(hold.seconds <= self.gap_s or hold.fixes > 1, "hold", f"{hold} within gap {self.gap_s}")
        self._require(clear.seconds >= 0 and clear.fixes >= 1, "clear", clear)
        self._require(self.gap_s > 0, "gap_s", self.gap_s)
        self._require(self.cool_down_s >= 0, "cool_down_s", self.cool_down_s)

    def hits(self, positions: Positions, judged: J, limits: Limits) -> Hits:
        """Where the condition holds under these limits."""
        subject = np.flatnonzero(self.condition(positions, judged, limits))
        pairs = self.pairs(judged) if self.pairs else None
        row = subject if pairs is None else pairs.row[subject]
        if self.object_of is not None:
            objects = self.object_of(judged, subject)
        else:
            objects = np.zeros(len(row), "S32") if pairs is None else pairs.object_id[subject]
        value = self.measure(positions, judged, subject) if self.measure else np.full(len(row), np.nan)
        at_once = self.at_once(judged, subject) if self.at_once else np.zeros(len(row), bool)
        return Hits(row, objects, value, at_once)


AnyRule = Rule[Any]


class LastState(Protocol):
    """What is known of vehicles since their last message: columns of the memory, or of messages."""

    @property
    def under_way(self) -> Mask:
        """Moving, not in a plant or park."""

    @property
    def loaded(self) -> Mask:
        """Counted as loaded."""

    @property
    def at_stop_place(self) -> Mask:
        """In a plant, park or service area."""


@dataclass(frozen=True, kw_only=True)
class TimerRule(Definition):
    """A breach of nothing happening: no message for ``limits["after_s"]`` from a vehicle that is ``armed``.

    ``armed``: whether the silence of a vehicle matters, by what its last message said.
    """

    armed: Callable[[LastState], Mask]

    def __post_init__(self) -> None:
        Definition.__post_init__(self)
        self._require(self.limits.get("after_s", 0) > 0, "limits", "after_s must be more than 0")


@dataclass(frozen=True, kw_only=True)
class TogetherRule(Definition):
    """A breach of several vehicles at once, judged on ticks by where each was last known to be.

    What holds, for how long and for what it clears is as in ``Rule``, in ticks instead of fixes.
    ``condition``: hits of a scene, rows of its vehicles. ``known``: whether the scene tells about (vehicle,
    object) at all; without it, all are known. ``evidence``: what to say of a hit when it fires.
    """

    condition: Callable[[Any, Limits], Hits]
    known: Callable[[Any, Rows, Ids, Limits], Mask] | None = None
    evidence: Callable[[Any, int, str, Limits], Mapping[str, Fact]]
    hold: Hold = Hold()
    clear_s: float = 60.0
    gap_s: float = 300.0
    cool_down_s: float = 0.0
