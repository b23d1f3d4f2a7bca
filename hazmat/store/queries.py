"""Reads the named queries of sql/*.sql: `-- name: <word>`, a line that describes it, then the statement."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

SQL_DIR = Path(__file__).parent / "sql"
_NAME = re.compile(r"^-- name: ([a-z][a-z0-9_]*)$", re.MULTILINE)


class QueryFileError(Exception):
    """A query file that does not follow the form, or a query that does not exist."""


class Queries:
    """The queries of one file, by name."""

    def __init__(self, file: Path, statements: dict[str, bytes]) -> None:
        self._file = file
        self._statements = statements

    def __getitem__(self, name: str) -> bytes:
        try:
            return self._statements[name]
        except KeyError:
            raise QueryFileError(f"{self._file.name} has no query named {name}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._statements)


@cache
def load_queries(name: str) -> Queries:
    """The queries of sql/<name>.sql (``name`` may hold a folder: ``screens/live``), as psycopg takes them.

    Raises QueryFileError for a repeated name or one without description.
    """
    file = SQL_DIR / f"{name}.sql"
    parts = _NAME.split(file.read_text(encoding="utf-8"))
    statements: dict[str, bytes] = {}
    for word, body in zip(parts[1::2], parts[2::2], strict=True):
        lines = body.strip().splitlines()
        if word in statements:
            raise QueryFileError(f"{file.name}: {word} stands there twice")
        if len(lines) < 2 or not lines[0].startswith("-- "):
            raise QueryFileError(f"{file.name}: {word} needs a line that describes it and a statement")
        statements[word] = "\n".join(lines).encode()
    return Queries(file, statements)
