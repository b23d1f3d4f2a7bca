"""What the rules are called, for screens that meet an alert's ``rule_id``."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from dashboards.alerts.rule_words import basis_words
from hazmat.accounts import Language
from rules.catalogue import CATALOGUE


@dataclass(frozen=True, slots=True)
class RuleName:
    """A rule as a screen names it; ``unit`` is that of an alert's value (``unit_words`` says it), ``basis``
    the law it rests on."""

    name: str
    unit: str
    basis: str
    receivers: tuple[str, ...] = ()


# Pre-warnings: the driver can still correct, so that the control room's list is not filled with them.
FOR_DRIVERS = tuple(rule_id for rule_id, rule in CATALOGUE.items() if rule.for_driver_only)


@cache
def rule_names(language: Language) -> Mapping[str, RuleName]:
    """Return every rule of the catalogue by its id, in a language."""
    return MappingProxyType(
        {
            rule_id: RuleName(
                rule.name_zh if language == "zh" else rule.name_en,
                rule.unit,
                basis_words(rule.basis, language),
                tuple(map(str, rule.receivers)),
            )
            for rule_id, rule in CATALOGUE.items()
        }
    )


def rule_name(rule_id: str, language: Language = "zh") -> RuleName:
    """Return the rule's name; the id stands for a rule that is no longer in the catalogue."""
    return rule_names(language).get(rule_id) or RuleName(rule_id, "", "")


RULE_NAMES = rule_names("zh")  # for screens that have no language yet
