"""A form that came when its session was over: what was typed goes through the sign-in and is shown again."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from dashboards.access import ROUTES
from dashboards.accounts.role_words import DEPARTMENTS, ROLES
from dashboards.gate import CSRF_FIELD, host_of, read_form
from dashboards.i18n import N_
from dashboards.page import PageMaker

OVER = N_("Your session is over. Sign in again: what you have typed is kept.")
_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20]*")
_PAGES = [
    re.compile(re.sub(r"\{\w+\}", "[^/]+", name.removeprefix("GET ")))
    for name in ROUTES
    if name.startswith("GET ")
]
_SECRET = re.compile(r"password|secret|^code$", re.IGNORECASE)
# What a field is called on the page of what was typed; others are named as the form names them.
LABELS = {
    "text": N_("Text"),
    "name": N_("Name"),
    "login": N_("Name of the account"),
    "role": N_("Role"),
    "department": N_("Department"),
    "carrier_id": N_("Enterprise"),
}
_CHOICES = {str(value): text for value, text in [*ROLES.items(), *DEPARTMENTS.items()]}


@dataclass(frozen=True, slots=True)
class Kept:
    """What was typed: ``path`` is where the form goes, ``files`` names what has to be chosen again and
    ``back`` is the page that it stood on."""

    path: str
    fields: Sequence[tuple[str, str]]
    files: Sequence[tuple[str, str]] = ()
    back: str = "/"

    def text(self) -> str:
        """As a hidden field carries it."""
        return json.dumps(
            {"path": self.path, "fields": self.fields, "files": self.files, "back": self.back},
            ensure_ascii=False,
        )

    @property
    def shown(self) -> Sequence[tuple[str, str, bool]]:
        """What a person typed: label (to be translated), text, and whether that is to be translated too; not
        what a script put in."""
        return [
            (LABELS[name], _CHOICES.get(value, value), value in _CHOICES)
            for name, value in self.fields
            if value and name in LABELS
        ]


def kept_of(text: str) -> Kept | None:
    """Return what a hidden field carries; None if it is empty or not of this form."""
    if not text:
        return None
    try:
        found: Any = json.loads(text)
        kept = Kept(
            str(found["path"]), _pairs(found["fields"]), _pairs(found["files"]), own_path(str(found["back"]))
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return kept if own_path(kept.path) == kept.path else None


async def ask_to_sign_in(page: PageMaker, request: Request) -> Response:
    """Lead a reader to the sign-in and back again; a form stays there with what was typed."""
    kept = await _keep(request) if request.method == "POST" else None
    if kept is None or request.url.path == "/logout":
        query = f"?{request.url.query}" if request.url.query else ""
        then = "/" if request.method == "POST" else request.url.path + query
        return RedirectResponse(f"/login?then={quote(then)}", 303)
    values = {"then": kept.back, "login": "", "fault": "", "kept": kept}
    return page.render(request, "login.html", values, 401)


async def ask_again(page: PageMaker, request: Request) -> Response | None:
    """Show a form with an old token once more, to be sent with the new one; None for what may be another
    site's: only a browser that says where the form stood is believed."""
    if host_of(request.headers.get("origin", "")) != request.headers.get("host"):
        return None
    kept = await _keep(request)
    return page.render(request, "resume.html", {"kept": kept}, 403) if kept else None


def own_path(then: str) -> str:
    """Return where to go after a sign-in: a path of ours, never another site."""
    parts = urlsplit(then) if _PATH.fullmatch(then) else None
    return "/" if parts is None or parts.scheme or parts.netloc else then


def readable_path(then: str) -> str:
    """Return a path of ours that can be opened: where only forms go, the page above it."""
    path, mark, query = own_path(then).partition("?")
    while not any(page.fullmatch(path) for page in _PAGES):
        path, mark, query = path.rpartition("/")[0] or "/", "", ""
    return path + mark + query


async def _keep(request: Request) -> Kept | None:
    try:
        form = await read_form(request)
    except (HTTPException, ClientDisconnect):
        return None
    items = form.multi_items()
    fields = [(n, v) for n, v in items if isinstance(v, str) and n != CSRF_FIELD and not _SECRET.search(n)]
    files = [(n, v.filename or "") for n, v in items if not isinstance(v, str) and v.filename]
    await form.close()
    return Kept(request.url.path, fields, files, _page_of(request)) if fields or files else None


def _page_of(request: Request) -> str:
    """The page that a form stood on, as the browser says."""
    came_from = request.headers.get("referer", "")
    if host_of(came_from) != request.headers.get("host"):
        return "/"
    parts = urlsplit(came_from)
    return own_path(parts.path + (f"?{parts.query}" if parts.query else ""))


def _pairs(found: Any) -> list[tuple[str, str]]:
    return [(str(name), str(value)) for name, value in found]
