"""Tunnels, bridges and no-stop stretches: told by the road that is driven, where one leads through them."""

from dataclasses import dataclass

import numpy as np
import shapely

from hazmat.columns import Floats, Ids, Ints, Mask, Rows
from hazmat.documents import HAZARD_CLASSES
from hazmat.geofences import FenceKind
from hazmat.goods import FREE_RANK, tunnel_code, tunnel_rank
from hazmat.passages import passages
from hazmat.position import Positions
from hazmat.registry import Registry
from rules.papers import Papers, pick
from rules.places import Areas, Roads, covering, is_straight
from rules.track import Track

SLOWER_PART = 0.5  # trucks slow down in tunnels; a way round would be longer than that


@dataclass(frozen=True, slots=True)
class Tunnels:
    """(``row``, ``fence``) pairs of loaded trucks in tunnels or on bridges that bar the goods on board.

    ``crossed``: the fix lies behind it, and the fix before lay in front of it.
    """

    row: Rows
    fence: Rows
    object_id: Ids
    crossed: Mask


def goods_rank(papers: Papers, registry: Registry) -> Ints:
    """Tunnel rank of what is on board: by the waybills, else the mildest that the vehicle is approved for."""
    by_vehicle = pick(registry.derived(_mildest), papers.vehicle, FREE_RANK)
    return np.where(papers.waybill >= 0, papers.tunnel_rank, by_vehicle)


def _mildest(registry: Registry) -> Ints:
    """For each vehicle; one without registered classes may carry anything, and nothing is barred."""
    ranks = {name: tunnel_rank(tunnel_code(name)) for name in HAZARD_CLASSES}
    vehicles = registry.world.vehicles
    return np.array(
        [max((ranks[n] for n in v.hazard_classes), default=FREE_RANK) for v in vehicles], np.int64
    )


def bars(fence: Rows, goods: Ints, registry: Registry) -> Mask:
    """Whether each tunnel bars goods of the rank beside it, carried in tanks (ADR 8.6.4)."""
    return goods <= registry.fences.tunnel_rank[fence]  # category A, which bars nothing, is below all goods


def surely_within(
    kind: FenceKind,
    asked: Mask,
    track: Track,
    areas: Areas,
    roads: Roads,
    accuracy_m: Floats,
    registry: Registry,
) -> tuple[Rows, Rows]:
    """(fix, fence) for areas of a kind that fixes ``asked`` about lie in by more than they may err.

    Where a road leads through, a fix is inside if that road is the nearest and it lies so far along it: what
    drives under a bridge or over a tunnel is not on it. Elsewhere it is inside by the distance to the edge.
    """
    fences, ways = registry.fences, passages(registry)
    row = np.flatnonzero(asked & (roads.nearest >= 0))
    row = row[ways.leads(kind)[roads.nearest[row]]]
    along = ways.cells.locate(roads.nearest[row], track.x_m[row], track.y_m[row]).along_m
    nth, passage = ways.by_road.expand(roads.nearest[row])
    deep = (along[nth] > ways.from_m[passage] + accuracy_m[row[nth]]) & (
        along[nth] < ways.to_m[passage] - accuracy_m[row[nth]]
    )
    deep &= fences.kinds(ways.area[passage], kind)
    pair = np.flatnonzero(asked[areas.row] & fences.kinds(areas.fence, kind) & ~ways.has_road[areas.fence])
    far = fences.edge_distance_m(areas.fence[pair], track.points[areas.row[pair]])
    pair = pair[far > accuracy_m[areas.row[pair]]]
    return (
        np.concatenate([row[nth[deep]], areas.row[pair]]),
        np.concatenate([ways.area[passage[deep]], areas.fence[pair]]),
    )


def no_stop_stretch(
    asked: Mask, track: Track, areas: Areas, roads: Roads, accuracy_m: Floats, registry: Registry
) -> Mask:
    """Whether each fix asked about surely lies on a stretch where none may stand."""
    inside = np.zeros(len(asked), bool)
    inside[surely_within(FenceKind.NO_STOP, asked, track, areas, roads, accuracy_m, registry)[0]] = True
    return inside


def find_tunnels(
    positions: Positions,
    track: Track,
    areas: Areas,
    roads: Roads,
    papers: Papers,
    loaded: Mask,
    accuracy_m: Floats,
    registry: Registry,
) -> Tunnels:
    """Tunnels in force without a permit that these fixes lie in, or were driven through to reach them."""
    fences = registry.fences
    goods = goods_rank(papers, registry)
    asked = loaded & (goods < FREE_RANK)
    if not (fences.tunnel_rank > 0).any():
        asked = np.zeros(len(asked), bool)
    row, fence = surely_within(FenceKind.TUNNEL, asked, track, areas, roads, accuracy_m, registry)
    way_row, way_fence = _driven_through(positions, asked, track, accuracy_m, registry)
    inside = len(row)
    row, fence = np.concatenate([row, way_row]), np.concatenate([fence, way_fence])
    keep = np.flatnonzero(bars(fence, goods[row], registry))
    keep = keep[fences.in_force(fence[keep], positions.fix_time[row[keep]])]
    permit = covering(positions.fix_time[row[keep]], row[keep], fence[keep], papers, loaded, registry)
    keep = keep[permit < 0]
    return Tunnels(row[keep], fence[keep], fences.ids[fence[keep]], keep >= inside)


def _driven_through(
    positions: Positions, asked: Mask, track: Track, accuracy_m: Floats, registry: Registry
) -> tuple[Rows, Rows]:
    """(fix, tunnel) where this fix and the one before lie at the two ends: in between there is no sky."""
    ways = passages(registry)
    row = np.flatnonzero(asked & is_straight(positions, track, SLOWER_PART) & (track.step_m > 2 * accuracy_m))
    row = row[ways.around.near(track.x_m[row], track.y_m[row])]
    ends = np.stack([track.from_x_m[row], track.from_y_m[row], track.x_m[row], track.y_m[row]], -1)
    nth, area = ways.met(shapely.linestrings(ends.reshape(-1, 2, 2)))
    pair, passage = ways.by_area.expand(area)
    at, road = row[nth[pair]], ways.road[passage]
    beside = registry.fences.half_width_m[road] + accuracy_m[at]
    before = ways.cells.locate(road, track.from_x_m[at], track.from_y_m[at])
    after = ways.cells.locate(road, track.x_m[at], track.y_m[at])
    low, high = np.minimum(before.along_m, after.along_m), np.maximum(before.along_m, after.along_m)
    through = (low < ways.from_m[passage] + accuracy_m[at]) & (high > ways.to_m[passage] - accuracy_m[at])
    through &= (before.offset_m <= beside) & (after.offset_m <= beside)  # NaN, far off the road: false
    through &= registry.fences.kinds(area[pair], FenceKind.TUNNEL)
    return at[through], area[pair[through]]
