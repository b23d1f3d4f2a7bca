"""Trying again while the database is away: growing pauses, one line in the log when it goes and comes."""

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from hazmat.store.errors import StoreUnavailable

log = logging.getLogger(__name__)

_T = TypeVar("_T")
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0


class Stopped(Exception):  # noqa: N818
    """We were asked to stop while the database was away; what was tried is not done."""


def persistently(action: Callable[[], _T], stop: threading.Event) -> _T:
    """The action's result, tried again after StoreUnavailable for as long as it takes; Stopped if told to.

    A first attempt is made even when `stop` is set already; between attempts it ends the waiting.
    """
    pause = _FIRST_PAUSE_SECONDS
    away = False
    while True:
        try:
            result = action()
        except StoreUnavailable as error:
            if not away:
                log.warning("database away, trying again until it is there: %s", " ".join(str(error).split()))
            away = True
        else:
            if away:
                log.info("database is back")
            return result
        if stop.wait(pause):
            raise Stopped
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
