"""Why an alert was raised, in words: rule, facts, fixes before and after, documents, and what ends it.

Everything is taken from what is stored: the evidence of the fix that made it fire, the fence and documents
as they stood then, the fixes around it. The wording is the rule's own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from dashboards.alerts.alert_sight import alert_file
from dashboards.alerts.evidence_labels import LABELS, in_words, is_moment, label
from dashboards.alerts.explain_texts import LEVELS, TEXTS
from dashboards.alerts.rule_names import rule_name
from dashboards.alerts.rule_words import unit_words
from dashboards.i18n import local_time
from hazmat.accounts import Language, Viewer
from hazmat.clock import to_ms
from hazmat.store.pool import Row
from hazmat.store.screens import Screens, Track
from rules.catalogue import CATALOGUE

_SHOWN = 4  # fixes before the opening, and after the firing
_AROUND = timedelta(minutes=15)
_INNER = ("rule_version", "registry_version", "hold_s", "hold_fixes", "lon", "lat", "fix_time", "received_at")


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: what it is called, and its value as text."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class FixLine:
    """A fix near the alert; ``mark``: what happened at it, or empty."""

    time: str
    lon: float
    lat: float
    speed_kmh: float | None
    mark: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """An alert explained in one language."""

    alert_id: str
    title: str
    rule: str
    what: str
    since: str
    ended: str
    ends_when: str
    notes: tuple[str, ...]
    facts: tuple[Fact, ...]
    documents: tuple[Fact, ...]
    fixes: tuple[FixLine, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def explain(store: Screens, alert_id: str, language: Language, viewer: Viewer | None = None) -> Explanation:
    """As a viewer may see it, None: whole; LookupError if there is no such alert."""
    file = alert_file(store, alert_id, viewer)
    if file is None:
        raise LookupError(f"no alert {alert_id}")
    alert = file["alert"]
    opened, fired = (datetime.fromisoformat(alert[name]) for name in ("opened_at", "fired_at"))
    track = store.track(alert["vehicle_id"], opened - _AROUND, fired + _AROUND)
    return compose(file, track, language)


def compose(file: Row, track: Track, language: Language) -> Explanation:
    """From an alert's file (alert, vehicle, fence, waybill, permits) and the fixes around it."""
    alert, say = file["alert"], TEXTS[language]
    evidence: Mapping[str, Any] = alert["evidence"]
    rule = CATALOGUE.get(alert["rule_id"])
    limits = {k.removeprefix("limit_"): v for k, v in evidence.items() if k.startswith("limit_")}
    named = rule_name(alert["rule_id"], language)
    plate = (file["vehicle"] or {}).get("plate") or evidence.get("plate") or alert["vehicle_id"]
    limits = {**(rule.limits if rule else {}), **limits}
    return Explanation(
        alert_id=alert["alert_id"],
        title=f"{LEVELS[language][alert['severity']]} {named.name} · {plate}",
        rule=say["rule"].format(
            name=named.name, id=alert["rule_id"], version=evidence.get("rule_version", "—"),
            registry=evidence.get("registry_version", "—"), basis=named.basis or "—",
        ),
        what=rule.says.what(language, limits) if rule else say["unknown_rule"],
        since=_since(alert, evidence, unit_words(named.unit, language), language),
        ended=_ended(alert, language),
        ends_when=say["ends_when"].format(what=rule.says.ends(language, limits)) if rule else "",
        notes=tuple(_notes(alert, language)),
        facts=tuple(_facts(evidence, language)),
        documents=tuple(_documents(file, language)),
        fixes=tuple(_fixes(track, alert, language)),
    )  # fmt: skip


def _since(alert: Row, evidence: Mapping[str, Any], unit: str, language: Language) -> str:
    say = TEXTS[language]
    worst = alert["value"]
    return say["since"].format(
        opened=local_time(alert["opened_at"]), fired=local_time(alert["fired_at"]),
        last=local_time(alert["last_hit_at"]),
        held=_held(evidence, language), fixes=alert["fixes"],
        worst="" if worst is None else say["worst"].format(value=f"{worst:.6g} {unit}".strip()),
    )  # fmt: skip


