"""How probable each lane of a designated road is: a hidden Markov model over a stretch of road.

A lane is 3.75 m wide, an ordinary receiver errs by 2.5 to 10 m, and its error drifts over minutes: fifty
fixes do not average it away. So the error is modelled as what it is, a first-order Gauss-Markov process
(correlated noise) whose scale and correlation time are not known, and the lane as a state that seldom
changes. What comes out is a probability for each lane; where the fixes cannot tell, it says so by staying
even. Model: Rabiner, "A tutorial on hidden Markov models" (1989), with autoregressive observations.
"""

from dataclasses import dataclass

import numpy as np

from hazmat.columns import NO_TIME, Floats, Ints, Mask, Rows, Times
from hazmat.geofences import FenceKind
from hazmat.registry import Registry
from rules.memory_lane import ERROR_MODELS, LANES, LaneMemory
from rules.places import Roads
from rules.rounds import rounds
from rules.track import Track

# Error models: correlation time by scale. ``accuracy_m`` is read as two sigma on one axis; receivers boast.
_CORRELATION_S = np.repeat([30.0, 100.0, 300.0], 3)
_SCALE = np.tile([0.7, 1.0, 1.5], 3)
_WANDER_M = 0.35  # a driver's own wandering inside the lane, and what the map's axis is off
_CHANGE_EACH_M = 2000.0  # mean way between changes of lane
_KEEPS_TO_IT = 0.7  # share of trucks expected in the designated lane before anything is known
_OUTLIER, _OUTLIER_M = 0.01, 60.0  # share of fixes of which nothing is known within so many metres
_FORGET_S = 60.0  # after a longer pause the belief begins anew
_FLOOR_SIGMA_M = 0.3


@dataclass(frozen=True, slots=True)
class Lanes:
    """Aligned with the fixes: probability of driving off the designated lane, NaN where no lane is judged.

    ``off``: the probability. ``lane``: the most probable lane, counted from the left in the sense of travel
    (1), 0 where none is judged. ``stretch_m``: way on this road that the belief rests on.
    """

    off: Floats
    lane: Ints
    stretch_m: Floats


@dataclass(frozen=True, slots=True)
class LaneTable:
    """Per fence row: lanes in one direction (0: none told apart), centre of each to the right of the axis."""

    count: Ints
    designated: Ints
    centre_m: Floats

    @classmethod
    def of(cls, registry: Registry) -> "LaneTable":
        """Of designated roads that designate one of at most four lanes."""
        fences = registry.world.fences
        rows = len(fences)
        count, designated = np.zeros(rows, np.int64), np.zeros(rows, np.int64)
        centre = np.full((rows, LANES), np.nan)
        for row, fence in enumerate(fences):
            lanes = fence.lanes
            if (
                lanes
                and fence.kind is FenceKind.DESIGNATED_ROAD
                and lanes.designated
                and lanes.count <= LANES
            ):
                count[row], designated[row] = lanes.count, lanes.designated
                left_m = 0.0 if not registry.fences.one_way[row] else -lanes.count * lanes.width_m / 2
                centre[row] = left_m + (np.arange(LANES) + 0.5) * lanes.width_m
        return cls(count, designated, centre)


def fold_lanes(
    track: Track, fix_time: Times, accuracy_m: Floats, roads: Roads, memory: LaneMemory, registry: Registry
) -> Lanes:
    """Beliefs after each fix; ``memory`` is advanced in place."""
    table = registry.derived(LaneTable.of)
    rows = len(fix_time)
    lanes = Lanes(np.full(rows, np.nan), np.zeros(rows, np.int64), np.zeros(rows))
    judged = (roads.nearest >= 0) & roads.surely & ~np.isnan(roads.right_m)
    judged &= np.append(table.count, 0)[roads.nearest] > 1
    left = track.slot[(roads.nearest >= 0) & ~judged & _on_another(roads, table)]
    concerned = np.zeros(len(memory.at), bool)
    concerned[track.slot[judged]] = True
    concerned[left] = ~np.isnat(memory.at[left])
    mine = np.flatnonzero(concerned[track.slot])
    for nth in rounds(track.slot[mine]):
        _step(mine[nth], track, fix_time, accuracy_m, roads, judged, memory, registry, table, lanes)
    return lanes


def _on_another(roads: Roads, table: LaneTable) -> Mask:
    return (np.append(table.count, 0)[roads.nearest] <= 1) & roads.surely


