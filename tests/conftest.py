"""Fixtures: real servers on free ports and private folders, started when first asked for, always stopped."""

from __future__ import annotations

import itertools
import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, sync_playwright
from psycopg import sql

from hazmat.childprocess import ProgramNotFoundError
from hazmat.store.embedded import PostgresServer
from hazmat.store.schema import migrate
from ingest.broker import MqttBroker, NatsBroker, find_nats_server
from tests.browsing import ARGUMENTS
from tests.servers import unavailable
from tests.servers.mosquitto import Mosquitto, find_mosquitto
from tests.servers.timescale import SETTINGS as TIMESCALE_SETTINGS
from tests.servers.timescale import timescale_bin_dir

_TEMPLATE = "migrated"
# The servers that tests share lose nothing by a kill -9 without fsync, and clone databases twice as fast.
_SHARED_SETTINGS = {"fsync": "off", "shared_buffers": "128MB"}
_numbers = itertools.count()


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """Undo what a command that ran in this process has set for the logs of all."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    for handler in [each for each in root.handlers if each not in handlers]:
        root.removeHandler(handler)


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """Give a folder that a server without our rights may enter; pytest's tmp_path is closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="hazmat-tests-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def fresh_folder(server_folder: Path) -> Path:
    """Give an empty folder below server_folder to one test."""
    folder = server_folder / f"test-{next(_numbers)}"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def postgres_server(server_folder: Path) -> Iterator[PostgresServer]:
    try:
        server = PostgresServer(server_folder / "postgresql", settings=_SHARED_SETTINGS)
    except ProgramNotFoundError as error:
        unavailable(str(error))
    with server:
        yield server


@pytest.fixture(scope="session")
def timescale_bin() -> Path:
    try:
        return timescale_bin_dir()
    except ProgramNotFoundError as error:
        unavailable(str(error))


@pytest.fixture(scope="session")
def timescale_server(server_folder: Path, timescale_bin: Path) -> Iterator[PostgresServer]:
    settings = {**_SHARED_SETTINGS, **TIMESCALE_SETTINGS}
    with PostgresServer(server_folder / "timescale", timescale_bin, settings) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_dsn(postgres_server: PostgresServer) -> str:
    """Address of plain PostgreSQL, embedded: its database `hazmat`, empty, shared by all tests."""
    return postgres_server.dsn


@pytest.fixture(scope="session")
def timescale_dsn(timescale_server: PostgresServer) -> str:
    """Address of real TimescaleDB: its database `hazmat`, empty, shared by all tests."""
    return timescale_server.dsn


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> PostgresServer:
    _make_template(postgres_server)
    return postgres_server


@pytest.fixture(scope="session")
def timescale_template(timescale_server: PostgresServer) -> PostgresServer:
    _make_template(timescale_server)
    return timescale_server


@pytest.fixture
def postgres_database(postgres_template: PostgresServer) -> Iterator[str]:
    """Address of a fresh migrated database on plain PostgreSQL, dropped after the test."""
    yield from _cloned(postgres_template)


@pytest.fixture
def timescale_database(timescale_template: PostgresServer) -> Iterator[str]:
    """Address of a fresh migrated database on real TimescaleDB, dropped after the test."""
    yield from _cloned(timescale_template)


@pytest.fixture(params=["postgresql", "timescaledb"])
def any_database(request: pytest.FixtureRequest) -> str:
    """Address of a fresh migrated database; the test runs once for each kind of server."""
    fixture = {"postgresql": "postgres_database", "timescaledb": "timescale_database"}[request.param]
    dsn: str = request.getfixturevalue(fixture)
    return dsn


@pytest.fixture
def nats_broker(fresh_folder: Path) -> Iterator[NatsBroker]:
    """Give a running embedded broker with an empty store of its own."""
    _installed(find_nats_server)
    with NatsBroker(fresh_folder / "nats") as broker:
        yield broker


@pytest.fixture
def mosquitto_broker(fresh_folder: Path) -> Iterator[Mosquitto]:
    """Give a running mosquitto with an empty store of its own."""
    _installed(find_mosquitto)
    with Mosquitto(fresh_folder / "mosquitto") as broker:
        yield broker


@pytest.fixture(params=["nats", "mosquitto"])
def any_broker(request: pytest.FixtureRequest) -> MqttBroker:
    """Give a running broker; the test runs once for each kind."""
    broker: MqttBroker = request.getfixturevalue(f"{request.param}_broker")
    return broker


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Path of the browser for headless tests."""
    found = shutil.which("chromium")
    if found is None:
        unavailable("chromium not found: apt-get install chromium")
    return Path(found)


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    """Give a headless Chromium that can reach this machine alone.

    One a module: while playwright runs, no other test can run an event loop in this thread.
    """
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield running
        running.close()


def _installed(find: Callable[[], Path]) -> None:
    try:
        find()
    except ProgramNotFoundError as error:
        unavailable(str(error))


def _make_template(server: PostgresServer) -> None:
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_TEMPLATE)))
    migrate(server.dsn_of(_TEMPLATE))
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        # A template is copied only while nobody is connected, and TimescaleDB's scheduler always is.
        connection.execute(
            sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(_TEMPLATE))
        )
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [_TEMPLATE]
        )


def _cloned(server: PostgresServer) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    database = sql.Identifier(name)
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(database, sql.Identifier(_TEMPLATE))
        )
        yield server.dsn_of(name)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))
