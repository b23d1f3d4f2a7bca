"""Numbers of the rules in the version in force: the definition's, or what the registry says instead."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from hazmat.columns import Floats, Ints, Mask, Rows, Times
from hazmat.lookup import Timeline
from hazmat.rule_settings import RuleSetting
from rules.rule import Clear, Definition, Hold, Limits, Rule, RuleError, TogetherRule

_T = TypeVar("_T")
_SPANS = ("hold_s", "hold_fixes", "clear_s", "clear_fixes", "gap_s", "cool_down_s")


@dataclass(frozen=True)
class RuleTable:
    """A row a rule in the order of the catalogue, then a row a setting: all that may differ in time.

    ``definitions`` has the rule of each row with the setting's numbers in place of its own.
    """

    definitions: tuple[Definition, ...]
    number: Mapping[str, int]
    in_force: Timeline
    varied: Mask

    @classmethod
    def of(cls, rules: Sequence[Definition], settings: Sequence[RuleSetting] = ()) -> "RuleTable":
        """RuleError for a setting that no rule can take; it names the row and the field."""
        number = {rule.id: row for row, rule in enumerate(rules)}
        changed = tuple(_changed(rules, number, row, each) for row, each in enumerate(settings))
        owner = np.array([number[each.rule_id] for each in settings], np.int64)
        spans = [(each.valid_from, each.valid_to) for each in settings]
        rows = np.arange(len(rules), len(rules) + len(settings))
        varied = np.isin(np.arange(len(rules)), owner)
        return cls((*rules, *changed), number, Timeline.of(owner, spans, rows), varied)

    def at(self, rule: Ints, times: Times) -> Rows:
        """Row in force of each rule (a number) at the time beside it."""
        if not self.varied.any():
            return rule
        row = self.in_force.at(rule, times)
        return np.where(row < 0, rule, row)

    def versions(self, rule_id: str, times: Times) -> Iterator[tuple[Definition, Mask | None]]:
        """Each version of a rule in force at one of these times, and at which (None: at all)."""
        number = self.number[rule_id]
        if not self.varied[number]:
            yield self.definitions[number], None
            return
        rows = self.at(np.full(len(times), number), times)
        for row in np.unique(rows).tolist():
            yield self.definitions[row], rows == row

    def limit(self, rule_id: str, name: str, times: Times) -> Floats:
        """One limit of a rule as a column: its value in force at each time."""
        column = np.full(len(times), np.nan)
        for version, where in self.versions(rule_id, times):
            column[slice(None) if where is None else where] = version.limits[name]
        return column

    @cached_property
    def hold(self) -> NDArray[np.timedelta64]:
        """Hold of each row as a span."""
        return _spans([_hold(rule).seconds for rule in self.definitions])

    @cached_property
    def hold_fixes(self) -> Ints:
        """Fewest fixes of each row's hold."""
        return np.array([_hold(rule).fixes for rule in self.definitions], np.int64)

    @cached_property
    def unbroken(self) -> Mask:
        """Whether each row's hold begins anew after a fix without a hit."""
        return np.array([_hold(rule).unbroken for rule in self.definitions], bool)

    @cached_property
    def clear_after(self) -> NDArray[np.timedelta64]:
        """How long each row's clearing condition must hold."""
        return _spans([_clear_s(rule) for rule in self.definitions])

    @cached_property
    def clear_fixes(self) -> Ints:
        """For how many fixes at least."""
        return np.array(
            [rule.clear.fixes if isinstance(rule, Rule) else 1 for rule in self.definitions], np.int64
        )

    @cached_property
    def gap(self) -> NDArray[np.timedelta64]:
        """After how long a silence each row's episode is not continued."""
        return _spans([getattr(rule, "gap_s", 0.0) for rule in self.definitions])

    @cached_property
    def cool_down(self) -> NDArray[np.timedelta64]:
        """For how long each row's alert is not told again."""
        return _spans([getattr(rule, "cool_down_s", 0.0) for rule in self.definitions])


def _hold(rule: Definition) -> Hold:
    return rule.hold if isinstance(rule, Rule | TogetherRule) else Hold()


def _clear_s(rule: Definition) -> float:
    if isinstance(rule, TogetherRule):
        return rule.clear_s
    return rule.clear.seconds if isinstance(rule, Rule) else 0.0


def _changed(
    rules: Sequence[Definition], number: Mapping[str, int], row: int, setting: RuleSetting
) -> Definition:
    where = f"rule_settings[{row}] ({setting.rule_id})"
    if setting.rule_id not in number:
        raise RuleError(f"{where}: rule_id: no such rule")
    rule = rules[number[setting.rule_id]]
    unknown = sorted(set(setting.limits) - set(rule.limits))
    if unknown:
        raise RuleError(f"{where}: limits: no such limit {unknown}; there are {sorted(rule.limits)}")
    try:
        return _with_spans(rule, setting)
    except RuleError as error:
        raise RuleError(f"{where}: {error}") from None


def _with_spans(rule: Definition, setting: RuleSetting) -> Definition:
    limits: Limits = {**rule.limits, **setting.limits}
    enabled = rule.enabled if setting.enabled is None else setting.enabled
    rule = replace(rule, limits=limits, enabled=enabled)
    given = [n for n in _SPANS if getattr(setting, n) is not None]
    if not given:
        return rule
    if isinstance(rule, Rule):
        hold, clear = rule.hold, rule.clear
        return replace(
            rule,
            hold=Hold(_or(setting.hold_s, hold.seconds), _or(setting.hold_fixes, hold.fixes), hold.unbroken),
            clear=Clear(
                _or(setting.clear_s, clear.seconds), _or(setting.clear_fixes, clear.fixes), clear.condition
            ),
            gap_s=_or(setting.gap_s, rule.gap_s),
            cool_down_s=_or(setting.cool_down_s, rule.cool_down_s),
        )
    if isinstance(rule, TogetherRule) and not {"gap_s", "clear_fixes"} & set(given):
        hold = Hold(_or(setting.hold_s, rule.hold.seconds), _or(setting.hold_fixes, rule.hold.fixes))
        return replace(
            rule,
            hold=hold,
            clear_s=_or(setting.clear_s, rule.clear_s),
            cool_down_s=_or(setting.cool_down_s, rule.cool_down_s),
        )
    raise RuleError(f"{given[0]}: this rule has none")


def _or(value: _T | None, otherwise: _T) -> _T:
    return otherwise if value is None else value


def _spans(seconds: Sequence[float]) -> NDArray[np.timedelta64]:
    milliseconds: Ints = np.round(np.array(seconds, float) * 1000).astype(np.int64)
    return milliseconds.astype("timedelta64[ms]")
