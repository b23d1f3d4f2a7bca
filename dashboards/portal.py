"""An enterprise's portal: its own vehicles, alerts, papers and people. Works without script."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response

from dashboards.alerts.photos import clean_text
from dashboards.alerts.rule_names import FOR_DRIVERS, rule_name
from dashboards.context import Context, viewer_of
from dashboards.gate import GuardedRoute
from dashboards.i18n import N_, language_of
from dashboards.live.fleet import MOVING_KMH, OFFLINE_AFTER
from hazmat.accounts import Language
from hazmat.store.pool import Row
from hazmat.store.portal import DOCUMENT_KINDS, EXPIRIES, Part, Reporting
from rules.catalogue import CATALOGUE

ROWS = 50  # a page
_MOST_PAGES = 10_000
_FIRST = 8  # alerts and papers on the overview
STATES = {
    "moving": N_("Moving"), "stopped": N_("Stopped"), "offline": N_("Offline"),
    "alerted": N_("With open alerts"),
}  # fmt: skip
KINDS = {
    "licence": N_("Transport licence"), "inspection": N_("Vehicle inspection"),
    "tank_inspection": N_("Tank inspection"), "permit": N_("Road pass"),
    "driver": N_("Driver's certificate"), "escort": N_("Escort's certificate"), "waybill": N_("Waybill"),
}  # fmt: skip
ENDINGS = {
    "expired": N_("Expired"), "week": N_("Less than 7 days"), "month": N_("Less than 30 days"),
    "later": N_("30 days or more"), "void": N_("Revoked or used up"),
}  # fmt: skip
_SOON = ("expired", "week", "month")
_PAPERS = tuple(kind for kind in DOCUMENT_KINDS if kind != "waybill")
ROLES = {"driver": N_("Driver"), "escort": N_("Escort")}
_SORTS = {
    "vehicles": {"plate", "seen", "alerts", "goods"}, "documents": {"ends", "kind", "subject"},
    "people": {"name", "code", "ends"},
}  # fmt: skip
Text = Annotated[str, Query(max_length=100)]
Page = Annotated[int, Query(ge=1, le=_MOST_PAGES)]


class PortalPages:
    """The portal of one application."""

    def __init__(self, context: Context) -> None:
        self._door = context.doors.portal
        self._clock = context.clock
        self._page = context.page

    def router(self) -> APIRouter:
        """Return its routes."""
        router = APIRouter(include_in_schema=False, route_class=GuardedRoute)
        router.add_api_route("/portal", self.overview)
        router.add_api_route("/portal/vehicles", self.vehicles)
        router.add_api_route("/portal/documents", self.documents)
        router.add_api_route("/portal/people", self.people)
        router.add_api_route("/portal/rating", self.rating)
        return router

    def overview(self, request: Request) -> Response:
        """Return what concerns the enterprise now: vehicles by state, open alerts, what ends soon."""
        tenant, at, door = _tenant(request), self._clock(), self._door
        alerts = door.open_alerts(tenant, FOR_DRIVERS, _FIRST)
        ending = door.documents(tenant, at, Part(rows=_FIRST), _PAPERS, _SOON)
        waybills = door.documents(tenant, at, Part(rows=1), ("waybill",), EXPIRIES)
        language = language_of(request, viewer_of(request))
        values = {
            "carrier": door.carrier(tenant), "counts": door.counts(tenant, _reporting(at)), "at": at,
            "alerts": [_explained(row, language) for row in alerts], "alerts_total": _total(alerts),
            "ending": [_left(row, at) for row in ending], "ending_total": _total(ending),
            "waybills": _total(waybills), "kinds": KINDS,
        }  # fmt: skip
        return self._page.render(request, "portal.html", values)

    def vehicles(
        self, request: Request, q: Text = "", state: Text = "", sort: Text = "plate", page: Page = 1
    ) -> Response:
        """Return a page of the enterprise's vehicles."""
        at, asked = self._clock(), {"q": clean_text(q), "state": _known(state, STATES)}
        part = _part(asked["q"], sort, "vehicles", page)
        rows = self._door.vehicles(_tenant(request), at, _reporting(at), part, asked["state"])
        return self._list(request, "portal_vehicles.html", rows, asked, part, page, states=STATES)

    def documents(
        self,
        request: Request,
        q: Text = "",
        kind: Text = "",
        ends: Text = "",
        sort: Text = "ends",
        page: Page = 1,
    ) -> Response:
        """Return a page of the enterprise's papers by when they end."""
        at = self._clock()
        asked = {"q": clean_text(q), "kind": _known(kind, KINDS), "ends": _known(ends, ENDINGS)}
        part = _part(asked["q"], sort, "documents", page)
        kinds, expiries = _one_or_all(asked["kind"], DOCUMENT_KINDS), _one_or_all(asked["ends"], EXPIRIES)
        found = self._door.documents(_tenant(request), at, part, kinds, expiries)
        rows = [_left(row, at) for row in found]
        return self._list(
            request, "portal_documents.html", rows, asked, part, page, kinds=KINDS, endings=ENDINGS
        )

    def people(
        self, request: Request, q: Text = "", role: Text = "", sort: Text = "ends", page: Page = 1
    ) -> Response:
        """Return a page of the enterprise's drivers and escorts."""
        at, asked = self._clock(), {"q": clean_text(q), "role": _known(role, ROLES)}
        part = _part(asked["q"], sort, "people", page)
        rows = [_left(row, at) for row in self._door.people(_tenant(request), at, part, asked["role"])]
        return self._list(request, "portal_people.html", rows, asked, part, page, roles=ROLES)

    def rating(self, request: Request) -> Response:
        """Return the place kept for rating and appeal."""
        return self._page.render(
            request, "portal_rating.html", {"carrier": self._door.carrier(_tenant(request))}
        )

    def _list(
        self,
        request: Request,
        template: str,
        rows: list[Any],
        asked: dict[str, str],
        part: Part,
        page: int,
        **choices: object,
    ) -> Response:
        kept = {name: text for name, text in asked.items() if text}
        values = {
            "rows": rows, "total": _total(rows), "asked": asked, "sort": part.sort, "page": page,
            "pages": max(1, -(-_total(rows) // ROWS)), "filter": urlencode(kept),
            "query": urlencode({**kept, "sort": part.sort}), **choices,
        }  # fmt: skip
        return self._page.render(request, template, values)


def _tenant(request: Request) -> str:
    tenant = viewer_of(request).tenant
    if tenant is None:
        raise HTTPException(404, "the portal is an enterprise's")
    return tenant


def _reporting(at: datetime) -> Reporting:
    return Reporting(silent_since=at - OFFLINE_AFTER, moving_kmh=MOVING_KMH, unseen=FOR_DRIVERS)


def _part(text: str, sort: str, of: str, page: int) -> Part:
    known = sort.removeprefix("-") in _SORTS[of]
    wanted = text.upper().replace("·", "").strip()
    return Part(text=wanted, sort=sort if known else "", rows=ROWS, skip=(page - 1) * ROWS)


def _known(value: str, choices: dict[str, str]) -> str:
    return value if value in choices else ""


def _one_or_all(chosen: str, choices: tuple[str, ...]) -> tuple[str, ...]:
    return (chosen,) if chosen else choices


def _total(rows: list[Any]) -> int:
    return int(rows[0]["total"]) if rows else 0


def _left(row: Row, at: datetime) -> dict[str, Any]:
    """A paper with the whole days until it ends; negative: since it ended."""
    return {**row, "days": (row["valid_to"] - at).days}


def _explained(row: Row, language: Language) -> dict[str, Any]:
    """An alert with its rule's name and, in the rule's own words and its numbers of then, what is wrong."""
    rule = CATALOGUE.get(row["rule_id"])
    name = rule_name(row["rule_id"], language).name
    if rule is None:
        return {**row, "name": name, "what": ""}
    then = {k.removeprefix("limit_"): v for k, v in row["evidence"].items() if k.startswith("limit_")}
    return {**row, "name": name, "what": rule.says.what(language, {**rule.limits, **then})}
