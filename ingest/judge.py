"""`process()` and the rules about several vehicles, side by side: ticks on a fixed grid of received time.

At a tick those rules see every message received before it and none received later, however the messages
were cut into batches. Pure, as `process()` is.
"""

from dataclasses import replace
from datetime import datetime

import numpy as np

from hazmat.alerts import AlertChange
from hazmat.clock import from_time, to_time
from hazmat.outcome import Outcome
from hazmat.partition import stable_hash
from hazmat.position import Positions
from hazmat.registry import Registry
from ingest.course import Unfolding
from ingest.process import latest, processed
from rules.memory import Memory
from rules.together import TICK_S, together

_TICK_MS = round(TICK_S * 1000)


def judge(
    batch: Positions,
    registry: Registry,
    memory: Memory,
    at: datetime,
    listening_since: datetime | None = None,
    since: datetime | None = None,
) -> tuple[Outcome, Memory]:
    """Judge a batch as `process()` does, and at each tick after ``since`` until ``at`` all vehicles together.

    ``since``: the ``at`` of the call before. Without one, as after a restart, it is when the memory last
    heard of a vehicle: a tick that was judged already changes nothing. All vehicles must be in one memory.
    """
    outcome, after, course = processed(batch, registry, memory, at, listening_since)
    if not len(after.hashes):
        return outcome, after
    start = _start(batch, memory, since)
    if _number(start) >= _number(to_time(at)):
        return outcome, after
    received = np.maximum.accumulate(np.maximum(batch.received_at, start))  # the wall clock may step back
    before = memory.with_vehicles(batch.vehicle_id, stable_hash(batch.vehicle_id))
    scene = Unfolding(before, course, received)
    alerts, changed = _ticks(scene, registry, start, to_time(at))
    if not changed:
        return outcome, after
    return replace(outcome, alerts=latest([*outcome.alerts, *alerts])), scene.carried_to(after)


def _start(batch: Positions, memory: Memory, since: datetime | None) -> np.datetime64:
    if since is not None:
        return to_time(since)
    heard = memory.vehicles.last_received[~np.isnat(memory.vehicles.last_received)]
    start: np.datetime64 = np.append(heard, batch.received_at[:1] if not len(heard) else heard[:0]).max()
    return start


def _ticks(
    scene: Unfolding, registry: Registry, start: np.datetime64, at: np.datetime64
) -> tuple[list[AlertChange], bool]:
    """What the ticks after ``start`` until ``at`` find, and whether they changed the memory.

    Where nobody was heard of lately nothing can happen until somebody is: those ticks are left out.
    """
    alerts: list[AlertChange] = []
    changed = False
    number, last = _number(start) + 1, _number(at)
    while number <= last:
        moment = np.datetime64(number * _TICK_MS, "ms")
        scene.advance(moment)
        before = scene.memory
        found, scene.memory = together(before, registry, from_time(moment))
        alerts += found
        number += 1
        if scene.memory is not before:
            changed = True
        elif scene.next_received is None:
            break
        else:
            number = max(number, _number(scene.next_received) + 1)
    return alerts, changed


def _number(moment: np.datetime64) -> int:
    """Of the last tick not after a moment."""
    return int(moment.astype("datetime64[ms]").astype(np.int64) // _TICK_MS)