def _step(  # noqa: PLR0913 - one round of the fold, all of it columns
    row: Rows,
    track: Track,
    fix_time: Times,
    accuracy_m: Floats,
    roads: Roads,
    judged: Mask,
    memory: LaneMemory,
    registry: Registry,
    table: LaneTable,
    lanes: Lanes,
) -> None:
    slot, fence = track.slot[row], roads.nearest[row]
    on = judged[row]
    gone = ~on & _on_another(roads, table)[row]
    memory.at[slot[gone]] = NO_TIME
    row, slot, fence = row[on], slot[on], fence[on]
    pause_s = (fix_time[row] - memory.at[slot]) / np.timedelta64(1, "s")
    road = registry.fences.ids[fence]
    goes_on = (memory.road[slot] == road) & (pause_s <= _FORGET_S)
    sigma = np.maximum(accuracy_m[row] / 2, _FLOOR_SIGMA_M)
    step_m = np.where(goes_on, np.nan_to_num(track.step_m[row]), 0.0)
    first = _begin(fence, table)
    before = np.where(goes_on[:, None, None], _weights(memory.weight[slot]), first)
    right = roads.right_m[row]
    last = np.where(goes_on, memory.right_m[slot], right)
    weight = _update(before, right, last, np.where(goes_on, pause_s, np.inf), sigma, step_m, fence, table)
    memory.road[slot], memory.at[slot], memory.right_m[slot] = road, fix_time[row], right
    memory.stretch_m[slot] = np.where(goes_on, memory.stretch_m[slot] + step_m, 0.0)
    memory.weight[slot] = weight.reshape(len(row), -1)
    by_lane = _total(weight, 1)
    lanes.off[row] = 1.0 - by_lane[np.arange(len(row)), table.designated[fence] - 1]
    lanes.lane[row] = by_lane.argmax(axis=1) + 1
    lanes.stretch_m[row] = memory.stretch_m[slot]


def _weights(flat: Floats) -> Floats:
    return flat.reshape(-1, ERROR_MODELS, LANES)


def _exists(fence: Ints, table: LaneTable) -> Mask:
    return np.arange(LANES) < table.count[fence][:, None]


def _begin(fence: Ints, table: LaneTable) -> Floats:
    """(fix, error model, lane): what is believed before the first fix on a road."""
    exists = _exists(fence, table)
    others = (1 - _KEEPS_TO_IT) / np.maximum(table.count[fence] - 1, 1)
    share = np.where(np.arange(LANES) == table.designated[fence][:, None] - 1, _KEEPS_TO_IT, others[:, None])
    return np.repeat((share * exists)[:, None, :], ERROR_MODELS, axis=1) / ERROR_MODELS


def _update(
    before: Floats,
    right_m: Floats,
    last_m: Floats,
    pause_s: Floats,
    sigma_m: Floats,
    step_m: Floats,
    fence: Ints,
    table: LaneTable,
) -> Floats:
    """Belief after one fix: over each pair of lanes (before, now), the error that this fix would mean."""
    centre = np.nan_to_num(table.centre_m[fence])[:, None, :]
    keep = np.exp(-pause_s[:, None] / _CORRELATION_S)[:, :, None, None]
    spread = sigma_m[:, None] * _SCALE
    error_now = right_m[:, None, None] - centre
    error_last = last_m[:, None, None] - centre
    innovation = error_now[:, :, None, :] - keep * error_last[:, :, :, None]
    variance = spread[:, :, None, None] ** 2 * (1 - keep**2) + _WANDER_M**2 * (1 + keep**2)
    normal = np.exp(-0.5 * innovation**2 / variance) / np.sqrt(2 * np.pi * variance)
    likelihood = (1 - _OUTLIER) * normal + _OUTLIER / _OUTLIER_M
    after = _total(before[:, :, :, None] * _change(step_m, fence, table)[:, None] * likelihood, 2)
    scaled: Floats = after / _total(after.reshape(len(after), -1), 1)[:, None, None]
    return scaled


def _total(values: Floats, axis: int) -> Floats:
    """A sum added up in order: np.sum's order depends on how many rows there are, and so on the batch."""
    total: Floats = np.cumsum(values, axis=axis).take(-1, axis=axis)
    return total


def _change(step_m: Floats, fence: Ints, table: LaneTable) -> Floats:
    """(fix, lane before, lane now): probability of having changed to a neighbour on the way between."""
    share = (1 - np.exp(-step_m / _CHANGE_EACH_M))[:, None, None]
    lane = np.arange(LANES)
    neighbour = (np.abs(lane[:, None] - lane) == 1) & _exists(fence, table)[:, None, :]
    ways = np.maximum(neighbour.sum(axis=2, keepdims=True), 1)
    stays = 1 - share * (neighbour.sum(axis=2, keepdims=True) > 0)
    return np.where(neighbour, share / ways, np.where(np.eye(LANES, dtype=bool), stays, 0.0))
