"""The one access layer: who asks, may they, is the object theirs. In front of every page, call and stream.

Deny by default: a route that the declared table (``dashboards.access``) does not know answers nobody.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlsplit

from fastapi import HTTPException, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.datastructures import FormData

from dashboards.access import OBJECTS, ROUTES, Access
from dashboards.context import Clock
from dashboards.limits import Buckets, limited, network_of
from hazmat.accounts import Account, Viewer
from hazmat.store.audit import AuditEntry, Outcome
from hazmat.store.doors import Doors
from hazmat.store.ownership import ObjectKind, Owner
from rules.catalogue import CATALOGUE

COOKIE = "hazmat_session"
CSRF_FIELD, CSRF_HEADER = "csrf", "x-csrf"
IDLE = timedelta(hours=12)
_SEEN_AGAIN = timedelta(minutes=1)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_CALLS = (300, 50.0)  # at once, and a second from then on: for each account, or each address without one
# What an account may ask for before it has changed a password made by others.
_BEFORE_PASSWORD_CHANGE = frozenset({"/", "/account", "/account/password", "/logout"})
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class SignInNeeded(HTTPException):
    """Nobody is signed in, or the session is over."""

    def __init__(self) -> None:
        super().__init__(401, "sign in first", {"WWW-Authenticate": "Bearer"})


class StaleForm(HTTPException):
    """A form without this session's token: another page's, or one from before a new sign-in."""

    def __init__(self) -> None:
        super().__init__(403, "the form is not from this session")


class PasswordChangeNeeded(HTTPException):
    """The account's password was made by others: until its owner has changed it nothing else happens."""

    def __init__(self) -> None:
        super().__init__(403, "change the password first")


class Gate:
    """Lets requests through; one instance an application."""

    def __init__(self, doors: Doors, clock: Clock) -> None:
        self._doors = doors
        self._clock = clock
        self._calls = Buckets(*_CALLS)

    async def admit(self, request: Request, access: Access | None) -> Viewer | None:
        """Return who asks, None where a route is open to all and nobody is signed in; else HTTPException."""
        if access is None:
            raise HTTPException(404, "no such page")
        viewer = await asyncio.to_thread(self.viewer, request)
        request.state.viewer = viewer
        self._calls.take(str(viewer.account.account_id) if viewer else network_of(address_of(request)))
        demand_same_origin(request)
        if access.permission is None:
            return viewer
        if viewer is None:
            raise SignInNeeded
        if viewer.account.must_change_password and request.scope["route"].path not in _BEFORE_PASSWORD_CHANGE:
            raise PasswordChangeNeeded
        if not viewer.may(access.permission):
            await self.note(request, viewer, "access refused", "denied")
            raise HTTPException(403, "not yours to see")
        await self._demand_objects(request, viewer)
        await _demand_token(request, viewer)
        return viewer

    async def still_in(self, request: Request) -> bool:
        """Whether who was let in is still who they were and still signed in: a stream asks now and then."""
        was: Viewer | None = request.state.viewer
        viewer = await asyncio.to_thread(self.viewer, request)
        if viewer is None or was is None:
            return viewer is was
        return viewer.permissions >= was.permissions and ties(viewer.account) == ties(was.account)

    def viewer(self, request: Request) -> Viewer | None:
        """Return who is behind a request's bearer token or cookie."""
        at, token = self._clock(), _bearer(request)
        if token is not None:  # the cookie beside it counts for nothing
            return self._by_token(token, request)
        key = request.cookies.get(COOKIE)
        found = self._doors.accounts.by_session(digest(key), at, at - IDLE) if key else None
        if found is None:
            return None
        viewer, seen = found
        if at - seen > _SEEN_AGAIN:
            self._doors.accounts.see_session(viewer.session_id, at)
        return replace(viewer, address=address_of(request))

    def _by_token(self, key: str, request: Request) -> Viewer | None:
        at = self._clock()
        found = self._doors.accounts.by_token(digest(key), at)
        if found is None:
            return None
        viewer, token_id, seen = found
        if seen is None or at - seen > _SEEN_AGAIN:
            self._doors.accounts.see_token(token_id, at)
        return replace(viewer, address=address_of(request))

    async def _demand_objects(self, request: Request, viewer: Viewer) -> None:
        """404 for an object of another tenant as for one that does not exist: neither tells it apart."""
        for name, value in request.path_params.items():
            kind = OBJECTS.get(name)
            if kind is None:
                continue
            owner = await asyncio.to_thread(self._doors.ownership.owner, kind, str(value))
            if owner is None or not sees(viewer, kind, owner):
                if owner is not None:
                    await self.note(request, viewer, "foreign object", "denied")
                raise HTTPException(404, f"no {kind} {value}")

    async def note(self, request: Request, viewer: Viewer | None, action: str, outcome: Outcome) -> None:
        """Write a line of the audit log about this request."""
        kind, name = _object_of(request)
        asked = {"path": request.url.path, "query": request.url.query[:500], "method": request.method}
        entry = entry_of(request, viewer, self._clock(), action, outcome)
        entry = replace(entry, object_kind=kind, object_id=name, detail=asked)
        await asyncio.to_thread(self._doors.audit.write, entry)


