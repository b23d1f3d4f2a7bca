"""Finds vehicles by what is written on them and their papers."""

from collections.abc import Sequence
from datetime import datetime

from hazmat.store.pool import Pool, Row
from hazmat.store.queries import load_queries

FOUND = 20
PAPERS = ("id", "carrier_id", "carrier", "class", "un", "goods", "waybill")
_QUERIES = load_queries("search")
_UNWRITTEN = str.maketrans("", "", "·•.- \u3000")  # what people put into a plate that is not on it


class Search:
    """The door to the search; may raise StoreUnavailable. ``tenant``: a carrier_id, None: all."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def find(self, text: str, numbers: Sequence[str], tenant: str | None, at: datetime) -> list[Row]:
        """Return at most ``FOUND`` vehicles by plate, id, carrier, waybill in force at a moment or goods;
        ``numbers``: UN numbers (four digits) that the text may mean."""
        plate = text.translate(_UNWRITTEN)
        values = {"tenant": tenant, "at": at, "numbers": list(numbers), "rows": FOUND}
        return self._pool.rows(_QUERIES["search"], text=_within(text), plate=_within(plate or text), **values)

    def papers(self, tenant: str | None, at: datetime) -> list[tuple[str, ...]]:
        """Return a row of ``PAPERS`` for every vehicle that ever reported, sorted by id."""
        values = {"tenant": tenant, "at": at}
        return self._pool.ask(lambda c: c.execute(_QUERIES["papers"], values).fetchall())


def _within(text: str) -> str:
    """A pattern of LIKE for texts that hold this one."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
