"""A rule's numbers as a form: what may be set, what a person typed, what the flow would say to it."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import numpy as np

from dashboards.admin.limit_names import LIMIT_NAMES, SPAN_NAMES, unit_of
from dashboards.i18n import N_
from hazmat.clock import SHANGHAI, to_time
from hazmat.contradictions import contradictions
from hazmat.registry import Registry, World
from hazmat.rule_settings import RuleSetting
from rules.catalogue import CATALOGUE, rule_table, setting_fault

LIMIT = "limit."  # before the name of a limit in the form
_WHOLE = ("hold_fixes", "clear_fixes")
_MOST = {"hold_fixes": 1000.0, "clear_fixes": 1000.0}
_LONGEST_S = 30 * 86_400.0
_LARGEST = 1e7
_AHEAD = timedelta(days=366)
_REASON_CHARS = 500
_ON = {"on": True, "off": False}
_ANY_TIME = datetime(2020, 1, 1, tzinfo=SHANGHAI)
_NAMED = re.compile(r"rule '[^']+': (\w+): ")
_FIELD = {"hold": "hold_s", "clear": "clear_s", "gap_s": "gap_s", "cool_down_s": "cool_down_s"}

NO_NUMBER = N_("Please give a number")
NO_WHOLE = N_("Please give a whole number, 1 or more")
TOO_SMALL = N_("This may not be negative")
NOT_ZERO = N_("This must be more than 0")
TOO_LARGE = N_("This is too large")
NO_REASON = N_("Please say why; the reason is kept with the change")
NO_MOMENT = N_("Please give a day and time")
IN_THE_PAST = N_("This moment has passed; leave the field empty for now")
TOO_FAR = N_("This is more than a year ahead")
NOT_ACCEPTED = N_("The rule cannot work with this value")
HOLD_IN_GAP = N_("A hold longer than the gap needs at least two fixes, or it could never be reached")
NOTHING_NEW = N_("Nothing differs from what is in force at that moment")
OCCUPIED = N_("Another change begins at that very moment")
ON_OR_OFF = N_("Please choose on or off")


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a rule: its field in the form, what it is called, its unit, the definition's value."""

    field: str
    label: str
    unit: str
    default: float

    @property
    def limit(self) -> str:
        """Its name among the limits, empty for a span."""
        return self.field.removeprefix(LIMIT) if self.field.startswith(LIMIT) else ""


@cache
def numbers(rule_id: str) -> tuple[Number, ...]:
    """All numbers of a rule that can be set; LookupError if there is no such rule."""
    rule = CATALOGUE[rule_id]
    limits = (Number(LIMIT + n, LIMIT_NAMES.get(n, n), unit_of(n), v) for n, v in rule.limits.items())
    spans = _spans(rule)
    own = (n for n in SPAN_NAMES if n in spans and _settable(rule_id, n, spans[n]))
    return (
        *limits,
        *(Number(n, SPAN_NAMES[n], unit_of(n) if n.endswith("_s") else "", spans[n]) for n in own),
    )


def _settable(rule_id: str, name: str, value: float) -> bool:
    same: dict[str, Any] = {name: int(value) if name in _WHOLE else value}
    return not setting_fault(RuleSetting(rule_id=rule_id, valid_from=_ANY_TIME, **same))


def _spans(rule: Any) -> dict[str, float]:
    """A definition's spans; rules that judge many vehicles or silences have fewer."""
    found: dict[str, float] = {}
    if hasattr(rule, "hold"):
        found |= {"hold_s": rule.hold.seconds, "hold_fixes": float(rule.hold.fixes)}
    if hasattr(rule, "clear"):
        found |= {"clear_s": rule.clear.seconds, "clear_fixes": float(rule.clear.fixes)}
    return found | {n: getattr(rule, n) for n in ("clear_s", "gap_s", "cool_down_s") if hasattr(rule, n)}


@dataclass(frozen=True, slots=True)
class Values:
    """A rule's numbers by field, and whether it is on."""

    enabled: bool
    numbers: Mapping[str, float]


def values_at(settings: Iterable[RuleSetting], rule_id: str, at: datetime) -> Values:
    """What is in force at a moment, as the flow takes it."""
    own = tuple(each for each in settings if each.rule_id == rule_id)
    table = rule_table(Registry(World(rule_settings=own)))
    row = table.at(np.array([table.number[rule_id]]), np.array([to_time(at)]))[0]
    rule = table.definitions[row]
    spans = _spans(rule)
    return Values(
        rule.enabled,
        {n.field: rule.limits[n.limit] if n.limit else spans[n.field] for n in numbers(rule_id)},
    )


