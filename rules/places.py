"""Areas and roads that each fix touches, and whether a permit covers them."""

from dataclasses import dataclass

import numpy as np

from hazmat.columns import TIME_DTYPE, Floats, Ids, Ints, Mask, Rows, Times
from hazmat.geofences import STOP_KINDS, FenceKind
from hazmat.position import Positions
from hazmat.registry import Registry
from rules.papers import Papers, pick, pick_float
from rules.permits import Wanted, covering_permit
from rules.track import Track

HEADING_KMH = 10.0  # slower than that a receiver's heading means little
HEADING_WITHIN_DEG = 45.0
SURELY_BEYOND_M = (
    5.0  # further from a road's edge a fix is no proof of being on it, however poor the receiver
)
COURSE_STEP_M = 20.0  # a shorter step than that may be the receiver's noise
STUCK_STEPS = 2.0  # such steps by the speedometer, and not one by the coordinates: they are frozen
VISITING_KMH = 20.0  # faster through a plant's outline it is passing by
STRAIGHT_STEP_S = 60.0  # after a longer step nobody knows the way between
STRAIGHT_PART = 0.95  # of the distance by speedometer: a shorter way than that had bends in it


@dataclass(frozen=True, slots=True)
class Roads:
    """Roads that each fix may be on, as (``row``, ``fence``) pairs: inside its width plus the fix's
    accuracy, and going along it. For every fix: ``nearest`` of them (fence row, -1 for none), ``surely``: on
    the nearest one, within a few metres of its width, and going along it; ``right_m``: metres to the right
    of its axis in the sense of travel, NaN where that sense is not known; ``designated``: one of them is a
    designated road for the goods on board; ``well_on``: and the fix lies within its width.
    """

    row: Rows
    fence: Rows
    nearest: Ints
    surely: Mask
    right_m: Floats
    designated: Mask
    well_on: Mask


@dataclass(frozen=True, slots=True)
class Places:
    """(``row``, ``fence``) pairs of barred areas, and of areas and roads that want a permit, in force for
    these goods: the fix lies in them, or not further out than it may err.

    ``sure``: inside by more than the fix's accuracy. ``crossed``: not inside at either end of the way, yet
    the way surely led through it while it was in force. ``permitted``: a permit of the vehicle names the
    fence, in its hours and for these goods; ``permit`` is its row, of several the one that ends last.
    """

    row: Rows
    fence: Rows
    object_id: Ids
    barred: Mask
    sure: Mask
    crossed: Mask
    permitted: Mask
    permit: Ints


@dataclass(frozen=True, slots=True)
class Areas:
    """(``row``, ``fence``) pairs: the areas in force, but for districts, in which each fix lies.

    ``beside_row``, ``beside_fence``: those not to be entered freely that it is just outside of, not further
    than it may err.
    """

    row: Rows
    fence: Rows
    beside_row: Rows
    beside_fence: Rows


def find_areas(positions: Positions, track: Track, accuracy_m: Floats, registry: Registry) -> Areas:
    """Areas in force at the time of each fix in which it lies."""
    row, fence, inside = registry.fences.areas_near(track.points, track.x_m, track.y_m, accuracy_m)
    in_force = registry.fences.in_force(fence, positions.fix_time[row])
    here, beside = inside & in_force, ~inside & in_force
    return Areas(row[here], fence[here], row[beside], fence[beside])


def stop_places(
    positions: Positions,
    areas: Areas,
    track: Track,
    speed_kmh: Floats,
    accuracy_m: Floats,
    registry: Registry,
) -> tuple[Mask, Mask]:
    """(in a plant, park or service area, in a service area alone) for every fix.

    A slow one counts as in the plant up to its accuracy from the outline: in doubt for the driver.
    """
    fences, rows = registry.fences, len(track.slot)
    inside = fences.kinds(areas.fence, *STOP_KINDS)
    row, fence = areas.row[inside], areas.fence[inside]
    allowed = np.bincount(row, minlength=rows) > 0
    doubtful = np.flatnonzero(~allowed & (speed_kmh < VISITING_KMH))
    nth, beside = fences.near_stop_places(
        track.points[doubtful], accuracy_m[doubtful], positions.fix_time[doubtful]
    )
    allowed[doubtful[nth]] = True
    row, fence = np.concatenate([row, doubtful[nth]]), np.concatenate([fence, beside])
    proper = row[~fences.kinds(fence, FenceKind.SERVICE_AREA)]
    service = allowed.copy()
    service[proper] = False
    return allowed, service


