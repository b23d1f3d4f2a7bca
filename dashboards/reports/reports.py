"""/reports: the forms that lead to them; the day map of a vehicle and the heat map of alerts."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dashboards.alerts.rule_names import FOR_DRIVERS, rule_name, rule_names
from dashboards.context import Context, viewer_of
from dashboards.gate import GuardedRoute, rules_for
from dashboards.i18n import N_, language_of, words
from dashboards.live.api import VehicleId
from dashboards.reports.day_map import day_map, read_day
from dashboards.reports.heat_map import LEVELS, Span, heat_map
from dashboards.reports.report_map import served
from hazmat.accounts import Language, Viewer
from hazmat.clock import SHANGHAI
from hazmat.store.reports import AlertScope

Level = Literal["", "red", "orange", "yellow", "blue"]
_LEVEL_WORDS = (N_("red"), N_("orange"), N_("yellow"), N_("blue"))
_NONE_FOUND = N_("No vehicle has this plate or terminal number.")
MOST_DAYS = 366
Day = Annotated[date, Query(ge=date(2000, 1, 1), le=date(2100, 1, 1))]


class ReportPages:
    """The pages of one application."""

    def __init__(self, context: Context) -> None:
        self._doors = context.doors
        self._clock = context.clock
        self._page = context.page

    def router(self) -> APIRouter:
        """Return their routes."""
        router = APIRouter(
            default_response_class=HTMLResponse, include_in_schema=False, route_class=GuardedRoute
        )
        router.add_api_route("/reports", self.index)
        router.add_api_route("/reports/heat", self.heat)
        router.add_api_route("/vehicles/{vehicle_id}/day", self.day)
        return router

    def index(
        self,
        request: Request,
        vehicle: Annotated[str, Query(max_length=40)] = "",
        day: Annotated[date | Literal[""], Query()] = "",
    ) -> Response:
        """Return the forms; a vehicle that only one plate fits leads to its day map."""
        viewer, today = viewer_of(request), self._today()
        text, chosen = vehicle.strip().replace("·", "").replace("\0", ""), day or today
        found = self._doors.playbacks.by_plate(text, viewer.tenant) if text else []
        if len(found) == 1:
            return RedirectResponse(f"/vehicles/{found[0]['id']}/day?day={chosen.isoformat()}", 303)
        language = language_of(request, viewer)
        recent = self._doors.reports.recent(_scope(viewer))
        values = {
            "vehicle": vehicle, "day": chosen.isoformat(), "found": found,
            "fault": _NONE_FOUND if text and not found else "",
            "today": today.isoformat(), "month_ago": (today - timedelta(days=30)).isoformat(),
            "levels": _levels(language), "rules": _rules(language, viewer),
            "recent": [{**row, "name": rule_name(row["rule"], language).name} for row in recent],
        }  # fmt: skip
        return self._page.render(request, "reports.html", values)

    def day(self, request: Request, vehicle_id: VehicleId, day: Day | None = None) -> Response:
        """Return a vehicle's day map, the same file that ``hazmat day-map`` writes; no day: today."""
        viewer, chosen = viewer_of(request), day or self._today()
        vehicle = self._doors.reports.vehicle(vehicle_id)
        if vehicle is None:
            raise HTTPException(404, f"no vehicle {vehicle_id}")
        language = language_of(request, viewer)
        read = read_day(self._doors, vehicle, chosen, viewer.tenant, rules_for(viewer))
        page = day_map(read, viewer.account.name, self._clock(), language)
        return _sent(page, _ways(chosen, self._today(), language))

    def heat(
        self,
        request: Request,
        first: Annotated[Day, Query(alias="from")],
        last: Annotated[Day, Query(alias="to")],
        level: Level = "",
        rule: Annotated[str, Query(max_length=60)] = "",
    ) -> Response:
        """Return the heat map of the alerts opened from one day to another, both included."""
        _demand_days(first, last)
        viewer = viewer_of(request)
        span = Span(_midnight(first), _midnight(last + timedelta(days=1)), rule, level)
        found = self._doors.reports.alert_places(span.start, span.end, _scope(viewer, rule), level or None)
        fences = self._doors.screens.fences(min(span.end, self._clock()), viewer.tenant)
        language = language_of(request, viewer)
        page = heat_map(found, span, fences, viewer.account.name, self._clock(), language)
        return _sent(page, {words(language).gettext(N_("Back to the reports")): "/reports"})

    def _today(self) -> date:
        return self._clock().astimezone(SHANGHAI).date()


def _scope(viewer: Viewer, rule: str = "") -> AlertScope:
    rules = rules_for(viewer)
    if rule:
        rules = (rule,) if rules is None or rule in rules else ()
    return AlertScope(carrier_id=viewer.tenant, rules=rules, unseen=FOR_DRIVERS)


def _ways(day: date, today: date, language: Language) -> dict[str, str]:
    say = words(language)
    ways = {say.gettext(N_("Previous day")): f"?day={(day - timedelta(days=1)).isoformat()}"}
    if day < today:
        ways[say.gettext(N_("Next day"))] = f"?day={(day + timedelta(days=1)).isoformat()}"
    return ways


def _sent(page: str, ways: dict[str, str]) -> Response:
    text, headers = served(page, ways)
    return HTMLResponse(text, headers=headers)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def _demand_days(first: date, last: date) -> None:
    fault = ""
    if first > last:
        fault = "must not be before from"
    elif last - first >= timedelta(days=MOST_DAYS):
        fault = f"at most {MOST_DAYS} days from the first"
    if fault:
        raise RequestValidationError([{"loc": ("query", "to"), "msg": fault, "type": "value_error"}])


def _levels(language: Language) -> list[tuple[str, str]]:
    return [(level, words(language).gettext(word)) for level, word in zip(LEVELS, _LEVEL_WORDS, strict=True)]


def _rules(language: Language, viewer: Viewer) -> list[tuple[str, str]]:
    seen = rules_for(viewer)
    named = rule_names(language).items()
    return [(k, v.name) for k, v in named if k not in FOR_DRIVERS and (seen is None or k in seen)]
