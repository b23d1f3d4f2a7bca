"""Ways that a truck should not take: off the designated roads, off its corridor, through a barred area."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import shapely
from shapely.geometry import Point, Polygon
from shapely.ops import substring

from ingest.simulator import town
from ingest.simulator.breaches import BreachKind
from ingest.simulator.roads import Node, Piece, area_m, clean_way, line_of, network, place_node

_OTHER_COST = 1.3
_AWAY_M = (700.0, 2500.0)  # how far from the clean way a detour leads
_BARRED = {
    BreachKind.BARRED_AREA: ("barred.oldtown", "barred.school"),
    BreachKind.BARRED_HOURS: ("barred.townhall",),
}
WITH_DETOUR = frozenset({BreachKind.OFF_DESIGNATED_ROAD, BreachKind.OFF_CORRIDOR, *_BARRED})


def detour(kind: BreachKind, start: str, end: str, rng: np.random.Generator) -> Sequence[Piece]:
    """A way from place to place with this breach, one of ``WITH_DETOUR``."""
    if kind is BreachKind.OFF_DESIGNATED_ROAD:
        return _through(start, end, _side_street(start, end, rng))
    if kind in _BARRED:
        areas = _BARRED[kind]
        return _through(start, end, _inside(areas[int(rng.integers(len(areas)))]))
    clean = clean_way(start, end)
    other = network().way(place_node(start), place_node(end), shun=clean)
    if line_of(other).equals(line_of(clean)):  # there is only one way over designated roads
        return _through(start, end, _side_street(start, end, rng))
    return other


def _through(start: str, end: str, middle: Node) -> list[Piece]:
    there = network().way(place_node(start), middle, _OTHER_COST)
    return [*there, *network().way(middle, place_node(end), _OTHER_COST, shun=there)]


def _inside(area_id: str) -> Node:
    """The junction nearest to the middle of a barred area."""
    area = next(area for area in town.BARRED if area.area_id == area_id)
    middle = area_m(area).representative_point()
    return network().nearest(middle.x, middle.y)


def _side_street(start: str, end: str, rng: np.random.Generator) -> Node:
    """A junction of ordinary streets beside the middle of the clean way, away from barred areas."""
    middle = substring(line_of(clean_way(start, end)), 0.3, 0.8, normalized=True)
    free = [node for node in network().nodes() if _free_land().contains(_point(node))]
    away = np.array([middle.distance(_point(node)) for node in free])
    near, far = _AWAY_M
    fitting = np.flatnonzero((away > near) & (away < far))
    if not len(fitting):
        return free[int(np.argmin(np.abs(away - far)))]
    return free[int(rng.choice(fitting))]


@cache
def _free_land() -> Polygon:
    """Where a detour breaks no other rule than that of the designated roads."""
    barred = shapely.union_all([area_m(area).buffer(400) for area in town.BARRED])
    return area_m(town.DISTRICT).difference(barred)


def _point(node: Node) -> Point:
    return Point(node[0] / 10, node[1] / 10)
