"""The audit log: who did, read or tried what. Rows are written once; the database refuses to change them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from psycopg.types.json import Jsonb

from hazmat.store.pool import Connection, Pool, Row
from hazmat.store.queries import load_queries

Outcome = Literal["done", "denied", "failed"]
_QUERIES = load_queries("audit")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One line: ``login`` as typed and ``account_id`` None where nobody was signed in."""

    at: datetime
    action: str
    account_id: int | None = None
    login: str = ""
    role: str = ""
    address: str = ""
    object_kind: str = ""
    object_id: str = ""
    outcome: Outcome = "done"
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which entries are wanted; None asks nothing. ``before``: time and number of the last entry seen."""

    since: datetime | None = None
    until: datetime | None = None
    login: str | None = None
    action: str | None = None
    object_id: str | None = None
    outcome: Outcome | None = None
    before: tuple[datetime, int] | None = None


class AuditLog:
    """The door to the log; all may raise StoreUnavailable."""

    def __init__(self, reading: Pool, writing: Pool) -> None:
        self._reading = reading
        self._writing = writing

    def write(self, entry: AuditEntry) -> None:
        """Add an entry."""
        self._writing.ask(lambda c: write_entry(c, entry))

    def search(self, wanted: AuditFilter, limit: int) -> list[Row]:
        """Return so many entries that fit, the newest first."""
        before_at, before_id = wanted.before or (None, None)
        filters = {name: getattr(wanted, name) for name in AuditFilter.__slots__ if name != "before"}
        return self._reading.rows(
            _QUERIES["search"], **filters, before_at=before_at, before_id=before_id, limit=limit
        )


def write_entry(connection: Connection, entry: AuditEntry) -> None:
    """Add an entry in the transaction of what it tells of: both are kept or neither."""
    values = {name: getattr(entry, name) for name in AuditEntry.__slots__}
    connection.execute(_QUERIES["write"], values | {"detail": Jsonb(dict(entry.detail))})
