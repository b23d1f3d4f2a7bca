"""How a truck follows the corridor of its waybill: how far off, drifting out, or going back along it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from hazmat.columns import ID_DTYPE, Floats, Ids, Ints, Mask, Points, Rows
from hazmat.fence_index import REACH_M, FenceIndex
from hazmat.geofences import FenceKind
from hazmat.line_cells import LineCells
from hazmat.partition import stable_hash
from hazmat.registry import Registry
from rules.memory_way import WayMemory
from rules.papers import Papers
from rules.rounds import rounds
from rules.track import Track

FORWARD_AGAIN_M = 100.0  # after so much progress it is going forward, wherever it turned back before
SETTLES_S = 30.0  # the usual distance from the line follows the present one in about that time
JUMP_M = 50.0  # along the line, further than driven: another branch of it, not a way back


@dataclass(frozen=True, slots=True)
class OtherWays:
    """(``row``, ``route``) pairs: of other waybills' corridors, and how far the fix is off their lines."""

    row: Rows
    route: Ints
    offset_m: Floats


@dataclass(frozen=True, slots=True)
class Way:
    """Aligned with the fixes; NaN where no loaded truck is on its waybill's corridor.

    ``followed``: a loaded truck with a corridor, in no plant or park, nor off it on that of another waybill
    in force. ``off``: surely outside all these corridors, further out than the fix may err. ``offset_m``:
    metres from the corridor's line, known also just outside. ``outward_m``: how much more than of late.
    ``back_m``: how far it has come back along the route since it turned, NaN also where nobody knows which
    way along its line the route runs, or where it may be on its way by another waybill.
    ``others``: where ``followed``.
    """

    followed: Mask
    off: Mask
    offset_m: Floats
    outward_m: Floats
    back_m: Floats
    others: OtherWays


def fold_way(
    track: Track, papers: Papers, followed: Mask, accuracy_m: Floats, registry: Registry, memory: WayMemory
) -> Way:
    """``followed``: fixes for which the corridor matters; ``memory`` is advanced in place."""
    rows = len(followed)
    followed = followed & (papers.route >= 0)
    row = np.flatnonzero(followed)
    route = papers.route[row]
    located = corridor_cells(registry).locate(route, track.x_m[row], track.y_m[row])
    half_width = registry.fences.half_width_m[route]
    on = located.offset_m <= half_width + accuracy_m[row]  # NaN, far away, compares false
    off, offset = np.zeros(rows, bool), np.full(rows, np.nan)
    others, there, against = _other_ways(track, papers, followed, accuracy_m, registry)
    off[row], offset[row] = ~on, located.offset_m
    followed = followed & ~(off & there)
    off &= ~there
    trip, along = np.zeros(rows, np.int64), np.full(rows, np.nan)
    row, route, half_width = row[on], route[on], half_width[on]
    sense = _sense(papers.waybill[row], route, registry)
    trip[row] = _trips(papers.waybill[row], route, registry)
    along[row] = np.where(sense < 0, -1.0, 1.0) * located.along_m[on]
    goes_on = track.joined & (trip == _before(trip, memory.trip, track))
    advance = np.abs(along - _before(along, memory.along_m, track))
    goes_on[row] &= advance[row] <= 2 * (track.step_m[row] + half_width) + JUMP_M
    outward, back = _fold(track, row, along, offset, goes_on, accuracy_m, memory)
    back[row[sense == 0]] = np.nan
    back[against] = np.nan
    memory.trip[track.slot], memory.along_m[track.slot] = trip, along  # the last row of each is the newest
    return Way(followed, off, offset, outward, back, others)


def _other_ways(
    track: Track, papers: Papers, followed: Mask, accuracy_m: Floats, registry: Registry
) -> tuple[OtherWays, Mask, Mask]:
    """Corridors of the other waybills in force, fixes that may lie on one, and of these such that it leads
    another way: perhaps they are made on that waybill."""
    asked = np.flatnonzero((papers.others.route >= 0) & followed[papers.others.row])
    row, route, paper = papers.others.row[asked], papers.others.route[asked], papers.others.waybill[asked]
    offset_m = corridor_cells(registry).locate(route, track.x_m[row], track.y_m[row]).offset_m
    on = offset_m <= registry.fences.half_width_m[route] + accuracy_m[row]  # NaN, far away, compares false
    own = papers.route[row]
    same = (own == route) & (_sense(papers.waybill[row], own, registry) == _sense(paper, route, registry))
    there, against = np.zeros(len(followed), bool), np.zeros(len(followed), bool)
    there[row[on]], against[row[on & ~same]] = True, True
    return OtherWays(row, route, offset_m), there, against


