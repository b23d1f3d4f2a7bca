"""The day map of one vehicle: where it drove and stood on a local day, its alerts and papers, in one file."""

from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import folium
import numpy as np

from dashboards.admin.admin_words import FENCE_KINDS
from dashboards.alerts.rule_names import FOR_DRIVERS, rule_name
from dashboards.i18n import N_, local_time, words
from dashboards.reports.day_track import DayTrack, Stop, figures, stops, touched
from dashboards.reports.report_map import DISTRICT, LEVEL_COLOURS, base_map, harmless, line, report
from hazmat.accounts import Language
from hazmat.clock import SHANGHAI, now
from hazmat.columns import Ints
from hazmat.geofences import FenceKind
from hazmat.store.doors import Doors
from hazmat.store.playback import Area, Question
from hazmat.store.pool import Row

# From slow to fast, told apart by the colour-blind too; red is kept for alerts.
SPEED_STEPS = (("0–20", "#31407f"), ("20–40", "#3f7fb5"), ("40–60", "#4aa38a"), ("60–80", "#a3a31f"),
               (">80", "#8a5a00"))  # fmt: skip
_EDGES_KMH = (20.0, 40.0, 60.0, 80.0)
_TOLD = frozenset(FenceKind) - {FenceKind.DISTRICT, FenceKind.CORRIDOR, FenceKind.ROAD}
_GAP_COLOUR = "#8a94a3"


@dataclass(frozen=True, slots=True)
class Day:
    """A vehicle's local day: its bounds, track, alerts, waybills, the fences in force at its end."""

    vehicle: Row
    day: date
    start: datetime
    end: datetime
    track: DayTrack
    thinned: bool
    alerts: list[Row]
    waybills: list[Row]
    fences: str


def read_day(doors: Doors, vehicle: Row, day: date, tenant: str | None, rules: tuple[str, ...] | None) -> Day:
    """Return what is stored of a day; ``tenant`` and ``rules`` as the viewer is bound."""
    start = datetime.combine(day, time(), SHANGHAI)
    end = start + timedelta(days=1)
    asked = Question(start, end - timedelta(milliseconds=1), Area.everywhere())
    played = doors.playbacks.play([vehicle["vehicle_id"]], asked)
    speed = np.where(played.speed < 0, np.nan, played.speed.astype(float))
    track = DayTrack(played.fix_time, played.lon / 1e6, played.lat / 1e6, speed)
    return Day(
        vehicle=vehicle,
        day=day,
        start=start,
        end=end,
        track=track,
        thinned=len(track) < played.total,
        alerts=doors.playbacks.alerts([vehicle["vehicle_id"]], asked, FOR_DRIVERS, rules),
        waybills=doors.reports.waybills(vehicle["vehicle_id"], start, end),
        fences=doors.screens.fences(asked.end, tenant),
    )


def day_map(day: Day, made_by: str, made_at: datetime, language: Language) -> str:
    """Return the page; a day without fixes says so."""
    say = words(language)
    chart = base_map(day.fences)
    halts = stops(day.track) if len(day.track) else []
    _draw(chart, day, halts, language)
    named = [{**alert, "name": rule_name(alert["rule"], language).name} for alert in day.alerts]
    plate = day.vehicle["plate"] or day.vehicle["vehicle_id"]
    values: dict[str, Any] = {
        "day": day, "figures": figures(day.track) if len(day.track) else None, "stops": halts,
        "touched": touched(day.track, day.fences, _TOLD) if len(day.track) else [],
        "alerts": named, "plate": plate, "made_by": made_by, "made_at": made_at, "steps": SPEED_STEPS,
        "moment": _moment, "kinds": {kind: say.gettext(word) for kind, word in FENCE_KINDS.items()},
    }  # fmt: skip
    title = say.t(N_("Day map %(plate)s %(day)s"), plate=plate, day=day.day.isoformat())
    return report(title, chart, "day_map.html", values, language)


def write_day_map(dsn: str, name: str, day: date, out: Path, language: Language) -> None:
    """Write the day map of a vehicle, named by id or plate, to a file; LookupError if there is none."""
    with closing(Doors(dsn)) as doors:
        vehicle = doors.reports.vehicle(name)
        if vehicle is None:
            raise LookupError(f"no vehicle {name}")
        page = day_map(read_day(doors, vehicle, day, None, None), "hazmat day-map", now(), language)
    out.write_text(page, "utf-8")


def _draw(chart: folium.Map, day: Day, halts: list[Stop], language: Language) -> None:
    track, say = day.track, words(language)
    for first, last, colour in _pieces(track):
        places = list(
            zip(track.lat[first : last + 1].tolist(), track.lon[first : last + 1].tolist(), strict=True)
        )
        line(places, colour, dashed=colour == _GAP_COLOUR).add_to(chart)
    for number, halt in enumerate(halts, start=1):
        span = f"{local_time(halt.start)[11:16]}–{local_time(halt.end)[11:16]}"
        told = say.t(N_("Stop %(number)s: %(span)s"), number=number, span=span)
        _spot(halt.lat, halt.lon, "#16202e", told).add_to(chart)
    for alert in day.alerts:
        if alert["lat"] is not None and alert["lon"] is not None:
            told = f"{rule_name(alert['rule'], language).name} {_moment(alert['opened'])}"
            _spot(alert["lat"], alert["lon"], LEVEL_COLOURS[alert["level"]], told).add_to(chart)
    # wide margins: on paper the map is lower than on most screens
    chart.fit_bounds(_bounds(day), padding=(60, 60), max_zoom=16)


def _spot(lat: float, lon: float, colour: str, told: str) -> folium.CircleMarker:
    return folium.CircleMarker(
        (lat, lon), 8, color="#fff", weight=2, fill=True, fill_color=colour, fill_opacity=1,
        tooltip=harmless(told),
    )  # fmt: skip


def _pieces(track: DayTrack) -> list[tuple[int, int, str]]:
    """First fix, last fix and colour of each stretch of one speed step; holes are stretches of their own."""
    if len(track) < 2:
        return []
    seconds, _ = track.steps()
    step: Ints = np.digitize(np.nan_to_num(track.speed_kmh[:-1]), _EDGES_KMH)
    step = np.where(seconds > 300, len(SPEED_STEPS), step)
    starts = np.r_[0, np.flatnonzero(np.diff(step)) + 1]
    ends = np.r_[starts[1:], len(step)]
    colours = [colour for _, colour in SPEED_STEPS] + [_GAP_COLOUR]
    return [(int(a), int(b), colours[int(step[a])]) for a, b in zip(starts, ends, strict=True)]


def _bounds(day: Day) -> list[list[float]]:
    spots = [(a["lat"], a["lon"]) for a in day.alerts if a["lat"] is not None and a["lon"] is not None]
    lat = np.r_[day.track.lat, [lat for lat, _ in spots]]
    lon = np.r_[day.track.lon, [lon for _, lon in spots]]
    if not len(lat):
        return DISTRICT
    return [[float(lat.min()), float(lon.min())], [float(lat.max()), float(lon.max())]]


def _moment(ms: int | None) -> str:
    if ms is None:
        return "—"
    return datetime.fromtimestamp(ms / 1000, SHANGHAI).strftime("%H:%M:%S")
