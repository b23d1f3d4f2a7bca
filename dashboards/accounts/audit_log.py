"""/audit: the log of who did, read or tried what, searched and exported by an auditor."""

import asyncio
import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Annotated, cast
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response, StreamingResponse

from dashboards.accounts.audit_words import ACTIONS, OBJECTS, OUTCOMES
from dashboards.accounts.role_words import ROLES
from dashboards.context import Context, viewer_of
from dashboards.gate import GuardedRoute
from dashboards.i18n import N_, Words, language_of, local_time, say, words
from hazmat.clock import SHANGHAI
from hazmat.store.audit import AuditFilter, AuditLog, Outcome
from hazmat.store.pool import Row

PAGE_ROWS = 50
_EXPORT_ROWS, _EXPORT_PART = 100_000, 2000
_COLUMNS = (
    N_("Time (Beijing)"), N_("Name of the account"), N_("Role"), N_("Address"), N_("Action"),
    N_("Object"), N_("Number"), N_("Outcome"), N_("Details"),
)  # fmt: skip
_NO_TIME = N_("Not a time: like 2026-05-01T08:30")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Search:
    """The search as it was filled in; times are Beijing's, ``before`` the last row of the page before."""

    since: str = ""
    until: str = ""
    login: str = ""
    action: str = ""
    object_id: str = ""
    outcome: str = ""
    before: str = ""

    def faults(self) -> dict[str, str]:
        """What is wrong, as marked texts by field."""
        faults = {}
        for field in ("since", "until"):
            try:
                _moment(getattr(self, field))
            except ValueError:
                faults[field] = _NO_TIME
        return faults

    def filter(self) -> AuditFilter:
        """What the log is asked for; ValueError where there are faults."""
        return AuditFilter(
            since=_moment(self.since),
            until=_moment(self.until),
            login=self.login.strip().lower() or None,
            action=self.action if self.action in ACTIONS else None,
            object_id=self.object_id.strip() or None,
            outcome=cast("Outcome", self.outcome) if self.outcome in OUTCOMES else None,
            before=_mark(self.before),
        )

    def query(self, **changes: str) -> str:
        """This search as an address has it."""
        values = {field.name: getattr(self, field.name) for field in fields(self)} | changes
        return urlencode({name: value for name, value in values.items() if value})


def search_of(
    since: str = "",
    until: str = "",
    login: str = "",
    action: str = "",
    object_id: str = "",
    outcome: str = "",
    before: str = "",
) -> Search:
    """Read a search from the address."""
    return Search(since, until, login, action, object_id, outcome, before)


def audit_router(context: Context) -> APIRouter:
    """The routes."""
    log = context.doors.audit

    async def show(request: Request, search: Annotated[Search, Depends(search_of)]) -> Response:
        """Return a page of entries, newest first."""
        faults = defaultdict(str, {field: say(request, text) for field, text in search.faults().items()})
        rows = [] if faults else await asyncio.to_thread(log.search, search.filter(), PAGE_ROWS + 1)
        older = search.query(before=_mark_of(rows[PAGE_ROWS - 1])) if len(rows) > PAGE_ROWS else ""
        values = {
            "search": search, "faults": faults, "rows": rows[:PAGE_ROWS], "older": older,
            "newest": search.query(before="") if search.before else "", "export": search.query(before=""),
            "actions": ACTIONS, "outcomes": OUTCOMES, "objects": OBJECTS, "roles": ROLES, "details": _details,
        }  # fmt: skip
        return context.page.render(request, "audit.html", values, 422 if faults else 200)

    def export(request: Request, search: Annotated[Search, Depends(search_of)]) -> Response:
        """Return up to 100,000 entries as CSV (UTF-8 with a mark, as spreadsheets want it)."""
        if faults := search.faults():
            raise HTTPException(422, f"{', '.join(faults)}: not a time")
        spoken = words(language_of(request, viewer_of(request)))
        name = f"audit-{context.clock().astimezone(SHANGHAI):%Y%m%d-%H%M}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        parts = _csv(log, search.filter(), spoken)
        return StreamingResponse(parts, media_type="text/csv; charset=utf-8", headers=headers)

    router = APIRouter(include_in_schema=False, route_class=GuardedRoute)
    router.add_api_route("/audit", show)
    router.add_api_route("/audit.csv", export)
    return router


def cell(text: str) -> str:
    """Return a text as a spreadsheet may have it: what would be a formula there is led by an apostrophe."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _csv(log: AuditLog, wanted: AuditFilter, spoken: Words) -> Iterator[str]:
    yield "\ufeff" + _lines([[spoken.gettext(column) for column in _COLUMNS]])
    for _ in range(_EXPORT_ROWS // _EXPORT_PART):
        rows = log.search(wanted, _EXPORT_PART)
        yield _lines([_cells(row, spoken) for row in rows])
        if len(rows) < _EXPORT_PART:
            return
        wanted = replace(wanted, before=(rows[-1]["at"], rows[-1]["entry_id"]))


def _cells(row: Row, spoken: Words) -> list[str]:
    role = ROLES.get(row["role"], row["role"])
    texts = [role, row["address"], row["action"], OBJECTS.get(row["object_kind"], row["object_kind"])]
    said = [text and spoken.gettext(text) for text in texts]
    outcome = spoken.gettext(OUTCOMES[row["outcome"]])
    return [local_time(row["at"]), row["login"], *said, row["object_id"], outcome, _details(row["detail"])]


def _lines(rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([[cell(text) for text in row] for row in rows])
    return out.getvalue()


def _details(detail: object) -> str:
    return orjson.dumps(detail).decode() if detail else ""


def _moment(text: str) -> datetime | None:
    """A time in Beijing as a form gives it; None: none. ValueError: not a time."""
    moment = datetime.fromisoformat(text) if text else None
    return moment.replace(tzinfo=SHANGHAI) if moment and not moment.tzinfo else moment


def _mark_of(row: Row) -> str:
    return f"{row['at'].isoformat()}~{row['entry_id']}"


def _mark(text: str) -> tuple[datetime, int] | None:
    at, _, number = text.partition("~")
    try:
        moment = _moment(at)
        return (moment, int(number)) if moment else None
    except ValueError:
        return None
