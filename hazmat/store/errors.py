"""What can go wrong at the door to the database, in the platform's own words."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

_RETRY_LATER = {
    "53100": "the database's disk is full",
    "53200": "the database is out of memory",
    "53300": "the database has no free connection",
    "25006": "the database is read-only",
    "55P03": "a lock was not to be had in time",
    "57014": "the database cancelled the statement",
    "57P01": "the database is shutting down",
    "57P02": "the database has crashed and recovers",
    "57P03": "the database is not ready yet",
    "58030": "the database cannot read or write its disk",
}
_RETRY_CLASSES = {
    "08": "no connection to the database",
    "28": "the database refuses the login",
    "3D": "the database does not exist",
    "40": "the transaction lost against another one",
    "53": "the database lacks resources",
    "57": "an operator intervened",
    "58": "the database's machine has a fault",
}


class StoreError(Exception):
    """Anything the store has to report."""


class StoreUnavailable(StoreError):  # noqa: N818
    """Nothing was saved for now: try the same again later."""


class OwnershipLost(StoreError):  # noqa: N818
    """Another process has taken over a partition of the batch: nothing was saved, nor may it be."""


class StoreFault(StoreError):  # noqa: N818
    """A bug of ours, or a database that does not fit this program; trying again will not help."""


class ValueRefused(StoreFault):
    """A value that the database cannot hold: a NUL in a text, a number or time out of its range. Where it
    came with a request it is the request that is wrong."""


def translated(error: psycopg.Error) -> StoreError:
    """The store's own error for one of psycopg, with the server's words."""
    state = error.sqlstate or ""
    if state == "23514" and error.diag.table_name == "positions":
        return StoreUnavailable(f"a day of positions was dropped a moment ago: {error}")
    said = str(error).strip() or type(error).__name__
    known = _RETRY_LATER.get(state) or _RETRY_CLASSES.get(state[:2])
    if known is None and not state and isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        known = "no connection to the database"
    if known is not None:
        return StoreUnavailable(f"{known}: {said}")
    if isinstance(error, psycopg.DataError):
        return ValueRefused(f"{said} (SQLSTATE {state or 'none'})")
    return StoreFault(f"{said} (SQLSTATE {state or 'none'})")


class MigrationEdited(StoreFault):
    """A landed migration was edited or is gone, or the database is newer than this program."""


@contextmanager
def door() -> Iterator[None]:
    """Let no error of psycopg pass untranslated."""
    try:
        yield
    except psycopg.Error as error:
        raise translated(error) from error
