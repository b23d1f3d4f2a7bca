"""The road graph of the illustrative town in metres (EPSG:32651), and shortest ways through it."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon

from hazmat.columns import Floats
from hazmat.coordinates import to_metres
from hazmat.geofences import RoadClass
from ingest.simulator import town
from ingest.simulator.town import Area, Points, Road

_GRID_SEED = 7
Node = tuple[int, int]  # decimetres: pieces of noded lines meet exactly


@cache
def _origin() -> tuple[float, float]:
    x, y = to_metres(np.array([town.ORIGIN_LON]), np.array([town.ORIGIN_LAT]))
    return float(x[0]), float(y[0])


def metres(points: Points) -> Floats:
    """(n, 2) metres of points in km about the town's origin."""
    moved: Floats = np.asarray(points, float) * 1000.0 + np.array(_origin())
    return moved


def area_m(area: Area) -> Polygon:
    """An area of the town as polygon in metres."""
    return Polygon(metres(area.ring))


def rounded(points: Floats, times: int = 3) -> Floats:
    """Chaikin's corner cutting, ends kept: bends instead of corners."""
    for _ in range(times if len(points) > 2 else 0):
        left, right = points[:-1], points[1:]
        cut = np.stack([0.75 * left + 0.25 * right, 0.25 * left + 0.75 * right], axis=1).reshape(-1, 2)
        points = np.vstack([points[:1], cut[1:-1], points[-1:]])
    return points


def _grid() -> list[tuple[Road, LineString]]:
    """Ordinary streets: two families of bent lines, cut to the land outside plants and parking lots."""
    rng = np.random.default_rng(_GRID_SEED)
    taken = shapely.union_all([area_m(a).buffer(150) for a in (*town.PLANTS, *town.PARKINGS)])
    land = area_m(town.DISTRICT).buffer(-250).difference(taken)
    families = ((town.GRID_ALONG_KM, "横", 0.0), (town.GRID_ACROSS_KM, "纵", 90.0))
    streets = []
    for offsets, word, turn_deg in families:
        for number, offset in enumerate(offsets, 1):
            line = _street(offset, np.radians(town.GRID_BEARING_DEG + turn_deg), rng).intersection(land)
            line = max(getattr(line, "geoms", [line]), key=lambda part: float(part.length))
            if line.length > 2500:
                name = f"{word}{number}路（示例）"
                lanes = int(rng.integers(1, 3))
                road = Road(
                    f"road.{'along' if word == '横' else 'across'}{number}",
                    name,
                    (),
                    False,
                    lanes,
                    30 + 10 * lanes,
                )
                streets.append((road, line))
    return streets


def _street(offset_km: float, bearing: float, rng: np.random.Generator) -> LineString:
    along = np.arange(-20.0, 20.1, 4.0)
    bend = offset_km + rng.normal(0.0, 0.12, len(along))
    sin, cos = np.sin(bearing), np.cos(bearing)
    return LineString(
        rounded(metres(tuple(zip(along * cos - bend * sin, along * sin + bend * cos, strict=True))), 2)
    )


@dataclass(frozen=True)
class Piece:
    """A stretch of road between two nodes of the graph."""

    line: Floats
    road: Road
    length_m: float
    barred: bool  # it leads through a barred area


