"""Stored fixes read back as columns, from which the memory of the rules is folded again."""

import itertools
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg.sql import SQL, Literal

from hazmat.clock import from_time
from hazmat.columns import Ids, Mask, Times
from hazmat.partition import PARTITIONS, partition_of
from hazmat.position import Positions
from hazmat.store.connection import Connection, connect
from hazmat.store.errors import door
from hazmat.store.position_rows import came_late, to_positions, whole_rows
from hazmat.store.queries import load_queries

_WINDOW = timedelta(minutes=10)  # read and judged at once: bounds what is held in memory


def positions_after(dsn: str, batch_no: Mapping[int, int]) -> Iterator[Positions]:
    """Judged (not late) fixes of these partitions stored after the batch named for each.

    One ``Positions`` a batch, in order of batch_no, rows in order of arrival; ``message`` is the batch_no.
    It reads in one snapshot, over a connection of its own, some thousand rows at a time.
    """
    if not batch_no:
        return
    after = np.full(PARTITIONS, np.iinfo(np.int64).max)
    after[list(batch_no)] = list(batch_no.values())
    begun = Positions.empty()  # the batch whose last row has not been seen yet
    for rows in _stored_rows(dsn, "judged_after", after=int(after.min())):
        stored = to_positions(rows)
        stored = stored.take(stored.message > after[partition_of(stored.vehicle_id)])
        *whole, begun = _by_batch(Positions.concat([begun, stored]))
        yield from whole
    if len(begun):
        yield begun


def fixes_between(
    dsn: str, partitions: tuple[int, ...], start: datetime, stop: datetime
) -> Iterator[tuple[Positions, Mask]]:
    """All fixes of these partitions later than ``start``, not later than ``stop``, and which came late.

    Some minutes at a time, each by (vehicle, fix_time); only the days that they lie in are looked at.
    """
    with door(), connect(dsn) as connection:
        while start < stop:
            end = min(start + _WINDOW, stop)
            found = list(_copied(connection, "fixes_between", start=start, stop=end))
            fixes = Positions.concat([to_positions(some) for some in found])
            late = np.concatenate([np.zeros(0, bool), *(came_late(some) for some in found)])
            mine = np.isin(partition_of(fixes.vehicle_id), partitions)
            yield fixes.take(mine), late[mine]
            start = end


def fixes_of(dsn: str, vehicles: Ids, after: Times, each: int) -> tuple[Positions, Mask]:
    """Fixes of these vehicles, each later than its time beside it, and which came late.

    By (vehicle, fix_time), at most ``each`` of a vehicle: the rest is had by asking again, after the last.
    """
    if not len(vehicles):
        return Positions.empty(), np.zeros(0, bool)
    moments = [from_time(moment) for moment in after]
    names = [name.decode() for name in vehicles.tolist()]
    found = list(_stored_rows(dsn, "fixes_of", vehicles=names, after=moments, start=min(moments), each=each))
    fixes = Positions.concat([to_positions(some) for some in found])
    return fixes, np.concatenate([np.zeros(0, bool), *(came_late(some) for some in found)])


def _stored_rows(dsn: str, chosen: str, **values: object) -> Iterator[NDArray[Any]]:
    with door(), connect(dsn, autocommit=False) as connection:
        yield from _copied(connection, chosen, **values)


def _copied(connection: Connection, chosen: str, **values: object) -> Iterator[NDArray[Any]]:
    queries = load_queries("flow")
    literals = {name: Literal(value) for name, value in values.items()}
    source = SQL(queries[chosen].decode()).format(**literals)
    query = SQL(queries["stored_rows"].decode()).format(chosen=source)
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        yield from whole_rows(map(bytes, copy))


def _by_batch(positions: Positions) -> list[Positions]:
    """Cut where batch_no changes; at least one part, which may be empty."""
    edges = [0, *(np.flatnonzero(np.diff(positions.message)) + 1).tolist(), len(positions)]
    return [positions.take(np.arange(start, stop)) for start, stop in itertools.pairwise(edges)]
