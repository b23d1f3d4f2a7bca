"""/admin/terminals: how well feeds and terminals report, the worst first."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from dashboards.admin.admin_lists import ROWS, address, pager
from dashboards.context import Context
from dashboards.gate import GuardedRoute
from dashboards.i18n import N_
from hazmat.clock import SHANGHAI
from hazmat.store.administration import TerminalFilter, TerminalOrder
from rules.catalogue import CATALOGUE

ONLINE = timedelta(minutes=10)
_STRANGERS = 20
_CARRIERS = 8
_DEVICE_RULES = [rule.id for rule in CATALOGUE.values() if rule.group == "device"]
ORDERS: dict[TerminalOrder, str] = {
    "worst": N_("worst first"),
    "seen": N_("longest silent first"),
    "leaps": N_("most leaps first"),
    "clock": N_("worst clock first"),
    "plate": N_("by plate"),
}


def terminals_router(context: Context) -> APIRouter:
    """The page."""

    def overview(
        request: Request,
        day: Annotated[str, Query(pattern=r"^(|\d{4}-\d\d-\d\d)$")] = "",
        carrier: Annotated[str, Query(max_length=64)] = "",
        q: Annotated[str, Query(max_length=100)] = "",
        order: TerminalOrder = "worst",
        page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    ) -> Response:
        """Online rates, and the terminals' figures of a day."""
        door, at = context.doors.administration, context.clock()
        asked = _day(day) or at.astimezone(SHANGHAI).date()
        start = datetime.combine(asked, time(), SHANGHAI).astimezone(UTC)
        wanted = TerminalFilter(
            day=asked,
            start=start,
            stop=start + timedelta(days=1),
            carrier_id=carrier,
            text=q.strip().replace("\0", ""),
            order=order,
        )
        found = door.terminals(wanted, _DEVICE_RULES, ROWS, (page - 1) * ROWS)
        online = door.online(at - ONLINE)
        values = {
            "rows": found.rows,
            "pager": pager(request, page, found.total),
            "online": online,
            "shown_carriers": _CARRIERS,
            "registered": sum(row["registered"] for row in online),
            "heard": sum(row["heard"] for row in online),
            "summary": door.terminal_day(asked),
            "strangers": door.strangers(_STRANGERS),
            "day": asked,
            "today": at.astimezone(SHANGHAI).date(),
            "earlier": address(request, day=asked - timedelta(days=1), page=""),
            "later": address(request, day=asked + timedelta(days=1), page=""),
            "asked": {"carrier": carrier, "q": q, "order": order},
            "orders": ORDERS,
            "since": at - ONLINE,
        }
        return context.page.render(request, "admin_terminals.html", values)

    router = APIRouter(prefix="/admin/terminals", include_in_schema=False, route_class=GuardedRoute)
    router.add_api_route("", overview)
    return router


def _day(text: str) -> date | None:
    """The day of the query; one that does not exist is taken as none given."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None
