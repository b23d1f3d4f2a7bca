"""Playback: where a vehicle, or all in an area, were over a stored span; and the page that plays it."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

import numpy as np
import orjson
from fastapi import APIRouter, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from pydantic import AwareDatetime

from dashboards.alerts.rule_names import FOR_DRIVERS, rule_name
from dashboards.context import Context, viewer_of
from dashboards.gate import GuardedRoute, rules_for
from dashboards.i18n import language_of
from dashboards.live.api import VehicleId
from dashboards.live.basemap import basemap
from hazmat.accounts import Viewer
from hazmat.clock import to_ms
from hazmat.columns import Ints
from hazmat.store.playback import GAP_S, MOST_ROWS, Area, Playback, Question, TooManyRows
from hazmat.store.pool import Row

VEHICLE_SPAN = timedelta(days=31)
AREA_SPAN = timedelta(hours=24)
VEHICLE_HOURS = 9_000  # of an area's candidates: some 3 million fixes to look through, a few seconds
AREA_KM2 = 5_000.0
_KM_A_DEGREE = 111.2
Moment = Annotated[AwareDatetime, Query(description="ISO 8601 with its offset")]
Step = Annotated[int | None, Query(ge=0, le=3600, description="one fix a step, in seconds; 0: all")]
Lon = Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)]
Lat = Annotated[float, Query(ge=-85, le=85, allow_inf_nan=False)]


class PlaybackRoutes:
    """The calls and the page of one application."""

    def __init__(self, context: Context) -> None:
        self._playbacks = context.doors.playbacks
        self._clock = context.clock
        self._page = context.page
        self._kept = timedelta(days=context.settings.retention_days)
        self._base = basemap(context.settings)

    def api(self) -> APIRouter:
        """Return the routes under /api."""
        router = APIRouter(prefix="/api", route_class=GuardedRoute)
        router.add_api_route("/vehicles/{vehicle_id}/playback", self.vehicle)
        router.add_api_route("/playback", self.area)
        return router

    def pages(self) -> APIRouter:
        """Return the page's route."""
        router = APIRouter(include_in_schema=False, route_class=GuardedRoute)
        router.add_api_route("/playback", self.page)
        return router

    def vehicle(
        self, request: Request, vehicle_id: VehicleId, start: Moment, end: Moment, step_s: Step = None
    ) -> Response:
        """Return one vehicle's fixes and alerts of a span of at most 31 days; see ``area``."""
        self._demand_span(start, end, VEHICLE_SPAN)
        return self._answer(request, [vehicle_id], Question(start, end, Area.everywhere(), step_s))

    def area(
        self,
        request: Request,
        west: Lon,
        south: Lat,
        east: Lon,
        north: Lat,
        start: Moment,
        end: Moment,
        step_s: Step = None,
    ) -> Response:
        """Return the fixes inside a rectangle (WGS-84) over a span, at most 200,000, as columns.

        ``vehicles.first``: where each vehicle's fixes begin, and after the last where they end. Each fix is
        given as the difference to the one before: ``t`` ms (a vehicle's first: since ``start``), ``lon`` and
        ``lat`` 1e-6 degrees (a vehicle's first: whole); ``speed`` km/h and ``heading`` degrees, -1: unknown.
        ``shown`` of ``total`` stored fixes are there: one a ``step`` (s, 0: all), and besides those at which
        an alert changed, a vehicle's last and the edges of its gaps. An enterprise gets its own vehicles.
        """
        area = Area(west, south, east, north)
        self._demand_span(start, end, AREA_SPAN)
        _demand_area(area)
        ids = self._playbacks.candidates(start, viewer_of(request).tenant)
        _demand_bounded(len(ids), start, end)
        return self._answer(request, ids, Question(start, end, area, step_s))

    def page(
        self,
        request: Request,
        plate: Annotated[str, Query(max_length=40)] = "",
        vehicle: Annotated[str, Query(max_length=32)] = "",
    ) -> Response:
        """Return the page; a plate that only one vehicle bears leads to that vehicle."""
        text, tenant = plate.strip().replace("·", ""), viewer_of(request).tenant
        found = self._playbacks.by_plate(text, tenant) if text else []
        rest = {
            name: value for name, value in request.query_params.items() if name not in {"plate", "vehicle"}
        }
        if len(found) == 1 or (found and text in {found[0]["plate"], found[0]["id"]}):
            return RedirectResponse(f"/playback?{urlencode({'vehicle': found[0]['id'], **rest})}", 303)
        chosen = self._playbacks.by_plate(vehicle, tenant)[:1] if vehicle else []
        values = {"plate": text, "found": found, "chosen": chosen, "rest": rest, "today": self._clock()}
        values["base"] = self._base
        return self._page.render(request, "playback.html", values)

    def _answer(self, request: Request, ids: list[str], asked: Question) -> Response:
        viewer = viewer_of(request)
        try:
            played = self._playbacks.play(ids, asked)
        except TooManyRows as error:
            raise _fault("step_s", f"gives more than {MOST_ROWS:,} fixes; try {error.args[0]}") from error
        vehicles = self._playbacks.vehicles(played.ids, asked)
        alerts = self._playbacks.alerts(played.ids, asked, FOR_DRIVERS, rules_for(viewer))
        told = _told(alerts, request, viewer)
        body = _encoded(played, vehicles, told, asked)
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})

    def _demand_span(self, start: datetime, end: datetime, most: timedelta) -> None:
        if start >= end:
            raise _fault("end", "must be later than start")
        if end - start > most:
            raise _fault("end", f"at most {most // timedelta(hours=1)} hours after start")
        if start < self._clock() - self._kept - timedelta(days=1):
            raise _fault("start", f"positions are kept for {self._kept.days} days")


