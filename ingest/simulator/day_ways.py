"""Ways through the town of the labelled days: the clean ones, and those that a truck should not take."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from shapely.geometry import LineString
from shapely.ops import substring

from ingest.simulator import day_town as town
from ingest.simulator.roads import Node, Piece, line_of

_OTHER_COST = 1.2
_TURN_M = 10.0  # radius of a U-turn


@dataclass(frozen=True, slots=True)
class Stretch:
    """A road from junction to junction, named by points near them (km); ``one_way``: only in that sense."""

    road_id: str
    first: tuple[float, float]
    last: tuple[float, float]
    one_way: bool = False


@cache
def clean_way(start: str, end: str) -> tuple[Piece, ...]:
    """The shortest way between two places over designated roads, but through no barring tunnel."""
    return tuple(town.network().way(_end(start), _end(end)))


@cache
def _end(place: str) -> Node:
    x_m, y_m = town.metres((town.ENDS[place],))[0]
    return town.network().nearest(float(x_m), float(y_m))


@cache
def over(start: str, end: str, stretch: Stretch) -> tuple[Piece, ...]:
    """A way that takes a stretch of road, in the sense that is shorter unless the stretch has one."""
    here, there = (_on(stretch.road_id, point) for point in (stretch.first, stretch.last))
    both = ((here, there), (there, here))[: 1 if stretch.one_way else 2]
    ways = [_by(start, end, stretch.road_id, *pair) for pair in both]
    return min(ways, key=lambda way: float(line_of(way).length))


def _on(road_id: str, point_km: tuple[float, float]) -> Node:
    x_m, y_m = town.metres((point_km,))[0]
    return town.network().nearest(float(x_m), float(y_m), road_id)


def _by(start: str, end: str, road_id: str, here: Node, there: Node) -> tuple[Piece, ...]:
    net = town.network()
    return (
        *net.way(_end(start), here, _OTHER_COST),
        *net.way(here, there, 1.0, only=road_id),
        *net.way(there, _end(end), _OTHER_COST),
    )


@cache
def other_way(start: str, end: str) -> tuple[Piece, ...]:
    """Another way over designated roads; the clean one if there is none."""
    return tuple(town.network().way(_end(start), _end(end), shun=clean_way(start, end)))


def with_return(way: Sequence[Piece], turn_m: float, back_m: float) -> tuple[Piece, ...]:
    """A way on which the truck turns at ``turn_m``, goes back so far, turns again and goes on."""
    line, again_m = line_of(way), turn_m - back_m
    before, (_, after) = _cut(way, turn_m)[0], _cut(way, again_m)
    back = _cut(before, again_m)[1][::-1]  # over the same roads, each with its own lanes and limit
    return (
        *before,
        _piece(_turn(line, turn_m, forward=True), _piece_at(way, turn_m)),
        *(_piece(LineString(piece.line[::-1]), piece) for piece in back),
        _piece(_turn(line, again_m, forward=False), _piece_at(way, again_m)),
        *after,
    )


def _piece_at(way: Sequence[Piece], at_m: float) -> Piece:
    ends = np.cumsum([piece.length_m for piece in way])
    return way[min(int(np.searchsorted(ends, at_m)), len(way) - 1)]


def _cut(way: Sequence[Piece], at_m: float) -> tuple[list[Piece], list[Piece]]:
    """The way before and after so many metres."""
    before: list[Piece] = []
    for nth, piece in enumerate(way):
        if at_m < piece.length_m:
            line = LineString(piece.line)
            head = [_piece(substring(line, 0.0, at_m), piece)] if at_m > 0 else []
            return [*before, *head], [_piece(substring(line, at_m, line.length), piece), *way[nth + 1 :]]
        before.append(piece)
        at_m -= piece.length_m
    return before, []


def _piece(line: LineString, owner: Piece) -> Piece:
    return replace(owner, line=np.asarray(line.coords, float), length_m=float(line.length))


def _turn(line: LineString, at_m: float, *, forward: bool) -> LineString:
    """A half circle to the left and back onto the road."""
    here, there = line.interpolate(at_m), line.interpolate(at_m + (5.0 if forward else -5.0))
    ahead = np.array([there.x - here.x, there.y - here.y]) / 5.0
    left = np.array([-ahead[1], ahead[0]])
    angle = np.radians(np.arange(0.0, 181.0, 20.0))[:, None]
    start = np.array([here.x, here.y])
    curve = start + _TURN_M * (np.sin(angle) * ahead + (1 - np.cos(angle)) * left)
    return LineString(np.vstack([curve, start]))
