"""Brings a database to the present schema: ordered files, each applied once, never edited once landed."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from hazmat.store.capability import Layout, detect, detect_at
from hazmat.store.connection import Connection, connect
from hazmat.store.errors import MigrationEdited, StoreFault, door
from hazmat.store.queries import SQL_DIR, load_queries

MIGRATIONS_DIR = SQL_DIR / "migrations"
_FILE = re.compile(r"(\d{4})_([a-z0-9_]+?)(?:\.(day_partitions|hypertable))?\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One file; ``layout`` is set on files that only fit one way to divide the table of positions."""

    number: int
    name: str
    layout: Layout | None
    content: bytes

    @property
    def checksum(self) -> str:
        """SHA-256 of the file."""
        return hashlib.sha256(self.content).hexdigest()


def migrate(dsn: str, folder: Path = MIGRATIONS_DIR) -> list[str]:
    """Apply what is missing, in order; the names applied. Safe to run from several processes at once.

    TimescaleDB is used if the server preloads it or has it in this database; the choice stays.
    MigrationEdited: a landed file was edited or is gone, or the database is newer than this program.
    StoreUnavailable: no connection, or the server refuses for now.
    """
    with door(), connect(dsn) as guard:
        guard.execute(load_queries("schema")["lock"])
        layout = _choose_layout(dsn)
        with connect(dsn) as connection:
            return _apply_missing(connection, read_migrations(folder, layout))


def read_migrations(folder: Path, layout: Layout) -> list[Migration]:
    """The folder's files that fit the layout, in order; StoreFault: a gap, a double or a strange name."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        match = _FILE.fullmatch(path.name)
        if match is None:
            raise StoreFault(f"{path.name} is no name of a migration")
        fits = cast(Layout | None, match[3])
        if fits in {None, layout}:
            found.append(Migration(int(match[1]), path.stem, fits, path.read_bytes()))
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise StoreFault(f"migrations are not numbered 1, 2, 3 …: {[m.name for m in found]}")
    return found


def _choose_layout(dsn: str) -> Layout:
    capability = detect_at(dsn)
    if capability.layout is not None:
        return capability.layout
    if not capability.can_hypertable:
        return "day_partitions"
    if capability.timescaledb_version is None:
        # On a connection of its own: the extension loads itself into a session only at its start.
        with connect(dsn) as connection:
            connection.execute(load_queries("schema")["create_timescaledb"])
    return "hypertable"


def _apply_missing(connection: Connection, wanted: list[Migration]) -> list[str]:
    queries = load_queries("schema")
    connection.execute(queries["create_migrations"])
    landed = cast(list[tuple[int, str, str]], connection.execute(queries["landed"]).fetchall())
    _compare(landed, wanted)
    applied = []
    for migration in wanted[len(landed) :]:
        with connection.transaction():
            connection.execute(migration.content)
            row = (migration.number, migration.name, migration.checksum)
            connection.execute(queries["record"], row)
        applied.append(migration.name)
    return applied


def _compare(landed: list[tuple[int, str, str]], wanted: list[Migration]) -> None:
    by_number = {migration.number: migration for migration in wanted}
    for number, name, checksum in landed:
        migration = by_number.get(number)
        if migration is None:
            raise MigrationEdited(f"the database has migration {name}, which this program does not know")
        if (migration.name, migration.checksum) != (name, checksum):
            raise MigrationEdited(f"migration {name} was edited after it had landed: write a new one instead")


def is_current(dsn: str) -> bool:
    """Whether the database has every migration; it changes nothing. StoreUnavailable: no connection."""
    with door(), connect(dsn) as connection:
        return has_all_migrations(connection)


def has_all_migrations(connection: Connection) -> bool:
    """The same over a connection."""
    capability = detect(connection)
    if capability.layout is None:
        return False
    landed = connection.execute(load_queries("schema")["landed"]).fetchall()
    return len(landed) == len(read_migrations(MIGRATIONS_DIR, capability.layout))
