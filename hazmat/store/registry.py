"""The registry in the database: its version, a snapshot of it, and the import of a world."""

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime, timedelta
from typing import TypeVar, cast

import psycopg
from psycopg import IsolationLevel
from psycopg.rows import dict_row

from hazmat import clock
from hazmat.registry import Registry, World
from hazmat.store import registry_rows
from hazmat.store.connection import Connection, connect
from hazmat.store.errors import door
from hazmat.store.queries import load_queries

_T = TypeVar("_T")
AS_OF_DAYS = 7  # how late a fix may be and still be judged by the papers and fences of its time


def registry_version(source: str | Connection) -> int:
    """The registry's version: load it again when it has changed. ``source`` is an address or a connection."""
    if isinstance(source, str):
        with door(), connect(source) as connection:
            return registry_version(connection)
    with door():
        row = source.execute(load_queries("registry")["version"]).fetchone()
    assert row is not None, "the migration puts the one row there"
    return cast(int, row[0])


def note_refusal(dsn: str, refusal: str) -> None:
    """Say for all to see why the newest version is not judged by; empty: it is. Raises StoreUnavailable."""
    with door(), connect(dsn) as connection:
        connection.execute(load_queries("registry")["note_refusal"], {"refusal": refusal})


def load_registry(dsn: str, at: datetime | None = None, days: int = AS_OF_DAYS) -> Registry:
    """A snapshot of one version: every vehicle, what was in force ``days`` before ``at`` (now) or later.

    Raises StoreUnavailable, StoreFault; ValueError for a row that no dataclass can hold.
    """
    since = (at or clock.now()) - timedelta(days=days)
    with door(), connect(dsn, autocommit=False) as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.execute(load_queries("registry")["use_utc"])
        return Registry(_world(connection, since), registry_version(connection))


def _world(connection: Connection, since: datetime) -> World:
    return World(
        vehicles=_all(connection, "vehicles", since, registry_rows.vehicle),
        waybills=_all(connection, "waybills", since, registry_rows.waybill),
        permits=_all(connection, "permits", since, registry_rows.permit),
        blacklist=_all(connection, "blacklist", since, registry_rows.blacklist_entry),
        fences=_all(connection, "fences", since, registry_rows.fence),
        people=_all(connection, "people", since, registry_rows.person),
        carriers=_all(connection, "carriers", since, registry_rows.carrier),
        rule_settings=_all(connection, "rule_settings", since, registry_rows.rule_setting),
        holidays=_all(connection, "holidays", since, registry_rows.holiday),
    )


def _all(
    connection: Connection, name: str, since: datetime, build: Callable[[registry_rows.Row], _T]
) -> tuple[_T, ...]:
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute(load_queries("registry")[name], {"since": since})
        return tuple(build(row) for row in cursor)


def import_world(dsn: str, world: World, replace: bool = True) -> None:
    """Store a world in one transaction, in place of all that was there or beside it (same keys are replaced).

    Settings of rules that people made on the screens stay, unless the world has one of that rule and moment.

    ValueError, with nothing stored, says what the database refuses: a key that stands there twice, a value
    out of range. Whether rows contradict one another is for ``hazmat.contradictions`` to say.
    Raises StoreUnavailable, StoreFault.
    """
    with door():
        try:
            _import_all(dsn, world, replace)
        except (psycopg.IntegrityError, psycopg.DataError) as error:
            raise ValueError(f"the world is refused: {error}") from error


def _import_all(dsn: str, world: World, replace: bool) -> None:
    with connect(dsn, autocommit=False) as connection:
        for table in fields(World):
            _import(connection, table.name, registry_rows.to_json(getattr(world, table.name)), replace)
        connection.execute(load_queries("registry")["fit_rule_settings"])


def _import(connection: Connection, name: str, rows: str, replace: bool) -> None:
    queries = load_queries("registry")
    connection.execute(queries[f"forget_{name}"], {"rows": rows, "replace": replace})
    connection.execute(queries[f"import_{name}"], {"rows": rows})
