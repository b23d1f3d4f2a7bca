"""What could be checked of the trips: saved with the batches that change them, read by day."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import psycopg

from hazmat.coverage import CHECKED_SHARE, JourneyCoverage, TripGroup
from hazmat.store.connection import connect
from hazmat.store.errors import door
from hazmat.store.queries import load_queries

_QUERIES = load_queries("coverage")


def save_coverage(connection: psycopg.Connection[Any], coverage: Sequence[JourneyCoverage]) -> None:
    """Within the transaction of the batch; a later state of a trip overwrites the earlier one."""
    rows = [
        {
            "journey_id": each.journey_id,
            "vehicle_id": each.vehicle_id,
            "gate": each.gate,
            "day": each.day.isoformat(),
            "messages": each.messages,
            "held": dict(each.held),
        }
        for each in coverage
    ]
    connection.execute(_QUERIES["save_coverage"], {"rows": json.dumps(rows)})


def read_trips(
    connection: psycopg.Connection[Any], first: date, last: date, share: float = CHECKED_SHARE
) -> list[TripGroup]:
    """Trips that entered from the first to the last day (local, both included), by day, gate, needs met.

    A need is met on a trip if it was on at least ``share`` of its messages.
    """
    found = connection.execute(_QUERIES["trip_groups"], {"first": first, "last": last, "share": share})
    return [TripGroup(day, gate, name, frozenset(met), trips) for day, gate, name, met, trips in found]


def last_day(connection: psycopg.Connection[Any]) -> date | None:
    """The latest local day on which a trip was seen."""
    row = connection.execute(_QUERIES["last_day"]).fetchone()
    return row[0] if row else None


def trips_of(dsn: str, day: date | None, share: float) -> tuple[date | None, list[TripGroup]]:
    """(day, its trips): of the day given or else of the last one with a trip; None if there is none.

    StoreUnavailable: no connection.
    """
    with door(), connect(dsn) as connection:
        day = day or last_day(connection)
        return day, [] if day is None else read_trips(connection, day, day, share)
