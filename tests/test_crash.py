"""kill -9 of ingest, broker and database under load: then the tables equal those of an undisturbed run."""

import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hazmat.clock import now
from hazmat.registry import World
from hazmat.store.embedded import PostgresServer
from hazmat.store.registry import import_world
from hazmat.store.schema import migrate
from ingest.broker import NatsBroker
from ingest.message import Message
from ingest.simulator.world import make_world
from tests.flow_rig import (
    TABLES,
    IngestProcess,
    Tables,
    count,
    differences,
    expected_fixes,
    open_session,
    recent,
    settings_for,
    table,
    traffic,
    wait_for,
)
from tests.publisher import OrderedPublisher

_SECONDS = 1200
_VEHICLES = 60
_LOAD_SECONDS = 16.0  # in which all is published
_PATIENCE_SECONDS = 120.0


class _Installation:
    """Broker, database and ingest with folders of their own."""

    def __init__(self, folder: Path, world: World) -> None:
        folder.mkdir()
        self.database = PostgresServer(folder / "postgres", settings={"shared_buffers": "128MB"})
        self.broker = NatsBroker(folder / "nats")
        self.database.start()
        self.broker.start()
        self.dsn = self.database.dsn
        migrate(self.dsn)
        import_world(self.dsn, world)
        settings = settings_for(self.dsn, self.broker, folder)
        open_session(settings)
        self.ingest = IngestProcess(settings)
        self.ingest.start()

    def stop(self) -> int:
        """Ingest's exit code."""
        code = self.ingest.stop()
        self.broker.stop()
        self.database.stop()
        return code

    def kill_ingest(self) -> None:
        self.ingest.kill()
        self.ingest.start()

    def kill_broker(self) -> None:
        self.broker.kill()
        self.broker.start()

    def kill_database(self) -> None:
        self.database.kill()
        self.database.start()


def _publish(broker: NatsBroker, said: list[Message], seconds: float) -> None:
    publisher = OrderedPublisher(broker)
    begun = time.monotonic()
    for number, each in enumerate(said):
        publisher.send(each.topic, each.payload)
        while (left := begun + seconds * number / len(said) - time.monotonic()) > 0:
            publisher.pump(left)
    publisher.finish()


def _run(folder: Path, world: World, said: list[Message], disturbances: list[tuple[float, str]]) -> Tables:
    """The tables after all messages have gone through, with a kill at each of these moments."""
    installation = _Installation(folder, world)
    try:
        publishing = threading.Thread(target=_publish, args=(installation.broker, said, _LOAD_SECONDS))
        begun = time.monotonic()
        publishing.start()
        for moment, what in disturbances:
            time.sleep(max(0.0, begun + moment - time.monotonic()))
            kill: Callable[[], None] = getattr(installation, f"kill_{what}")
            kill()  # from the main thread: the servers die with the thread that started them
        publishing.join()
        wait_for(lambda: count(installation.dsn, "positions") == expected_fixes(said), _PATIENCE_SECONDS)
        wanted = sum(b"no fix" in each.payload for each in said)
        wait_for(lambda: count(installation.dsn, "rejects") == wanted, _PATIENCE_SECONDS)
        time.sleep(2.0)  # what was sent again comes now, and must change nothing
        wait_for(lambda: count(installation.dsn, "repairs") == 0, _PATIENCE_SECONDS)
        assert installation.ingest.stop() == 0
        installation.ingest.start()
        return {name: table(installation.dsn, name) for name in TABLES}
    finally:
        installation.stop()


@pytest.fixture(scope="module")
def load() -> tuple[World, list[Message]]:
    start = recent(_SECONDS, now())
    world = make_world(_VEHICLES, 3, start, breach_percent=60)
    return world, traffic(world, start, _SECONDS, _VEHICLES)


@pytest.fixture(scope="module")
def undisturbed(server_folder: Path, load: tuple[World, list[Message]]) -> Tables:
    return _run(server_folder / "undisturbed", *load, [])


@pytest.mark.parametrize("victims", [["ingest"], ["broker"], ["database"], ["ingest", "broker", "database"]])
def test_three_kills_leave_no_trace(
    victims: list[str],
    server_folder: Path,
    load: tuple[World, list[Message]],
    undisturbed: Tables,
) -> None:
    dice = random.Random(f"{victims}")
    moments = sorted(dice.uniform(1, _LOAD_SECONDS) for _ in range(3))
    kills = [(moment, victims[n % len(victims)]) for n, moment in enumerate(moments)]
    found = _run(server_folder / f"without-{'-'.join(victims)}", *load, kills)
    assert len(undisturbed["alerts"]) > 10
    assert not (seen := differences(found, undisturbed)), "\n".join([str(kills), *seen])
