"""A replay's summary on the terminal and its alerts as JSON, in an order that does not depend on batches."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from rich.console import Console
from rich.table import Table

from hazmat.alerts import AlertChange, AlertState

if TYPE_CHECKING:
    from ingest.replay import Replayed


def in_order(alerts: Iterable[AlertChange]) -> list[AlertChange]:
    """By opening time, vehicle, rule and object."""
    return sorted(alerts, key=lambda a: (a.opened_at, a.vehicle_id, a.rule_id, a.object_id))


def as_json(alert: AlertChange) -> dict[str, Any]:
    """An alert as JSON values; what measures nothing is null."""
    values = asdict(alert)
    return {name: None if isinstance(v, float) and math.isnan(v) else v for name, v in values.items()}


def write_alerts(alerts: Iterable[AlertChange], out: Path) -> None:
    """As a JSON list in a stable order, one indented object an alert."""
    items = [as_json(alert) for alert in in_order(alerts)]
    out.write_bytes(orjson.dumps(items, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")


def _named(alert: AlertChange) -> str:
    return f"{alert.rule_id}, withdrawn" if alert.state is AlertState.WITHDRAWN else alert.rule_id


def print_summary(result: Replayed, console: Console) -> None:
    """Alerts by rule, rejects by reason, fixes and speed."""
    table = Table("what", "count", title="replay")
    table.columns[1].justify = "right"
    rate = result.fixes / result.seconds if result.seconds else 0.0
    for what, count in (
        ("messages", result.messages), ("fixes", result.fixes), ("late fixes", result.late),
        ("vehicles judged again", result.repaired),
        ("repeated fixes, dropped", result.repeated), ("fixes a second", round(rate)),
    ):  # fmt: skip
        table.add_row(what, f"{count:,}")
    table.add_section()
    named = Counter(_named(alert) for alert in result.alerts.values())
    for name, count in sorted(named.items()):
        table.add_row(f"alert {name}", f"{count:,}")
    table.add_section()
    for reason, count in sorted(result.rejects.items()):
        table.add_row(f"reject {reason}", f"{count:,}")
    console.print(table)
