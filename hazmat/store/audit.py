"""The audit log: who did, read or tried what. Rows are written once; the database refuses to change them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from psycopg.types.json import Jsonb

from hazmat.store.pool import Connection, Pool
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


class AuditLog:
    """The door to the log; all may raise StoreUnavailable."""

    def __init__(self, reading: Pool, writing: Pool) -> None:
        self._reading = reading
        self._writing = writing

    def write(self, entry: AuditEntry) -> None:
        """Add an entry."""
        self._writing.ask(lambda c: write_entry(c, entry))


def write_entry(connection: Connection, entry: AuditEntry) -> None:
    """Add an entry in the transaction of what it tells of: both are kept or neither."""
    values = {name: getattr(entry, name) for name in AuditEntry.__slots__}
    connection.execute(_QUERIES["write"], values | {"detail": Jsonb(dict(entry.detail))})
