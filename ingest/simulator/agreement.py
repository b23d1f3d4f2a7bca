"""Whether the alerts of a sample agree with what really happened in it."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from hazmat.alerts import AlertState
from hazmat.registry import World
from ingest.replay import read_recording, run
from ingest.replay_report import as_json, in_order
from rules.catalogue import CATALOGUE

KEYS = ("vehicle_id", "rule_id", "object_id", "opened_at", "resolved_at", "state")
EARLY_S, LATE_S = 15.0, 30.0  # of the opening: a few fixes, and the GNSS error at a fence's edge
_END_LATE_S = 90.0
END_LATE_S = {
    "overspeed": 420.0,  # it clears only well below the limit, and trucks like to cruise just below it
    "waybill_mismatch": 240.0,
    "no_waybill": 240.0,  # load bits flicker: papers clear after two minutes
}
LASTING = frozenset({"blacklisted", "waybill_mismatch"})  # they may outlast the truck's moving


def replay_sample(case: Path, world: World) -> list[dict[str, Any]]:
    """The alerts of one case as ``expected.json`` holds them; a driver's pre-warnings are not among them.

    Those follow the truck's cruising speed or its road, not a breach: the scripted cases have them.
    """
    result = run(read_recording([case / "track.ndjson"]), world)
    standing = [alert for alert in result.alerts.values() if alert.state is not AlertState.WITHDRAWN]
    told = [alert for alert in standing if not CATALOGUE[alert.rule_id].for_driver_only]
    alerts = [as_json(alert) for alert in in_order(told)]
    plain: list[dict[str, Any]] = orjson.loads(orjson.dumps([{key: a[key] for key in KEYS} for a in alerts]))
    return plain


def disagreements(alerts: Sequence[dict[str, Any]], truth: Sequence[dict[str, Any]]) -> list[str]:
    """Where they differ: an alert without breach, a breach without alert, times too far apart."""
    faults = []
    left = list(truth)
    for alert in alerts:
        fitting = [t for t in left if _same(alert, t)]
        if not fitting:
            faults.append(f"alert without breach: {alert}")
            continue
        left.remove(fitting[0])
    return faults + [f"breach without alert: {breach}" for breach in left]


def _same(alert: dict[str, Any], truth: dict[str, Any]) -> bool:
    if any(alert[key] != truth[key] for key in ("vehicle_id", "rule_id")):
        return False
    if truth["object_id"] not in ("", alert["object_id"]):  # a stop is named by the fix that began it
        return False
    lag = _seconds(truth["start"], alert["opened_at"])
    if not -EARLY_S <= lag <= LATE_S:
        return False
    if truth["end"] is None or alert["resolved_at"] is None:
        return truth["end"] is None or alert["rule_id"] in LASTING
    return (
        -EARLY_S
        <= _seconds(truth["end"], alert["resolved_at"])
        <= END_LATE_S.get(alert["rule_id"], _END_LATE_S)
    )


def _seconds(start: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
