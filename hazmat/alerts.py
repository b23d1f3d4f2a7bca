"""Alerts as they are stored and shown: their levels, states and ids."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from hazmat.clock import to_ms


class Severity(StrEnum):
    """Level of an alert, 红橙黄蓝."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    BLUE = "blue"


class AlertState(StrEnum):
    """Where an alert stands; the words are Prometheus's. A pending one lives in memory only."""

    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"  # late fixes showed that it was none; kept, and said so


class EndReason(StrEnum):
    """Why an alert was resolved."""

    CLEARED = "cleared"  # its clearing condition held long enough
    GAP = "gap"  # the terminal was silent too long to go on blindly
    REPAIRED = "repaired"  # withdrawn: judged again with late fixes the condition did not hold
    MERGED = "merged"  # withdrawn: judged again it is part of another alert
    RULES_CHANGED = "rules_changed"  # the rules that raised it are no longer in force


Fact = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class AlertChange:
    """An alert as it stands after a batch; whoever stores it overwrites what stood under ``alert_id``.

    Times are aware UTC. ``value`` is the worst measure so far in the rule's ``unit``, NaN if it measures
    nothing. ``evidence`` holds the facts at the fix that made it fire and is never changed later.
    ``named_at``: the opening that the id was made of, where a repair has moved ``opened_at``.
    ``retrospective``: found so late that it is evidence and no live warning; None: as it was before.
    """

    alert_id: str
    vehicle_id: str
    rule_id: str
    object_id: str
    severity: Severity
    state: AlertState
    opened_at: datetime
    fired_at: datetime
    last_hit_at: datetime
    resolved_at: datetime | None
    end_reason: EndReason | None
    fixes: int
    value: float
    lon: float
    lat: float
    evidence: Mapping[str, Fact]
    named_at: datetime
    retrospective: bool | None = None

    def after(self, earlier: "AlertChange | None") -> "AlertChange":
        """As it stands after both changes: what was said when it fired is kept."""
        if earlier is None:
            return self
        told = earlier.retrospective if self.retrospective is None else self.retrospective
        return replace(self, evidence=earlier.evidence or self.evidence, retrospective=told)


def alert_id(vehicle_id: str, rule_id: str, object_id: str, opened_at: datetime) -> str:
    """32 hex digits that any later run over the same fixes gives again."""
    key = "\x1f".join((vehicle_id, rule_id, object_id, str(to_ms(opened_at))))
    return hashlib.sha256(key.encode()).hexdigest()[:32]
