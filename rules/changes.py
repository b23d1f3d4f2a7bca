"""Turns what the alert machine found into alerts as they are stored."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from hazmat.alerts import AlertChange, AlertState, EndReason, Fact, alert_id
from hazmat.columns import Mask, Rows, Times
from hazmat.position import Positions
from rules.catalogue import CATALOGUE
from rules.machine import Advance
from rules.memory import Episodes

Evidence = Callable[[int, str, str], Mapping[str, Fact]]  # of the fix at a row, for a rule and an object


@dataclass(frozen=True, slots=True)
class _Found:
    """Episodes that fired, went on or ended: when (None: not yet), by a gap, the fix at which they fired."""

    episodes: Episodes
    ended_at: Sequence[datetime | None]
    by_gap: Mask
    fired_row: Rows


def alert_changes(advance: Advance, positions: Positions, evidence: Evidence) -> list[AlertChange]:
    """One change for each alert that fired, went on or ended in the batch."""
    ended = advance.ended
    past = _Found(ended.episodes, _moments(ended.ended_at), ended.by_gap, ended.fired_row)
    grown = np.flatnonzero(advance.touched)
    none = np.zeros(len(grown), bool)
    going_on = _Found(advance.open.take(grown), [None] * len(grown), none, advance.fired_row[grown])
    return [*_changes(past, positions, evidence), *_changes(going_on, positions, evidence)]


def _moments(times: Times) -> list[datetime]:
    return [moment.replace(tzinfo=UTC) for moment in times.tolist()]


_MOMENTS = ("opened_at", "named_at", "fired_at", "last_hit_at")
_INNER = ("last_seen_at", "clear_since", "clear_fixes", "cool_until", "lapsed")


def _changes(found: _Found, positions: Positions, evidence: Evidence) -> list[AlertChange]:
    columns = {
        name: _moments(column) if name in _MOMENTS else column.tolist()
        for name, column in found.episodes.flat().items()
        if name not in _INNER
    }
    rows = (dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True))
    changes = []
    for row, ended_at, gap, fired in zip(rows, found.ended_at, found.by_gap, found.fired_row, strict=True):
        rule = CATALOGUE[row.pop("rule_id").decode()]
        vehicle, about = row.pop("vehicle_id").decode(), row.pop("object_id").decode(errors="replace")
        reason = EndReason.GAP if gap else EndReason.CLEARED
        changes.append(
            AlertChange(
                alert_id=alert_id(vehicle, rule.id, about, row["named_at"]),
                vehicle_id=vehicle,
                rule_id=rule.id,
                object_id=about,
                severity=rule.severity,
                state=AlertState.FIRING if ended_at is None else AlertState.RESOLVED,
                resolved_at=ended_at,
                end_reason=None if ended_at is None else reason,
                evidence=evidence(int(fired), rule.id, about) if fired >= 0 else {},
                retrospective=_came_late(positions, int(fired), rule.late_s) if fired >= 0 else None,
                **row,
            )
        )
    return changes


def _came_late(positions: Positions, row: int, late_s: float) -> bool:
    age = positions.received_at[row] - positions.fix_time[row]
    return bool(age > np.timedelta64(round(late_s * 1000), "ms"))
