"""The evidence map of one alert: a single file with track, fence, breach and documents, for years."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from dashboards.alerts.alert_sight import alert_file
from dashboards.alerts.evidence_labels import LABELS, label
from dashboards.alerts.explain import as_text, compose
from dashboards.alerts.rule_names import RuleName, rule_name
from dashboards.alerts.rule_words import unit_words
from dashboards.i18n import HTML_LANGUAGE, N_, local_time, words
from dashboards.reports.evidence_layers import draw
from dashboards.reports.figure import OfflineFigure, Text, policy
from hazmat.accounts import Language, Viewer
from hazmat.alerts import Severity
from hazmat.store.pool import Pool, Row
from hazmat.store.screens import Screens, Track

MARGIN = timedelta(minutes=10)  # of track shown before and after the alert
_TEMPLATES = Path(__file__).parent.parent / "templates"
_STYLE = Path(__file__).parent.parent / "static/evidence.css"
LEVELS = {
    Severity.RED: N_("red"), Severity.ORANGE: N_("orange"), Severity.YELLOW: N_("yellow"),
    Severity.BLUE: N_("blue"),
}  # fmt: skip
ENDED = {
    "cleared": N_("back to normal"), "gap": N_("the terminal fell silent; ended by itself"),
    "repaired": N_("withdrawn: with the late fixes it did not hold"),
    "merged": N_("withdrawn: part of another alert"), "rules_changed": N_("the rules have changed"),
}  # fmt: skip
GOING_ON = N_("going on")
STATES = {"firing": GOING_ON, "resolved": N_("ended"), "withdrawn": N_("withdrawn")}


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the map shows; ``opened`` and ``ended`` bound the breach."""

    file: Row
    rule: RuleName
    track: Track
    fences: str
    opened: datetime
    ended: datetime
    language: Language


def evidence_map(
    store: Screens, alert_id: str, language: Language = "zh", viewer: Viewer | None = None
) -> str:
    """Return the page (HTML, everything inside) for an alert as a viewer may see it, None: whole;
    LookupError if there is no such alert."""
    evidence = _gather(store, alert_id, language, viewer)
    figure = OfflineFigure(title=f"{evidence.rule.name} {_plate(evidence)}")
    place = words(language).gettext(N_("where it fired"))
    breach = (evidence.opened, evidence.ended)
    figure.add_child(draw(evidence.track, evidence.file, evidence.fences, breach, place))
    style = _STYLE.read_text("utf-8")
    figure.html.add_child(Text(_panel(evidence)), name="panel")
    figure.header.add_child(Text(f"<style>{style}</style>"), name="look")
    return figure.render().replace("<html>", f'<html lang="{HTML_LANGUAGE[language]}">', 1)


def write_evidence_map(dsn: str, alert_id: str, out: Path, language: Language = "zh") -> None:
    """Write the evidence map of an alert to a file; LookupError if there is no such alert."""
    store = Screens(Pool(dsn))
    try:
        out.write_text(evidence_map(store, alert_id, language), "utf-8")
    finally:
        store.close()


def evidence_policy(page: str) -> str:
    """Return the Content-Security-Policy to send with the page."""
    return policy(page) + "; frame-ancestors 'none'; base-uri 'none'"


def _gather(store: Screens, alert_id: str, language: Language, viewer: Viewer | None) -> Evidence:
    file = alert_file(store, alert_id, viewer)
    if file is None:
        raise LookupError(f"no alert {alert_id}")
    alert = file["alert"]
    opened = datetime.fromisoformat(alert["opened_at"])
    ended = datetime.fromisoformat(alert["last_hit_at"])
    track = store.track(alert["vehicle_id"], opened - MARGIN, ended + MARGIN)
    rule = rule_name(alert["rule_id"], language)
    fences = store.fences(opened, viewer.tenant if viewer else None)
    return Evidence(file, rule, track, fences, opened, ended, language)


def _plate(evidence: Evidence) -> str:
    return str((evidence.file["vehicle"] or {}).get("plate") or evidence.file["alert"]["vehicle_id"])


def _panel(evidence: Evidence) -> str:
    alert, language = evidence.file["alert"], evidence.language
    return (
        _environment(language)
        .get_template("evidence.html")
        .render(
            alert=alert,
            level=LEVELS[Severity(alert["severity"])],
            rule=evidence.rule,
            unit=unit_words(evidence.rule.unit, language),
            plate=_plate(evidence),
            ended=ENDED.get(alert["end_reason"] or "", GOING_ON),
            states=STATES,
            fixes_shown=len(evidence.track.lon),
            facts=_facts(alert["evidence"], language),
            margin=int(MARGIN.total_seconds() // 60),
            told=compose(evidence.file, evidence.track, language),
            **{name: evidence.file[name] for name in ("vehicle", "fence", "waybill", "permits")},
        )
    )


def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, extensions=["jinja2.ext.i18n"]
    )
    say: Any = environment
    say.install_gettext_translations(words(language), newstyle=True)
    environment.filters |= {"local_time": local_time, "measure": _measure}
    return environment


def _facts(evidence: dict[str, Any], language: Language) -> list[tuple[str, str]]:
    """(name, value) in the order of the labels; a fact without a label keeps its identifier, at the end.

    The rule's limits are not among them: they stand in the sentence that says what holds.
    """
    named = [name for name in LABELS if name in evidence]
    named += sorted(set(evidence) - set(LABELS) - {name for name in evidence if name.startswith("limit_")})
    return [(label(name, language), as_text(name, evidence[name], language)) for name in named]


def _measure(value: Any) -> Any:
    return f"{value:.6g}" if isinstance(value, float) else value
