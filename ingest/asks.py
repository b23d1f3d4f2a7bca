"""Which vehicles' tracks have to be judged again after a batch."""

import numpy as np

from hazmat.columns import Ids, Times
from hazmat.outcome import Outcome
from hazmat.partition import stable_hash
from hazmat.position import Positions
from hazmat.repairs import Asks
from rules.memory import Memory

HELD_UP = np.timedelta64(60_000, "ms")  # so much later than the fix before: it was kept in the terminal


def late_asks(outcome: Outcome) -> Asks:
    """For the late fixes of a batch; the store asks for those by itself, where they are new."""
    return _asks(outcome.positions.take(outcome.late))


def held_up_asks(outcome: Outcome, before: Memory) -> Asks:
    """For fixes judged at once that had been held up: by what came when, their vehicle seemed silent.

    ``before``: the memory before the batch. What counts is by how much longer than the fix before a fix took:
    a clock that is wrong by minutes is wrong for all of them.
    """
    fixes = outcome.positions
    slow = (fixes.received_at - fixes.fix_time > HELD_UP) & ~outcome.late
    if not slow.any():
        return Asks.empty()
    fixes = fixes.take(np.isin(fixes.vehicle_id, fixes.vehicle_id[slow]) & ~outcome.late)
    fixes = fixes.take(np.lexsort((fixes.fix_time, fixes.vehicle_id)))
    age = fixes.received_at - fixes.fix_time
    first = np.append(True, fixes.vehicle_id[1:] != fixes.vehicle_id[:-1])
    age_before = np.where(first, _age_of_last(fixes.vehicle_id, before), np.roll(age, 1))
    age_before[np.isnat(age_before)] = np.timedelta64(0, "ms")  # the first contact may be a whole blind area
    return _asks(fixes.take(age - age_before > HELD_UP))


def _age_of_last(vehicles: Ids, memory: Memory) -> "np.ndarray[tuple[int], np.dtype[np.timedelta64]]":
    hashes = stable_hash(vehicles)
    known = memory.with_vehicles(vehicles, hashes)
    slots = known.slots(hashes)
    received: Times = known.vehicles.last_received[slots]
    return received - known.vehicles.last_time[slots]


def _asks(fixes: Positions) -> Asks:
    return Asks.gathered([Asks(fixes.vehicle_id, fixes.fix_time, fixes.received_at)])
