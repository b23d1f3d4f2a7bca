"""Signing in and out: name and password, then a code where the account asks for one."""

import asyncio
import secrets
from datetime import datetime, timedelta
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from dashboards.accounts.attempts import BROWSER_COOKIE, WRONG, Attempt, Attempts, Refused
from dashboards.accounts.enrolment import step_of
from dashboards.accounts.passwords import fits
from dashboards.accounts.resume import Kept, kept_of, own_path, readable_path
from dashboards.context import Context, viewer_of
from dashboards.gate import COOKIE, GuardedRoute, address_of, digest, entry_of
from dashboards.i18n import LANGUAGE_COOKIE, N_, say
from dashboards.menu import home_of
from hazmat.accounts import Account, Language, Viewer, granted
from hazmat.store.accounts import BROWSER_KNOWN, NewSession, SignIn
from hazmat.store.audit import AuditEntry, Outcome

LASTS = timedelta(days=7)
CODE_COOKIE = "hazmat_code"
_CODE_LASTS = timedelta(minutes=5)
_YEAR_S = 365 * 24 * 3600
_WRONG_CODE = N_("This code is not right, or has been used already. Wait for the next one.")
_TOO_LATE = N_("That took too long: enter name and password once more.")
_Text = Annotated[str, Form(max_length=2000)]
_Kept = Annotated[str, Form(max_length=200_000)]


class Onward(NamedTuple):
    """Where a sign-in leads: to a path of ours, or to a form that was typed when the session was over."""

    then: str
    kept: Kept | None


