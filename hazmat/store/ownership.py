"""Whose an object is: what the gate asks before a page about it is shown."""

from enum import StrEnum
from typing import NamedTuple

from hazmat.store.pool import Pool
from hazmat.store.queries import load_queries

_QUERIES = load_queries("ownership")


class ObjectKind(StrEnum):
    """What a route's path may name; each has a query of the same name in sql/ownership.sql."""

    VEHICLE = "vehicle"
    ALERT = "alert"
    PERSON = "person"
    CARRIER = "carrier"


class Owner(NamedTuple):
    """``carrier_id`` is empty for what belongs to no carrier; ``rule_id`` is set for alerts."""

    carrier_id: str
    rule_id: str


class Ownership:
    """The door to who owns what; may raise StoreUnavailable."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def owner(self, kind: ObjectKind, object_id: str) -> Owner | None:
        """Return whose an object is; None if it does not exist."""
        row = self._pool.ask(lambda c: c.execute(_QUERIES[kind], {"id": object_id}).fetchone())
        return None if row is None else Owner(*row)
