"""The rules' memory as it stood some minutes and some hours ago: where a repair can begin."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from hazmat.columns import Mask, Rows, Times
from hazmat.partition import stable_hash
from rules.memory import Memory

EVERY = timedelta(minutes=15)
KEPT = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Rows of vehicles that had reported since the snapshot before; ``stale``: repaired since (hashes)."""

    at: datetime
    memory: Memory
    stale: set[int] = field(default_factory=set)

    def usable(self, hashes: NDArray[np.uint64], first_late: Times) -> tuple[Rows, Mask]:
        """(row of each vehicle, whether it stood there and was not past its first late fix)."""
        mine = self.memory.hashes
        if not len(mine):
            return np.zeros(len(hashes), np.intp), np.zeros(len(hashes), bool)
        row = np.minimum(np.searchsorted(mine, hashes), len(mine) - 1)
        good = (mine[row] == hashes) & (self.memory.vehicles.last_time[row] < first_late)
        if self.stale:
            good &= ~_among(hashes, self.stale)
        return row, good


class Snapshots:
    """Keeps parts of past memories, which never change; a vehicle has a row in those after which it reported.

    With the oldest that is still kept stand the rows of all that reported earlier only.
    """

    def __init__(self, every: timedelta = EVERY, kept: timedelta = KEPT) -> None:
        self._every = every
        self._kept = kept
        self._past: list[Snapshot] = []  # oldest first
        self._last: Memory = Memory.empty()

    def look(self, memory: Memory, at: datetime) -> None:
        """Keep this memory if the last one kept is old enough."""
        if self._past and at - self._past[-1].at < self._every:
            return
        repaired = set().union(*(past.stale for past in self._past)) if self._past else set()
        self._past.append(Snapshot(at, _changed(self._last, memory, repaired)))
        self._last = memory
        while len(self._past) > 1 and at - self._past[1].at >= self._kept:
            oldest, after = self._past[:2]
            self._past[:2] = [_joined(oldest, after)]

    def before(self, hashes: NDArray[np.uint64], first_late: Times) -> tuple[Memory, Mask]:
        """(memory of the vehicles as each last stood before its first late fix, which have one)."""
        parts: list[Memory] = []
        missing = np.ones(len(hashes), bool)
        for snapshot in reversed(self._past):
            row, good = snapshot.usable(hashes, first_late)
            good &= missing
            if good.any():
                parts.append(part_of(snapshot.memory, row[good]))
                missing &= ~good
        return Memory.merge(parts), ~missing

    def repaired(self, hashes: NDArray[np.uint64], first_late: Times) -> None:
        """Never again begin between a vehicle's first late fix and now: what stood there was not right."""
        for snapshot in self._past:
            row, _ = snapshot.usable(hashes, first_late)
            mine = snapshot.memory
            if len(mine.hashes):
                late = (mine.hashes[row] == hashes) & (mine.vehicles.last_time[row] >= first_late)
                snapshot.stale.update(hashes[late].tolist())


def part_of(memory: Memory, rows: Rows | Mask) -> Memory:
    """The memory of these rows' vehicles alone; ``rows`` ascend."""
    hashes = memory.hashes[rows]
    mine = np.isin(stable_hash(memory.episodes.vehicle_id), hashes)
    return Memory(memory.vehicles.take(rows), hashes, memory.episodes.take(mine))


def _merged(one: Memory, other: Memory) -> Memory:
    """As ``Memory.merge``, without hashing names again."""
    hashes = np.concatenate([one.hashes, other.hashes])
    order = np.argsort(hashes, kind="stable")
    vehicles = one.vehicles.append(other.vehicles).take(order)
    return Memory(vehicles, hashes[order], one.episodes.append(other.episodes).ordered())


def _changed(before: Memory, memory: Memory, repaired: set[int]) -> Memory:
    same = np.zeros(len(memory.hashes), bool)
    known = np.searchsorted(memory.hashes, before.hashes)  # vehicles are never forgotten
    same[known] = before.vehicles.last_time == memory.vehicles.last_time[known]
    return part_of(memory, ~same | _among(memory.hashes, repaired))


def _among(hashes: NDArray[np.uint64], some: set[int]) -> Mask:
    return np.isin(hashes, np.array(list(some), np.uint64))


def _joined(oldest: Snapshot, after: Snapshot) -> Snapshot:
    """The later one with the rows of the oldest that it lacks; staleness goes by the row."""
    lacking = ~np.isin(oldest.memory.hashes, after.memory.hashes)
    kept = part_of(oldest.memory, lacking)
    stale = after.stale | (oldest.stale & set(kept.hashes.tolist()))
    return Snapshot(after.at, _merged(kept, after.memory), stale)
