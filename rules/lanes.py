"""How probable each lane of a designated road is: a hidden Markov model over a stretch of road.

A lane is 3.75 m wide, an ordinary receiver errs by 2.5 to 10 m, and its error drifts over minutes: fifty
fixes do not average it away. So the error is modelled as what it is, a first-order Gauss-Markov process
(correlated noise) whose scale and correlation time are not known, and the lane as a state that seldom
changes. What comes out is a probability for each lane; where the fixes cannot tell, it says so by staying
even. Model: Rabiner, "A tutorial on hidden Markov models" (1989), with autoregressive observations.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

import numpy as np

from hazmat.clock import seconds_between
from hazmat.columns import NO_TIME, Floats, Ints, Mask, Rows, Times
from hazmat.geofences import FenceKind
from hazmat.registry import Registry
from rules.memory_lane import ERROR_MODELS, LANES, LaneMemory
from rules.places import Roads
from rules.rounds import rounds
from rules.track import Track

# Error models: correlation time by scale. ``accuracy_m`` is read as two sigma on one axis; receivers boast.
_CORRELATION_S = np.repeat([30.0, 100.0, 300.0], 3)
_SCALE = np.tile([0.8, 1.0, 1.3], 3)
_WANDER_M = 0.25  # a driver's own wandering inside the lane, and what the map's axis is off
_LEAVES_EACH_M, _RETURNS_EACH_M = 20_000.0, 5_000.0  # mean way in the designated lane, and in another
_KEEPS_TO_IT = 0.8  # share of trucks expected in the designated lane: what follows from these ways
_OUTLIER, _OUTLIER_M = 0.003, 60.0  # share of fixes of which nothing is known within so many metres
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
    fold = _Fold(track, fix_time, accuracy_m, roads, memory, registry)
    concerned = np.zeros(len(memory.at), bool)
    concerned[track.slot[fold.judged]] = True
    left = track.slot[fold.elsewhere]
    concerned[left] |= ~np.isnat(memory.at[left])
    mine = np.flatnonzero(concerned[track.slot])
    for nth in rounds(track.slot[mine]):
        fold.step(mine[nth])
    return fold.lanes


class _Fold:
    """Steps the beliefs of one fix a vehicle at a time; ``elsewhere``: surely on a road without lanes."""

    def __init__(
        self, track: Track, fix_time: Times, accuracy_m: Floats, roads: Roads, memory: LaneMemory,
        registry: Registry,
    ) -> None:  # fmt: skip
        self.track = track
        self.fix_time = fix_time
        self.sigma_m = np.maximum(accuracy_m / 2, _FLOOR_SIGMA_M)
        self.roads = roads
        self.memory = memory
        self.ids = registry.fences.ids
        self.table = registry.derived(LaneTable.of)
        told_apart = np.append(self.table.count, 0)[roads.nearest] > 1
        # Not only where it is surely on the road: leaving out large errors to one side would bend the belief.
        alone = np.bincount(roads.row, minlength=len(fix_time)) == 1
        self.judged = (roads.nearest >= 0) & alone & told_apart & ~np.isnan(roads.right_m)
        self.elsewhere = roads.surely & ~told_apart
        rows = len(fix_time)
        self.lanes = Lanes(np.full(rows, np.nan), np.zeros(rows, np.int64), np.zeros(rows))

    def step(self, row: Rows) -> None:
        """These rows, at most one a vehicle."""
        memory, track, table = self.memory, self.track, self.table
        memory.at[track.slot[row[self.elsewhere[row]]]] = NO_TIME
        row = row[self.judged[row]]
        if not len(row):
            return
        slot, fence = track.slot[row], self.roads.nearest[row]
        pause_s = seconds_between(memory.at[slot], self.fix_time[row])
        goes_on = (memory.road[slot] == self.ids[fence]) & (pause_s <= _FORGET_S)
        right, step_m = self.roads.right_m[row], np.where(goes_on, np.nan_to_num(track.step_m[row]), 0.0)
        before = _weights(memory.weight[slot])
        before[~goes_on] = _begin(fence[~goes_on], table)
        seen = _Seen(
            right, np.where(goes_on, memory.right_m[slot], right), np.where(goes_on, pause_s, np.inf),
            self.sigma_m[row],
        )  # fmt: skip
        weight = _update(before, seen, step_m, fence, table)
        memory.road[slot], memory.at[slot], memory.right_m[slot] = self.ids[fence], self.fix_time[row], right
        memory.stretch_m[slot] = np.where(goes_on, memory.stretch_m[slot] + step_m, 0.0)
        memory.weight[slot] = weight.reshape(len(row), -1)
        by_lane = _added(weight[:, nth] for nth in range(ERROR_MODELS))
        self.lanes.off[row] = 1.0 - by_lane[np.arange(len(row)), table.designated[fence] - 1]
        self.lanes.lane[row] = by_lane.argmax(axis=1) + 1
        self.lanes.stretch_m[row] = memory.stretch_m[slot]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a fix and the one before it say: metres right of the axis, seconds between, one sigma."""

    right_m: Floats
    last_m: Floats
    pause_s: Floats
    sigma_m: Floats


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


def _update(before: Floats, seen: _Seen, step_m: Floats, fence: Ints, table: LaneTable) -> Floats:
    """Belief after one fix: over each pair of lanes (before, now), the error that this fix would mean."""
    centre = np.nan_to_num(table.centre_m[fence])
    keep = np.exp(-seen.pause_s[:, None] / _CORRELATION_S)
    variance = (seen.sigma_m[:, None] * _SCALE) ** 2 * (1 - keep**2) + _WANDER_M**2 * (1 + keep**2)
    peak, fall = (1 - _OUTLIER) / np.sqrt(2 * np.pi * variance), -0.5 / variance
    error_now, error_last = seen.right_m[:, None] - centre, seen.last_m[:, None] - centre
    leaves, stays = _changes(step_m, fence, table)
    after = np.zeros_like(before)
    for now in range(int(table.count[fence].max(initial=0))):
        for last in range(max(now - 1, 0), min(now + 2, LANES)):
            share = (stays if last == now else leaves)[:, last, None] * before[:, :, last]
            off = error_now[:, now, None] - keep * error_last[:, last, None]
            after[:, :, now] += share * (peak * np.exp(fall * off * off) + _OUTLIER / _OUTLIER_M)
    after *= _exists(fence, table)[:, None, :]
    by_model = _added(after[:, :, lane] for lane in range(LANES))
    total = _added(by_model[:, nth] for nth in range(ERROR_MODELS))
    return after / total[:, None, None]


def _added(columns: Iterable[Floats]) -> Floats:
    """A sum added up in order: np.sum's order depends on how many rows there are, and so on the batch."""
    return reduce(np.add, columns)


def _changes(step_m: Floats, fence: Ints, table: LaneTable) -> tuple[Floats, Floats]:
    """(fix, lane): probability of a change to one certain neighbour on the way between, and of none."""
    count, lane = table.count[fence][:, None], np.arange(LANES)
    each_m = np.where(lane == table.designated[fence][:, None] - 1, _LEAVES_EACH_M, _RETURNS_EACH_M)
    share = 1 - np.exp(-step_m[:, None] / each_m)
    neighbours = (lane > 0).astype(float) + (lane + 1 < count)
    return share / np.maximum(neighbours, 1), 1 - share
