"""The heat map of alerts over a span: quarter-kilometre cells, tables by rule and by place, in one file."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import folium
import numpy as np

from dashboards.alerts.rule_names import rule_name
from dashboards.i18n import N_, words
from dashboards.live.roads import Places
from dashboards.reports.report_map import DISTRICT, LEVEL_COLOURS, base_map, harmless, report
from hazmat.accounts import Language
from hazmat.columns import Floats
from hazmat.coordinates import to_lonlat, to_metres
from hazmat.store.pool import Row

CELL_M = 250.0
LEVELS = ("red", "orange", "yellow", "blue")
_TOP = 10
_MOST_CELLS = 1500


@dataclass(frozen=True, slots=True)
class Cell:
    """A square of the map: its middle, how many alerts opened in it, the gravest level among them."""

    lon: float
    lat: float
    count: int
    level: str


@dataclass(frozen=True, slots=True)
class Span:
    """What was asked for: moments (``end`` exclusive), rules (empty: all), level (empty: all)."""

    start: datetime
    end: datetime
    rule: str = ""
    level: str = ""


def cells(rows: Sequence[Row]) -> list[Cell]:
    """Return the cells with alerts, the fullest first; alerts without a place are in none."""
    placed = [row for row in rows if row["lon"] is not None and row["lat"] is not None]
    if not placed:
        return []
    lon, lat = (np.array([row[name] for row in placed], float) for name in ("lon", "lat"))
    level = np.array([LEVELS.index(row["level"]) for row in placed])
    grid = np.floor(np.column_stack(to_metres(lon, lat)) / CELL_M)
    corner, cell, count = np.unique(grid, axis=0, return_inverse=True, return_counts=True)
    gravest = np.full(len(corner), len(LEVELS))
    np.minimum.at(gravest, cell.reshape(-1), level)
    east, north = _middles(corner)
    order = np.argsort(-count, kind="stable")
    return [Cell(float(east[n]), float(north[n]), int(count[n]), LEVELS[gravest[n]]) for n in order]


def _middles(corner: Floats) -> tuple[Floats, Floats]:
    return to_lonlat((corner[:, 0] + 0.5) * CELL_M, (corner[:, 1] + 0.5) * CELL_M)


def by_rule(rows: Sequence[Row]) -> list[tuple[str, Counter[str]]]:
    """Return (rule id, number by level), the most frequent rule first."""
    found: dict[str, Counter[str]] = {}
    for row in rows:
        found.setdefault(row["rule"], Counter())[row["level"]] += 1
    return sorted(found.items(), key=lambda each: (-each[1].total(), each[0]))


def top_places(rows: Sequence[Row], fences: str) -> list[tuple[str, int]]:
    """Return the ten names with most alerts: the fence concerned, else the area or road of the place."""
    places, known = Places.of(fences), {}
    named: Counter[str] = Counter()
    for row in rows:
        if row["fence"]:
            named[row["fence"]] += 1
        elif row["lon"] is not None and row["lat"] is not None:
            spot = (round(row["lon"], 4), round(row["lat"], 4))
            if spot not in known:
                road, area = places.at(*spot)
                known[spot] = area or road
            named[known[spot]] += 1
    named.pop("", None)
    return sorted(named.items(), key=lambda each: (-each[1], each[0]))[:_TOP]


def heat_map(
    rows: Sequence[Row], span: Span, fences: str, made_by: str, made_at: datetime, language: Language
) -> str:
    """Return the page; a span without alerts says so."""
    chart = base_map(fences)
    found = cells(rows)
    for cell in found[:_MOST_CELLS]:
        _circle(cell, language).add_to(chart)
    bounds = [[c.lat, c.lon] for c in found] or DISTRICT
    low, high = np.min(bounds, axis=0).tolist(), np.max(bounds, axis=0).tolist()
    chart.fit_bounds([low, high], padding=(40, 40), max_zoom=15)
    rules = [(rule_name(rule, language).name, counts) for rule, counts in by_rule(rows)]
    values: dict[str, Any] = {
        "span": span, "rules": rules, "places": top_places(rows, fences), "total": len(rows),
        "placed": sum(cell.count for cell in found), "fullest": found[0].count if found else 0,
        "made_by": made_by, "made_at": made_at, "levels": LEVELS, "cell_m": int(CELL_M),
        "rule": rule_name(span.rule, language).name if span.rule else "",
    }  # fmt: skip
    return report(words(language).gettext(N_("Heat map of alerts")), chart, "heat_map.html", values, language)


def _circle(cell: Cell, language: Language) -> folium.CircleMarker:
    told = words(language).ngettext("{count} alert", "{count} alerts", cell.count)
    return folium.CircleMarker(
        (cell.lat, cell.lon), min(26.0, 5 + 4 * cell.count**0.5), color=LEVEL_COLOURS[cell.level],
        weight=1.5, fill=True, fill_color=LEVEL_COLOURS[cell.level], fill_opacity=0.45,
        tooltip=harmless(told.format(count=cell.count)),
    )  # fmt: skip
