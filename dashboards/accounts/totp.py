"""The optional second step: turning it on with a first code, and off again."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from dashboards.accounts.account_page import AccountPage
from dashboards.accounts.enrolment import step_of
from dashboards.context import Context, viewer_of
from dashboards.gate import GuardedRoute, entry_of
from dashboards.i18n import N_, say

_WRONG = N_("This code is not right. Is the clock of the phone right?")
_BAD_SECRET = N_("Something went wrong; scan the new picture.")


class TotpPages:
    """Turning the second step on and off on one's own account."""

    def __init__(self, context: Context, page: AccountPage) -> None:
        self._context = context
        self._page = page

    def router(self) -> APIRouter:
        """Return their routes."""
        router = APIRouter(include_in_schema=False, route_class=GuardedRoute)
        router.add_api_route("/account/totp", self.turn_on, methods=["POST"])
        router.add_api_route("/account/totp/off", self.turn_off, methods=["POST"])
        return router

    async def turn_on(
        self,
        request: Request,
        secret: Annotated[str, Form(max_length=64)] = "",
        code: Annotated[str, Form(max_length=20)] = "",
        totp_password: Annotated[str, Form(max_length=1024)] = "",
    ) -> Response:
        """Store the secret once a code of it and the password are right."""
        if not _is_secret(secret):
            return await self._page.show(request, faults={"code": say(request, _BAD_SECRET)})
        if fault := await self._page.password_fault(request, totp_password):
            return await self._page.show(request, faults={"totp_password": fault}, secret=secret)
        at = self._context.clock()
        step = step_of(secret, code, at)
        if step is None:
            return await self._page.show(request, faults={"code": say(request, _WRONG)}, secret=secret)
        return await self._store(request, secret, step, "turn on second step")

    async def turn_off(
        self, request: Request, totp_password: Annotated[str, Form(max_length=1024)] = ""
    ) -> Response:
        """Forget the secret if the password is right."""
        if fault := await self._page.password_fault(request, totp_password):
            return await self._page.show(request, faults={"totp_password": fault})
        return await self._store(request, None, 0, "turn off second step")

    async def _store(self, request: Request, secret: str | None, step: int, action: str) -> Response:
        viewer = viewer_of(request)
        entry = entry_of(request, viewer, self._context.clock(), action)
        change = self._context.doors.credentials.set_totp
        await asyncio.to_thread(change, viewer.account.account_id, secret, step, entry)
        return RedirectResponse("/account", 303)


def _is_secret(text: str) -> bool:
    return len(text) == 32 and all(each in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" for each in text)
