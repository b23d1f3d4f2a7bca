"""`hazmat coverage`: trips seen, trips checked by each rule, and what the others lacked; by gate too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rich.console import Console
from rich.table import Table

from hazmat.cli.complaint import ConditionError
from hazmat.cli.database import database
from hazmat.coverage import RuleCoverage, TripGroup, by_gate, rule_coverage
from hazmat.settings import Settings
from hazmat.store.coverage import trips_of
from rules.catalogue import CATALOGUE, NEEDS_OF_RULES

_GATES = 6  # as many as stand side by side in a terminal
_REASONS = 3


def print_coverage(settings: Settings, day: str | None, share: float) -> int:
    """Print one day's coverage; without a day the last one on which a trip was seen."""
    if not 0 < share <= 1:
        raise ConditionError(f"--share {share:g}: must be above 0 and at most 1")
    with database(settings) as dsn:
        found, groups = trips_of(dsn, _day(day), share)
    if found is None or not groups:
        print(f"no trip was seen{f' on {found}' if found else ''}")
        return 0
    trips = sum(group.trips for group in groups)
    print(f"{found}: {trips} trips seen; checked: every need met on {share:.0%} of a trip's messages or more")
    console = Console()
    console.print(_by_rule(rule_coverage(groups, NEEDS_OF_RULES)))
    console.print(_by_gate(groups))
    return 0


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise ConditionError(f"--day {text}: not a day like 2026-03-15") from None


def _by_rule(rules: Sequence[RuleCoverage]) -> Table:
    table = Table("rule", "规则", "seen", "checked", "share", "why not", title="by rule")
    for rule in rules:
        reasons = [f"{need} {count}" for need, count in list(rule.lacking.items())[:_REASONS]]
        name = CATALOGUE[rule.rule_id].name_zh
        counts = (str(rule.seen), str(rule.checked), f"{rule.share:.1%}")
        table.add_row(rule.rule_id, name, *counts, ", ".join(reasons))
    return table


def _by_gate(groups: Sequence[TripGroup]) -> Table:
    gates = list(by_gate(groups).items())[:_GATES]
    heads = [f"{there[0].gate_name or gate or 'unknown'} ({_trips(there)})" for gate, there in gates]
    table = Table("rule", *heads, title="checked, by gate (trips)")
    columns = [rule_coverage(there, NEEDS_OF_RULES) for _, there in gates]
    for row in zip(*columns, strict=True):
        table.add_row(row[0].rule_id, *(f"{cell.share:.0%}" for cell in row))
    return table


def _trips(groups: Sequence[TripGroup]) -> int:
    return sum(group.trips for group in groups)
