"""Day partitions of the table of positions, on servers without TimescaleDB."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from psycopg.sql import SQL, Identifier, Literal

from hazmat.store.connection import Connection
from hazmat.store.queries import load_queries

_PREFIX = "positions_"


def day_name(day: date) -> str:
    """Name of the partition of a UTC day."""
    return f"{_PREFIX}{day:%Y%m%d}"


def day_of(name: str) -> date:
    """The UTC day of a partition's name."""
    return datetime.strptime(name.removeprefix(_PREFIX), "%Y%m%d").replace(tzinfo=UTC).date()


def ensure_days(connection: Connection, days: Iterable[date]) -> None:
    """Make the partitions that are missing, each in a transaction of its own; safe from several processes."""
    for day in days:
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        name = day_name(day)
        run(
            connection,
            "ensure_day",
            partition=Identifier(name),
            name=Literal(name),
            start=Literal(start.isoformat()),
            stop=Literal((start + timedelta(days=1)).isoformat()),
        )


def run(connection: Connection, query: str, **parts: Identifier | Literal) -> None:
    """Run a query of days.sql whose names and bounds cannot be parameters."""
    connection.execute(SQL(load_queries("days")[query].decode()).format(**parts), prepare=False)
