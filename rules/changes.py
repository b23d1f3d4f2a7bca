"""Turns what the alert machine found into alerts as they are stored."""

import numpy as np

from hazmat.alerts import AlertChange, AlertState, EndReason, alert_id
from hazmat.clock import from_time
from hazmat.position import Positions
from rules.alerts import Advance
from rules.catalogue import RULES_BY_ID
from rules.evidence import build_evidence
from rules.facts import Facts
from rules.memory import Episodes


def alert_changes(advance: Advance, positions: Positions, facts: Facts) -> list[AlertChange]:
    """One change for each alert that fired, went on or ended in the batch; few, so row by row."""
    ended = advance.ended
    changes = [
        _change(
            ended.episodes,
            row,
            int(ended.fired_row[row]),
            positions,
            facts,
            ended.ended_at[row],
            gap=bool(gap),
        )
        for row, gap in enumerate(ended.by_gap)
    ]
    for row in np.flatnonzero(advance.touched):
        changes.append(
            _change(advance.open, int(row), int(advance.fired_row[row]), positions, facts, None, gap=False)
        )
    return changes


def _change(
    episodes: Episodes,
    row: int,
    fired_row: int,
    positions: Positions,
    facts: Facts,
    ended_at: np.datetime64 | None,
    *,
    gap: bool,
) -> AlertChange:
    rule = RULES_BY_ID[episodes.rule_id[row].decode()]
    vehicle, about = episodes.vehicle_id[row].decode(), episodes.object_id[row].decode()
    opened = from_time(episodes.opened_at[row])
    ended = ended_at is not None
    return AlertChange(
        alert_id=alert_id(vehicle, rule.id, about, opened),
        vehicle_id=vehicle,
        rule_id=rule.id,
        object_id=about,
        severity=rule.severity,
        state=AlertState.RESOLVED if ended else AlertState.FIRING,
        opened_at=opened,
        fired_at=from_time(episodes.fired_at[row]),
        last_hit_at=from_time(episodes.last_hit_at[row]),
        resolved_at=from_time(ended_at) if ended_at is not None else None,
        end_reason=(EndReason.GAP if gap else EndReason.CLEARED) if ended else None,
        fixes=int(episodes.fixes[row]),
        value=float(episodes.value[row]),
        lon=float(episodes.lon[row]),
        lat=float(episodes.lat[row]),
        evidence=build_evidence(positions, facts, fired_row, rule, about) if fired_row >= 0 else {},
    )
