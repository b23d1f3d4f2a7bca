"""Lines as columns of segments: which are near a fix, how far, and in which direction they run."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray

from hazmat.columns import Floats, Points, Rows

_PIECE_M = 250.0  # a long slanting segment has a huge box; in pieces the tree stays sharp


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """Pieces of at most 250 m of some of a registry's lines, with a tree over their widened boxes."""

    line: Rows
    x_m: Floats
    y_m: Floats
    dx_m: Floats
    dy_m: Floats
    tree: shapely.STRtree

    @classmethod
    def of(cls, geometry: NDArray[np.object_], rows: Rows, reach_m: Floats) -> Self:
        """From the lines at ``rows`` of ``geometry`` (metres), each found from up to its ``reach_m`` away."""
        pieces = shapely.segmentize(geometry[rows], _PIECE_M)
        points, owner = shapely.get_coordinates(pieces, return_index=True)
        same = np.flatnonzero(owner[1:] == owner[:-1])
        start, end, line = points[same], points[same + 1], rows[owner[same]]
        low, high = np.minimum(start, end), np.maximum(start, end)
        reach = reach_m[line]
        boxes = shapely.box(low[:, 0] - reach, low[:, 1] - reach, high[:, 0] + reach, high[:, 1] + reach)
        step = end - start
        return cls(line, start[:, 0], start[:, 1], step[:, 0], step[:, 1], shapely.STRtree(boxes))

    def near(
        self, points: Points, x_m: Floats, y_m: Floats, half_width_m: Floats, reach_m: Floats
    ) -> tuple[Rows, Rows, Floats, Floats, Floats]:
        """(fix row, line, distance, bearing in degrees, metres to the right) for each line near to a fix.

        Near: within the line's half width (a column over all lines) plus the fix's own reach. To the right
        in the sense of the line, negative to the left.
        """
        row, piece = self.tree.query(points)
        dx, dy = self.dx_m[piece], self.dy_m[piece]
        east, north = x_m[row] - self.x_m[piece], y_m[row] - self.y_m[piece]
        along = np.clip((east * dx + north * dy) / np.maximum(dx * dx + dy * dy, 1e-12), 0.0, 1.0)
        distance = np.hypot(east - along * dx, north - along * dy)
        near = np.flatnonzero(distance <= half_width_m[self.line[piece]] + reach_m[row])
        row, piece, distance = row[near], piece[near], distance[near]
        line = self.line[piece]
        order = np.lexsort((piece, distance, line, row))
        row, line, distance, piece = row[order], line[order], distance[order], piece[order]
        first = np.ones(len(row), bool)
        first[1:] = (row[1:] != row[:-1]) | (line[1:] != line[:-1])
        row, line, distance, piece = row[first], line[first], distance[first], piece[first]
        bearing = np.degrees(np.arctan2(self.dx_m[piece], self.dy_m[piece])) % 360.0
        across = (x_m[row] - self.x_m[piece]) * self.dy_m[piece]
        across -= (y_m[row] - self.y_m[piece]) * self.dx_m[piece]
        right = across / np.maximum(np.hypot(self.dx_m[piece], self.dy_m[piece]), 1e-6)
        return row, line, distance, bearing, right
