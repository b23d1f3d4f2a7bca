"""The evidence map of one alert: a single file with track, fence, breach and documents, for years."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from dashboards.evidence_labels import LABELS, in_words, is_moment
from dashboards.evidence_layers import draw
from dashboards.explain import compose
from dashboards.figure import OfflineFigure, Text, policy
from dashboards.rule_names import RuleName, rule_name
from hazmat.alerts import Severity
from hazmat.clock import SHANGHAI
from hazmat.store.pool import Pool, Row
from hazmat.store.screens import Screens, Track

MARGIN = timedelta(minutes=10)  # of track shown before and after the alert
_TEMPLATES = Path(__file__).parent / "templates"
_STYLE = Path(__file__).parent / "static/evidence.css"
LEVELS = {Severity.RED: "红", Severity.ORANGE: "橙", Severity.YELLOW: "黄", Severity.BLUE: "蓝"}
_ENDED = {
    "cleared": "已恢复正常", "gap": "终端失联，自动解除", "repaired": "已撤销：补传定位后条件不成立",
    "merged": "已撤销：并入另一条预警", "rules_changed": "规则已变更",
}  # fmt: skip
_STATES = {"firing": "持续中", "resolved": "已解除", "withdrawn": "已撤销"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the map shows; ``opened`` and ``ended`` bound the breach."""

    file: Row
    rule: RuleName
    track: Track
    fences: str
    opened: datetime
    ended: datetime


def evidence_map(store: Screens, alert_id: str) -> str:
    """Return the page (HTML, everything inside) for an alert; LookupError if there is no such alert."""
    evidence = _gather(store, alert_id)
    figure = OfflineFigure(title=f"{evidence.rule.name} {_plate(evidence)}")
    figure.add_child(draw(evidence.track, evidence.file, evidence.fences, evidence.opened, evidence.ended))
    style = _STYLE.read_text("utf-8")
    figure.html.add_child(Text(_panel(evidence)), name="panel")
    figure.header.add_child(Text(f"<style>{style}</style>"), name="look")
    return figure.render()


def write_evidence_map(dsn: str, alert_id: str, out: Path) -> None:
    """Write the evidence map of an alert to a file; LookupError if there is no such alert."""
    store = Screens(Pool(dsn))
    try:
        out.write_text(evidence_map(store, alert_id), "utf-8")
    finally:
        store.close()


def evidence_policy(page: str) -> str:
    """Return the Content-Security-Policy to send with the page."""
    return policy(page) + "; frame-ancestors 'none'; base-uri 'none'"


def _gather(store: Screens, alert_id: str) -> Evidence:
    file = store.alert_file(alert_id)
    if file is None:
        raise LookupError(f"no alert {alert_id}")
    alert = file["alert"]
    opened = datetime.fromisoformat(alert["opened_at"])
    ended = datetime.fromisoformat(alert["last_hit_at"])
    track = store.track(alert["vehicle_id"], opened - MARGIN, ended + MARGIN)
    return Evidence(file, rule_name(alert["rule_id"]), track, store.fences(opened), opened, ended)


def _plate(evidence: Evidence) -> str:
    return str((evidence.file["vehicle"] or {}).get("plate") or evidence.file["alert"]["vehicle_id"])


def _panel(evidence: Evidence) -> str:
    alert = evidence.file["alert"]
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True)
    environment.filters["local"] = _local
    environment.filters["number"] = _number
    return environment.get_template("evidence.html").render(
        alert=alert,
        level=LEVELS[Severity(alert["severity"])],
        rule=evidence.rule,
        plate=_plate(evidence),
        ended=_ENDED.get(alert["end_reason"] or "", "持续中"),
        states=_STATES,
        names=_fence_names(evidence.fences),
        fixes_shown=len(evidence.track.lon),
        facts=_facts(alert["evidence"]),
        margin=int(MARGIN.total_seconds() // 60),
        told=compose(evidence.file, evidence.track, "zh"),
        **{name: evidence.file[name] for name in ("vehicle", "fence", "waybill", "permits")},
    )


def _facts(evidence: dict[str, Any]) -> list[tuple[str, Any]]:
    """(name, value) in the order of the labels; a fact without a label keeps its identifier, at the end.

    The rule's limits are not among them: they stand in the sentence that says what holds.
    """
    named = [name for name in LABELS if name in evidence]
    names = named + sorted(set(evidence) - set(LABELS) - {n for n in evidence if n.startswith("limit_")})
    return [
        (LABELS.get(n, n), _local(evidence[n]) if is_moment(n) else _number(in_words(n, evidence[n])))
        for n in names
    ]


def _fence_names(fences: str) -> dict[str, str]:
    return {feature["id"]: feature["properties"]["name"] for feature in json.loads(fences)["features"]}


def _local(text: str | None) -> str:
    if not text:
        return "—"
    return datetime.fromisoformat(text).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def _number(value: Any) -> Any:
    return f"{value:.6g}" if isinstance(value, float) else value
