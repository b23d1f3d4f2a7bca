"""Areas and roads that each fix touches, and whether a permit covers them."""

from dataclasses import dataclass

import numpy as np

from hazmat.columns import Floats, Ints, Mask, Rows
from hazmat.fence_index import Pairs
from hazmat.geofences import STOP_KINDS, FenceKind
from hazmat.position import Positions
from hazmat.registry import Registry
from hazmat.schedule import in_hours
from rules.papers import Papers
from rules.track import Track

HEADING_KMH = 10.0  # slower than that a receiver's heading means little
HEADING_WITHIN_DEG = 45.0


@dataclass(frozen=True, slots=True)
class Roads:
    """Roads that each fix may be on, as (``row``, ``fence``) pairs: inside its width plus the fix's
    accuracy, and going along it. ``nearest``: fence row of the nearest of them for every fix, -1 for none;
    ``designated``: one of them is a designated road, for every fix.
    """

    row: Rows
    fence: Rows
    nearest: Ints
    designated: Mask


@dataclass(frozen=True, slots=True)
class Places:
    """(``row``, ``fence``) pairs of barred areas, and of areas and roads that want a permit, in force for
    these goods.

    ``sure``: inside by more than the fix's accuracy. ``crossed``: not inside at either end of the way, yet
    the way lies in it. ``permitted``: a permit of the vehicle names the fence, in its hours and for these
    goods.
    """

    row: Rows
    fence: Rows
    barred: Mask
    sure: Mask
    crossed: Mask
    permitted: Mask


def find_areas(positions: Positions, track: Track, registry: Registry) -> Pairs:
    """Areas in force at the time of each fix that it, or the way to it, touches."""
    pairs = registry.fences.areas(track.x_m, track.y_m, track.from_x_m, track.from_y_m)
    return pairs.take(registry.fences.in_force(pairs.fence, positions.fix_time[pairs.row]))


def stop_places(areas: Pairs, registry: Registry, rows: int) -> tuple[Mask, Mask]:
    """(in a plant or park, on a stretch where none may stand) for every fix."""
    return tuple(
        np.bincount(areas.row[areas.inside & registry.fences.kinds(areas.fence, *kinds)], minlength=rows) > 0
        for kinds in (STOP_KINDS, (FenceKind.NO_STOP,))
    )  # type: ignore[return-value]


def find_roads(
    positions: Positions, track: Track, speed_kmh: Floats, accuracy_m: Floats, registry: Registry
) -> Roads:
    """Roads in force at the time of each fix that it may be on."""
    fences = registry.fences
    pairs = fences.near_roads(track.points, track.x_m, track.y_m, accuracy_m)
    row = pairs.row
    turn = (positions.heading_deg[row] - pairs.along_deg + 180.0) % 360.0 - 180.0
    tells = (speed_kmh[row] >= HEADING_KMH) & ~np.isnan(turn)
    forward, backward = np.abs(turn) <= HEADING_WITHIN_DEG, np.abs(turn) >= 180.0 - HEADING_WITHIN_DEG
    one_way = fences.one_way[pairs.fence]
    along = np.select([one_way > 0, one_way < 0], [forward, backward], forward | backward)
    keep = (along | ~tells) & fences.in_force(pairs.fence, positions.fix_time[row])
    on = pairs.take(keep)
    rows = len(positions)
    nearest = np.full(rows, -1, np.int64)
    order = np.argsort(-on.beyond_m, kind="stable")
    nearest[on.row[order]] = on.fence[order]  # the nearest is written last
    designated = np.bincount(on.row[fences.kinds(on.fence, FenceKind.DESIGNATED_ROAD)], minlength=rows) > 0
    return Roads(on.row, on.fence, nearest, designated)


def find_places(
    positions: Positions,
    track: Track,
    areas: Pairs,
    roads: Roads,
    papers: Papers,
    loaded: Mask,
    accuracy_m: Floats,
    registry: Registry,
) -> Places:
    """The pairs that a rule about barred areas or permits may ask about."""
    fences = registry.fences
    asks = fences.kinds(areas.fence, FenceKind.BARRED_AREA) | fences.permit_required[areas.fence]
    area = areas.take(asks & (areas.inside | areas.crossed))
    on_road = np.flatnonzero(roads.nearest >= 0)
    on_road = on_road[fences.permit_required[roads.nearest[on_road]]]
    row = np.concatenate([area.row, on_road])
    fence = np.concatenate([area.fence, roads.nearest[on_road]])
    deep = fences.edge_distance_m(area.fence, track.points[area.row]) > accuracy_m[area.row]
    sure = np.concatenate([area.inside & deep, np.ones(len(on_road), bool)])
    crossed = np.concatenate(
        [_really_crossed(area, track, accuracy_m, registry), np.zeros(len(on_road), bool)]
    )
    concerns = (fences.class_bits[fence] & papers.class_bits[row]) != 0
    concerns &= loaded[row] | ~fences.loaded_only[fence]
    row, fence, sure, crossed = row[concerns], fence[concerns], sure[concerns], crossed[concerns]
    return Places(
        row=row,
        fence=fence,
        barred=fences.kinds(fence, FenceKind.BARRED_AREA),
        sure=sure,
        crossed=crossed,
        permitted=_permitted(positions, row, fence, papers, registry),
    )


def _really_crossed(area: Pairs, track: Track, accuracy_m: Floats, registry: Registry) -> Mask:
    """Whether the way lies in the area for longer than both its ends may err: no clipped corner."""
    crossed = area.crossed.copy()
    row = area.row[crossed]
    way = np.column_stack([track.from_x_m[row], track.from_y_m[row], track.x_m[row], track.y_m[row]])
    crossed[crossed] = registry.fences.chord_m(area.fence[crossed], way) > 2 * accuracy_m[row]
    return crossed


def _permitted(positions: Positions, row: Rows, fence: Rows, papers: Papers, registry: Registry) -> Mask:
    """Whether any permit of the vehicle covers the fence beside it at the fix's time."""
    table = registry.permit_table
    place, permit = registry.permits.expand(papers.vehicle[row])
    times = positions.fix_time[row[place]]
    covers = table.names(permit, registry.fences.name[fence[place]])
    covers &= (table.valid_from[permit] <= times) & (times < table.valid_to[permit])
    covers &= in_hours(
        times, table.start_minute[permit], table.end_minute[permit], table.weekday_bits[permit]
    )
    covers &= (table.class_bits[permit] & papers.class_bits[row[place]]) != 0
    return np.bincount(place[covers], minlength=len(row)) > 0
