"""What an enterprise's portal asks: its own vehicles, alerts, papers and people, and nobody else's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hazmat.store.pool import Pool, Row
from hazmat.store.queries import load_queries

_QUERIES = load_queries("portal")
DOCUMENT_KINDS = (
    "licence", "inspection", "tank_inspection", "permit", "driver", "escort", "waybill",
)  # fmt: skip
EXPIRIES = ("expired", "week", "month", "later", "void")
WEEK, MONTH = timedelta(days=7), timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Which rows of a list: those that hold a text (upper case), their order (``-``: down), which page."""

    text: str = ""
    sort: str = ""
    rows: int = 50
    skip: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporting:
    """When a vehicle counts as silent or moving, and which rules' alerts stay untold."""

    silent_since: datetime
    moving_kmh: float
    unseen: Sequence[str] = ()


class Portal:
    """The door to one carrier's own; ``tenant`` is its id. All may raise StoreUnavailable.

    Each row of a list carries ``total``, the number of rows of the whole list.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def carrier(self, tenant: str) -> Row | None:
        """Return name and licence; None: neither licence nor vehicle is registered."""
        return self._pool.row(_QUERIES["carrier"], tenant=tenant)

    def counts(self, tenant: str, reporting: Reporting) -> Row:
        """Return how many vehicles there are, by state, and how many have an open alert."""
        row = self._pool.row(_QUERIES["counts"], tenant=tenant, **_values(reporting))
        assert row is not None  # an aggregate has always one row
        return row

    def open_alerts(self, tenant: str, unseen: Sequence[str], rows: int) -> list[Row]:
        """Return the open alerts, the gravest first."""
        return self._pool.rows(_QUERIES["open_alerts"], tenant=tenant, unseen=list(unseen), rows=rows)

    def vehicles(
        self, tenant: str, at: datetime, reporting: Reporting, part: Part, state: str = ""
    ) -> list[Row]:
        """Return vehicles in a state (moving, stopped, offline, alerted; empty: any)."""
        values = _values(reporting) | _part(part)
        return self._pool.rows(_QUERIES["vehicles"], tenant=tenant, at=at, state=state, **values)

    def documents(
        self,
        tenant: str,
        at: datetime,
        part: Part,
        kinds: Sequence[str] = DOCUMENT_KINDS,
        expiries: Sequence[str] = EXPIRIES,
    ) -> list[Row]:
        """Return papers of some kinds by when they end; ``expiry`` of each is one of ``EXPIRIES``."""
        values = _ends(at) | _part(part) | {"kinds": list(kinds), "expiries": list(expiries)}
        return self._pool.rows(_QUERIES["documents"], tenant=tenant, **values)

    def people(self, tenant: str, at: datetime, part: Part, role: str = "") -> list[Row]:
        """Return drivers or escorts (empty: both) with their certificates."""
        return self._pool.rows(_QUERIES["people"], tenant=tenant, role=role, **_ends(at), **_part(part))


def _ends(at: datetime) -> dict[str, object]:
    return {"at": at, "week": at + WEEK, "month": at + MONTH}


def _values(reporting: Reporting) -> dict[str, object]:
    return {
        "silent_since": reporting.silent_since,
        "moving_kmh": reporting.moving_kmh,
        "unseen": list(reporting.unseen),
    }


def _part(part: Part) -> dict[str, object]:
    return {name: getattr(part, name) for name in Part.__slots__}
