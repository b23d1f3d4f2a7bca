"""Commands around the database: bring it up to date, read a world into it, write a map out of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dashboards.evidence import write_evidence_map
from hazmat.cli.complaint import ConditionError
from hazmat.settings import Settings, without_password
from hazmat.store.embedded import PostgresServer
from hazmat.store.registry import import_world
from hazmat.store.schema import migrate
from hazmat.supervisor import AlreadyRunningError, alone_on
from ingest.world import load_world


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Address of the database: the given one, the embedded one that runs already, or one started for this."""
    if settings.database_url:
        yield settings.database_url
        return
    server = PostgresServer(settings.data_dir / "postgres", settings.postgres_bin)
    try:
        with alone_on(settings.data_dir), server:
            yield server.dsn
    except AlreadyRunningError:  # then its server runs too, at the same address
        yield server.dsn


def migrate_database(settings: Settings) -> int:
    """Apply what migrations are missing and name them."""
    with database(settings) as dsn:
        applied = migrate(dsn)
        print(f"database: {without_password(dsn)}")
        print("\n".join(f"applied {name}" for name in applied) or "up to date")
    return 0


def import_folder(settings: Settings, folder: Path) -> int:
    """Replace the registry by the world in a folder; WorldError with every fault if any is found."""
    world = load_world(folder)  # first: a faulty world touches nothing
    with database(settings) as dsn:
        migrate(dsn)
        import_world(dsn, world)
    print(
        f"imported {len(world.fences)} fences, {len(world.vehicles)} vehicles, {len(world.waybills)} waybills, "
        f"{len(world.permits)} permits, {len(world.blacklist)} blacklist entries"
    )
    return 0


def write_map(settings: Settings, alert_id: str, out: Path) -> int:
    """Write the evidence map of one alert as a single HTML file."""
    with database(settings) as dsn:
        try:
            write_evidence_map(dsn, alert_id, out)
        except LookupError as error:
            raise ConditionError(f"no alert {alert_id!r} in the database") from error
    print(f"wrote {out}")
    return 0
