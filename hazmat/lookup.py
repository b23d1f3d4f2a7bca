"""Column look-ups: ids to rows, links one-to-many, and what was in force at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from hazmat.clock import to_ms
from hazmat.columns import ID_DTYPE, Ids, Ints, Rows, Times
from hazmat.partition import stable_hash

_FOREVER_MS = 1 << 42  # year 2109
_SPAN = np.int64(1 << 43)


@dataclass(frozen=True, slots=True)
class Keys:
    """Finds ids among known ones: whole columns by their sorted hashes, single ones by ``index``."""

    ids: Ids
    index: dict[str, int]
    _hashes: NDArray[np.uint64]
    _rows: Rows

    @classmethod
    def of(cls, names: Sequence[str]) -> Self:
        """From distinct ids; a repeated one keeps its first row."""
        index: dict[str, int] = {}
        for name in names:
            index.setdefault(name, len(index))
        ids = np.array(list(index), ID_DTYPE)
        hashes = stable_hash(ids)
        order = np.argsort(hashes)
        return cls(ids, index, hashes[order], order)

    def find(self, wanted: Ids) -> Ints:
        """Row of each wanted id, -1 where it is unknown."""
        if not len(self.ids):
            return np.full(len(wanted), -1, np.int64)
        spot = np.minimum(np.searchsorted(self._hashes, stable_hash(wanted)), len(self._hashes) - 1)
        row = self._rows[spot]
        return np.where(self.ids[row] == wanted, row, -1).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Links:
    """Many items for each owner (owner's row to items' rows)."""

    start: Ints
    items: Rows

    @classmethod
    def of(cls, owner: Ints, owners: int) -> Self:
        """From each item's owner row; items with owner -1 belong to none."""
        order = np.argsort(owner, kind="stable")
        order = order[owner[order] >= 0]
        return cls(np.searchsorted(owner[order], np.arange(owners + 1)), order)

    def expand(self, owner: Ints) -> tuple[Rows, Rows]:
        """(row, item) pairs: for each row every item of its owner."""
        have = np.flatnonzero(owner >= 0)
        start, stop = self.start[owner[have]], self.start[owner[have] + 1]
        count = stop - start
        row = np.repeat(have, count)
        within = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        return row, self.items[np.repeat(start, count) + within]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Which item was in force for an owner at a time; of overlapping ones the latest to begin."""

    _moment: Ints
    _item: Ints

    @classmethod
    def of(
        cls, owner: Ints, spans: Sequence[tuple[datetime, datetime | None]], value: Ints | None = None
    ) -> Self:
        """From each item's owner row and span [from, to); items with owner -1 are left out."""
        moments: list[int] = []
        items: list[int] = []
        for key, own in sorted(_by_owner(owner, spans, value).items()):
            for moment, item in _flatten(own):
                moments.append(key * int(_SPAN) + moment)
                items.append(item)
        return cls(np.array(moments, np.int64), np.array(items, np.int64))

    def at(self, owner: NDArray[Any], times: Times) -> Ints:
        """Item in force for each owner row at the time beside it, -1 for none."""
        if not len(self._moment):
            return np.full(len(owner), -1, np.int64)
        wanted = owner * _SPAN + times.astype("datetime64[ms]").astype(np.int64)
        spot = np.searchsorted(self._moment, wanted, side="right") - 1
        found = (spot >= 0) & (owner >= 0) & (self._moment[spot] // _SPAN == owner)
        return np.where(found, self._item[spot], -1)


def _within(moment_ms: int) -> int:
    """Kept inside one owner's span of the sorted column: 1970 to 2109."""
    return min(max(moment_ms, 0), _FOREVER_MS)


def _flatten(spans: list[tuple[int, int, int]]) -> list[tuple[int, int]]:
    """(moment, item in force from then on) for the spans of one owner; -1 where none is."""
    spans = sorted(spans)
    steps: list[tuple[int, int]] = []
    running: list[tuple[int, int, int]] = []  # a heap of what has begun, the last to begin on top
    begun = 0
    for moment in sorted({edge for start, end, _ in spans for edge in (start, end)}):
        while begun < len(spans) and spans[begun][0] <= moment:
            start, end, item = spans[begun]
            heappush(running, (-start, -end, -item))
            begun += 1
        while running and -running[0][1] <= moment:  # what ended below the top is dropped when it comes up
            heappop(running)
        steps.append((moment, -running[0][2] if running else -1))
    return steps


@dataclass(frozen=True, slots=True)
class Overlaps:
    """Which items were in force for an owner at once: a set for each span of time with two or more.

    ``items``: of each set, in the order in which they began.
    """

    _sets: Timeline
    items: Links

    @classmethod
    def of(cls, owner: Ints, spans: Sequence[tuple[datetime, datetime | None]]) -> Self:
        """From each item's owner row and span [from, to); items with owner -1 are left out."""
        moments: list[int] = []
        sets: list[int] = []
        members: list[tuple[int, ...]] = []
        for key, own in sorted(_by_owner(owner, spans, None).items()):
            for moment, running in _running(own) if len(own) > 1 else ():
                several = len(running) > 1
                moments.append(key * int(_SPAN) + moment)
                sets.append(len(members) if several else -1)
                members.extend([running] if several else [])
        start = np.cumsum([0, *map(len, members)])
        items = np.array([item for running in members for item in running], np.int64)
        return cls(Timeline(np.array(moments, np.int64), np.array(sets, np.int64)), Links(start, items))

    def at(self, owner: NDArray[Any], times: Times) -> Ints:
        """Set in force for each owner row at the time beside it, -1 where it is one item or none."""
        return self._sets.at(owner, times)

    def reduce(self, ufunc: np.ufunc, column: Ints) -> Ints:
        """For each set, of its items' values."""
        return np.asarray(ufunc.reduceat(column[self.items.items], self.items.start[:-1]), np.int64)


def _by_owner(
    owner: Ints, spans: Sequence[tuple[datetime, datetime | None]], value: Ints | None
) -> dict[int, list[tuple[int, int, int]]]:
    """(start, end, item) of every owner; those of owner -1 are left out."""
    own: dict[int, list[tuple[int, int, int]]] = {}
    for row, (start, end) in enumerate(spans):
        item = row if value is None else int(value[row])
        span = (_within(to_ms(start)), _FOREVER_MS if end is None else _within(to_ms(end)), item)
        own.setdefault(int(owner[row]), []).append(span)
    own.pop(-1, None)
    return own


def _running(spans: list[tuple[int, int, int]]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """(moment, items in force from then on) for the spans of one owner."""
    spans = sorted(spans)
    running: list[tuple[int, int, int]] = []
    begun = 0
    for moment in sorted({edge for start, end, _ in spans for edge in (start, end)}):
        while begun < len(spans) and spans[begun][0] <= moment:
            running.append(spans[begun])
            begun += 1
        running = [span for span in running if span[1] > moment]
        yield moment, tuple(item for _, _, item in running)


@dataclass(frozen=True, slots=True)
class Edges:
    """When the items of each owner begin and end."""

    _starts: Ints
    _ends: Ints

    @classmethod
    def of(cls, owner: Ints, start: Times, end: Times) -> Self:
        """From each item's owner row and span; items with owner -1 are left out."""
        keep = owner >= 0
        return cls(np.sort(_moments(owner, start)[keep]), np.sort(_moments(owner, end)[keep]))

    def since_end_ms(self, owner: Ints, times: Times) -> Ints:
        """Milliseconds since an item of each owner ended last; -1: none has."""
        wanted = _moments(owner, times)
        spot = np.searchsorted(self._ends, wanted, side="right") - 1
        found = np.append(self._ends, -1)[spot]
        return np.where((owner >= 0) & (found // _SPAN == owner), wanted - found, -1)

    def until_start_ms(self, owner: Ints, times: Times) -> Ints:
        """Milliseconds until an item of each owner begins next; -1: none does."""
        wanted = _moments(owner, times)
        spot = np.searchsorted(self._starts, wanted, side="right")
        found = np.append(self._starts, -1)[spot]
        return np.where((owner >= 0) & (found // _SPAN == owner), found - wanted, -1)


def _moments(owner: Ints, times: Times) -> Ints:
    moment: Ints = owner * _SPAN + np.clip(times.astype("datetime64[ms]").astype(np.int64), 0, _FOREVER_MS)
    return moment
