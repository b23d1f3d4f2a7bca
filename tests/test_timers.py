"""The process `timers` on a real database: days made and dropped, an outage said once, SIGTERM heard."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg

from hazmat import clock
from hazmat.childprocess import free_port
from hazmat.store.upkeep import prepare_days
from tests.installation import clean_environment, until

DAYS = "SELECT count(*) FROM pg_class WHERE relname ~ '^positions_[0-9]{8}$' AND relkind = 'r'"


@contextmanager
def timers(dsn: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    settings = {"DATABASE_URL": dsn, "HAZMAT_RETENTION_DAYS": "30"}
    with log.open("wb") as output:
        command = [sys.executable, "-m", "hazmat", "run-timers"]
        process = subprocess.Popen(command, env=clean_environment(settings), stderr=output)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def days(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(DAYS.encode()).fetchone()
    assert row is not None
    return int(row[0])


def test_days_come_and_go(postgres_database: str, tmp_path: Path) -> None:
    prepare_days(postgres_database, clock.now() - timedelta(days=60), ahead=4)
    assert days(postgres_database) == 5
    log = tmp_path / "log"
    with timers(postgres_database, log) as process:
        until(lambda: log.read_text().count("dropped positions_") == 5, 20, log.read_text)
        assert days(postgres_database) == 3, "today and two days ahead"
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0


def test_an_outage_is_said_once(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with timers(f"postgresql://127.0.0.1:{free_port()}/x", log) as process:
        until(lambda: "database away" in log.read_text(), 20, log.read_text)
        time.sleep(6)  # longer than it waits before it tries again
        assert log.read_text().count("database away") == 1
        assert "Traceback" not in log.read_text()
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
