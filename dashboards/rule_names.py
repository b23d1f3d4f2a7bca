"""What the rules are called, for screens that meet an alert's ``rule_id``."""

from dataclasses import dataclass
from types import MappingProxyType

from rules.catalogue import CATALOGUE


@dataclass(frozen=True, slots=True)
class RuleName:
    """A rule as a screen names it; ``unit`` is that of an alert's value, ``basis`` the law it rests on."""

    name: str
    unit: str
    basis: str
    receivers: tuple[str, ...] = ()


RULE_NAMES = MappingProxyType(
    {
        rule_id: RuleName(entry.name_zh, entry.unit or "", entry.basis, tuple(map(str, entry.receivers)))
        for rule_id, entry in CATALOGUE.items()
    }
)
# Pre-warnings: the driver can still correct, so that the control room's list is not filled with them.
FOR_DRIVERS = tuple(rule_id for rule_id, rule in CATALOGUE.items() if rule.for_driver_only)


def rule_name(rule_id: str) -> RuleName:
    """Return the rule's name; the id stands for a rule that is no longer in the catalogue."""
    return RULE_NAMES.get(rule_id) or RuleName(rule_id, "", "")
