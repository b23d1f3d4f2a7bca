"""The flow from a real broker to a real database."""

import json
import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from hazmat.clock import now
from hazmat.store.embedded import PostgresServer
from hazmat.store.errors import OwnershipLost
from hazmat.store.flow import FlowStore
from hazmat.store.registry import import_world
from ingest.batcher import Batcher
from ingest.broker import MqttBroker
from ingest.delivery import Delivery, Inbox
from ingest.flow import Flow
from ingest.message import Message
from ingest.poison import PoisonedBatch
from ingest.registry_watch import RegistryWatch
from ingest.replay import read_recording
from ingest.simulator.world import make_world
from tests.flow_rig import (
    TABLES,
    count,
    differences,
    expected_fixes,
    flow_thread,
    open_session,
    recent,
    settings_for,
    table,
    traffic,
    wait_for,
)
from tests.payloads import fix, message
from tests.publisher import Publisher


class _Feed:
    """Deliveries that are there from the beginning; remembers which were acknowledged."""

    def __init__(self, messages: Iterable[Message]) -> None:
        self.inbox = Inbox(2**30, lambda: None)
        self.inbox.put(Delivery(said, n + 1, 1, 0.0, False) for n, said in enumerate(messages))
        self.acknowledged: list[int] = []
        self.listening_since = now() - timedelta(hours=1)

    @property
    def quiet(self) -> bool:
        return not len(self.inbox)

    def take(self, rows: int, timeout: float) -> list[Delivery]:
        return self.inbox.take(rows, timeout)

    def ack(self, deliveries: Iterable[Delivery]) -> None:
        self.acknowledged += [delivery.mid for delivery in deliveries]


class _Running:
    """A flow over a list of messages, on a thread, until it has acknowledged them all or failed."""

    def __init__(self, dsn: str, messages: list[Message], folder: Path, rows: int = 50) -> None:
        self.dsn = dsn
        self.repairs = False  # wait for them too
        self.stop = threading.Event()
        self.feed = _Feed(messages)
        self.store = FlowStore(dsn)
        watch = RegistryWatch(dsn, self.stop)
        self.flow = Flow(self.feed, self.store, watch, Batcher(self.feed, rows, 0.01), self.stop)
        self.flow.poisoned = folder / "poisoned"
        self.count = len(messages)

    def run(self) -> None:
        """Until all is acknowledged and saved; what ends the flow is raised."""
        ender = threading.Thread(target=self._end)
        ender.start()
        try:
            self.flow.take_over()
            self.flow.run()
        finally:
            self.stop.set()
            ender.join()
            self.store.close()

    def _end(self) -> None:
        while not self.stop.wait(0.02):
            if len(self.feed.acknowledged) == self.count and not (
                self.repairs and count(self.dsn, "repairs")
            ):
                self.stop.set()


def test_trucks_publish_and_everything_is_stored_and_judged(
    any_broker: MqttBroker, any_database: str, fresh_folder: Path
) -> None:
    start = recent(600, now())
    world = make_world(20, 1, start, breach_percent=60)
    import_world(any_database, world)
    said = traffic(world, start, 600, 20)
    settings = settings_for(any_database, any_broker, fresh_folder)
    open_session(settings)
    with Publisher(any_broker) as publisher, flow_thread(settings):
        publisher.publish([(each.topic, each.payload) for each in said])
        wait_for(lambda: count(any_database, "positions") == expected_fixes(said))
    assert count(any_database, "alerts") > 0
    assert count(any_database, "rejects") == len([each for each in said if b"no fix" in each.payload])
    assert count(any_database, "last_known") == 20
    assert count(any_database, "checkpoints") == 64


def test_any_cut_into_batches_and_restarts_leave_the_same_tables(
    postgres_template: PostgresServer, fresh_folder: Path
) -> None:
    start = recent(900, now())
    world = make_world(15, 2, start, breach_percent=60)
    heard = now()  # all at once: nobody is silent
    said = [replace(each, received_at=heard) for each in traffic(world, start, 900, 15)]
    found = []
    for parts, rows in ((1, 17), (4, 400)):
        dsn = _database(postgres_template, f"cuts_{rows}")
        import_world(dsn, world)
        size = -(-len(said) // parts)
        for begin in range(0, len(said), size):
            running = _Running(dsn, said[max(0, begin - 60) : begin + size], fresh_folder, rows)
            running.repairs = begin + size >= len(said)
            running.run()
        found.append({name: table(dsn, name) for name in TABLES})
    assert len(found[0]["alerts"]) > 3
    assert len(found[0]["journeys"]) > 3
    assert not differences(found[0], found[1])


def _database(server: PostgresServer, name: str) -> str:
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        connection.execute(f"CREATE DATABASE {name} TEMPLATE migrated".encode())
    return server.dsn_of(name)


def test_a_poisoned_batch_is_kept_and_not_acknowledged(postgres_database: str, fresh_folder: Path) -> None:
    said = [_heard(f"hazmat/v1/V{n}/position", lon=121.5 + n / 1000) for n in range(4)]
    said += [Message("hazmat/v1/V9/position", now(), b"\xff not JSON")]
    running = _Running(postgres_database, said, fresh_folder, rows=2)
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        connection.execute("ALTER TABLE last_known ADD CHECK (vehicle_id < 'V2')")
    with pytest.raises(PoisonedBatch, match="hazmat/v1/V2/position to hazmat/v1/V3/position"):
        running.run()
    assert running.feed.acknowledged == [1, 2]
    assert count(postgres_database, "positions") == 2
    (kept,) = (fresh_folder / "poisoned").iterdir()
    again = read_recording([kept]).messages
    assert [json.loads(each.payload) for each in again] == [json.loads(each.payload) for each in said[2:4]]


def _heard(topic: str, **fields: float) -> Message:
    received = now()
    return Message(topic, received, message(fix(fix_time=received.isoformat(), **fields)).payload)


def test_ownership_lost_stops_without_acknowledgement(postgres_database: str, fresh_folder: Path) -> None:
    said = [_heard(f"hazmat/v1/V{n}/position") for n in range(2)]
    running = _Running(postgres_database, said, fresh_folder)
    take = running.feed.take

    def taken_over_meanwhile(rows: int, timeout: float) -> list[Delivery]:
        with FlowStore(postgres_database) as other:
            other.take_over(range(64))
        return take(rows, timeout)

    running.feed.take = taken_over_meanwhile  # type: ignore[method-assign]
    with pytest.raises(OwnershipLost):
        running.run()
    assert running.feed.acknowledged == []
    assert count(postgres_database, "positions") == 0
    assert not (fresh_folder / "poisoned").exists()


def test_silence_is_told_by_ticks_when_no_message_comes(postgres_database: str, fresh_folder: Path) -> None:
    begun = now() - timedelta(seconds=700)
    moments = [begun + timedelta(seconds=10 * n) for n in range(5)]
    fixes = [fix(fix_time=at.isoformat(), lon=121.6 + n / 500, speed_kmh=60) for n, at in enumerate(moments)]
    drive = [
        Message("hazmat/v1/V1/position", at, message(f).payload) for at, f in zip(moments, fixes, strict=True)
    ]
    running = _Running(postgres_database, drive, fresh_folder, rows=1)
    running.count += 1  # so that it goes on until stopped
    stopper = threading.Timer(4.0, running.stop.set)
    stopper.start()
    running.run()
    with psycopg.connect(postgres_database) as connection:
        found = connection.execute("SELECT rule_id, fixes, state FROM alerts").fetchall()
    assert found == [("silent", 0, "firing")]
