"""Tracks, truth and labels of scripted cases as files."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from hazmat.clock import to_ms
from hazmat.coordinates import Datum, wgs_to_gcj
from ingest.simulator.scripted.case import Case, Truck
from ingest.simulator.scripted.papers import scripted_world
from ingest.simulator.scripted.town import NOTE, lonlat
from ingest.world import save_world

_README = (
    "# Scripted cases",
    "",
    f"Short tracks in one made-up town (`world/`: {NOTE}): for every rule one that breaks it,",
    "one that only just does not, and the traps of the field. `track.ndjson` is what the broker",
    "delivered, `truth.json` when which rule was really broken, `label.json` what the case is for.",
    "",
    "`python -m ingest.simulator.scripted sample_tracks/scripted` writes them anew;",
    "`hazmat score sample_tracks/scripted` scores them. A new case is a few lines in",
    "`ingest/simulator/scripted/`.",
    "",
    "| case | breaks | what happens |",
    "|---|---|---|",
)
_DECIMALS = 6  # as JT/T 808 has them


def write_cases(cases: Sequence[Case], folder: Path) -> None:
    """The world that all share, and for each case its ``track.ndjson``, ``truth.json`` and ``label.json``."""
    save_world(scripted_world(cases), folder / "world", NOTE)
    for case in cases:
        place = folder / case.name
        place.mkdir(parents=True, exist_ok=True)
        (place / "track.ndjson").write_bytes(b"".join(track_lines(case)))
        (place / "truth.json").write_bytes(_json(truth_of(case)))
        (place / "label.json").write_bytes(_json(label_of(case)))
    (folder / "README.md").write_text(readme(cases), encoding="utf-8")


def readme(cases: Sequence[Case]) -> str:
    """The list of all cases."""
    rows = [f"| {case.name} | {_fired(case) or '—'} | {case.text} |" for case in cases]
    return "\n".join([*_README, *rows]) + "\n"


def _fired(case: Case) -> str:
    rules = {truth["rule_id"]: None for truth in truth_of(case)}
    return ", ".join(rules)


def _json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def label_of(case: Case) -> dict[str, Any]:
    """What the case is for."""
    return {"rules": list(case.rules), "text": case.text}


def truth_of(case: Case) -> list[dict[str, Any]]:
    """The breaches in a case: intervals on the clock, by start."""
    rows = [
        {
            "vehicle_id": case.vehicle_id(truck), "rule_id": rule,
            "object_id": about[0] if about else "", "start": _utc(case, start),
            "end": None if end is None else _utc(case, end),
        }
        for truck in case.trucks
        for rule, start, end, *about in truck.truth
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row["start"], row["vehicle_id"], row["rule_id"], row["object_id"]))


def track_lines(case: Case) -> Iterator[bytes]:
    """The messages of all trucks by reception, and how long silence lasted."""
    messages = [message for truck in case.trucks for message in _messages(case, truck)]
    for received_s, topic, payload in sorted(messages, key=lambda message: message[:2]):
        received = _utc(case, received_s)
        yield orjson.dumps({"topic": topic, "received_at": received, "payload": payload}) + b"\n"
    if case.until_s is not None:
        yield orjson.dumps({"until": _utc(case, case.until_s)}) + b"\n"


def _messages(case: Case, truck: Truck) -> Iterator[tuple[float, str, Any]]:
    """(received, topic, payload); a burst is one message."""
    base = f"hazmat/v1/{case.vehicle_id(truck)}"
    sent = zip(truck.drive.reports, _payloads(case, truck), strict=True)
    for burst, items in groupby(sent, key=lambda pair: pair[0].burst):
        group = [(report.received_s, payload) for report, payload in items]
        if burst < 0:
            yield from ((received_s, f"{base}/position", payload) for received_s, payload in group)
        else:
            yield group[0][0], f"{base}/positions", [payload for _, payload in group]


def _payloads(case: Case, truck: Truck) -> list[dict[str, Any]]:
    reports = truck.drive.reports
    lon, lat = lonlat(np.array([r.x_m for r in reports]), np.array([r.y_m for r in reports]))
    datum = {} if truck.drive.datum == Datum.WGS84 else {"datum": truck.drive.datum}
    if truck.drive.datum == Datum.GCJ02:
        lon, lat = wgs_to_gcj(lon, lat)
    return [
        {
            "fix_time": _fix_time(case, truck, r.at_s),
            "lon": round(x, _DECIMALS), "lat": round(y, _DECIMALS), **datum, **r.fields,
        }
        for r, x, y in zip(reports, lon.tolist(), lat.tolist(), strict=True)
    ]  # fmt: skip


def _fix_time(case: Case, truck: Truck, at_s: float) -> str | int:
    moment = case.start + timedelta(seconds=at_s)
    if truck.drive.times == "epoch":
        return to_ms(moment)
    return moment.isoformat() if truck.drive.times == "local" else _utc(case, at_s)


def _utc(case: Case, seconds: float) -> str:
    moment: datetime = case.start.astimezone(UTC) + timedelta(seconds=seconds)
    spec = "milliseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=spec).replace("+00:00", "Z")
