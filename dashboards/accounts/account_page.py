"""GET /account as its forms answer it: the viewer's own account with what was wrong or is shown once."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response

from dashboards.accounts.attempts import Attempts, Refused
from dashboards.accounts.enrolment import enrolment
from dashboards.accounts.passwords import fits
from dashboards.accounts.role_words import DEPARTMENTS, ROLES, SCOPES
from dashboards.accounts.user_agents import device
from dashboards.context import Context, viewer_of
from dashboards.gate import IDLE
from dashboards.i18n import N_, say
from hazmat.accounts import offered_scopes

WRONG_PASSWORD = N_("The present password is wrong")


@dataclass(frozen=True, slots=True)
class AccountPage:
    """Renders the page and checks the present password; one instance an application."""

    context: Context
    attempts: Attempts

    async def show(
        self,
        request: Request,
        faults: Mapping[str, str] | None = None,
        *,
        secret: str = "",
        typed: Mapping[str, object] | None = None,
        new_token: str = "",
        done: str = "",
    ) -> Response:
        """Return the page; ``faults`` by field, 422 if there are any; ``typed`` is shown again."""
        viewer, at, doors = viewer_of(request), self.context.clock(), self.context.doors
        number = viewer.account.account_id
        sessions = await asyncio.to_thread(doors.accounts.sessions, number, at, at - IDLE)
        tokens = await asyncio.to_thread(doors.credentials.tokens, number, at)
        values = {
            "account": viewer.account,
            "faults": defaultdict(str, faults or {}),
            "typed": {"name": "", "days": "90", "scopes": ()} | dict(typed or {}),
            "sessions": [dict(row) | {"device": device(row["user_agent"])} for row in sessions],
            "tokens": tokens,
            "scopes": offered_scopes(viewer.account),
            "enrolment": None if viewer.account.has_totp else enrolment(viewer.account.login, secret),
            "new_token": new_token,
            "done": done,
            "own_session": viewer.session_id,
            "roles": ROLES,
            "departments": DEPARTMENTS,
            "scope_words": SCOPES,
        }
        return self.context.page.render(request, "account.html", values, 422 if faults else 200)

    async def password_fault(self, request: Request, password: str) -> str:
        """What to say if this is not the viewer's password, translated; empty: it is. Guesses count as they
        do at the sign-in: a stolen session is no way to find the password out."""
        account, doors = viewer_of(request).account, self.context.doors
        try:
            attempt = await self.attempts.begin(request, account.login)
        except Refused as refused:
            return refused.text
        found = await asyncio.to_thread(doors.accounts.by_id, account.account_id)
        if await asyncio.to_thread(fits, found.password_hash if found else None, password):
            await asyncio.to_thread(doors.accounts.clear_failures, attempt.counted)
            return ""
        return self.attempts.wrong(request, attempt.locked_until, WRONG_PASSWORD)

    def translated(self, request: Request, faults: Mapping[str, str]) -> dict[str, str]:
        """Marked texts by field in the viewer's language, without the empty ones."""
        return {field: say(request, text) for field, text in faults.items() if text}