def values_of(setting: RuleSetting) -> Values:
    """What a setting alone says, the definition's numbers in place of what it leaves."""
    return values_at((setting,), setting.rule_id, setting.valid_from)


def faults_of(settings: Iterable[RuleSetting], rule_id: str) -> tuple[str, ...]:
    """What the flow would refuse in a rule's settings: the very checks that it makes itself."""
    world = World(rule_settings=tuple(each for each in settings if each.rule_id == rule_id))
    try:
        rule_table(Registry(world))
    except ValueError as error:
        return (str(error),)
    return contradictions(world)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form asks for: the setting, or by field what is wrong with it (in English, to be translated)."""

    setting: RuleSetting | None
    faults: Mapping[str, str]


def read_form(
    form: Mapping[str, str], rule_id: str, settings: tuple[RuleSetting, ...], at: datetime
) -> Asked:
    """Read what was typed at a moment, beside the settings that there are."""
    faults: dict[str, str] = {}
    given = {n.field: _number(n, form.get(n.field, ""), faults) for n in numbers(rule_id)}
    begins = _moment(form.get("valid_from", ""), at, faults)
    reason = form.get("reason", "").strip()
    if not reason:
        faults["reason"] = NO_REASON
    elif len(reason) > _REASON_CHARS:
        faults["reason"] = TOO_LARGE
    enabled = _ON.get(form.get("enabled", ""))
    if enabled is None:
        faults["enabled"] = ON_OR_OFF
    if faults:
        return Asked(None, faults)
    setting = _setting(rule_id, begins, Values(bool(enabled), given), reason)
    faults = _refused(setting, settings)
    return Asked(None if faults else setting, faults)


def _setting(rule_id: str, begins: datetime, wanted: Values, reason: str) -> RuleSetting:
    """Only what differs from the definition is kept: the rest follows it."""
    rule = CATALOGUE[rule_id]
    changed = {n: wanted.numbers[n.field] for n in numbers(rule_id) if wanted.numbers[n.field] != n.default}
    spans: dict[str, Any] = {
        n.field: int(value) if n.field in _WHOLE else value for n, value in changed.items() if not n.limit
    }
    return RuleSetting(
        rule_id=rule_id,
        valid_from=begins,
        enabled=None if wanted.enabled == rule.enabled else wanted.enabled,
        limits={n.limit: value for n, value in changed.items() if n.limit},
        note=reason,
        **spans,
    )


def _refused(setting: RuleSetting, settings: tuple[RuleSetting, ...]) -> dict[str, str]:
    if any(s.rule_id == setting.rule_id and s.valid_from == setting.valid_from for s in settings):
        return {"valid_from": OCCUPIED}
    said = setting_fault(setting)
    if said:
        named = _NAMED.search(said)
        field = _FIELD.get(named[1], "enabled") if named else "enabled"
        return {field: HOLD_IN_GAP if "within gap" in said else NOT_ACCEPTED}
    if values_of(setting) == values_at(settings, setting.rule_id, setting.valid_from):
        return {"enabled": NOTHING_NEW}
    return {}


def _number(number: Number, text: str, faults: dict[str, str]) -> float:
    try:
        value = float(text.strip().replace(",", ""))
    except ValueError:
        value = math.nan
    fault = "" if math.isfinite(value) else NO_NUMBER
    fault = fault or _out_of_range(number, value)
    if fault:
        faults[number.field] = fault
    return value


def _out_of_range(number: Number, value: float) -> str:
    name = number.field
    if name in _WHOLE and (value < 1 or value != int(value)):
        return NO_WHOLE
    if value < 0:
        return TOO_SMALL
    if value == 0 and (name == "gap_s" or number.limit == "after_s"):
        return NOT_ZERO
    most = _MOST.get(name, _LARGEST if number.limit else _LONGEST_S)
    return TOO_LARGE if value > most else ""


def _moment(text: str, at: datetime, faults: dict[str, str]) -> datetime:
    now = at.replace(microsecond=at.microsecond // 1000 * 1000)  # as the database keeps it
    if not text.strip():
        return now
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        faults["valid_from"] = NO_MOMENT
        return now
    moment = moment.replace(tzinfo=moment.tzinfo or SHANGHAI)
    if not now <= moment <= now + _AHEAD:
        faults["valid_from"] = IN_THE_PAST if moment < now else TOO_FAR
    return moment
