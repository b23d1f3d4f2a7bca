"""Where vehicles were over a stored span, thinned by the database to what a browser can play."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

import numpy as np
import psycopg

from hazmat.columns import Ints, Times
from hazmat.store.pool import Connection, Pool, Row
from hazmat.store.queries import load_queries

MOST_ROWS = 200_000
MOST_ALERTS = 2_000
STEPS_S = (0, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 3600)  # 0: every fix
GAP_S = 60  # a hole wider than this (and than two steps) is kept: its edges are not thinned away
_QUERIES = load_queries("playback")
_COPY_HEADER_BYTES, _COPY_TRAILER_BYTES = 19, 2
_EPOCH_2000_MS = 946_684_800_000
_WIDTHS = {"row": ">i4", "fix_time": ">i8", "lon": ">i4", "lat": ">i4", "speed": ">i2", "heading": ">i2"}
_FIX = np.dtype(
    [("fields", ">i2")]
    + [pair for name, width in _WIDTHS.items() for pair in ((f"{name}_length", ">i4"), (name, width))]
)


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle in WGS-84 degrees, its edges included."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def everywhere(cls) -> Self:
        """The whole earth."""
        return cls(-180.0, -90.0, 180.0, 90.0)


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be played: ``start`` to ``end``, both included; ``step_s`` None: as fine as fits."""

    start: datetime
    end: datetime
    area: Area
    step_s: int | None = None


@dataclass(frozen=True, slots=True)
class Playback:
    """Fixes of ``ids`` sorted by vehicle and time: ``row`` is a place in ``ids``; lon, lat in 1e-6 degrees,
    speed km/h and heading degrees, -1 if unknown. ``total``: how many are stored; ``step_s`` 0: all shown."""

    ids: tuple[str, ...]
    row: Ints
    fix_time: Times
    lon: Ints
    lat: Ints
    speed: Ints
    heading: Ints
    total: int
    step_s: int


class TooManyRows(Exception):  # noqa: N818
    """The step asked for gives more than ``MOST_ROWS`` fixes; its argument is one that does not."""


class Playbacks:
    """The door to stored spans. All may raise StoreUnavailable."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def candidates(self, start: datetime, carrier_id: str | None) -> list[str]:
        """Return the vehicles that have been heard since a moment; of one carrier, None: of all."""
        values = {"start": start, "carrier": carrier_id}
        return self._pool.ask(lambda c: [row[0] for row in c.execute(_QUERIES["candidates"], values)])

    def play(self, ids: Sequence[str], asked: Question) -> Playback:
        """Return the fixes of these vehicles in a span and an area; vehicles without one are left out.

        TooManyRows: ``step_s`` was given and is too small.
        """
        return self._pool.ask(lambda c: _play(c, ids, asked))

    def vehicles(self, ids: Sequence[str], asked: Question) -> list[Row]:
        """Return plate, colour and goods of these vehicles, in their order."""
        return self._pool.rows(_QUERIES["vehicles"], ids=list(ids), start=asked.start, end=asked.end)

    def alerts(
        self, ids: Sequence[str], asked: Question, unseen: Sequence[str], rules: Sequence[str] | None
    ) -> list[Row]:
        """Return these vehicles' alerts of the span, oldest first: not of ``unseen`` rules; None: of all."""
        values = _values(ids, asked) | {"unseen": list(unseen), "rows": MOST_ALERTS}
        return self._pool.rows(_QUERIES["alerts"], rules=None if rules is None else list(rules), **values)

    def by_plate(self, text: str, carrier_id: str | None) -> list[Row]:
        """Return up to 20 vehicles whose plate holds a text or whose id it is."""
        return self._pool.rows(_QUERIES["by_plate"], text=text, carrier=carrier_id)


def _play(connection: Connection, ids: Sequence[str], asked: Question) -> Playback:
    # Never a prepared plan: a generic one cannot leave out the days outside of the span.
    found = connection.execute(_QUERIES["counts"], _values(ids, asked), prepare=False).fetchall()
    present, total = [ids[row] for row, _ in found], sum(fixes for _, fixes in found)
    step = _step(len(present), total, asked)
    while True:
        played = _read(connection, present, asked, step, total)
        if len(played.row) <= MOST_ROWS:
            return played
        if asked.step_s is not None or step == STEPS_S[-1]:
            raise TooManyRows(_coarser(step))
        step = _coarser(step)


def _step(vehicles: int, total: int, asked: Question) -> int:
    """The smallest step of ours that cannot give too many rows, or the one asked for."""
    if asked.step_s is not None:
        return asked.step_s
    if total <= MOST_ROWS:
        return 0
    span_s = (asked.end - asked.start).total_seconds()
    fits = (step for step in STEPS_S[1:] if vehicles * (span_s / step + 2) <= MOST_ROWS)
    return next(fits, STEPS_S[-1])


def _coarser(step: int) -> int:
    return next((wider for wider in STEPS_S if wider > step), STEPS_S[-1])


def _read(connection: Connection, ids: list[str], asked: Question, step: int, total: int) -> Playback:
    thinned = {
        "step": timedelta(seconds=step) if step else timedelta(milliseconds=1),
        "gap": timedelta(seconds=max(GAP_S, 2 * step)),
    }
    values = _values(ids, asked) | thinned
    with (
        psycopg.ClientCursor(connection) as cursor,
        cursor.copy(_QUERIES["fixes"], values) as copy,
    ):
        data = b"".join(bytes(block) for block in copy)
    rows = np.frombuffer(data[_COPY_HEADER_BYTES:-_COPY_TRAILER_BYTES], _FIX)
    times = (rows["fix_time"].astype(np.int64) // 1000 + _EPOCH_2000_MS).astype("datetime64[ms]")
    whole = {name: rows[name].astype(np.int64) for name in _WIDTHS if name != "fix_time"}
    return Playback(ids=tuple(ids), fix_time=times, total=total, step_s=step, **whole)


def _values(ids: Sequence[str], asked: Question) -> dict[str, object]:
    edges = {name: getattr(asked.area, name) for name in Area.__slots__}
    return {"ids": list(ids), "start": asked.start, "end": asked.end, **edges}