class SignInPages:
    """The pages of one application."""

    def __init__(self, context: Context, attempts: Attempts) -> None:
        self._context = context
        self._attempts = attempts

    def router(self) -> APIRouter:
        """Return their routes."""
        router = APIRouter(include_in_schema=False, route_class=GuardedRoute)
        router.add_api_route("/", self.home)
        router.add_api_route("/login", self.ask)
        router.add_api_route("/login", self.sign_in, methods=["POST"])
        router.add_api_route("/login/code", self.enter_code, methods=["POST"])
        router.add_api_route("/logout", self.sign_out, methods=["POST"])
        router.add_api_route("/language", self.choose_language, methods=["POST"])
        return router

    def home(self, request: Request) -> Response:
        """Lead to the page on which the viewer's role begins."""
        return RedirectResponse(home_of(viewer_of(request)), 303)

    def ask(self, request: Request, then: str = "/") -> Response:
        """Return the page that asks for name and password."""
        return self._ask(request, Onward(own_path(then), None))

    async def sign_in(
        self,
        request: Request,
        login: Annotated[str, Form(max_length=200)] = "",
        password: Annotated[str, Form(max_length=1024)] = "",
        then: _Text = "/",
        kept: _Kept = "",
    ) -> Response:
        """Open a session, or ask for the code; or say that name or password is wrong, or for how long the
        name is locked. Names that nobody has and closed accounts get the same answers after the same time."""
        doors, name = self._context.doors, login.strip().lower()[:64]
        again = Onward(own_path(then), kept_of(kept))
        try:
            attempt = await self._attempts.begin(request, name)
        except Refused as refused:
            await self._log(request, name, "denied")
            return self._ask(request, again, refused.text, login, refused.status)
        found = await asyncio.to_thread(doors.accounts.sign_in, name)
        good = await asyncio.to_thread(fits, found.password_hash if found else None, password)
        if found is None or not good or found.account.disabled:
            await self._log(request, name, "failed")
            fault = self._attempts.wrong(request, attempt.locked_until, WRONG)
            return self._ask(request, again, fault, login, 401)
        if found.totp_secret:
            return await self._ask_code(request, found.account, again, attempt)
        return await self._opened(request, found, again, attempt) or self._ask(request, again)

    async def enter_code(
        self,
        request: Request,
        code: Annotated[str, Form(max_length=20)] = "",
        then: _Text = "/",
        kept: _Kept = "",
    ) -> Response:
        """Open a session for whoever gave the right password a moment ago, if the code is right too."""
        again = Onward(own_path(then), kept_of(kept))
        key, at = digest(request.cookies.get(CODE_COOKIE, "")), self._context.clock()
        found = await asyncio.to_thread(self._context.doors.credentials.awaiting_code, key, at)
        if found is None:
            return self._ask(request, again, say(request, _TOO_LATE), status=401)
        try:
            attempt = await self._attempts.begin(request, found.account.login)
        except Refused as refused:
            return self._page(request, "login_code.html", again, refused.status, fault=refused.text)
        step = step_of(found.totp_secret or "", code, at)
        opened = None if step is None else await self._opened(request, found, again, attempt, step)
        if opened is None:
            await self._log(request, found.account.login, "failed")
            fault = self._attempts.wrong(request, attempt.locked_until, _WRONG_CODE)
            return self._page(request, "login_code.html", again, 401, fault=fault)
        await asyncio.to_thread(self._context.doors.credentials.code_came, key, at)
        opened.delete_cookie(CODE_COOKIE, path="/login")
        return opened

    async def sign_out(self, request: Request) -> Response:
        """End the session."""
        viewer, at = viewer_of(request), self._context.clock()
        entry = entry_of(request, viewer, at, "sign out")
        end = self._context.doors.accounts.revoke_session
        await asyncio.to_thread(end, viewer.account.account_id, viewer.session_id, at, entry)
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(COOKIE)
        return answer

    def choose_language(
        self, request: Request, language: Annotated[Language, Form()], then: _Text = "/"
    ) -> Response:
        """Keep the language: for this browser, and for the account if somebody is signed in."""
        viewer: Viewer | None = request.state.viewer
        if viewer:
            self._context.doors.accounts.set_language(viewer.account.account_id, language)
        answer = RedirectResponse(readable_path(then), 303)
        answer.set_cookie(LANGUAGE_COOKIE, language, max_age=_YEAR_S, samesite="lax", httponly=True)
        return answer

    async def _ask_code(
        self, request: Request, account: Account, again: Onward, attempt: Attempt
    ) -> Response:
        """The password was right: its attempt counts no more, those of codes will."""
        at, key, doors = self._context.clock(), secrets.token_urlsafe(32), self._context.doors
        await asyncio.to_thread(doors.accounts.forgive, attempt.counted)
        await asyncio.to_thread(
            doors.credentials.await_code, digest(key), account.account_id, at, at + _CODE_LASTS
        )
        answer = self._page(request, "login_code.html", again, fault="")
        _set_cookie(request, answer, CODE_COOKIE, key, _CODE_LASTS, "/login")
        return answer

    async def _opened(
        self, request: Request, found: SignIn, again: Onward, attempt: Attempt, step: int | None = None
    ) -> Response | None:
        """A session with a new key and token, whatever cookie came along; None: the code was used before."""
        at, key = self._context.clock(), secrets.token_urlsafe(32)
        csrf, was = secrets.token_urlsafe(24), request.state.viewer
        browser = await asyncio.to_thread(self._browser, request, at)
        session = NewSession(
            account_id=found.account.account_id,
            key_hash=digest(key),
            csrf=csrf,
            at=at,
            expires_at=at + LASTS,
            address=address_of(request),
            user_agent=request.headers.get("user-agent", "")[:300],
            browser_hash=digest(browser),
        )
        viewer = Viewer(account=found.account, permissions=granted(found.account), csrf=csrf)
        open_session = self._context.doors.accounts.open_session
        if not await asyncio.to_thread(
            open_session,
            session,
            entry_of(request, viewer, at, "sign in"),
            replaced=was.session_id if was else 0,
            step=step,
            counted=attempt.counted,
        ):
            return None
        request.state.viewer = viewer
        answer = self._after(request, again)
        _set_cookie(request, answer, COOKIE, key, LASTS, "/")
        _set_cookie(request, answer, BROWSER_COOKIE, browser, BROWSER_KNOWN, "/")
        return answer

    def _browser(self, request: Request, at: datetime) -> str:
        """The key that a browser is known by; a new one where nobody has signed in from it."""
        key = request.cookies.get(BROWSER_COOKIE, "")
        known = bool(key) and self._context.doors.accounts.known_by(digest(key), at)
        return key if known else secrets.token_urlsafe(32)

    def _after(self, request: Request, again: Onward) -> Response:
        if again.kept and not request.state.viewer.account.must_change_password:
            return self._page(request, "resume.html", again)
        return RedirectResponse(again.then, 303)

    def _ask(
        self, request: Request, again: Onward, fault: str = "", login: str = "", status: int = 200
    ) -> Response:
        return self._page(request, "login.html", again, status, fault=fault, login=login)

    def _page(
        self, request: Request, template: str, again: Onward, status: int = 200, **values: object
    ) -> Response:
        known = {"then": again.then, "kept": again.kept}
        return self._context.page.render(request, template, known | values, status)

    async def _log(self, request: Request, login: str, outcome: Outcome) -> None:
        at, address = self._context.clock(), address_of(request)
        entry = AuditEntry(at=at, action="sign in", login=login, address=address, outcome=outcome)
        await asyncio.to_thread(self._context.doors.audit.write, entry)


def _set_cookie(request: Request, answer: Response, name: str, key: str, lasts: timedelta, path: str) -> None:
    secure, seconds = request.url.scheme == "https", int(lasts.total_seconds())
    answer.set_cookie(name, key, max_age=seconds, path=path, httponly=True, samesite="lax", secure=secure)
