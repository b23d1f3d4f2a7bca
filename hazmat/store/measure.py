"""What a benchmark asks of the database: how much is stored, and how long it took until it was."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

import psycopg

from hazmat.store.errors import door
from hazmat.store.queries import load_queries


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows: fixes stored, rejects counted, vehicles registered."""

    fixes: int
    rejects: int
    vehicles: int


@dataclass(frozen=True, slots=True)
class Delays:
    """Milliseconds: median, 99th percentile, longest."""

    p50_ms: float
    p99_ms: float
    longest_ms: float


class Measure:
    """Looks into one database over one connection; a context manager. Raises StoreUnavailable."""

    def __init__(self, dsn: str) -> None:
        self._queries = load_queries("measure")
        with door():
            self._connection = psycopg.connect(dsn, autocommit=True)

    def __enter__(self) -> "Measure":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def counts(self) -> Counts:
        """What is stored now."""
        return Counts(*cast(tuple[int, int, int], self._row("counts")))

    def commit_delays(self, start: datetime, end: datetime) -> Delays | None:
        """From fix time to commit, of fixes in [start, end); None without any or without commit times."""
        if not self._row("tracks_commits")[0]:
            return None
        (found,) = self._row("commit_delays", {"start": start, "end": end})
        return Delays(*cast(list[float], found)) if found else None

    def _row(self, name: str, values: dict[str, datetime] | None = None) -> tuple[object, ...]:
        with door():
            row = self._connection.execute(self._queries[name], values).fetchone()
        assert row is not None
        return cast(tuple[object, ...], row)
