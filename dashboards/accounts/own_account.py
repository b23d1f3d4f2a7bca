"""One's own account: password, sessions, API tokens."""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from dashboards.accounts.account_page import AccountPage
from dashboards.accounts.passwords import hashed, password_fault
from dashboards.context import Context, viewer_of
from dashboards.gate import COOKIE, GuardedRoute, digest, entry_of
from dashboards.i18n import N_, say
from hazmat.accounts import offered_scopes
from hazmat.store.credentials import NewToken

_LONGEST_DAYS = 365
_NOT_TWICE = N_("The two new passwords differ")
_NOT_NEW = N_("The new password is the present one")
_NO_NAME = N_("Say what the token is for")
_NO_SCOPE = N_("Choose at least one")
_NO_DAYS = N_("A whole number from 1 to 365")
_CHANGED = N_("The password is changed; all other sessions have ended.")
_Password = Annotated[str, Form(max_length=2000)]


class OwnAccount:
    """The pages of one application."""

    def __init__(self, context: Context, page: AccountPage) -> None:
        self._context = context
        self._page = page

    def router(self) -> APIRouter:
        """Return their routes."""
        router = APIRouter(include_in_schema=False, route_class=GuardedRoute, prefix="/account")
        router.add_api_route("", self.show)
        router.add_api_route("/password", self.change_password, methods=["POST"])
        router.add_api_route("/sessions/{session_id}/revoke", self.revoke_session, methods=["POST"])
        router.add_api_route("/tokens", self.make_token, methods=["POST"])
        router.add_api_route("/tokens/{token_id}/revoke", self.revoke_token, methods=["POST"])
        return router

    async def show(self, request: Request) -> Response:
        """Return the page of the own account."""
        return await self._page.show(request)

    async def change_password(
        self,
        request: Request,
        password: _Password = "",
        new_password: _Password = "",
        password_again: _Password = "",
    ) -> Response:
        """Change the password; all other sessions end."""
        viewer = viewer_of(request)
        faults = {
            "new_password": password_fault(new_password, viewer.account.login)
            or (_NOT_NEW if new_password == password else ""),
            "password_again": "" if new_password == password_again else _NOT_TWICE,
        }
        shown = self._page.translated(request, faults)
        if not shown and (wrong := await self._page.password_fault(request, password)):
            shown = {"password": wrong}
        if shown:
            return await self._page.show(request, shown)
        entry = entry_of(request, viewer, self._context.clock(), "change password")
        password_hash = await asyncio.to_thread(hashed, new_password)
        change = self._context.doors.credentials.change_password
        await asyncio.to_thread(change, viewer.account.account_id, password_hash, viewer.session_id, entry)
        if viewer.account.must_change_password:
            return RedirectResponse("/", 303)
        return await self._page.show(request, done=say(request, _CHANGED))

    async def revoke_session(self, request: Request, session_id: int) -> Response:
        """End one of the own sessions; the present one: sign out."""
        viewer = viewer_of(request)
        entry = entry_of(request, viewer, self._context.clock(), "end session")
        entry = replace(entry, object_kind="session", object_id=str(session_id))
        revoke = self._context.doors.accounts.revoke_session
        if not await asyncio.to_thread(revoke, viewer.account.account_id, session_id, entry.at, entry):
            raise HTTPException(404, f"no session {session_id}")
        if session_id != viewer.session_id:
            return RedirectResponse("/account", 303)
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(COOKIE)
        return answer

    async def make_token(
        self,
        request: Request,
        name: Annotated[str, Form(max_length=100)] = "",
        days: Annotated[str, Form(max_length=10)] = "",
        scopes: Annotated[Sequence[str], Form()] = (),
    ) -> Response:
        """Make an API token and show it, this once."""
        viewer, name = viewer_of(request), name.strip()
        offered = set(map(str, offered_scopes(viewer.account)))
        wanted = tuple(sorted(set(scopes)))
        faults = {
            "name": "" if name else _NO_NAME,
            "days": "" if days.isdecimal() and 1 <= int(days) <= _LONGEST_DAYS else _NO_DAYS,
            "scopes": "" if wanted and offered.issuperset(wanted) else _NO_SCOPE,
        }
        if shown := self._page.translated(request, faults):
            typed = {"name": name, "days": days, "scopes": wanted}
            return await self._page.show(request, shown, typed=typed)
        return await self._page.show(request, new_token=await self._made(request, name, int(days), wanted))

    async def revoke_token(self, request: Request, token_id: int) -> Response:
        """End one of the own tokens."""
        viewer = viewer_of(request)
        entry = entry_of(request, viewer, self._context.clock(), "revoke token")
        entry = replace(entry, object_kind="token", object_id=str(token_id))
        revoke = self._context.doors.credentials.revoke_token
        if not await asyncio.to_thread(revoke, viewer.account.account_id, token_id, entry):
            raise HTTPException(404, f"no token {token_id}")
        return RedirectResponse("/account", 303)

    async def _made(self, request: Request, name: str, days: int, scopes: Sequence[str]) -> str:
        viewer, at, key = viewer_of(request), self._context.clock(), secrets.token_urlsafe(32)
        token = NewToken(
            account_id=viewer.account.account_id,
            name=name,
            key_hash=digest(key),
            scopes=scopes,
            at=at,
            expires_at=at + timedelta(days=days),
        )
        entry = replace(
            entry_of(request, viewer, at, "make token"),
            object_kind="token",
            detail={"name": name, "scopes": list(scopes), "days": days},
        )
        await asyncio.to_thread(self._context.doors.credentials.add_token, token, entry)
        return key
