"""Connections that heal by themselves, kept for threads that ask now and then: screens and their actions."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from queue import Empty, LifoQueue
from typing import Any, TypeVar

import psycopg
from psycopg.rows import dict_row

from hazmat.store.errors import StoreUnavailable, door

Row = Mapping[str, Any]
Result = TypeVar("Result")
Connection = psycopg.Connection[Any]
_CONNECT_SECONDS = 3
_SETTINGS = "-c statement_timeout=8000 -c timezone=UTC"


class Pool:
    """A door's connections; safe to use from several threads. All may raise StoreUnavailable, StoreFault.

    Connections are opened when first needed and kept; one that broke is thrown away. A pool that only reads
    asks once more on a new connection; one that writes does not: the first attempt may have been committed.
    """

    def __init__(self, dsn: str, writes: bool = False) -> None:
        self._dsn = dsn
        self._writes = writes
        self._idle: LifoQueue[Connection] = LifoQueue()
        self._closed = False

    def close(self) -> None:
        """Close all connections; one that is answering just now closes when it has."""
        self._closed = True
        self._close_idle()

    def ask(self, question: Callable[[Connection], Result]) -> Result:
        """Return what the question returns; in a pool that writes it is one transaction."""
        try:
            return self._answer(question)
        except StoreUnavailable:
            self._close_idle()  # a server that restarted broke them all
            if self._writes:
                raise
            return self._answer(question)

    def rows(self, statement: bytes, **values: object) -> list[Row]:
        """Return a statement's rows by column name."""
        return self.ask(lambda c: list(c.cursor(row_factory=dict_row).execute(statement, values)))

    def row(self, statement: bytes, **values: object) -> Row | None:
        """Return a statement's first row by column name, None if it has none."""
        return self.ask(lambda c: c.cursor(row_factory=dict_row).execute(statement, values).fetchone())

    def value(self, statement: bytes, **values: object) -> Any:
        """Return the first column of a statement's first row, None if it has no row."""
        found = self.ask(lambda c: c.execute(statement, values).fetchone())
        return found[0] if found else None

    def _close_idle(self) -> None:
        while True:
            try:
                self._idle.get_nowait().close()
            except Empty:
                return

    def _answer(self, question: Callable[[Connection], Result]) -> Result:
        with door(), self._connection() as connection:
            if not self._writes:
                return question(connection)
            with connection.transaction():
                return question(connection)

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        try:
            connection = self._idle.get_nowait()
        except Empty:
            mode = "" if self._writes else " -c default_transaction_read_only=on"
            connection = psycopg.connect(
                self._dsn, autocommit=True, connect_timeout=_CONNECT_SECONDS, options=_SETTINGS + mode
            )
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._idle.put(connection)
        if self._closed:
            self._close_idle()
