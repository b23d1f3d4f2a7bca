"""Commands around the database: bring it up to date, read a world into it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

from hazmat.cli.complaint import ConditionError
from hazmat.settings import Settings, without_password
from hazmat.store.errors import StoreFault
from hazmat.store.local import local_server
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
    server = local_server(settings.data_dir, settings.postgres_bin)
    try:
        with alone_on(settings.data_dir), server:
            yield server.dsn
    except AlreadyRunningError:  # then its server runs too, at the same address
        yield server.dsn


def migrate_database(settings: Settings) -> int:
    """Apply what migrations are missing and name them."""
    with database(settings) as dsn:
        print(f"database: {without_password(dsn)}")
        print("\n".join(f"applied {name}" for name in bring_up_to_date(dsn)) or "up to date")
    return 0


def bring_up_to_date(dsn: str) -> list[str]:
    """Apply what migrations are missing; ConditionError if the database does not fit this version."""
    try:
        return migrate(dsn)
    except StoreFault as error:
        raise ConditionError(str(error)) from error


def import_folder(settings: Settings, folder: Path) -> int:
    """Replace the registry by the world in a folder; WorldError with every fault if any is found."""
    world = load_world(folder)  # first: a faulty world touches nothing
    with database(settings) as dsn:
        bring_up_to_date(dsn)
        try:
            import_world(dsn, world)
        except ValueError as error:
            raise ConditionError(str(error)) from error
    counts = (f"{len(getattr(world, field.name))} {field.name}" for field in fields(world))
    print(f"imported {', '.join(counts)}")
    return 0
