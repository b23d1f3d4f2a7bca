"""Alert changes, journeys and rejects as JSON for the queries that save them."""

import hashlib
import json
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from hazmat.alerts import AlertChange, AlertState, EndReason, Fact, Severity
from hazmat.journeys import JourneyChange, JourneyPhase
from hazmat.outcome import Reject

RAW_LIMIT = 4096  # octets of a rejected payload that are kept
_Row = dict[str, Fact | dict[str, Fact]]
_STANDING = (
    "alert_id", "vehicle_id", "rule_id", "object_id", "severity", "state", "opened_at", "fired_at",
    "last_hit_at", "resolved_at", "end_reason", "fixes", "value", "lon", "lat", "named_at", "retrospective",
)  # fmt: skip


def alert_rows(alerts: Sequence[AlertChange]) -> str:
    """The alerts as they stand after the batch; of several changes of one alert the last."""
    return json.dumps(list({a.alert_id: _alert(a) for a in alerts}.values()), allow_nan=False)


def _alert(change: AlertChange) -> _Row:
    return {
        "alert_id": change.alert_id,
        "vehicle_id": change.vehicle_id,
        "rule_id": change.rule_id,
        "object_id": change.object_id,
        "severity": change.severity.value,
        "state": change.state.value,
        "opened_at": change.opened_at.isoformat(),
        "fired_at": change.fired_at.isoformat(),
        "last_hit_at": change.last_hit_at.isoformat(),
        "resolved_at": change.resolved_at.isoformat() if change.resolved_at else None,
        "end_reason": change.end_reason.value if change.end_reason else None,
        "fixes": change.fixes,
        "value": _storable(change.value),
        "lon": _storable(change.lon),
        "lat": _storable(change.lat),
        "named_at": change.named_at.isoformat(),
        "retrospective": change.retrospective,
        "evidence": {_text(name): _storable(fact) for name, fact in change.evidence.items()},
    }


def alert_of(row: tuple[Any, ...]) -> AlertChange:
    """An alert as stored, without its evidence: a row of `standing_alerts` or `firing_alerts`."""
    columns = dict(zip(_STANDING, map(_utc, row), strict=True))
    ended = columns["end_reason"]
    columns["severity"], columns["state"] = Severity(columns["severity"]), AlertState(columns["state"])
    columns["end_reason"] = EndReason(ended) if ended else None
    return AlertChange(**columns, evidence={})


def journey_of(row: tuple[Any, ...]) -> JourneyChange:
    """A journey as stored: a row of `standing_journeys`."""
    journey_id, vehicle, entered, exited, phase = map(_utc, row)
    return JourneyChange(journey_id, vehicle, entered, exited, JourneyPhase(phase))


def _utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def journey_rows(journeys: Sequence[JourneyChange]) -> str:
    """The journeys as they stand after the batch; of several changes of one journey the last."""
    rows: dict[str, _Row] = {}
    for journey in journeys:
        rows[journey.journey_id] = {
            "journey_id": journey.journey_id,
            "vehicle_id": journey.vehicle_id,
            "entered_at": journey.entered_at.isoformat(),
            "exited_at": journey.exited_at.isoformat() if journey.exited_at else None,
            "phase": int(journey.phase),
        }
    return json.dumps(list(rows.values()))


def reject_rows(rejects: Sequence[Reject]) -> str:
    """One row a distinct payload, with how often it came and when first and last."""
    groups: dict[str, list[Reject]] = {}
    for reject in rejects:
        groups.setdefault(reject_id(reject), []).append(reject)
    return json.dumps([_reject(key, group) for key, group in groups.items()])


def reject_id(reject: Reject) -> str:
    """32 hex digits of topic, element and raw octets: the same payload on the same topic gives them again."""
    digest = hashlib.sha256(f"{len(reject.topic)}\x1f{reject.element}\x1f".encode())
    digest.update(reject.topic.encode(errors="backslashreplace"))
    digest.update(reject.raw)
    return digest.hexdigest()[:32]


def _reject(key: str, group: list[Reject]) -> _Row:
    first = group[0]
    return {
        "reject_id": key,
        "received_at": min(r.received_at for r in group).isoformat(),
        "last_received_at": max(r.received_at for r in group).isoformat(),
        "times": len(group),
        "topic": _text(first.topic),
        "element": first.element,
        "reason": _text(first.reason),
        "field": _text(first.field),
        "detail": _text(first.detail),
        "raw": first.raw[:RAW_LIMIT].hex(),
        "raw_size": len(first.raw),
    }


def _storable(fact: Fact) -> Fact:
    if isinstance(fact, float) and not math.isfinite(fact):
        return None
    return _text(fact) if isinstance(fact, str) else fact


def _text(text: str) -> str:
    """Text as PostgreSQL can keep it: a hostile payload may hold NUL or half a surrogate pair."""
    return text.encode(errors="backslashreplace").decode().replace("\x00", "\ufffd")
