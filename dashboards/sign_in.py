"""Signing in and out."""

import asyncio
import secrets
from datetime import timedelta
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from dashboards.context import Context, viewer_of
from dashboards.gate import COOKIE, GuardedRoute, address_of, digest
from dashboards.i18n import N_
from dashboards.menu import home_of
from dashboards.page import PageMaker
from dashboards.passwords import fits
from hazmat.store.accounts import NewSession
from hazmat.store.audit import AuditEntry

LASTS = timedelta(days=7)
WRONG = N_("The name or the password is wrong")


class SignInPages:
    """The pages of one application."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def router(self) -> APIRouter:
        """Return their routes."""
        router = APIRouter(include_in_schema=False, route_class=GuardedRoute)
        router.add_api_route("/", self.home)
        router.add_api_route("/login", self.ask)
        router.add_api_route("/login", self.sign_in, methods=["POST"])
        router.add_api_route("/logout", self.sign_out, methods=["POST"])
        return router

    def home(self, request: Request) -> Response:
        """Lead to the page on which the viewer's role begins."""
        return RedirectResponse(home_of(viewer_of(request)), 303)

    def ask(self, request: Request, then: str = "/") -> Response:
        """Return the page that asks for name and password."""
        return self._context.page.render(request, "login.html", {"then": then, "login": "", "fault": ""})

    async def sign_in(
        self,
        request: Request,
        login: Annotated[str, Form(max_length=64)],
        password: Annotated[str, Form(max_length=1024)],
        then: Annotated[str, Form(max_length=2000)] = "/",
    ) -> Response:
        """Open a session, or say that name or password is wrong."""
        doors, at = self._context.doors, self._context.clock()
        found = await asyncio.to_thread(doors.accounts.sign_in, login.strip().lower())
        good = await asyncio.to_thread(fits, found.password_hash if found else None, password)
        if found is None or not good or found.account.disabled:
            entry = AuditEntry(
                at=at, action="sign in", login=login[:64], address=address_of(request), outcome="failed"
            )
            await asyncio.to_thread(doors.audit.write, entry)
            values = {"then": then, "login": login, "fault": WRONG}
            return self._context.page.render(request, "login.html", values, 401)
        return self._opened(request, found.account.account_id, then)

    def _opened(self, request: Request, account_id: int, then: str) -> Response:
        at, key = self._context.clock(), secrets.token_urlsafe(32)
        session = NewSession(
            account_id=account_id,
            key_hash=digest(key),
            csrf=secrets.token_urlsafe(24),
            at=at,
            expires_at=at + LASTS,
            address=address_of(request),
            user_agent=request.headers.get("user-agent", "")[:300],
        )
        self._context.doors.accounts.open_session(session)
        answer = RedirectResponse(own_path(then), 303)
        answer.set_cookie(
            COOKIE,
            key,
            max_age=int(LASTS.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return answer

    def sign_out(self, request: Request) -> Response:
        """End the session."""
        viewer = viewer_of(request)
        self._context.doors.accounts.revoke_session(
            viewer.account.account_id, viewer.session_id, self._context.clock()
        )
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(COOKIE)
        return answer


async def ask_to_sign_in(page: PageMaker, request: Request) -> Response:
    """Lead a reader to the sign-in and back again."""
    return RedirectResponse(f"/login?then={quote(request.url.path)}", 303)


def own_path(then: str) -> str:
    """Return where to go after a sign-in: a path of ours, never another site."""
    parts = urlsplit(then)
    foreign = parts.scheme or parts.netloc or not then.startswith("/") or then.startswith(("//", "/\\"))
    return "/" if foreign else then
