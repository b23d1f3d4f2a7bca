"""Repairs in the flow: gathered for some seconds, then judged between batches, a bounded part at a time."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from hazmat.clock import to_time
from hazmat.columns import Mask
from hazmat.outcome import Outcome
from hazmat.partition import partition_of
from hazmat.repairs import Asks, Repaired
from hazmat.store.flow import FlowStore
from ingest.repair import Present, Repair
from ingest.snapshots import Snapshots
from rules.memory import Memory

log = logging.getLogger(__name__)

GATHER = timedelta(seconds=5)  # after the last late fix of a vehicle
PATIENCE = timedelta(seconds=30)  # though late fixes keep coming
VEHICLES_AT_ONCE = 200
FIXES_AT_ONCE = 20_000
FIXES_EACH = 300  # a fold goes from fix to fix of each vehicle: depth costs more than width


@dataclass(frozen=True, slots=True)
class Done:
    """A repair that has to be committed: what it changes, the memory after it, the partitions concerned."""

    repaired: Repaired
    memory: Memory
    partitions: tuple[int, ...]


class RepairQueue:
    """What has been asked for, and the repair under way.

    The store must hold all that was judged: call it when nothing is being committed.
    """

    def __init__(self, store: FlowStore) -> None:
        self.snapshots = Snapshots()
        self._store = store
        self._running: Repair | None = None
        self._asked_since: set[bytes] = set()  # vehicles asked for while that runs: it may not see why
        self._wanted = True  # at the start the store may know of some
        self._looked_at: datetime | None = None
        self._first_seen: dict[bytes, datetime] = {}

    def ask(self, outcome: Outcome, asks: Asks) -> None:
        """Late fixes of a batch were stored, or asked for."""
        self._wanted = self._wanted or bool(outcome.late.any()) or bool(len(asks))
        if self._running is not None:
            self._asked_since.update(outcome.positions.vehicle_id[outcome.late].tolist())
            self._asked_since.update(asks.vehicle_id.tolist())

    @property
    def running(self) -> bool:
        """Whether a repair is under way."""
        return self._running is not None

    def due(self, at: datetime) -> bool:
        """Whether there is something to do now."""
        return self._running is not None or (self._wanted and self._may_look(at))

    def _may_look(self, at: datetime) -> bool:
        return self._looked_at is None or at - self._looked_at >= GATHER

    def step(self, present: Present) -> Done | None:
        """Go on with the repair under way, or begin one; what is done. StoreUnavailable: call it again."""
        if self._running is None:
            asks = self._next(present)
            if not len(asks):
                return None
            self._running, self._asked_since = Repair(asks, self._store, self.snapshots), set()
        each = max(1, min(FIXES_EACH, FIXES_AT_ONCE // len(self._running.asks)))
        if not self._running.step(present.registry, each):
            return None
        repair, self._running = self._running, None
        try:
            repaired, memory = repair.finish(present)
        except BaseException:
            self._running = repair
            raise
        repaired = replace(repaired, asks=self._through(repair.asks))
        self.snapshots.repaired(repair.hashes, repair.asks.first_late)
        partitions = tuple(np.unique(partition_of(repair.asks.vehicle_id)).tolist())
        log.info(
            "tracks of %d vehicles judged again: %d alerts changed", len(repair.asks), len(repaired.alerts)
        )
        return Done(repaired, memory, partitions)

    def _through(self, asks: Asks) -> Asks:
        """Those that nothing came for meanwhile; the others stay in the store and are repaired again."""
        again = np.array(sorted(self._asked_since), asks.vehicle_id.dtype)
        return asks.take(~np.isin(asks.vehicle_id, again))

    def _next(self, present: Present) -> Asks:
        """Those asked for that have been gathered long enough, at most so many."""
        asks = self._store.repairs()
        self._looked_at, self._wanted = present.at, bool(len(asks))
        waiting = set(asks.vehicle_id.tolist())
        self._first_seen = {name: self._first_seen.get(name, present.at) for name in waiting}
        asks = asks.take(self._ripe(asks, present.at))
        return asks.take(np.arange(min(len(asks), VEHICLES_AT_ONCE)))

    def _ripe(self, asks: Asks, at: datetime) -> Mask:
        quiet = asks.asked_at <= to_time(at - GATHER)
        waited = [self._first_seen[name] <= at - PATIENCE for name in asks.vehicle_id.tolist()]
        ripe: Mask = quiet | np.array(waited, bool)
        return ripe
