"""What is done by the clock and not by a message: retention, day partitions, terminals' figures."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from hazmat import clock
from hazmat.settings import Settings
from hazmat.store.errors import StoreUnavailable
from hazmat.store.terminal_days import reckon_terminals
from hazmat.store.upkeep import prepare_days, retain

log = logging.getLogger("hazmat.timers")
_RETRY_SECONDS = 5.0
_HOUR_SECONDS = 3600.0
_RECKON_SECONDS = 900.0


@dataclass
class Timer:
    """A job and when it is due on the monotonic clock: at once, then at its interval."""

    job: Callable[[datetime], None]
    every_seconds: float
    due: float = 0.0

    def run(self, at: datetime) -> None:
        """Do the job; it is due again at the interval. StoreUnavailable passes through and leaves it due."""
        self.job(at)
        self.due = time.monotonic() + self.every_seconds


def timers(dsn: str, retention_days: int) -> list[Timer]:
    """All jobs that go by the clock."""

    def drop_old(at: datetime) -> None:
        for name in retain(dsn, at, retention_days):
            log.info("retention: dropped %s", name)

    def reckon(at: datetime) -> None:
        reckon_terminals(dsn, at, retention_days)

    return [
        Timer(lambda at: prepare_days(dsn, at), _HOUR_SECONDS),
        Timer(drop_old, 24 * _HOUR_SECONDS),
        Timer(reckon, _RECKON_SECONDS),
    ]


def run_timers(settings: Settings) -> int:
    """Run the jobs until SIGTERM; a database that is away is tried again and said once."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    jobs = timers(settings.database_url or "", settings.retention_days)
    away = False
    while not stop.is_set():
        try:
            _run_due(jobs)
        except StoreUnavailable as error:
            if not away:
                log.warning("database away, trying again every %g s: %s", _RETRY_SECONDS, error)
            away = True
            stop.wait(_RETRY_SECONDS)
        else:
            if away:
                log.info("database back")
            away = False
            stop.wait(max(0.0, min(job.due for job in jobs) - time.monotonic()))
    return 0


def _run_due(jobs: list[Timer]) -> None:
    for job in jobs:
        if job.due <= time.monotonic():
            job.run(clock.now())