def _fold(
    track: Track,
    rows: Rows,
    along_m: Floats,
    offset_m: Floats,
    goes_on: Mask,
    accuracy_m: Floats,
    memory: WayMemory,
) -> tuple[Floats, Floats]:
    """(outward, back) for every fix; only ``rows`` are on a corridor."""
    outward, back = np.full(len(along_m), np.nan), np.full(len(along_m), np.nan)
    for nth in rounds(track.slot[rows]):
        row = rows[nth]
        slot, here, same = track.slot[row], along_m[row], goes_on[row]
        high = np.where(same, np.maximum(memory.high_m[slot], here), here)
        low = np.where(same & (high == memory.high_m[slot]), np.minimum(memory.low_m[slot], here), here)
        forward = here - low > np.maximum(FORWARD_AGAIN_M, 2 * accuracy_m[row])
        high, low = np.where(forward, here, high), np.where(forward, here, low)
        weight = np.where(same, track.step_s[row] / (track.step_s[row] + SETTLES_S), 1.0)
        before = np.where(same, memory.usual_m[slot], offset_m[row])
        usual = before + (offset_m[row] - before) * weight
        memory.high_m[slot], memory.low_m[slot], memory.usual_m[slot] = high, low, usual
        outward[row], back[row] = offset_m[row] - usual, high - here
    return outward, back


def _before(column: NDArray[Any], remembered: NDArray[Any], track: Track) -> NDArray[Any]:
    return np.where(track.first, remembered[track.slot], np.roll(column, 1))


def _trips(waybill: Ints, route: Ints, registry: Registry) -> Ints:
    keys = registry.derived(_TripKeys.of)
    return (keys.waybill[waybill] ^ keys.fence[route]).view(np.int64) | 1  # never 0


def _sense(waybill: Ints, route: Ints, registry: Registry) -> Floats:
    """Which way along its line each waybill's route runs, 1 or -1: one line may serve both; 0: not known."""
    by_fence = registry.fences.one_way[route]
    return np.where(by_fence != 0, by_fence, registry.derived(_senses)[waybill])


def _senses(registry: Registry) -> Floats:
    """For each waybill, by where along the line its origin and destination lie; one of them will do."""
    papers, fences = registry.waybill_table, registry.fences
    route, start, end = (
        fences.versions_at(name, papers.valid_from)
        for name in (papers.route, papers.origin, papers.destination)
    )
    known = np.flatnonzero((route >= 0) & ((start >= 0) | (end >= 0)))
    line = fences.geometry_m[route[known]]
    half = shapely.length(line) / 2
    from_m, to_m = (
        np.where(place >= 0, shapely.line_locate_point(line, _middle(fences, place)), half)
        for place in (start[known], end[known])
    )
    sense = np.zeros(len(route))
    sense[known] = np.sign(to_m - from_m)
    return sense


def _middle(fences: FenceIndex, fence: Ints) -> Points:
    return np.asarray(shapely.centroid(fences.geometry_m[fence]), object)  # of none, -1: any, not used


@dataclass(frozen=True, slots=True)
class _TripKeys:
    """Hashes of waybills and of versions of fences: the same in every snapshot of the registry."""

    waybill: NDArray[np.uint64]
    fence: NDArray[np.uint64]

    @classmethod
    def of(cls, registry: Registry) -> "_TripKeys":
        numbers: Ids = np.array([w.waybill_no.encode() for w in registry.world.waybills], ID_DTYPE)
        since = registry.fences.valid_from.astype(np.int64).view(np.uint64)
        odd = np.uint64(0x9E3779B97F4A7C15)
        return cls(stable_hash(numbers) * odd, stable_hash(registry.fences.ids) + since * odd)


def corridor_cells(registry: Registry) -> LineCells:
    """Finds fixes on the lines of corridors, each up to four of the largest errors outside."""
    return registry.derived(_corridor_cells)


def _corridor_cells(registry: Registry) -> LineCells:
    fences = registry.fences
    rows = np.flatnonzero(fences.kinds(np.arange(len(fences.fences)), FenceKind.CORRIDOR))
    return LineCells.of(fences.geometry_m, rows, fences.half_width_m + 4 * REACH_M)
