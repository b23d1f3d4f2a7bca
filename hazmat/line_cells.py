"""Where along a given line each fix lies: by cells of its own, so that a long winding line costs no more."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray

from hazmat.columns import Floats, Ints, Mask, Rows

_CELL_M = 250.0
_PIECE_M = 250.0
_AXIS = np.int64(1 << 20)  # cells on one axis: 500,000 km


@dataclass(frozen=True, slots=True)
class Located:
    """Aligned with the fixes asked about; NaN where the line is further away than it was made for.

    ``offset_m``: metres from the line. ``along_m``: metres from its start to the nearest point on it.
    ``bearing_deg``: in which direction it runs there.
    """

    offset_m: Floats
    along_m: Floats
    bearing_deg: Floats


@dataclass(frozen=True, slots=True, eq=False)
class LineCells:
    """Lines in pieces of at most 250 m, and for each (line, cell of 250 m) the pieces that are near it."""

    key: Ints
    start: Ints
    piece: Rows
    x_m: Floats
    y_m: Floats
    dx_m: Floats
    dy_m: Floats
    from_m: Floats
    reach_m: Floats

    @classmethod
    def of(cls, geometry: NDArray[np.object_], rows: Rows, reach_m: Floats) -> Self:
        """From the lines at ``rows`` of ``geometry`` (metres), each known up to its ``reach_m`` away."""
        pieces = shapely.segmentize(geometry[rows], _PIECE_M)
        points, owner = shapely.get_coordinates(pieces, return_index=True)
        same = np.flatnonzero(owner[1:] == owner[:-1])
        line, step = rows[owner[same]], points[same + 1] - points[same]
        low = np.minimum(points[same], points[same + 1]) - reach_m[line][:, None]
        high = np.maximum(points[same], points[same + 1]) + reach_m[line][:, None]
        piece, key = cells_touched(line, low, high)
        order = np.lexsort((piece, key))
        keys, start = np.unique(key[order], return_index=True)
        return cls(
            key=keys,
            start=np.append(start, len(order)),
            piece=piece[order],
            x_m=points[same, 0],
            y_m=points[same, 1],
            dx_m=step[:, 0],
            dy_m=step[:, 1],
            from_m=_summed(np.hypot(step[:, 0], step[:, 1]), line),
            reach_m=reach_m,
        )

    def locate(self, line: Rows, x_m: Floats, y_m: Floats) -> Located:
        """Each fix on the line beside it."""
        offset, along, bearing = (np.full(len(line), np.nan) for _ in range(3))
        found, row, piece = self._candidates(line, x_m, y_m)
        if len(row):
            away_2, at = self._nearest(row, piece, x_m, y_m)
            group = _groups(row)
            least = np.minimum.reduceat(away_2, group)
            is_least = away_2 == np.repeat(least, np.diff(np.append(group, len(row))))
            spot = np.minimum.reduceat(np.where(is_least, np.arange(len(row)), len(row)), group)
            away = np.sqrt(least)
            offset[found] = np.where(away <= self.reach_m[line[found]], away, np.nan)
            along[found] = np.where(away <= self.reach_m[line[found]], at[spot], np.nan)
            piece = piece[spot]
            bearing[found] = np.degrees(np.arctan2(self.dx_m[piece], self.dy_m[piece])) % 360.0
        return Located(offset, along, bearing)

    def spread_m(self, line: Rows, x_m: Floats, y_m: Floats, within_m: Floats) -> Floats:
        """Metres along the line between the places on it that each fix may be at, ``within_m`` from them.

        Great where a line comes back to itself: nobody can tell there how far on it a vehicle is.
        """
        spread = np.zeros(len(line))
        found, row, piece = self._candidates(line, x_m, y_m)
        if len(row):
            away_2, at = self._nearest(row, piece, x_m, y_m)
            near, group = away_2 <= within_m[row] ** 2, _groups(row)
            last = np.maximum.reduceat(np.where(near, at, -np.inf), group)
            spread[found] = np.maximum(last - np.minimum.reduceat(np.where(near, at, np.inf), group), 0.0)
        return spread

    def _nearest(self, row: Rows, piece: Rows, x_m: Floats, y_m: Floats) -> tuple[Floats, Floats]:
        """(squared metres to the piece beside each fix, metres from the line's start to its nearest point)"""
        dx, dy = self.dx_m[piece], self.dy_m[piece]
        east, north = x_m[row] - self.x_m[piece], y_m[row] - self.y_m[piece]
        length_2 = dx * dx + dy * dy
        part = np.clip((east * dx + north * dy) / np.maximum(length_2, 1e-12), 0.0, 1.0)
        away_2 = (east - part * dx) ** 2 + (north - part * dy) ** 2
        return away_2, self.from_m[piece] + part * np.sqrt(length_2)

    def _candidates(self, line: Rows, x_m: Floats, y_m: Floats) -> tuple[Rows, Rows, Rows]:
        """(fixes whose cell is known; those, once for each of its pieces; the piece beside)."""
        if not len(self.key):
            none = np.zeros(0, np.intp)
            return none, none, none
        key = cell_keys(line, x_m, y_m)
        spot = np.minimum(np.searchsorted(self.key, key), len(self.key) - 1)
        found = np.flatnonzero(self.key[spot] == key)
        start, stop = self.start[spot[found]], self.start[spot[found] + 1]
        return found, *_ranges(found, start, stop - start, lambda nth: self.piece[nth])


@dataclass(frozen=True, slots=True, eq=False)
class AreaCells:
    """Cells of 250 m within a margin of any of some areas: a first, quick and generous answer."""

    key: Ints

    @classmethod
    def of(cls, areas: NDArray[np.object_], margin_m: float) -> Self:
        """By the boxes around the areas (metres)."""
        box = shapely.bounds(areas).reshape(-1, 2, 2)
        _, key = cells_touched(np.zeros(len(areas), np.intp), box[:, 0] - margin_m, box[:, 1] + margin_m)
        return cls(np.unique(key))

    def near(self, x_m: Floats, y_m: Floats) -> Mask:
        """Whether each point may be within the margin: never falsely no."""
        if not len(self.key):
            return np.zeros(len(x_m), bool)
        key = cell_keys(np.zeros(len(x_m), np.intp), x_m, y_m)
        return np.asarray(
            self.key[np.minimum(np.searchsorted(self.key, key), len(self.key) - 1)] == key, bool
        )


def cells_touched(line: Rows, low: Floats, high: Floats) -> tuple[Rows, Ints]:
    """(row, key of a cell) for every cell of 250 m that a row's box (corners x, y) touches, a line apart."""
    first, last = _cell(low), _cell(high)
    width, height = (last - first + 1).T
    nth = np.arange(len(line))
    piece, inner = _ranges(nth, np.zeros(len(line), np.int64), width * height, lambda count: count)
    x, y = first[piece, 0] + inner % width[piece], first[piece, 1] + inner // width[piece]
    return piece, _key(line[piece], x, y)


def cell_keys(line: Rows, x_m: Floats, y_m: Floats) -> Ints:
    """Key of the cell in which each point lies; those of different lines differ."""
    return _key(line, _cell(x_m), _cell(y_m))


def _cell(metres: Floats) -> Ints:
    return np.floor(metres / _CELL_M).astype(np.int64)


def _key(line: Rows, x: Ints, y: Ints) -> Ints:
    return (line.astype(np.int64) * _AXIS + x % _AXIS) * _AXIS + y % _AXIS


def _ranges(owner: Rows, start: Ints, count: Ints, pick: Callable[[Ints], Ints]) -> tuple[Rows, Rows]:
    """(owner, ``pick`` of each number from its start on) for ``count`` numbers each."""
    inner = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(owner, count), pick(np.repeat(start, count) + inner)


def _groups(row: Rows) -> Rows:
    return np.flatnonzero(np.append(True, row[1:] != row[:-1]))


def _summed(length: Floats, line: Rows) -> Floats:
    """Metres from the start of its line to the start of each piece."""
    before = np.cumsum(length) - length
    first = np.append(True, line[1:] != line[:-1])
    return before - before[np.maximum.accumulate(np.where(first, np.arange(len(line)), 0))]
