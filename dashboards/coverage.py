"""GET /api/coverage: trips seen, trips checked by each rule, and what the others lacked."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from dashboards.context import Context
from dashboards.gate import GuardedRoute
from hazmat.coverage import CHECKED_SHARE, TripGroup, by_gate, rule_coverage
from rules.catalogue import NEEDS_OF_RULES


def coverage_router(context: Context) -> APIRouter:
    """The route, on what the store holds."""

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

    router = APIRouter(prefix="/api", route_class=GuardedRoute)
    router.add_api_route("/coverage", coverage)
    return router


def _counted(groups: Sequence[TripGroup]) -> dict[str, object]:
    rules = [
        {"rule": each.rule_id, "checked": each.checked, "lacking": each.lacking}
        for each in rule_coverage(groups, NEEDS_OF_RULES)
    ]
    return {"trips": sum(group.trips for group in groups), "rules": rules}
