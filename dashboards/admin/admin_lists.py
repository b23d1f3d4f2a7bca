"""Long lists on the pages of administration: one page of rows, links to the others that keep the filters."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request

ROWS = 50  # a page


@dataclass(frozen=True, slots=True)
class Pager:
    """Where in a list a page stands, from 1 on; its neighbours' addresses, empty where there is none."""

    page: int
    pages: int
    total: int
    earlier: str
    later: str


def pager(request: Request, page: int, total: int, rows: int = ROWS) -> Pager:
    """The pager of a page of ``rows`` rows."""
    pages = max(1, -(-total // rows))
    return Pager(
        page,
        pages,
        total,
        address(request, page=page - 1) if page > 1 else "",
        address(request, page=page + 1) if page < pages else "",
    )


def address(request: Request, **changes: object) -> str:
    """This page's address with other values in its query; empty ones are left out."""
    asked: Mapping[str, object] = {**request.query_params, **changes}
    kept = {name: str(value) for name, value in asked.items() if value not in {"", None}}
    return f"{request.url.path}?{urlencode(kept)}" if kept else request.url.path
