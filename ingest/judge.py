"""`process()` and the rules about several vehicles, interleaved: ticks on a fixed grid of received time.

At a tick the memory holds every message received before it and none received later, however the messages
were cut into batches. Pure, as `process()` is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from hazmat.alerts import AlertChange
from hazmat.clock import from_time, to_time
from hazmat.columns import Times
from hazmat.outcome import LastKnown, Outcome
from hazmat.position import Positions
from hazmat.registry import Registry
from ingest.process import latest, process
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
    received = _received(batch, memory, since)
    alerts: list[AlertChange] = []
    outcomes: list[Outcome] = []
    done = 0
    for moment in _ticks(batch, received, memory, to_time(at), since):
        upto = int(np.searchsorted(received, moment, "left"))
        if upto > done:
            part = batch.take(np.arange(done, upto))
            outcome, memory = process(part, registry, memory, from_time(moment), listening_since)
            outcomes.append(outcome)
            done = upto
        found, memory = together(memory, registry, from_time(moment))
        alerts += found
    rest = batch if done == 0 else batch.take(np.arange(done, len(batch)))
    outcome, memory = process(rest, registry, memory, at, listening_since)
    return _joined([*outcomes, outcome], alerts), memory


def _received(batch: Positions, memory: Memory, since: datetime | None) -> Times:
    """When each message counts as received: the wall clock may step back, the ticks' time does not."""
    if not len(batch):
        return batch.received_at
    return np.maximum.accumulate(np.maximum(batch.received_at, _start(batch, memory, since)))


def _start(batch: Positions, memory: Memory, since: datetime | None) -> np.datetime64:
    if since is not None:
        return to_time(since)
    heard = memory.vehicles.last_received[~np.isnat(memory.vehicles.last_received)]
    start: np.datetime64 = np.append(heard, batch.received_at[:1] if not len(heard) else heard[:0]).max()
    return start


def _ticks(
    batch: Positions, received: Times, memory: Memory, at: np.datetime64, since: datetime | None
) -> Iterator[np.datetime64]:
    """The ticks to judge; none while but one vehicle is known: lone tracks are not cut for nothing."""
    ids = np.concatenate([memory.vehicles.vehicle_id[:2], batch.vehicle_id])
    if not (ids != ids[:1]).any():
        return
    start = _start(batch, memory, since)
    if len(memory.hashes) < 2:
        start = received[np.flatnonzero(batch.vehicle_id != ids[0])[0]]
    first = start.astype(np.int64) // _TICK_MS + 1
    for number in range(int(first), int(at.astype(np.int64) // _TICK_MS) + 1):
        yield np.datetime64(number * _TICK_MS, "ms")


def _joined(parts: Sequence[Outcome], together_alerts: Sequence[AlertChange]) -> Outcome:
    """One outcome of several in a row."""
    if len(parts) == 1 and not together_alerts:
        return parts[0]
    positions = Positions.concat([part.positions for part in parts])
    alerts = [change for part in parts for change in part.alerts]
    journeys = {change.journey_id: change for part in parts for change in part.journeys}
    coverage = {each.journey_id: each for part in parts for each in part.coverage}
    return replace(
        parts[-1],
        positions=positions,
        late=np.concatenate([part.late for part in parts]),
        known=np.concatenate([part.known for part in parts]),
        last_known=_last_known(parts, positions),
        alerts=latest([*alerts, *together_alerts]),
        journeys=tuple(journeys[key] for key in sorted(journeys)),
        repeated=sum(part.repeated for part in parts),
        coverage=tuple(coverage[key] for key in sorted(coverage)),
    )


def _last_known(parts: Sequence[Outcome], positions: Positions) -> LastKnown:
    """Of several places of one vehicle the last one."""
    offset = np.cumsum([0, *(len(part.positions) for part in parts)])
    row = np.concatenate([part.last_known.row + start for part, start in zip(parts, offset, strict=False)])
    _, last = np.unique(positions.vehicle_id[row][::-1], return_index=True)
    keep = np.sort(len(row) - 1 - last)
    phase, loaded = (
        np.concatenate([getattr(part.last_known, name) for part in parts]) for name in ("phase", "loaded")
    )
    return LastKnown(row[keep], phase[keep], loaded[keep])