def find_roads(
    positions: Positions,
    track: Track,
    papers: Papers,
    speed_kmh: Floats,
    accuracy_m: Floats,
    registry: Registry,
) -> Roads:
    """Roads in force at the time of each fix that it may be on."""
    fences, rows = registry.fences, len(positions)
    pairs = fences.near_roads(track.points, track.x_m, track.y_m, accuracy_m)
    row = pairs.row
    turn = (course_deg(positions, track)[row] - pairs.along_deg + 180.0) % 360.0 - 180.0
    tells = (speed_kmh[row] >= HEADING_KMH) & ~np.isnan(turn)
    forward, backward = np.abs(turn) <= HEADING_WITHIN_DEG, np.abs(turn) >= 180.0 - HEADING_WITHIN_DEG
    one_way = fences.one_way[pairs.fence]
    along = np.select([one_way > 0, one_way < 0], [forward, backward], forward | backward)
    keep = np.flatnonzero((along | ~tells) & fences.in_force(pairs.fence, positions.fix_time[row]))
    on, tells = pairs.take(keep), tells[keep]
    sense = np.where(forward[keep], 1.0, -1.0)
    nearest, surely, right = np.full(rows, -1, np.int64), np.zeros(rows, bool), np.full(rows, np.nan)
    order = np.argsort(-on.beyond_m, kind="stable")  # the nearest is written last
    nearest[on.row[order]] = on.fence[order]
    surely[on.row[order]] = (tells & (on.beyond_m <= SURELY_BEYOND_M))[order]
    right[on.row[order]] = np.where(tells, on.right_m * sense, np.nan)[order]
    serves = (fences.class_bits[on.fence] & papers.class_bits[on.row]) != 0
    serves &= fences.kinds(on.fence, FenceKind.DESIGNATED_ROAD)
    designated, well_on = np.zeros(rows, bool), np.zeros(rows, bool)
    designated[on.row[serves]] = True
    well_on[on.row[serves & (on.beyond_m <= 0)]] = True
    return Roads(on.row, on.fence, nearest, surely, right, designated, well_on)


def course_deg(positions: Positions, track: Track) -> Floats:
    """Where the track leads, if the step is long enough to tell; some terminals always report heading 0.

    NaN where the speedometer says that it drove on and the coordinates stand still: neither is believed.
    """
    east, north = track.x_m - track.from_x_m, track.y_m - track.from_y_m
    long = track.joined & (track.step_m >= COURSE_STEP_M)
    stuck = track.joined & ~long & (positions.speed_kmh / 3.6 * track.step_s > STUCK_STEPS * COURSE_STEP_M)
    course = np.degrees(np.arctan2(east, north)) % 360.0
    return np.where(long, course, np.where(stuck, np.nan, positions.heading_deg))


