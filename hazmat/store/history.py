"""Stored fixes read back as columns, batch by batch, from which the memory of the rules is folded again."""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg.sql import SQL, Literal

from hazmat.partition import PARTITIONS, partition_of
from hazmat.position import Positions
from hazmat.store.connection import connect
from hazmat.store.errors import door
from hazmat.store.position_rows import to_positions, whole_rows
from hazmat.store.queries import load_queries


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
    for rows in _stored_rows(dsn, int(after.min())):
        stored = to_positions(rows)
        stored = stored.take(stored.message > after[partition_of(stored.vehicle_id)])
        *whole, begun = _by_batch(Positions.concat([begun, stored]))
        yield from whole
    if len(begun):
        yield begun


def _stored_rows(dsn: str, after: int) -> Iterator[NDArray[Any]]:
    query = SQL(load_queries("flow")["stored_rows"].decode()).format(after=Literal(after))
    with (
        door(),
        connect(dsn, autocommit=False) as connection,
        connection.cursor() as cursor,
        cursor.copy(query) as copy,
    ):
        yield from whole_rows(map(bytes, copy))


def _by_batch(positions: Positions) -> list[Positions]:
    """Cut where batch_no changes; at least one part, which may be empty."""
    edges = [0, *(np.flatnonzero(np.diff(positions.message)) + 1).tolist(), len(positions)]
    return [positions.take(np.arange(start, stop)) for start, stop in itertools.pairwise(edges)]
