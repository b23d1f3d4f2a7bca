"""What a truck is heading for: areas and tunnels that it may not enter, along the road that it drives."""

from dataclasses import dataclass

import numpy as np
import shapely

from hazmat.columns import Floats, Ids, Mask, Rows, Times
from hazmat.geofences import FenceKind
from hazmat.passages import AHEAD_M, Passages, passages
from hazmat.position import Positions
from hazmat.registry import Registry
from rules.papers import Papers
from rules.places import HEADING_KMH, HEADING_WITHIN_DEG, Roads, concerns, course_deg, covering
from rules.track import Track
from rules.tunnels import bars, goods_rank

_KINDS = (FenceKind.BARRED_AREA, FenceKind.TUNNEL)


@dataclass(frozen=True, slots=True)
class Ahead:
    """(``row``, ``fence``) pairs: barred areas and, if ``tunnel``, tunnels within 1 km ahead, ``away_m`` and
    ``away_s`` at the present speed. They will be in force on arrival, and no permit opens them.
    """

    row: Rows
    fence: Rows
    object_id: Ids
    tunnel: Mask
    away_m: Floats
    away_s: Floats


def find_ahead(
    positions: Positions,
    asked: Mask,
    track: Track,
    roads: Roads,
    papers: Papers,
    loaded: Mask,
    speed_kmh: Floats,
    registry: Registry,
) -> Ahead:
    """For moving fixes among those ``asked`` about: along the road that they are on, else straight on."""
    ways, fences = passages(registry), registry.fences
    row = np.flatnonzero(asked & (speed_kmh >= HEADING_KMH))
    row = row[ways.around.near(track.x_m[row], track.y_m[row])]
    course = course_deg(positions, track)[row]
    by_road = _along_road(row, course, track, roads, ways)
    straight = _straight_on(row, course, track, roads, ways)
    row, fence, away = (np.concatenate(both) for both in zip(by_road, straight, strict=True))
    order = np.lexsort((away, fence, row))
    row, fence, away = row[order], fence[order], away[order]
    nearest = np.append(True, (row[1:] != row[:-1]) | (fence[1:] != fence[:-1]))[: len(row)]
    row, fence, away = row[nearest], fence[nearest], away[nearest]
    away_s = away / speed_kmh[row] * 3.6
    arrival: Times = positions.fix_time[row] + (away_s * 1000).astype("timedelta64[ms]")
    tunnel = fences.kinds(fence, FenceKind.TUNNEL)
    closed = np.where(
        tunnel,
        loaded[row] & bars(fence, goods_rank(papers, registry)[row], registry),
        fences.kinds(fence, FenceKind.BARRED_AREA) & concerns(row, fence, papers, loaded, registry),
    )
    keep = np.flatnonzero(closed & fences.in_force(fence, arrival))
    keep = keep[covering(arrival[keep], row[keep], fence[keep], papers, loaded, registry) < 0]
    row, fence = row[keep], fence[keep]
    return Ahead(row, fence, fences.ids[fence], tunnel[keep], away[keep], away_s[keep])


def _along_road(
    rows: Rows, course: Floats, track: Track, roads: Roads, ways: Passages
) -> tuple[Rows, Rows, Floats]:
    """(fix, fence, metres) by the road that each fix is on, where it leads through any area."""
    on = np.flatnonzero(ways.leads(*_KINDS)[roads.nearest[rows]] & (roads.nearest[rows] >= 0))
    row, road = rows[on], roads.nearest[rows[on]]
    here = ways.cells.locate(road, track.x_m[row], track.y_m[row])
    turn = np.abs((course[on] - here.bearing_deg + 180.0) % 360.0 - 180.0)
    forward, backward = turn <= HEADING_WITHIN_DEG, turn >= 180.0 - HEADING_WITHIN_DEG
    nth, passage = ways.by_road.expand(road)
    along = here.along_m[nth]
    away = np.where(forward[nth], ways.from_m[passage] - along, along - ways.to_m[passage])
    keep = (forward | backward)[nth] & (away > 0) & (away <= AHEAD_M)
    return row[nth[keep]], ways.area[passage[keep]], away[keep]


def _straight_on(
    rows: Rows, course: Floats, track: Track, roads: Roads, ways: Passages
) -> tuple[Rows, Rows, Floats]:
    """(fix, fence, metres) as the truck heads, for areas that its own road does not lead through."""
    road = roads.nearest[rows]
    told = np.flatnonzero(~np.isnan(course) & ways.ends_soon(road, track.x_m[rows], track.y_m[rows]))
    row, ahead = rows[told], np.radians(course[told])
    x, y = track.x_m[row], track.y_m[row]
    ends = np.stack([x, y, x + AHEAD_M * np.sin(ahead), y + AHEAD_M * np.cos(ahead)], -1)
    line = shapely.linestrings(ends.reshape(-1, 2, 2))
    nth, fence = ways.met(line)
    own = ways.leads_through(road[told[nth]], fence)
    nth, fence = nth[~own], fence[~own]
    inside = shapely.intersection(line[nth], ways.shapes[fence])
    away = np.asarray(shapely.distance(track.points[row[nth]], inside), float)
    return row[nth[away > 0]], fence[away > 0], away[away > 0]