def find_places(
    positions: Positions,
    track: Track,
    areas: Areas,
    roads: Roads,
    papers: Papers,
    loaded: Mask,
    accuracy_m: Floats,
    registry: Registry,
) -> Places:
    """The pairs that a rule about barred areas or permits may ask about."""
    fences, times = registry.fences, positions.fix_time
    gated = fences.gated[areas.fence]
    in_row, in_fence = areas.row[gated], areas.fence[gated]
    deep = fences.edge_distance_m(in_fence, track.points[in_row]) > accuracy_m[in_row]
    road_row = np.flatnonzero(roads.nearest >= 0)
    road_row = road_row[fences.permit_required[roads.nearest[road_row]]]
    way_row, way_fence, way_time = _crossed(positions, track, accuracy_m, registry)
    row = np.concatenate([in_row, road_row, areas.beside_row, way_row])
    fence = np.concatenate([in_fence, roads.nearest[road_row], areas.beside_fence, way_fence])
    unsure = np.zeros(len(areas.beside_row) + len(way_row), bool)
    sure = np.concatenate([deep, roads.surely[road_row], unsure])
    crossed = np.arange(len(row)) >= len(row) - len(way_row)
    moment = np.concatenate([times[row[~crossed]], way_time])
    keep = np.flatnonzero(concerns(row, fence, papers, loaded, registry))
    row, fence = row[keep], fence[keep]
    permit = covering(moment[keep], row, fence, papers, loaded, registry)
    return Places(
        row=row,
        fence=fence,
        object_id=fences.ids[fence],
        barred=fences.kinds(fence, FenceKind.BARRED_AREA),
        sure=sure[keep],
        crossed=crossed[keep],
        permitted=permit >= 0,
        permit=permit,
    )


def concerns(row: Rows, fence: Rows, papers: Papers, loaded: Mask, registry: Registry) -> Mask:
    """Whether the fence beside each fix is meant for the classes on board, and for an empty truck too."""
    fences = registry.fences
    meant: Mask = (fences.class_bits[fence] & papers.any_class_bits[row]) != 0
    return meant & (loaded[row] | ~fences.loaded_only[fence])


def is_straight(positions: Positions, track: Track, part: float = STRAIGHT_PART) -> Mask:
    """Whether the way from the fix before was about as long as the speedometer says: it had no bends."""
    driven_m = (track.before_kmh + positions.speed_kmh) / 2 / 3.6 * track.step_s
    return np.asarray(track.joined & (track.step_m >= part * driven_m), bool)


def _crossed(
    positions: Positions, track: Track, accuracy_m: Floats, registry: Registry
) -> tuple[Rows, Rows, Times]:
    """(fix, fence, when) where the way surely led through: straight, inside longer than its ends may err.

    ``when``: the first moment surely inside, or the last one if the fence was not yet in force at the first.
    """
    straight = is_straight(positions, track) & (track.step_s <= STRAIGHT_STEP_S)
    row = np.flatnonzero(straight & (track.step_m > 2 * accuracy_m))
    way = np.column_stack([track.from_x_m[row], track.from_y_m[row], track.x_m[row], track.y_m[row]])
    nth, fence, enter_m, leave_m = registry.fences.crossed_areas(track.points[row], way)
    row = row[nth]
    margin = accuracy_m[row]
    enter, leave = (_moment(track, row, along) for along in (enter_m + margin, leave_m - margin))
    at_first = registry.fences.in_force(fence, enter)
    when = np.where(at_first, enter, leave)
    keep = (leave_m - enter_m > 2 * margin) & (at_first | registry.fences.in_force(fence, leave))
    return row[keep], fence[keep], when[keep]


def _moment(track: Track, row: Rows, along_m: Floats) -> Times:
    """When each fix's way, driven evenly, was so many metres along."""
    since_ms = along_m / track.step_m[row] * track.step_s[row] * 1000
    return np.asarray(track.before_at[row] + since_ms.astype("timedelta64[ms]"), TIME_DTYPE)


def covering(times: Times, row: Rows, fence: Rows, papers: Papers, loaded: Mask, registry: Registry) -> Ints:
    """Row of a permit that covers the fence beside each fix (a row) at that time, -1 for none."""
    paper = np.where(loaded[row], papers.waybill[row], -1)
    wanted = Wanted(
        vehicle=papers.vehicle[row],
        name=registry.fences.name[fence],
        times=times,
        class_bits=papers.class_bits[row],
        un=pick(registry.waybill_table.un, paper, -1),
        load_t=pick_float(registry.waybill_table.quantity_t, paper),
    )
    return covering_permit(wanted, registry)