def playback_routers(context: Context) -> tuple[APIRouter, APIRouter]:
    """Return the routes of playback: calls, page."""
    routes = PlaybackRoutes(context)
    return routes.api(), routes.pages()


def _fault(name: str, text: str) -> RequestValidationError:
    return RequestValidationError([{"loc": ("query", name), "msg": text, "type": "value_error"}])


def _demand_area(area: Area) -> None:
    if area.west >= area.east:
        raise _fault("east", "must be greater than west")
    if area.south >= area.north:
        raise _fault("north", "must be greater than south")
    high_km = (area.north - area.south) * _KM_A_DEGREE
    wide_km = (area.east - area.west) * _KM_A_DEGREE * np.cos(np.radians((area.north + area.south) / 2))
    if high_km * wide_km > AREA_KM2:
        raise _fault("east", f"the area has {high_km * wide_km:,.0f} km2, at most {AREA_KM2:,.0f} are played")


def _demand_bounded(vehicles: int, start: datetime, end: datetime) -> None:
    minutes = int(VEHICLE_HOURS / max(1, vehicles) * 60)
    if end - start > timedelta(minutes=minutes):
        raise _fault("end", f"{vehicles:,} vehicles are too many for this span: at most {minutes} minutes")


def _told(alerts: list[Row], request: Request, viewer: Viewer) -> list[dict[str, object]]:
    language = language_of(request, viewer)
    return [{**alert, "name": rule_name(alert["rule"], language).name} for alert in alerts]


def _encoded(
    played: Playback, vehicles: list[Row], alerts: list[dict[str, object]], asked: Question
) -> bytes:
    first = np.searchsorted(played.row, np.arange(len(played.ids) + 1)).astype(np.int64)
    since = played.fix_time.astype(np.int64) - to_ms(asked.start)
    names = {name: [row[name] for row in vehicles] for name in ("id", "plate", "colour", "goods")}
    answer = {
        "start": to_ms(asked.start), "end": to_ms(asked.end), "area": asdict(asked.area),
        "step": played.step_s, "gap": max(GAP_S, 2 * played.step_s),
        "shown": len(played.row), "total": played.total,
        "vehicles": {**names, "first": first},
        "fixes": {
            "t": _steps(since, first), "lon": _steps(played.lon, first), "lat": _steps(played.lat, first),
            "speed": played.speed, "heading": played.heading,
        },
        "alerts": alerts,
    }  # fmt: skip
    return orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY)


def _steps(column: Ints, first: Ints) -> Ints:
    """The differences within a column, whole values where a vehicle's rows begin."""
    steps = np.diff(column, prepend=0)
    steps[first[:-1]] = column[first[:-1]]
    return np.ascontiguousarray(steps)
