"""Who drove past whom: remembered at each tick for loaded vehicles that stand on the road."""

import numpy as np
import shapely

from hazmat.clock import seconds_between
from hazmat.columns import Mask, Rows
from rules.memory import VehicleMemory
from rules.scene import Scene

PASSING_WITHIN_M = 100.0
PASSING_KMH = 20.0  # slower than that it is the same queue
SAME_WAY_DEG = 45.0  # the other carriageway may flow while this one is jammed
SEEN_WITHIN_S = 120.0  # after a longer step nobody knows the way between


def waits(scene: Scene) -> Mask:
    """Loaded vehicles standing outside plants, parks and service areas."""
    return scene.vehicles.loaded & scene.standing & ~scene.vehicles.at_stop_place


def remember_passers(scene: Scene, memory: VehicleMemory) -> None:
    """Note who passed since the last tick, and what this tick saw; ``memory``, the caller's copy, is changed.

    ``scene`` is the same memory before. A tick on which nothing new was heard changes nothing.
    """
    waiting = np.flatnonzero(waits(scene))
    moving = np.flatnonzero(_drove_on(scene)) if len(waiting) else waiting
    if len(moving):
        for row, by in zip(*_passes(scene, waiting, moving), strict=True):  # few: one for each who passes
            _note(memory, int(row), int(scene.memory.hashes[by].view(np.int64)), memory.fix_time[by])
    together = memory.together
    together.seen_at[:], together.seen_x_m[:], together.seen_y_m[:] = memory.fix_time, memory.x_m, memory.y_m


def _drove_on(scene: Scene) -> Mask:
    """Vehicles that moved since the last tick, and fast enough to be no queue."""
    memory = scene.vehicles
    step_s = seconds_between(memory.together.seen_at, memory.fix_time)
    way_m = np.hypot(memory.x_m - memory.together.seen_x_m, memory.y_m - memory.together.seen_y_m)
    driven = (step_s > 0) & (step_s <= SEEN_WITHIN_S) & (scene.speed_kmh > PASSING_KMH)
    return np.asarray(driven & (way_m > PASSING_KMH / 3.6 * step_s), bool)


def _passes(scene: Scene, waiting: Rows, moving: Rows) -> tuple[Rows, Rows]:
    """(who stands, who passed) in the order of the memory."""
    memory = scene.vehicles
    before = np.column_stack([memory.together.seen_x_m[moving], memory.together.seen_y_m[moving]])
    now = np.column_stack([memory.x_m[moving], memory.y_m[moving]])
    ways = shapely.linestrings(np.stack([before, now], axis=1))
    tree = shapely.STRtree(shapely.points(memory.x_m[waiting], memory.y_m[waiting]))
    nth, spot = tree.query(ways, predicate="dwithin", distance=PASSING_WITHIN_M)
    by, row = moving[nth], waiting[spot]
    same = scene.same_way(row, by, SAME_WAY_DEG)
    order = np.lexsort((by[same], row[same]))
    return row[same][order], by[same][order]


def _note(memory: VehicleMemory, row: int, by: int, at: np.datetime64) -> None:
    """The latest passage of each passer counts; a new one takes the place of the one longest ago."""
    passed_at, passed_by = memory.together.passed_at[row], memory.together.passed_by[row]
    known = np.flatnonzero((passed_by == by) & ~np.isnat(passed_at))
    free = np.argmin(np.where(np.isnat(passed_at), np.datetime64(0, "ms"), passed_at))
    place = known[0] if len(known) else free
    passed_at[place], passed_by[place] = at, by
