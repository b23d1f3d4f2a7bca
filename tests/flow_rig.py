"""What tests of the whole flow share: traffic to publish, ingest as a process, and tables to compare."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import psycopg

from hazmat.registry import World
from hazmat.settings import Settings, read_settings, to_environment
from ingest.broker import MqttBroker, NatsBroker
from ingest.decode import decode
from ingest.message import Message
from ingest.mqtt import Consumer
from ingest.run import broker_address, run_flow
from ingest.simulator.breaches import some_breaches
from ingest.simulator.messages import messages

PATIENCE_SECONDS = 60.0
_CHECKPOINT_SECONDS = 1.5  # often, so that starts read checkpoints and fixes after them
_INGEST = f"""
import logging, sys, ingest.flow
from hazmat.settings import read_settings
from ingest.run import run_ingest
ingest.flow.CHECKPOINT_SECONDS = {_CHECKPOINT_SECONDS}
logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
sys.exit(run_ingest(read_settings()))
"""
Tables: TypeAlias = dict[str, list[tuple[Any, ...]]]
# Everything but when it was received, by which batch it was stored, and what is as chance has it where late
# fixes came: which alerts stood until a repair withdrew them, and with whose id and evidence others go on.
TABLES = {
    "positions": """
        SELECT vehicle_id, fix_time, lon, lat, speed_kmh, heading_deg, accuracy_m, altitude_m, satellites,
               mileage_km, tank_level_pct, tank_temp_c, tank_pressure_kpa, valve_open, clock_off_s, alarm,
               status, load, has_fix, late, known
        FROM positions ORDER BY vehicle_id, fix_time""",
    "last_known": """
        SELECT vehicle_id, fix_time, lon, lat, speed_kmh, load, phase, has_fix, loaded, known
        FROM last_known ORDER BY vehicle_id""",
    "alerts": """
        SELECT vehicle_id, rule_id, object_id, opened_at, severity, state, fired_at, last_hit_at, resolved_at,
               end_reason, fixes, value, lon, lat
        FROM alerts WHERE withdrawn_at IS NULL ORDER BY 1, 2, 3, 4""",
    "journeys": """
        SELECT journey_id, vehicle_id, entered_at, exited_at, phase
        FROM journeys WHERE withdrawn_at IS NULL ORDER BY journey_id""",
    "rejects": "SELECT reject_id, topic, element, reason, field, raw FROM rejects ORDER BY reject_id",
    "repairs": "SELECT vehicle_id, first_late FROM repairs ORDER BY vehicle_id",
}


def traffic(world: World, start: datetime, seconds: float, vehicles: int, seed: int = 5) -> list[Message]:
    """Simulated trucks with breaches, late and doubled messages; one payload in forty is bad."""
    ids = [vehicle.vehicle_id for vehicle in world.vehicles[:vehicles]]
    driven = messages(world, ids, start, seconds, 5.0, seed, some_breaches(ids, start, percent=60))
    return [bad(number, said) if number % 40 == 7 else said for number, said in enumerate(driven)]


def bad(number: int, said: Message) -> Message:
    """The message with a payload that is none, each a different one."""
    return replace(said, payload=b'{"no fix": %d}' % number)


def settings_for(dsn: str, broker: MqttBroker, folder: Path) -> Settings:
    """Settings of an installation with these servers."""
    late = float(NatsBroker.ack_wait_seconds) if isinstance(broker, NatsBroker) else 0.0
    return replace(
        read_settings({}),
        database_url=dsn,
        mqtt_url=broker.url,
        mqtt_redelivery_seconds=late,
        data_dir=folder,
        batch_seconds=0.05,
    )


def open_session(settings: Settings) -> None:
    """Let the broker know our subscriptions: from now on it keeps what is published."""
    consumer = Consumer(broker_address(settings))
    consumer.start()
    wait_for(lambda: consumer.quiet)
    consumer.close()


@contextmanager
def flow_thread(settings: Settings) -> Iterator[threading.Event]:
    """The flow on a thread of this process, stopped in good order at the end."""
    stop = threading.Event()
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(run_flow(settings, stop)))
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(PATIENCE_SECONDS)
    assert codes == [0]


class IngestProcess:
    """Ingest as the supervisor runs it: a process of its own that is started again when it has died."""

    def __init__(self, settings: Settings) -> None:
        self.log = settings.data_dir / "ingest.log"
        self._environment = {**os.environ, **to_environment(settings)}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; what it says is appended to the log."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _INGEST], env=self._environment, stdout=log, stderr=log
            )

    def kill(self) -> None:
        """End it at once, without a chance to do anything."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to stop; its exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)


def table(dsn: str, name: str) -> list[tuple[Any, ...]]:
    """The rows of a table as they can be compared between two runs."""
    with psycopg.connect(dsn) as connection:
        return connection.execute(TABLES[name].encode()).fetchall()


def differences(found: Tables, wanted: Tables, at_most: int = 20) -> list[str]:
    """The first rows, of each table, that only one of two runs has."""
    said = []
    for name in TABLES:
        ours, theirs = (dict.fromkeys(map(repr, tables[name])) for tables in (found, wanted))
        said += [f"{name}: only here {row}" for row in ours if row not in theirs][:at_most]
        said += [f"{name}: missing {row}" for row in theirs if row not in ours][:at_most]
    return said


def count(dsn: str, name: str) -> int:
    """How many rows a table has."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute(f"SELECT count(*) FROM {name}".encode()).fetchone()
    assert row is not None
    return int(row[0])


def wait_for(condition: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Until the condition holds; AssertionError after so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


def expected_fixes(said: Sequence[Message]) -> int:
    """How many rows of positions the messages make."""
    fixes = decode(said)[0]
    return len({*zip(fixes.vehicle_id.tolist(), fixes.fix_time.tolist(), strict=True)})


def recent(seconds: float, at: datetime) -> datetime:
    """When traffic of this length must have begun for it to end a minute before `at`."""
    return at - timedelta(seconds=seconds + 60)