def _held(evidence: Mapping[str, Any], language: Language) -> str:
    """How long it had to hold; a span of nothing and a single fix are not worth a word."""
    seconds = float(evidence.get("hold_s", evidence.get("after_s", 0)))
    fixes = int(evidence.get("hold_fixes", 1))
    kind = {(False, False): "held_at_once", (True, False): "held_s", (False, True): "held_fixes"}
    text = TEXTS[language][kind.get((seconds > 0, fixes > 1), "held_both")]
    return text.format(seconds=f"{seconds:g}", fixes=fixes)


def _ended(alert: Row, language: Language) -> str:
    say = TEXTS[language]
    if alert["state"] == "firing":
        return say["still"]
    reason = say.get(f"end_{alert['end_reason']}", alert["end_reason"] or "")
    moment = alert.get("withdrawn_at") or alert["resolved_at"]
    return say["ended"].format(at=local_time(moment) if moment else "—", why=reason)


def _notes(alert: Row, language: Language) -> Iterator[str]:
    say = TEXTS[language]
    if alert.get("retrospective"):
        yield say["retrospective"]
    if alert["state"] == "withdrawn":
        yield say["withdrawn"]
    for was in alert.get("note") or ():
        state = say["state_withdrawn" if was["state"] == "withdrawn" else was["state"]]
        yield say["was"].format_map(_Was(was | {"state": state}))


def _facts(evidence: Mapping[str, Any], language: Language) -> Iterator[Fact]:
    known = [name for name in LABELS if name in evidence]
    for name in [*known, *sorted(set(evidence) - set(known))]:
        if name not in _INNER and not name.startswith("limit_"):
            yield Fact(label(name, language), as_text(name, evidence[name], language))


def _documents(file: Row, language: Language) -> Iterator[Fact]:
    say = TEXTS[language]
    waybill, fence = file["waybill"], file["fence"]
    if waybill:
        yield Fact(say["waybill"], say["waybill_line"].format_map(_Spans(waybill)))
    else:
        yield Fact(say["waybill"], say["none"])
    for permit in file["permits"]:
        yield Fact(say["permit"], say["permit_line"].format_map(_Spans(permit)))
    if fence:
        yield Fact(say["fence"], say["fence_line"].format_map(_Spans(fence)))


class _Was(dict[str, Any]):
    """What stood before a repair, for a line of text."""

    def __missing__(self, key: str) -> str:
        return "—"

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key) if key in self else None
        return "—" if value is None else local_time(value) if key.endswith("_at") else value


class _Spans(dict[str, Any]):
    """A row for a line of text: its times in local time, what it lacks as a dash."""

    def __missing__(self, key: str) -> str:
        return "—"

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key) if key in self else self.__missing__(key)
        return local_time(value) if key.startswith("valid_") and value not in (None, "—") else value or "—"


def _fixes(track: Track, alert: Row, language: Language) -> Iterator[FixLine]:
    say = TEXTS[language]
    marks = {to_ms(datetime.fromisoformat(alert[name])): say[name] for name in ("opened_at", "fired_at")}
    moment = track.fix_time.astype(np.int64)
    first, last = min(marks), max(marks)
    start = max(int(np.searchsorted(moment, first)) - _SHOWN, 0)
    stop = min(int(np.searchsorted(moment, last, side="right")) + _SHOWN, len(moment))
    inner = np.searchsorted(moment, [first, last], side="right")
    for row in range(start, stop):  # few: those around the alert
        if inner[0] + 2 <= row < inner[1] - 2:
            continue
        speed = float(track.speed_kmh[row])
        yield FixLine(
            local_time(track.fix_time[row].item().isoformat() + "+00:00"),
            round(float(track.lon[row]), 6), round(float(track.lat[row]), 6),
            None if np.isnan(speed) else round(speed, 1), marks.get(int(moment[row]), ""),
        )  # fmt: skip


def as_text(name: str, value: Any, language: Language) -> str:
    """A fact's value as it is read: moments in Beijing time, numbers short, kinds in words."""
    if value is not None and is_moment(name):
        return local_time(value)
    shown = in_words(name, value, language)
    return f"{shown:.6g}" if isinstance(shown, float) else str(shown)