class GuardedRoute(APIRoute):
    """A route that asks the gate before its request's body is read, and tells the audit log after."""

    def get_route_handler(self) -> Handler:
        """Return the handler behind the gate."""
        handler = super().get_route_handler()
        accesses = {method: ROUTES.get(f"{method} {self.path}") for method in self.methods or ()}

        async def guarded(request: Request) -> Response:
            gate: Gate = request.app.state.gate
            access = accesses.get(request.method)
            viewer = await gate.admit(request, access)
            assert access is not None  # the gate refuses it
            bounded = Request(request.scope, limited(request.receive, access.body))
            bounded._form = getattr(request, "_form", None)  # what the gate has read is not read again
            answer = await handler(bounded)
            if access.permission is not None:  # the next one at this browser is not shown what this one saw
                answer.headers.setdefault("Cache-Control", "no-store")
            if access.audit and answer.status_code < 400:
                await gate.note(request, viewer, access.audit, "done")
            return answer

        return guarded


def sees(viewer: Viewer, kind: ObjectKind, owner: Owner) -> bool:
    """Whether this viewer may see an object: its tenant's own; an inspector its department's alerts."""
    if viewer.tenant is not None and owner.carrier_id != viewer.tenant:
        return False
    if viewer.receiver is None or kind is not ObjectKind.ALERT:
        return True
    rule = CATALOGUE.get(owner.rule_id)
    return rule is not None and viewer.receiver in rule.receivers


def rules_for(viewer: Viewer) -> tuple[str, ...] | None:
    """The rules whose alerts this viewer sees in lists; None: all."""
    if viewer.receiver is None:
        return None
    return tuple(name for name, rule in CATALOGUE.items() if viewer.receiver in rule.receivers)


def entry_of(
    request: Request, viewer: Viewer | None, at: datetime, action: str, outcome: Outcome = "done"
) -> AuditEntry:
    """A line of the audit log about a request; what it is about is added with ``dataclasses.replace``."""
    account = viewer.account if viewer else None
    return AuditEntry(
        at=at,
        action=action,
        account_id=account.account_id if account else None,
        login=account.login if account else "",
        role=account.role if account else "",
        address=address_of(request),
        outcome=outcome,
    )


def ties(account: Account) -> tuple[object, ...]:
    """What decides whose objects an account sees."""
    return account.account_id, account.role, account.carrier_id, account.department


def digest(key: str) -> bytes:
    """What the database keeps of a cookie or token."""
    return hashlib.sha256(key.encode()).digest()


def address_of(request: Request) -> str:
    """The address a request comes from; behind a reverse proxy uvicorn has put the client's there."""
    return request.client.host if request.client else ""


def demand_same_origin(request: Request) -> None:
    """403 for a change that another site's page asks for."""
    if request.method in _SAFE or _bearer(request) is not None:
        return
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if site not in {None, "same-origin", "none"} or (
        origin is not None and host_of(origin) != request.headers.get("host")
    ):
        raise HTTPException(403, "asked for by another site")


def host_of(address: str) -> str:
    """The host and port that a header's address names; empty: none, or it is no address."""
    try:
        return urlsplit(address).netloc
    except ValueError:
        return ""


def _bearer(request: Request) -> str | None:
    """The token of an Authorization header; None: none, or one of another kind, which means nothing here."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


async def _demand_token(request: Request, viewer: Viewer) -> None:
    if request.method in _SAFE or not viewer.session_id:
        return
    given = request.headers.get(CSRF_HEADER)
    if given is None:
        given = str((await read_form(request)).get(CSRF_FIELD, ""))
    if not hmac.compare_digest(given.encode("utf-8", "replace"), viewer.csrf.encode()):
        raise StaleForm


async def read_form(request: Request) -> FormData:
    """Return a request's form, within its route's limit; it is read once and kept for the handler."""
    if getattr(request, "_form", None) is None:
        most = ROUTES[f"{request.method} {request.scope['route'].path}"].body
        reading = Request(request.scope, limited(request.receive, most))
        request._form = await reading.form(max_files=4, max_fields=100)
    return cast("FormData", request._form)


def _object_of(request: Request) -> tuple[str, str]:
    name = min(request.path_params.keys() & OBJECTS.keys(), default="")
    return (str(OBJECTS[name]), str(request.path_params[name])) if name else ("", "")
