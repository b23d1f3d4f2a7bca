"""Stretches of roads that lead through tunnels, over bridges and through areas where not all may go.

A tunnel hides the sky and lies under other streets: whether a truck is in it, or will soon be, is told by
the road that it drives and how far along it is, not by a point in a polygon.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely

from hazmat.columns import Floats, Ints, Mask, Points, Rows
from hazmat.fence_index import KIND_CODE, REACH_M, FenceIndex
from hazmat.geofences import FenceKind
from hazmat.line_cells import AreaCells, LineCells
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
    a tree over their outlines, and the cells ``around`` them, up to ``AHEAD_M`` away. ``kind``: of each
    row's area. Of every fence row: ``shapes`` in metres, and ``end_x_m``, ``end_y_m`` of both ends of a
    line. ``pairs``: (road, area) as one sorted number each.
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
    around: AreaCells
    kind: Ints
    shapes: Points
    end_x_m: Floats
    end_y_m: Floats
    pairs: Ints

    @classmethod
    def of(cls, fences: FenceIndex) -> Self:
        """All stretches of roads inside barred areas, tunnels that bar anything, and no-stop stretches."""
        every = np.arange(len(fences.fences))
        watched = every[fences.kinds(every, *_WATCHED)]
        watched = watched[~fences.kinds(watched, FenceKind.TUNNEL) | (fences.tunnel_rank[watched] > 0)]
        road, area, ends = _stretches(fences, every[fences.kinds(every, *_ROADS)], watched)
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
            around=AreaCells.of(fences.geometry_m[watched], AHEAD_M),
            kind=fences.kind[area],
            shapes=fences.geometry_m,
            end_x_m=_ends(fences, shapely.get_x),
            end_y_m=_ends(fences, shapely.get_y),
            pairs=np.unique(road * len(every) + area),
        )

    def leads(self, *kinds: FenceKind) -> Mask:
        """For every fence row: a road that leads through an area of one of these kinds."""
        mine = np.isin(self.kind, [KIND_CODE[kind] for kind in kinds])
        return np.isin(np.arange(len(self.has_road)), self.road[mine])

    def leads_through(self, road: Ints, area: Rows) -> Mask:
        """Whether each road (-1: none) leads through the area beside it."""
        wanted = road * len(self.shapes) + area
        found: Mask = np.append(self.pairs, -1)[np.searchsorted(self.pairs, wanted)] == wanted
        return found & (road >= 0)

    def ends_soon(self, road: Ints, x_m: Floats, y_m: Floats) -> Mask:
        """Whether a fix is on no road (-1), or within ``AHEAD_M`` of an end of its road."""
        east, north = self.end_x_m[road] - x_m[:, None], self.end_y_m[road] - y_m[:, None]
        return (road < 0) | (east * east + north * north < AHEAD_M**2).any(axis=1)

    def met(self, lines: Points) -> tuple[Rows, Rows]:
        """(line, fence): watched areas that these lines meet."""
        nth, spot = self.tree.query(lines, predicate="intersects")
        return nth, self.watched[spot]


def _ends(fences: FenceIndex, of_point: Callable[[object], Floats]) -> Floats:
    """One coordinate of the first and last point of each line, NaN for areas."""
    return np.stack([of_point(shapely.get_point(fences.geometry_m, end)) for end in (0, -1)], axis=-1)


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
