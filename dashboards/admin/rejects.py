"""/admin/rejects: why payloads were refused, with the payload itself and the offending field in it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response

from dashboards.admin.admin_lists import ROWS, pager
from dashboards.admin.reject_words import REASONS
from dashboards.context import Context
from dashboards.gate import GuardedRoute
from dashboards.i18n import N_
from hazmat.store.administration import RejectFilter

_HOURS = {"1": N_("last hour"), "24": N_("last 24 hours"), "168": N_("last 7 days")}
_SHOWN_BYTES = 8192
_CUT_CHARACTER = 3  # octets of a UTF-8 character that a cut may leave
_HEX_ROW = 16
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_VALUE = r'\s*:\s*(?:"(?:[^"\\]|\\.)*"|\[[^\]]*\]|[^,}\]\s]*)'


def rejects_router(context: Context) -> APIRouter:
    """The two pages."""

    def overview(
        request: Request,
        reason: str = "",
        field: str = "",
        q: Annotated[str, Query(max_length=200)] = "",
        hours: Annotated[str, Query(pattern="^(|1|24|168)$")] = "",
        page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    ) -> Response:
        """Refused payloads, newest first, and counts by reason."""
        door = context.doors.administration
        since = context.clock() - timedelta(hours=int(hours)) if hours else None
        wanted = RejectFilter(reason=reason, field=field, text=q.strip().replace("\0", ""), since=since)
        found = door.rejects(wanted, ROWS, (page - 1) * ROWS)
        values = {
            "rows": found.rows,
            "pager": pager(request, page, found.total),
            "counts": door.reject_counts(),
            "fields": door.reject_fields(),
            "asked": {"reason": reason, "field": field, "q": q, "hours": hours},
            "reasons": REASONS,
            "hours": _HOURS,
        }
        return context.page.render(request, "admin_rejects.html", values)

    def one(request: Request, reject_id: str) -> Response:
        """One refused payload."""
        row = context.doors.administration.reject(reject_id.replace("\0", ""))
        if row is None:
            raise HTTPException(404, f"no reject {reject_id}")
        raw = bytes(row["raw"])
        text = as_text(raw[:_SHOWN_BYTES])
        values = {
            "row": row,
            "words": REASONS.get(row["reason"]),
            "payload": None if text is None else list(marked(text, row["field"])),
            "dump": "" if text is not None else hex_dump(raw[:_SHOWN_BYTES]),
            "shown": min(len(raw), _SHOWN_BYTES),
        }
        return context.page.render(request, "admin_reject.html", values)

    router = APIRouter(prefix="/admin/rejects", include_in_schema=False, route_class=GuardedRoute)
    router.add_api_route("", overview)
    router.add_api_route("/{reject_id}", one)
    return router


def as_text(raw: bytes) -> str | None:
    """The payload as text, None if it is none; a character that was cut in two at the end is left out."""
    for short in range(_CUT_CHARACTER + 1):
        try:
            text = raw[: len(raw) - short].decode()
        except UnicodeDecodeError:
            continue
        return None if _CONTROL.search(text) else text
    return None


def marked(text: str, field: str) -> Iterator[tuple[str, bool]]:
    """The text in parts, those that name a field and its value marked; ``field`` may name several."""
    names = [name.strip().rpartition(".")[2] for name in field.split(",") if name.strip()]
    pattern = "|".join(f'"{re.escape(name)}"{_VALUE}' for name in names)
    end = 0
    for found in re.finditer(pattern, text) if pattern else ():
        yield text[end : found.start()], False
        yield found.group(), True
        end = found.end()
    yield text[end:], False


def hex_dump(raw: bytes) -> str:
    """Octets as ``offset  hex  characters``, sixteen a line."""
    rows = (raw[start : start + _HEX_ROW] for start in range(0, len(raw), _HEX_ROW))
    return "\n".join(
        f"{number * _HEX_ROW:06x}  {row.hex(' '):<{3 * _HEX_ROW - 1}}  "
        + "".join(chr(octet) if 32 <= octet < 127 else "." for octet in row)
        for number, row in enumerate(rows)
    )
