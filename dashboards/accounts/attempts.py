"""Counts wrong passwords and codes: a name is locked for longer and longer, an address has a few a minute.

A browser that the name has signed in from is counted for itself: strangers who know a name cannot lock its
owner out there.
"""

import asyncio
from datetime import datetime
from math import ceil
from typing import NamedTuple

from fastapi import HTTPException, Request

from dashboards.context import Context
from dashboards.gate import address_of, digest
from dashboards.i18n import N_, say
from dashboards.limits import Buckets, network_of

WRONG = N_("The name or the password is wrong")
_BURST, _A_SECOND = 10, 10 / 60


BROWSER_COOKIE = "hazmat_browser"


class Attempt(NamedTuple):
    """One that may be judged: the name it is counted under, until when that is locked if it proves wrong."""

    counted: str
    locked_until: datetime | None


class Refused(Exception):  # noqa: N818
    """Not to be tried now; ``text`` says until when, in the reader's language."""

    def __init__(self, text: str, status: int, wait_s: int) -> None:
        super().__init__(text)
        self.text = text
        self.status = status
        self.wait_s = wait_s


class Attempts:
    """One instance an application: the buckets are in its memory, the locks in the database."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._buckets = Buckets(_BURST, _A_SECOND)

    async def begin(self, request: Request, login: str) -> Attempt:
        """Count an attempt. Raises Refused."""
        try:
            self._buckets.take(network_of(address_of(request)))
        except HTTPException as error:
            wait = int((error.headers or {})["Retry-After"])
            raise Refused(_wait_text(request, wait), 429, wait) from None
        at = self._context.clock()
        counted = await asyncio.to_thread(self._counted, request, login, at)
        attempt = await asyncio.to_thread(self._context.doors.accounts.attempt, counted, at)
        if not attempt.allowed and attempt.locked_until:
            wait = _seconds(at, attempt.locked_until)
            raise Refused(_locked_text(request, wait), 401, wait)
        return Attempt(counted, attempt.locked_until)

    def _counted(self, request: Request, login: str, at: datetime) -> str:
        key = request.cookies.get(BROWSER_COOKIE)
        known = self._context.doors.accounts.known_by(digest(key), at) if key else set()
        return f"{login}@{digest(key).hex()}" if key and login in known else login

    def wrong(self, request: Request, locked_until: datetime | None, otherwise: str) -> str:
        """What to say of a wrong attempt: for how long the name is locked, or ``otherwise``, translated."""
        if locked_until is None:
            return say(request, otherwise)
        return _locked_text(request, _seconds(self._context.clock(), locked_until))


def _seconds(at: datetime, until: datetime) -> int:
    return max(1, ceil((until - at).total_seconds()))


def _locked_text(request: Request, wait_s: int) -> str:
    text = N_("Too many wrong attempts: this name is locked for %(wait)s seconds. Then try again.")
    return say(request, text, wait=wait_s)


def _wait_text(request: Request, wait_s: int) -> str:
    return say(request, N_("Too many attempts from here; wait %(wait)s seconds."), wait=wait_s)
