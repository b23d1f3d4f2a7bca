"""Limits of rules as data of the registry: what an administrator set, from when to when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSetting:
    """What differs from a rule's definition while it is in force; None and absent names: as defined.

    ``limits`` by the names that the rule's definition gives, ``hold_s`` and the other spans in seconds.
    ``valid_to`` is exclusive, None is for ever; of overlapping ones the latest to begin counts.
    """

    rule_id: str
    valid_from: datetime
    valid_to: datetime | None = None
    enabled: bool | None = None
    limits: Mapping[str, float] = field(default_factory=dict)
    hold_s: float | None = None
    hold_fixes: int | None = None
    clear_s: float | None = None
    clear_fixes: int | None = None
    gap_s: float | None = None
    cool_down_s: float | None = None
    note: str = ""
