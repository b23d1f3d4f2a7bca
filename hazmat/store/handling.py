"""What people do about an alert: acknowledge, claim, release, note, photo. Rows are written once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeVar

from psycopg.rows import dict_row

from hazmat.store.pool import Connection, Pool, Row
from hazmat.store.queries import load_queries

Result = TypeVar("Result")
_QUERIES = load_queries("handling")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Who does something about which alert, and when. ``draft_key``: made where it was typed, so that the
    same draft sent twice counts once."""

    alert_id: str
    account_id: int
    at: datetime
    text: str = ""
    draft_key: str | None = None


class Holder(NamedTuple):
    """Who holds an alert, or acknowledged it first, and since when."""

    account_id: int
    name: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A photo as it is kept: two JPEGs without any data but their pixels; lengths in pixels."""

    name: str
    width: int
    height: int
    sha256: bytes
    content: bytes
    thumbnail: bytes


class DraftTakenError(ValueError):
    """A draft's key is already that of somebody else's deed."""


class Handling:
    """The door to how alerts are handled; all may raise StoreUnavailable."""

    def __init__(self, reading: Pool, writing: Pool) -> None:
        self._reading = reading
        self._writing = writing

    def acknowledge(self, deed: Deed) -> Holder:
        """Note that somebody has seen an alert; return who was the first, whom it stays."""

        def note_first(c: Connection) -> Holder:
            first = _who(c, "acknowledged", deed)
            if first is None:
                _add(c, deed, "acknowledge")
                first = _who(c, "acknowledged", deed)
            assert first is not None
            return first

        return self._alone(deed, note_first)

    def claim(self, deed: Deed, held_by: int) -> Holder:
        """Take an alert from the account that the claimer believes to hold it (0: from nobody).

        Returns who holds it now: another than the claimer, if somebody was quicker.
        """

        def take(c: Connection) -> Holder:
            holder = _who(c, "holder", deed)
            if (holder.account_id if holder else 0) == held_by != deed.account_id:
                _add(c, deed, "claim")
                holder = _who(c, "holder", deed)
            return holder or Holder(0, "", deed.at)

        return self._alone(deed, take)

    def release(self, deed: Deed) -> bool:
        """Give an alert back; False: the account does not hold it."""

        def give(c: Connection) -> bool:
            holder = _who(c, "holder", deed)
            if holder is None or holder.account_id != deed.account_id:
                return False
            _add(c, deed, "release")
            return True

        return self._alone(deed, give)

    def note(self, deed: Deed) -> Row:
        """Add a note; return ``handling_id`` and ``at``, of the first time if the draft was sent before."""
        return self._writing.ask(lambda c: _add(c, deed, "note"))

    def photos(self, deed: Deed, photos: Sequence[Photo]) -> list[Row]:
        """Add photos, all or none; the text goes with the first."""

        def add_all(c: Connection) -> list[Row]:
            return [_add_photo(c, deed, number, photo) for number, photo in enumerate(photos)]

        return self._writing.ask(add_all)

    def holder(self, alert_id: str) -> Holder | None:
        """Return who holds an alert; None: nobody."""
        row = self._reading.row(_QUERIES["holder"], alert_id=alert_id)
        return Holder(**row) if row else None

    def history(self, alert_id: str) -> list[Row]:
        """Return all that was done about an alert, oldest first."""
        return self._reading.rows(_QUERIES["history"], alert_id=alert_id)

    def photo(self, alert_id: str, handling_id: int, small: bool) -> Row | None:
        """Return ``name``, ``sha256`` and JPEG ``content`` of an alert's photo; None: it has no such."""
        return self._reading.row(_QUERIES["photo"], alert_id=alert_id, handling_id=handling_id, small=small)

    def _alone(self, deed: Deed, decide: Callable[[Connection], Result]) -> Result:
        def locked(c: Connection) -> Result:
            c.execute(_QUERIES["lock"], {"alert_id": deed.alert_id})
            return decide(c)

        return self._writing.ask(locked)


def _who(connection: Connection, query: str, deed: Deed) -> Holder | None:
    row = connection.execute(_QUERIES[query], {"alert_id": deed.alert_id}).fetchone()
    return Holder(*row) if row else None


def _add(connection: Connection, deed: Deed, kind: str) -> Row:
    values = {name: getattr(deed, name) for name in Deed.__slots__} | {"kind": kind}
    rows = connection.cursor(row_factory=dict_row)
    added = rows.execute(_QUERIES["add"], values).fetchone()
    found = added or rows.execute(_QUERIES["sent"], values).fetchone()
    if found is None:
        raise DraftTakenError(deed.draft_key)
    return found | {"new": added is not None}


def _add_photo(connection: Connection, deed: Deed, number: int, photo: Photo) -> Row:
    key = None if deed.draft_key is None else f"{deed.draft_key}.{number}"
    text = "" if number else deed.text
    one = Deed(alert_id=deed.alert_id, account_id=deed.account_id, at=deed.at, text=text, draft_key=key)
    added = _add(connection, one, "photo")
    if added["new"]:
        values = {name: getattr(photo, name) for name in Photo.__slots__}
        connection.execute(_QUERIES["add_photo"], values | {"handling_id": added["handling_id"]})
    return added