@dataclass(frozen=True)
class Network:
    """All roads with their lines in metres."""

    roads: tuple[tuple[Road, LineString], ...]

    @cached_property
    def lines(self) -> dict[str, LineString]:
        """Line of each road by its id."""
        return {road.road_id: line for road, line in self.roads}

    @cached_property
    def _links(self) -> dict[Node, list[tuple[Node, Piece]]]:
        noded = shapely.get_parts(shapely.node(shapely.union_all([line for _, line in self.roads])))
        middles = shapely.line_interpolate_point(noded, 0.5, normalized=True)
        owner = shapely.STRtree([line for _, line in self.roads]).nearest(middles)
        barred = shapely.union_all([area_m(area) for area in town.BARRED]).intersects(noded)
        links: dict[Node, list[tuple[Node, Piece]]] = {}
        for part, row, bad in zip(noded, owner, barred, strict=True):
            line = shapely.get_coordinates(part)
            for way in (line, line[::-1]):
                piece = Piece(way, self.roads[int(row)][0], float(part.length), bool(bad))
                links.setdefault(_node(way[0]), []).append((_node(way[-1]), piece))
        return links

    def nearest(self, x_m: float, y_m: float, road_id: str | None = None) -> Node:
        """The node nearest to a point, on this road if one is named."""
        nodes = [
            n for n, ways in self._links.items() if road_id in (None, *(p.road.road_id for _, p in ways))
        ]
        return min(nodes, key=lambda n: (n[0] / 10 - x_m) ** 2 + (n[1] / 10 - y_m) ** 2)

    def nodes(self) -> list[Node]:
        """Junctions: nodes where at least three stretches of ordinary road meet, in a fixed order."""
        return sorted(n for n, ways in self._links.items() if len(ways) > 2 and not _on_trunk(ways))

    def way(
        self, start: Node, end: Node, other_cost: float = np.inf, shun: Sequence[Piece] = (), only: str = ""
    ) -> list[Piece]:
        """The shortest way over designated roads; others cost ``other_cost`` a metre (inf: barred).

        Pieces of ``shun`` cost tenfold, so that a way back differs; ``only``: over this road alone.
        ValueError if there is none.
        """
        used = {_key(piece) for piece in shun}
        best: dict[Node, float] = {start: 0.0}
        came: dict[Node, tuple[Node, Piece]] = {}
        queue = [(0.0, start)]
        while queue:
            cost, here = heapq.heappop(queue)
            if here == end:
                return _walk(came, start, end)
            if cost > best[here]:
                continue
            for there, piece in self._links[here]:
                if only not in ("", piece.road.road_id):
                    continue
                factor = (1.0 if piece.road.designated else other_cost) * (
                    10.0 if _key(piece) in used else 1.0
                )
                total = cost + piece.length_m * factor
                if total < best.get(there, np.inf):
                    best[there], came[there] = total, (here, piece)
                    heapq.heappush(queue, (total, there))
        raise ValueError(f"no way from {start} to {end}")


def _on_trunk(ways: list[tuple[Node, Piece]]) -> bool:
    return any(p.road.designated or p.road.road_class is RoadClass.EXPRESSWAY for _, p in ways)


def _walk(came: dict[Node, tuple[Node, Piece]], start: Node, end: Node) -> list[Piece]:
    pieces: list[Piece] = []
    while end != start:
        end, piece = came[end]
        pieces.append(piece)
    return pieces[::-1]


def _node(point: Floats) -> Node:
    return round(float(point[0]) * 10), round(float(point[1]) * 10)


def _key(piece: Piece) -> frozenset[Node]:
    return frozenset((_node(piece.line[0]), _node(piece.line[-1])))


def backwards(pieces: Sequence[Piece]) -> list[Piece]:
    """The same way in the other sense."""
    return [replace(p, line=p.line[::-1]) for p in reversed(pieces)]


def line_of(pieces: Sequence[Piece]) -> LineString:
    """The way as one line in metres."""
    return LineString(np.vstack([pieces[0].line, *(p.line[1:] for p in pieces[1:])]))


@cache
def network() -> Network:
    """The town's roads; the same each time."""
    fixed = [
        (r, LineString(rounded(metres(r.line)))) for r in (*town.TRUNKS, *town.LAST_MILES, *town.OTHER_ROADS)
    ]
    return Network((*fixed, *_grid()))


def place_node(place_id: str) -> Node:
    """Where trips to a plant, parking lot or gate end; KeyError for an unknown place."""
    return _place_nodes()[place_id]


@cache
def _place_nodes() -> dict[str, Node]:
    spots = {gate_id: metres((point,))[0] for gate_id, _, point in town.GATES}
    for road, place in zip(town.LAST_MILES, (*town.PLANTS, *town.PARKINGS), strict=True):
        spots[place.area_id] = metres((road.line[-1],))[0]
    return {place: network().nearest(float(x), float(y)) for place, (x, y) in spots.items()}


@cache
def clean_way(start: str, end: str) -> tuple[Piece, ...]:
    """The way between two places that keeps to designated roads; the way back is the same."""
    if start > end:
        return tuple(backwards(clean_way(end, start)))
    return tuple(network().way(place_node(start), place_node(end)))
