"""Coverage: trips seen, trips checked by each rule, what the others lacked; as JSON and as a page."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from dashboards.admin.admin_words import NEEDS
from dashboards.alerts.rule_names import rule_name
from dashboards.context import Context, viewer_of
from dashboards.gate import GuardedRoute
from dashboards.i18n import language_of
from hazmat.coverage import CHECKED_SHARE, TripGroup, by_gate, rule_coverage
from rules.catalogue import NEEDS_OF_RULES


def coverage_router(context: Context) -> APIRouter:
    """The routes, on what the store holds."""

    def coverage(
        day: date | None = None, share: Annotated[float, Query(gt=0, le=1)] = CHECKED_SHARE
    ) -> dict[str, object]:
        """Return one local day's coverage by rule and gate; without a day that of the last trip."""
        found, groups = context.doors.screens.trips(day, share)
        gates = [
            {"gate": gate, "name": there[0].gate_name, **_counted(there)}
            for gate, there in by_gate(groups).items()
        ]
        return {"day": found, "share": share, **_counted(groups), "gates": gates}

    def page(request: Request, day: str = "", gate: str | None = None) -> Response:
        """The same for people: one day, all gates or one."""
        asked, fault = _day(day)
        found, groups = context.doors.screens.trips(asked, CHECKED_SHARE)
        gates = by_gate(groups)
        chosen = groups if gate is None else gates.get(gate, ())
        language = language_of(request, viewer_of(request))
        values = {
            "day": found,
            "asked_day": day,
            "fault": fault,
            "gate": gate,
            "trips": sum(group.trips for group in groups),
            "chosen_trips": sum(group.trips for group in chosen),
            "gates": [(name, _name(there), _trips(there)) for name, there in gates.items()],
            "rules": [
                (rule_name(each.rule_id, language).name, each)
                for each in rule_coverage(chosen, NEEDS_OF_RULES)
            ],
            "needs": NEEDS,
            "share": CHECKED_SHARE,
        }
        return context.page.render(request, "coverage.html", values, 422 if fault else 200)

    router = APIRouter(route_class=GuardedRoute)
    router.add_api_route("/api/coverage", coverage)
    router.add_api_route("/coverage", page, include_in_schema=False)
    return router


def _day(text: str) -> tuple[date | None, bool]:
    """(the day asked for, whether the text is none)."""
    try:
        return (date.fromisoformat(text) if text else None), False
    except ValueError:
        return None, True


def _name(groups: Sequence[TripGroup]) -> str:
    return groups[0].gate_name or groups[0].gate


def _trips(groups: Sequence[TripGroup]) -> int:
    return sum(group.trips for group in groups)


def _counted(groups: Sequence[TripGroup]) -> dict[str, object]:
    rules = [
        {"rule": each.rule_id, "checked": each.checked, "lacking": each.lacking}
        for each in rule_coverage(groups, NEEDS_OF_RULES)
    ]
    return {"trips": sum(group.trips for group in groups), "rules": rules}
