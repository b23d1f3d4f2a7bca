"""`hazmat rules`: the catalogue of rules as Markdown, as docs/rules.md holds it."""

from __future__ import annotations

from collections.abc import Iterator

from rules.catalogue import CATALOGUE
from rules.rule import AnyRule, Definition, Rule

_HEAD = """\
# Rules

Made by `hazmat rules` from the rules themselves; a test compares. Every number that decides is here: how
long a condition must hold before an alert fires, for how many fixes at least, and what ends it.
"""


def print_rules() -> int:
    """Print the whole file."""
    print(rules_as_markdown(), end="")
    return 0


def rules_as_markdown() -> str:
    """One chapter a rule, in the order of the catalogue."""
    return _HEAD + "".join(_chapter(rule) for rule in CATALOGUE.values())


def _chapter(rule: Definition) -> str:
    facts = "".join(f"| {name} | {value} |\n" for name, value in _facts(rule))
    return f"\n## {rule.name_zh} · {rule.name_en}\n\n| | |\n|---|---|\n{facts}"


def _facts(rule: Definition) -> Iterator[tuple[str, str]]:
    yield "id, version", f"`{rule.id}`, {rule.version}"
    yield "level", rule.severity.value
    yield "basis", rule.basis
    yield "receivers", ", ".join(receiver.value for receiver in rule.receivers)
    if isinstance(rule, Rule):
        yield from _held_facts(rule)
    if rule.unit:
        yield "measures", rule.unit
    if rule.limits:
        yield "limits", ", ".join(f"`{name}` {value:g}" for name, value in rule.limits.items())


def _held_facts(rule: AnyRule) -> Iterator[tuple[str, str]]:
    yield "fires", _held(rule.hold.seconds, rule.hold.fixes) + (", some at once" if rule.at_once else "")
    ends = "its own clearing condition" if rule.clear.condition else "no longer so"
    yield "ends", f"{ends}, {_held(rule.clear.seconds, rule.clear.fixes)}; or by a gap of {rule.gap_s:g} s"


def _held(seconds: float, fixes: int) -> str:
    number = f"{fixes} fixes" if fixes > 1 else "1 fix"
    return f"for {seconds:g} s and {number}" if seconds else f"at {number}"
