"""What the benchmark runs on: servers and a world of its own, the processes of an installation."""

import hashlib
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from hazmat import clock
from hazmat.accounts import Account, Permission, Role
from hazmat.childprocess import LOOPBACK, ServerProcess, accepts_connections, free_port
from hazmat.registry import World
from hazmat.settings import Settings, to_environment
from hazmat.store.audit import AuditEntry
from hazmat.store.capability import detect_at
from hazmat.store.credentials import NewToken
from hazmat.store.doors import Doors
from hazmat.store.errors import door
from hazmat.store.local import local_server
from hazmat.store.measure import Measure
from hazmat.store.registry import import_world
from hazmat.store.schema import migrate
from hazmat.supervisor import OwnProcess, Supervisor
from ingest.bench.terrain import world_with
from ingest.broker import NatsBroker

FENCES = 1_000
_POSTGRES = {"track_commit_timestamp": "on", "max_wal_size": "8GB"}


class NotEmptyError(RuntimeError):
    """The database given holds something already: a benchmark must not write into it."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What runs: addresses, the world, the file with the stages' times, and the processes by name."""

    settings: Settings
    world: World
    stages: Path
    page: str
    processes: dict[str, ServerProcess]
    token: str  # lets a viewer see the live map

    @property
    def dsn(self) -> str:
        """Address of the database."""
        return self.settings.database_url or ""

    @property
    def mqtt_url(self) -> str:
        """Address of the broker."""
        return self.settings.mqtt_url or ""

    def server(self) -> str:
        """What the database is, in words."""
        with door():
            found = detect_at(self.dsn)
        name = "TimescaleDB" if found.timescaledb_version else "plain PostgreSQL, no TimescaleDB"
        return f"PostgreSQL {found.server_version}, {name} {found.timescaledb_version or ''}".strip()


@contextmanager
def prepared(settings: Settings, vehicles: int) -> Iterator[Ground]:
    """Start it all in a folder of its own below the data directory; stop and remove it at the end."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=settings.data_dir.absolute()))
    folder.chmod(0o711)  # the database's user has to enter
    supervisor = Supervisor(print)
    try:
        yield _start(supervisor, replace(settings, data_dir=folder), vehicles)
    finally:
        supervisor.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _start(supervisor: Supervisor, settings: Settings, vehicles: int) -> Ground:
    processes: dict[str, ServerProcess] = {}

    def add(name: str, process: ServerProcess) -> None:
        processes[name] = process
        supervisor.add(name, process)

    settings = replace(settings, port=free_port(), mqtt_client_id="hazmat-bench")
    if not settings.database_url:
        postgres = local_server(settings.data_dir, settings.postgres_bin, _POSTGRES)
        add("database", postgres)
        settings = replace(settings, database_url=postgres.dsn)
    if not settings.mqtt_url:
        broker = NatsBroker(settings.data_dir / "nats")
        add("broker", broker)
        late = float(broker.ack_wait_seconds)
        settings = replace(settings, mqtt_url=broker.url, mqtt_redelivery_seconds=late)
    world = _fill(settings.database_url or "", vehicles)
    stages = settings.data_dir / "stages.json"
    environment, logs, port = to_environment(settings), settings.data_dir, settings.port
    ingest = ["run-measured-ingest", str(stages)]
    add("ingest", OwnProcess(ingest, logs / "ingest.log", environment, stages.exists))
    listens = partial(accepts_connections, LOOPBACK, port)
    add("dashboards", OwnProcess(["run-dashboards"], logs / "dashboards.log", environment, listens))
    token = _viewer_token(settings.database_url or "")
    return Ground(settings, world, stages, f"http://{LOOPBACK}:{port}/", processes, token)


def _viewer_token(dsn: str) -> str:
    """A token of an account that cannot sign in, for the live map alone."""
    token, at = secrets.token_urlsafe(32), clock.now()
    viewer = Account(account_id=0, login="bench", name="bench", role=Role.CONTROL_ROOM)
    with closing(Doors(dsn)) as doors:
        account_id = doors.accounts.add(viewer, "no password")
        assert account_id is not None
        made = NewToken(
            account_id=account_id,
            name="bench",
            key_hash=hashlib.sha256(token.encode()).digest(),
            scopes=[Permission.LIVE],
            at=at,
            expires_at=at + timedelta(days=1),
        )
        doors.credentials.add_token(made, AuditEntry(at=at, action="make token", login="bench"))
    return token


def _fill(dsn: str, vehicles: int) -> World:
    migrate(dsn)
    with Measure(dsn) as measure:
        counts = measure.counts()
    if counts.fixes or counts.vehicles:
        raise NotEmptyError(
            f"the database holds {counts.vehicles} vehicles and {counts.fixes} fixes: give an empty one"
        )
    world = world_with(FENCES, vehicles, clock.now())
    import_world(dsn, world)
    return world
