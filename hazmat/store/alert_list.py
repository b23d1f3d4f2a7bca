"""Lists of alerts: an inspector's inbox, the search. What a viewer may see is a parameter of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hazmat.store.pool import Pool, Row
from hazmat.store.queries import load_queries

OPEN_ROWS = 2000  # read for the inbox: it sorts them by distance, which the database does not
_QUERIES = load_queries("alert_list")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose alerts a list may hold: ``tenant`` a carrier (None: all), ``rules`` by id (None: all); never
    those of ``unseen`` rules."""

    tenant: str | None
    rules: Sequence[str] | None
    unseen: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is searched for: opened from ``start`` up to ``end``, not included; empty texts: any.

    ``plate`` in capitals and without dot is a part of the plate, ``carrier`` an id or a part of the name.
    ``sort`` is newest, oldest, level or plate.
    """

    start: datetime
    end: datetime
    level: str = ""
    rule: str = ""
    state: str = ""
    plate: str = ""
    carrier: str = ""
    sort: str = "newest"


class AlertList:
    """The door to lists of alerts; all may raise StoreUnavailable."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def open(self, scope: Scope, account_id: int) -> list[Row]:
        """Return what is open, and what the account holds, the gravest first; at most ``OPEN_ROWS``."""
        return self._pool.rows(_QUERIES["open"], account_id=account_id, rows=OPEN_ROWS, **_values(scope))

    def ended(self, scope: Scope, since: datetime, rows: int) -> list[Row]:
        """Return what has ended since a moment, the last first."""
        return self._pool.rows(_QUERIES["ended"], since=since, rows=rows, **_values(scope))

    def search(self, scope: Scope, search: Search, rows: int, skip: int = 0) -> list[Row]:
        """Return a page of what is searched for; each row tells the ``total``."""
        asked = {name: getattr(search, name) for name in Search.__slots__}
        return self._pool.rows(_QUERIES["search"], rows=rows, skip=skip, **asked, **_values(scope))

    def people(self, ids: Sequence[str]) -> dict[str, Row]:
        """Return drivers and escorts by id; one that is not registered is left out."""
        rows = self._pool.rows(_QUERIES["people"], ids=list(ids))
        return {row["person_id"]: row for row in rows}


def _values(scope: Scope) -> dict[str, object]:
    rules = None if scope.rules is None else list(scope.rules)
    return {"tenant": scope.tenant, "rules": rules, "unseen": list(scope.unseen)}
