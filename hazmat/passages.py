"""Stretches of roads that lead through tunnels, over bridges and through areas where not all may go.

A tunnel hides the sky and lies under other streets: whether a truck is in it, or will soon be, is told by
the road that it drives and how far along it is, not by a point in a polygon.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely

from hazmat.columns import Floats, Ints, Mask, Points, Rows
from hazmat.fence_index import KIND_CODE, REACH_M, FenceIndex
from hazmat.geofences import FenceKind
from hazmat.line_cells import LineCells, cell_keys, cells_touched
from hazmat.lookup import Links
from hazmat.registry import Registry

_ROADS = (FenceKind.ROAD, FenceKind.DESIGNATED_ROAD)
_WATCHED = (FenceKind.BARRED_AREA, FenceKind.TUNNEL, FenceKind.NO_STOP)


AHEAD_M = 1000.0  # nobody is warned of what lies further ahead


@dataclass(frozen=True, slots=True, eq=False)
class Passages:
    """Rows (``road``, ``area``, metres along the road ``from_m`` ``to_m``); fence rows of the registry.

    ``by_road`` and ``by_area`` find them by a fence row, ``cells`` locates fixes on the roads that have any.
    ``has_road`` of every fence row: an area with a road through it. ``watched``: all areas asked about, with
    a tree over their outlines, and the cells of 250 m within reach of any.
    """

    road: Rows
    area: Rows
    from_m: Floats
    to_m: Floats
    by_road: Links
    by_area: Links
    cells: LineCells
    has_road: Mask
    watched: Rows
    tree: shapely.STRtree
    watched_cells: Ints
    kind: Ints

    @classmethod
    def of(cls, fences: FenceIndex) -> Self:
        """All stretches of roads inside barred areas, tunnels that bar anything, and no-stop stretches."""
        every = np.arange(len(fences.fences))
        watched = every[fences.kinds(every, *_WATCHED)]
        watched = watched[~fences.kinds(watched, FenceKind.TUNNEL) | (fences.tunnel_rank[watched] > 0)]
        road, area, ends = _stretches(fences, every[fences.kinds(every, *_ROADS)], watched)
        box = shapely.bounds(fences.geometry_m[watched]).reshape(-1, 2, 2)
        _, keys = cells_touched(np.zeros(len(watched), np.intp), box[:, 0] - AHEAD_M, box[:, 1] + AHEAD_M)
        return cls(
            road=road,
            area=area,
            from_m=ends.min(axis=0),
            to_m=ends.max(axis=0),
            by_road=Links.of(road, len(every)),
            by_area=Links.of(area, len(every)),
            cells=LineCells.of(fences.geometry_m, np.unique(road), fences.half_width_m + 2 * REACH_M),
            has_road=np.isin(every, area),
            watched=watched,
            tree=shapely.STRtree(fences.geometry_m[watched]),
            watched_cells=np.unique(keys),
            kind=fences.kind[area],
        )

    def leads(self, *kinds: FenceKind) -> Mask:
        """For every fence row: a road that leads through an area of one of these kinds."""
        mine = np.isin(self.kind, [KIND_CODE[kind] for kind in kinds])
        return np.isin(np.arange(len(self.has_road)), self.road[mine])

    def near_any(self, x_m: Floats, y_m: Floats) -> Mask:
        """Whether each fix may be within ``AHEAD_M`` of a watched area: quickly, and rather too often."""
        if not len(self.watched_cells):
            return np.zeros(len(x_m), bool)
        key = cell_keys(np.zeros(len(x_m), np.intp), x_m, y_m)
        spot = np.minimum(np.searchsorted(self.watched_cells, key), len(self.watched_cells) - 1)
        return np.asarray(self.watched_cells[spot] == key, bool)

    def met(self, lines: Points) -> tuple[Rows, Rows]:
        """(line, fence): watched areas that these lines meet."""
        nth, spot = self.tree.query(lines, predicate="intersects")
        return nth, self.watched[spot]


def _stretches(fences: FenceIndex, roads: Rows, watched: Rows) -> tuple[Rows, Rows, Floats]:
    """(road, area, metres along the road of both ends) for each piece of a road inside an area."""
    tree = shapely.STRtree(fences.geometry_m[roads])
    nth, spot = tree.query(fences.geometry_m[watched], predicate="intersects")
    road, area = roads[spot], watched[nth]
    inside = shapely.intersection(fences.geometry_m[road], fences.geometry_m[area])
    parts, owner = shapely.get_parts(inside, return_index=True)
    lines = shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING
    parts, road, area = parts[lines], road[owner[lines]], area[owner[lines]]
    ends = [shapely.line_locate_point(fences.geometry_m[road], shapely.get_point(parts, n)) for n in (0, -1)]
    return road, area, np.stack(ends)


def passages(registry: Registry) -> Passages:
    """Of this snapshot of the registry, made once."""
    return registry.derived(_of_registry)


def _of_registry(registry: Registry) -> Passages:
    return Passages.of(registry.fences)
