"""What the database needs now and then: days made ahead, old positions dropped. Alerts and evidence stay."""

from datetime import UTC, date, datetime, timedelta
from typing import cast

from psycopg.sql import Identifier

from hazmat.clock import to_ms
from hazmat.store.capability import detect
from hazmat.store.connection import Connection, connect
from hazmat.store.days import day_of, ensure_days, run
from hazmat.store.errors import StoreFault, door
from hazmat.store.queries import load_queries


def prepare_days(dsn: str, at: datetime, ahead: int = 2) -> None:
    """Make the day partitions of ``at`` and the days ahead; nothing to do on TimescaleDB."""
    today = at.astimezone(UTC).date()
    with door(), connect(dsn) as connection:
        if detect(connection).layout == "day_partitions":
            ensure_days(connection, [today + timedelta(days=day) for day in range(ahead + 1)])


def retain(dsn: str, at: datetime, days: int = 90) -> list[str]:
    """Drop the chunks or day partitions of positions that end ``days`` before ``at`` or earlier; their names.

    A naive ``at`` is a ValueError. Run again after StoreUnavailable: what was cut short is finished.
    """
    to_ms(at)
    before = at.astimezone(UTC) - timedelta(days=days)
    with door(), connect(dsn) as connection:
        layout = detect(connection).layout
        if layout is None:
            raise StoreFault("there is no divided table of positions: migrate first")
        if layout == "hypertable":
            dropped = connection.execute(load_queries("days")["drop_chunks"], [before]).fetchall()
            return [cast(str, name) for (name,) in dropped]
        return _drop_days(connection, before.date())


def _drop_days(connection: Connection, before: date) -> list[str]:
    found = connection.execute(load_queries("days")["days"]).fetchall()
    dropped = []
    for name, attached, pending in cast(list[tuple[str, bool, bool]], found):
        if day_of(name) >= before:
            continue
        partition = Identifier(name)
        if attached:
            run(connection, "finish_detaching" if pending else "detach_day", partition=partition)
        run(connection, "drop_day", partition=partition)
        dropped.append(name)
    return dropped
