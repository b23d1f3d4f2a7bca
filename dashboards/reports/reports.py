"""/reports: the forms that lead to them; the day map of a vehicle and the heat map of alerts."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dashboards.alerts.alert_sight import with_people
from dashboards.alerts.rule_names import FOR_DRIVERS, rule_name, rule_names
from dashboards.context import Context, viewer_of
from dashboards.gate import GuardedRoute, rules_for
from dashboards.i18n import N_, language_of, words
from dashboards.live.api import VehicleId
from dashboards.reports.day_map import day_map, read_day
from dashboards.reports.heat_form import HeatForm, Text, day_of, filled
from dashboards.reports.heat_map import LEVELS, heat_map
from dashboards.reports.report_map import served
from hazmat.accounts import Language, Viewer
from hazmat.clock import SHANGHAI
from hazmat.store.reports import AlertScope

_LEVEL_WORDS = (N_("red"), N_("orange"), N_("yellow"), N_("blue"))
_NONE_FOUND = N_("No vehicle has this plate or terminal number.")
_NO_DAY = N_("This is no day")
First = Annotated[Text, Query(alias="from")]
Last = Annotated[Text, Query(alias="to")]
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
        self, request: Request, vehicle: Annotated[str, Query(max_length=40)] = "", day: Text = "",
        first: First = "", last: Last = "", level: Text = "", rule: Text = "",
    ) -> Response:  # fmt: skip
        """Return the forms; a vehicle that only one plate fits leads to its day map."""
        viewer, today = viewer_of(request), self._today()
        text, faults = vehicle.strip().replace("·", "").replace("\0", ""), {}
        if day and day_of(day) is None:
            faults["day"] = _NO_DAY
        found = self._doors.playbacks.by_plate(text, viewer.tenant) if text and not faults else []
        chosen = day or today.isoformat()
        if len(found) == 1:
            return RedirectResponse(f"/vehicles/{found[0]['id']}/day?day={chosen}", 303)
        if text and not found and not faults:
            faults["vehicle"] = _NONE_FOUND
        typed = {"vehicle": vehicle, "day": chosen, "found": found}
        return self._forms(request, filled(first, last, level, rule, today), faults, typed)

    def _forms(
        self, request: Request, form: HeatForm, faults: Mapping[str, str], typed: Mapping[str, object]
    ) -> Response:
        viewer = viewer_of(request)
        language = language_of(request, viewer)
        recent = self._doors.reports.recent(_scope(viewer))
        values = dict(typed) | {
            "form": form, "faults": faults, "levels": _levels(language), "rules": _rules(language, viewer),
            "recent": [{**row, "name": rule_name(row["rule"], language).name} for row in recent],
        }  # fmt: skip
        return self._page.render(request, "reports.html", values, 422 if set(faults) - {"vehicle"} else 200)

    def day(self, request: Request, vehicle_id: VehicleId, day: Day | None = None) -> Response:
        """Return a vehicle's day map, the same file that ``hazmat day-map`` writes; no day: today."""
        viewer, chosen = viewer_of(request), day or self._today()
        vehicle = self._doors.reports.vehicle(vehicle_id)
        if vehicle is None:
            raise HTTPException(404, f"no vehicle {vehicle_id}")
        language = language_of(request, viewer)
        read = read_day(self._doors, vehicle, chosen, viewer.tenant, rules_for(viewer))
        papers = [with_people(paper, viewer.account) or paper for paper in read.waybills]
        read = replace(read, waybills=papers)
        page = day_map(read, viewer.account.name, self._clock(), language)
        return _sent(page, _ways(chosen, self._today(), language))

    def heat(
        self, request: Request, first: First = "", last: Last = "", level: Text = "", rule: Text = ""
    ) -> Response:
        """Return the heat map of the alerts opened from one day to another, both included; no day: the last
        seven. A form with faults comes back as it was filled in."""
        viewer, today = viewer_of(request), self._today()
        language = language_of(request, viewer)
        form = filled(first, last, level, rule, today)
        if faults := form.faults():
            empty = {"vehicle": "", "day": today.isoformat(), "found": []}
            return self._forms(request, form, faults, empty)
        span = form.span()
        found = self._doors.reports.alert_places(span.start, span.end, _scope(viewer, rule), level or None)
        fences = self._doors.screens.fences(min(span.end, self._clock()), viewer.tenant)
        page = heat_map(found, span, fences, viewer.account.name, self._clock(), language)
        return _sent(
            page, {words(language).gettext(N_("Choose other days or alerts")): f"/reports?{form.query()}"}
        )

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


def _levels(language: Language) -> list[tuple[str, str]]:
    return [(level, words(language).gettext(word)) for level, word in zip(LEVELS, _LEVEL_WORDS, strict=True)]


def _rules(language: Language, viewer: Viewer) -> list[tuple[str, str]]:
    seen = rules_for(viewer)
    named = rule_names(language).items()
    return [(k, v.name) for k, v in named if k not in FOR_DRIVERS and (seen is None or k in seen)]
