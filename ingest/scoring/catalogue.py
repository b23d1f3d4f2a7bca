"""What the tables say about a rule: its group, its hold, and whether only the driver hears of it."""

from dataclasses import dataclass

from rules.catalogue import CATALOGUE, RULES_VERSION
from rules.rule import Definition, Rule, TogetherRule

VERSION = RULES_VERSION
UNKNOWN = "not in the catalogue"


@dataclass(frozen=True, slots=True)
class About:
    """One rule: ``group`` of the catalogue; ``hold_s`` before it fires; ``driver_only``: a pre-warning."""

    rule_id: str
    group: str
    hold_s: float
    driver_only: bool


def about(rule_id: str) -> About:
    """Of any rule id, also of one that a label names and nobody has written."""
    rule = CATALOGUE.get(rule_id)
    if rule is None:
        return About(rule_id, UNKNOWN, float("nan"), driver_only=False)
    return About(rule_id, rule.group.value, _hold_s(rule), driver_only=rule.for_driver_only)


def _hold_s(rule: Definition) -> float:
    return rule.hold.seconds if isinstance(rule, Rule | TogetherRule) else rule.limits.get("after_s", 0.0)


def known_rules() -> frozenset[str]:
    """Every id of the catalogue."""
    return frozenset(CATALOGUE)


def in_order(rule_ids: set[str]) -> list[About]:
    """By the order of the catalogue, those that are not in it last."""
    place = {rule_id: row for row, rule_id in enumerate(CATALOGUE)}
    return [about(each) for each in sorted(rule_ids, key=lambda each: (place.get(each, len(place)), each))]
