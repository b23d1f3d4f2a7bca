"""The inbox: what is open, mine, unclaimed or ended today; the gravest first, then the nearest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

import numpy as np
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from dashboards.alerts.known_places import KnownPlaces, road_of
from dashboards.alerts.rule_names import FOR_DRIVERS, rule_name
from dashboards.context import Context, viewer_of
from dashboards.gate import GuardedRoute, rules_for
from dashboards.i18n import language_of
from dashboards.live.roads import Places
from hazmat.accounts import Language, Viewer
from hazmat.alerts import Severity
from hazmat.clock import SHANGHAI
from hazmat.columns import Floats
from hazmat.coordinates import to_metres
from hazmat.store.alert_list import Scope
from hazmat.store.pool import Row

SHOWN = 100  # rows on a page: a phone on a bad line has to load them
REFRESH_SECONDS = 30
_LEVELS = list(Severity)
Tab = Literal["near", "mine", "unclaimed", "ended"]
Lon = Annotated[float | None, Query(ge=-180, le=180, allow_inf_nan=False)]
Lat = Annotated[float | None, Query(ge=-90, le=90, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the inbox. ``distance_m`` from the viewer to where the truck is now, NaN: not known."""

    row: Row
    rule: str
    road: str
    distance_m: float
    minutes: int

    @property
    def near(self) -> bool:
        """Whether the distance is known."""
        return not np.isnan(self.distance_m)


class Inbox:
    """The inbox of one application."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._places = KnownPlaces(context)

    def router(self) -> APIRouter:
        """Return its route."""
        router = APIRouter(include_in_schema=False, route_class=GuardedRoute)
        router.add_api_route("/inbox", self.page)
        return router

    def page(self, request: Request, tab: Tab = "near", lon: Lon = None, lat: Lat = None) -> Response:
        """Return a tab of the inbox; the position is used for this answer and kept nowhere."""
        viewer, at = viewer_of(request), self._context.clock()
        here = None if lon is None or lat is None else (lon, lat)
        rows = self._context.doors.alert_list.open(scope_of(viewer), viewer.account.account_id)
        tabs = _tabs(rows, viewer.account.account_id)
        if tab == "ended":
            midnight = at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
            chosen = self._context.doors.alert_list.ended(scope_of(viewer), midnight, SHOWN)
        else:
            chosen = tabs[tab]
        values = {
            "found": self._lines(chosen, here, tab, at, language_of(request, viewer)),
            "tab": tab,
            "counts": {name: len(found) for name, found in tabs.items()},
            "total": len(chosen),
            "here_now": here,
            "at": at,
            "refresh": REFRESH_SECONDS,
        }
        return self._context.page.render(request, "inbox.html", values)

    def _lines(
        self, rows: list[Row], here: tuple[float, float] | None, tab: Tab, at: datetime, language: Language
    ) -> list[Line]:
        distance = distances_m(rows, here)
        order = np.arange(len(rows)) if tab == "ended" else in_order(rows, distance)
        places = self._places.now(at, None)
        return [_line(rows[n], float(distance[n]), places, at, language) for n in order[:SHOWN]]


def scope_of(viewer: Viewer) -> Scope:
    """What a viewer's lists of alerts may hold; never what only drivers are told."""
    return Scope(tenant=viewer.tenant, rules=rules_for(viewer), unseen=FOR_DRIVERS)


def distances_m(rows: Sequence[Row], here: tuple[float, float] | None) -> Floats:
    """Metres from a place (lon, lat) to each row's; NaN where either is not known."""
    lon, lat = (np.array([row[name] for row in rows], float) for name in ("lon", "lat"))
    if here is None:
        return np.full(len(rows), np.nan)
    x_m, y_m = to_metres(lon, lat)
    to_x_m, to_y_m = to_metres(np.array(here[:1]), np.array(here[1:]))
    return np.hypot(x_m - to_x_m, y_m - to_y_m)


def in_order(rows: Sequence[Row], distance_m: Floats) -> list[int]:
    """Rows by level, then distance (unknown: last), then the longest running first."""
    level = np.array([_LEVELS.index(row["severity"]) for row in rows], float)
    fired = np.array([row["fired_at"].timestamp() for row in rows], float)
    found: list[int] = np.lexsort((fired, distance_m, level)).tolist()
    return found


def _tabs(rows: Sequence[Row], account_id: int) -> dict[str, list[Row]]:
    firing = [row for row in rows if row["state"] == "firing"]
    return {
        "near": firing,
        "mine": [row for row in rows if row["held_by"] == account_id],
        "unclaimed": [row for row in firing if row["held_by"] is None],
    }


def _line(row: Row, distance_m: float, places: Places, at: datetime, language: Language) -> Line:
    until = row["resolved_at"] or at
    minutes = max(0, (until - row["fired_at"]) // timedelta(minutes=1))
    return Line(row, rule_name(row["rule_id"], language).name, road_of(row, places), distance_m, minutes)
