"""The flow's door to the database: one batch, one transaction, guarded by compare-and-set on who owns it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Self, cast

import numpy as np
import psycopg

from hazmat.alerts import AlertChange
from hazmat.clock import from_time, to_time
from hazmat.columns import ID_DTYPE, TIME_DTYPE, Ids, Mask, Times
from hazmat.journeys import JourneyChange
from hazmat.outcome import Outcome, Reject
from hazmat.partition import PARTITIONS
from hazmat.position import Positions
from hazmat.repairs import Asks
from hazmat.store import commit, history
from hazmat.store.commit import Repairs
from hazmat.store.connection import Connection, connect
from hazmat.store.days import ensure_days
from hazmat.store.errors import OwnershipLost, StoreFault, StoreUnavailable, door
from hazmat.store.flow_rows import alert_of, journey_of
from hazmat.store.lease import Lease
from hazmat.store.queries import load_queries

__all__ = ["FlowStore", "Lease", "OwnershipLost", "Repairs", "StoreFault", "StoreUnavailable"]

_NO_CHECKPOINT: Mapping[int, bytes] = MappingProxyType({})
_NO_REPAIRS = Repairs()


class FlowStore:
    """Saves batches, over one connection, opened when first needed and again after a failure; for one thread.

    Every method raises StoreUnavailable when the database cannot serve now (call again, with the same
    arguments) and StoreFault when it never will.
    """

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._queries = load_queries("flow")
        self._connection: Connection | None = None
        self._days: set[date] | None = (
            None  # day partitions seen to be there; None: the server divides itself
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the store may be used again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error):
                connection.close()

    def take_over(self, partitions: Sequence[int]) -> Lease:
        """Make the partitions ours: a commit that their owner has begun is waited for, later ones fail."""
        with self._session() as connection:
            found = connection.execute(self._queries["take_over"], {"partitions": list(partitions)})
            rows = sorted(cast(list[tuple[int, int, int]], found.fetchall()))
        if {row[0] for row in rows} != set(partitions):
            raise StoreFault(f"partitions must be of 0 to {PARTITIONS - 1}, not {sorted(partitions)}")
        return Lease({p: epoch for p, epoch, _ in rows}, {p: batch_no for p, _, batch_no in rows})

    def commit(
        self,
        lease: Lease,
        batch_no: int,
        outcome: Outcome,
        rejects: Sequence[Reject] = (),
        checkpoint: Mapping[int, bytes] = _NO_CHECKPOINT,
        repairs: Repairs = _NO_REPAIRS,
    ) -> Lease:
        """Save one batch, or a repair, in one transaction; the lease to use for the next.

        ``batch_no`` counts over the whole feed and must be above every one in the lease; the partitions of
        ``lease.touched`` keep it. To call again after StoreUnavailable is right: a commit whose reply was
        lost is recognised and not done twice. OwnershipLost: a partition was taken over; nothing is saved.
        """
        touched = lease.touched(batch_no, outcome, checkpoint)
        with self._session() as connection:
            self._ensure_days(connection, outcome)
            if commit.claim(connection, lease, touched, batch_no):
                commit.save(connection, batch_no, outcome, rejects, checkpoint, repairs)
        return lease.after(touched, batch_no)

    def landed(self, lease: Lease, batch_no: int) -> bool:
        """Whether the commit of this batch under this lease succeeded, be it that its reply was lost.

        Of the last batch committed under the lease only: later ones overwrite what it left.
        """
        with self._session() as connection:
            return commit.landed(connection, lease, batch_no)

    def checkpoints(self, partitions: Sequence[int]) -> dict[int, tuple[int, bytes]]:
        """Last checkpoint of each partition that has one: batch_no and content."""
        with self._session() as connection:
            found = connection.execute(
                self._queries["checkpoints"], {"partitions": list(partitions)}, binary=True
            )
            rows = cast(list[tuple[int, int, bytes]], found.fetchall())
        return {partition: (batch_no, content) for partition, batch_no, content in rows}

    def positions_after(self, batch_no: Mapping[int, int]) -> Iterator[Positions]:
        """Judged fixes of these partitions stored after the batch named for each; see ``history``."""
        return history.positions_after(self._dsn, batch_no)

    def repairs(self, rows: int = 5000) -> Asks:
        """Repairs asked for and not done, those that wait longest first; at most so many."""
        found = self._rows("repairs", {"rows": rows})
        names = np.array([row[0] for row in found], ID_DTYPE)
        first, asked = ([to_time(row[n]) for row in found] for n in (1, 2))
        return Asks(names, np.array(first, TIME_DTYPE), np.array(asked, TIME_DTYPE))

    def fixes_of(self, vehicles: Ids, after: Times, each: int) -> tuple[Positions, Mask]:
        """Fixes of some vehicles, each after a time of its own, and which came late; see ``history``."""
        return history.fixes_of(self._dsn, vehicles, after, each)

    def fixes_between(
        self, partitions: Sequence[int], start: datetime, stop: datetime
    ) -> Iterator[tuple[Positions, Mask]]:
        """All fixes of some partitions of a span of time, and which came late; see ``history``."""
        return history.fixes_between(self._dsn, tuple(partitions), start, stop)

    def standing(self, vehicles: Ids, since: Times) -> list[AlertChange]:
        """Alerts of these vehicles not ended before the time beside each, withdrawn ones too; no evidence."""
        return [alert_of(row) for row in self._rows("standing_alerts", _since(vehicles, since))]

    def firing(self) -> list[AlertChange]:
        """All alerts that are open; without their evidence."""
        return [alert_of(row) for row in self._rows("firing_alerts", {})]

    def journeys(self, vehicles: Ids, since: Times) -> list[JourneyChange]:
        """Journeys of these vehicles not ended before the time beside each."""
        return [journey_of(row) for row in self._rows("standing_journeys", _since(vehicles, since))]

    def _rows(self, name: str, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        with self._session() as connection:
            return connection.execute(self._queries[name], values).fetchall()

    @contextmanager
    def _session(self) -> Iterator[Connection]:
        """The open connection; after any error it is thrown away, and with it whatever it had begun."""
        try:
            with door():
                if self._connection is None or self._connection.closed:
                    self._connection = self._connect()
                yield self._connection
        except BaseException:
            self.close()
            raise

    def _connect(self) -> Connection:
        connection = connect(self._dsn)
        connection.prepare_threshold = 0
        try:
            kind = connection.execute(self._queries["layout"]).fetchone()
            connection.execute(self._queries["create_staging"], prepare=False)
        except psycopg.Error:
            connection.close()
            raise
        self._days = set() if kind == ("p",) else None
        return connection

    def _ensure_days(self, connection: Connection, outcome: Outcome) -> None:
        if self._days is None:
            return
        days: list[Any] = np.unique(outcome.positions.fix_time.astype("datetime64[D]")).tolist()
        missing = [day for day in days if day not in self._days]
        ensure_days(connection, missing)
        self._days.update(missing)


def _since(vehicles: Ids, since: Times) -> dict[str, object]:
    names = [name.decode() for name in vehicles.tolist()]
    return {"vehicles": names, "since": [from_time(moment) for moment in since]}
