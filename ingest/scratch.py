"""Judges stretches of track again, with a scratch memory, as if all their fixes had come in time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from hazmat.alerts import AlertChange
from hazmat.clock import seconds_between
from hazmat.columns import Ints, Times
from hazmat.coverage import JourneyCoverage
from hazmat.journeys import JourneyChange
from hazmat.outcome import Outcome
from hazmat.partition import stable_hash
from hazmat.position import Positions
from hazmat.registry import Registry
from ingest.process import process
from rules.catalogue import TIMER_RULES, rule_table
from rules.changes import alert_changes
from rules.lapses import untold
from rules.machine import Advance, Ended
from rules.memory import Episodes, Memory, VehicleMemory

DELIVERY = np.timedelta64(1000, "ms")  # from a fix to its receipt where nothing holds it up
_AT_ONCE, _FOR_EVER = np.timedelta64(0, "ms"), np.timedelta64(10**12, "ms")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # as of then nobody is silent yet


@dataclass(slots=True)
class Scratch:
    """Some vehicles' memory on its way through their fixes, and what the rules found on it."""

    memory: Memory
    alerts: dict[str, AlertChange]
    journeys: dict[str, JourneyChange]
    coverage: dict[str, JourneyCoverage]

    @classmethod
    def of(cls, memory: Memory) -> "Scratch":
        """Begin with this memory; what it has open is found already."""
        scratch = cls(untold(memory), {}, {}, {})
        scratch._tell(still_firing(memory.episodes))
        return scratch

    def judge(self, fixes: Positions, registry: Registry) -> None:
        """Fixes of any of the vehicles, by (vehicle, fix_time), later than all before."""
        if len(fixes):
            hashes = stable_hash(fixes.vehicle_id)
            self.memory = self.memory.with_vehicles(fixes.vehicle_id, hashes)
            in_time = _in_time(fixes, hashes, self.memory)
            fixes = replace(fixes, received_at=in_time, message=np.arange(len(fixes)))
            self.memory = _never_silent(self.memory, fixes, hashes, registry)
            outcome, self.memory = process(fixes, registry, self.memory, _NEVER)
            self._keep(outcome)

    def let_time_pass(
        self, live: VehicleMemory, registry: Registry, at: datetime, listening_since: datetime | None
    ) -> None:
        """Up to the present: who is silent now. ``live``: what the flow remembers of the same vehicles.

        What the flow has told stays told: it may have begun to listen again since.
        """
        vehicles = self.memory.vehicles.take(np.arange(len(self.memory.hashes)))
        vehicles.last_received[:] = np.fmax(vehicles.last_received, live.last_received)
        vehicles.silent[:] |= live.silent & _armed(vehicles)
        self.memory = replace(self.memory, vehicles=vehicles)
        outcome, self.memory = process(Positions.empty(), registry, self.memory, at, listening_since)
        self._keep(outcome)

    def _keep(self, outcome: Outcome) -> None:
        self._tell(outcome.alerts)
        self.journeys |= {change.journey_id: change for change in outcome.journeys}
        self.coverage |= {each.journey_id: each for each in outcome.coverage}

    def _tell(self, alerts: Sequence[AlertChange]) -> None:
        for change in alerts:
            self.alerts[change.alert_id] = change.after(self.alerts.get(change.alert_id))


def _in_time(fixes: Positions, hashes: NDArray[np.uint64], memory: Memory) -> Times:
    """When each would have come, had nothing held it up.

    That is as long after its time as the quickest of its vehicle came, whose clock may be wrong.
    """
    age = fixes.received_at - fixes.fix_time
    age[~np.isnan(fixes.clock_off_s)] = _FOR_EVER  # their time is that of their receipt
    start = np.flatnonzero(np.append(True, fixes.vehicle_id[1:] != fixes.vehicle_id[:-1]))
    slot = memory.slots(hashes[start])
    before = memory.vehicles.last_received[slot] - memory.vehicles.last_time[slot]
    quickest = np.fmin(np.minimum.reduceat(age, start), before)  # NaT, nothing before, is left out
    quickest = np.repeat(quickest, np.diff(np.append(start, len(fixes))))
    in_time: Times = np.minimum(fixes.received_at, fixes.fix_time + np.maximum(quickest, _AT_ONCE) + DELIVERY)
    return in_time


def _never_silent(memory: Memory, fixes: Positions, hashes: NDArray[np.uint64], registry: Registry) -> Memory:
    """The memory without the silences it told that the first of these fixes, had it come in time, denies."""
    first = np.flatnonzero(np.append(True, fixes.vehicle_id[1:] != fixes.vehicle_id[:-1]))
    slot = memory.slots(hashes[first])
    if not memory.vehicles.silent[slot].any():
        return memory
    vehicles, since = memory.vehicles.copy(), memory.vehicles.last_received[slot]
    for nth, rule in enumerate(TIMER_RULES):
        after_s = rule_table(registry).limit(rule.id, "after_s", since)
        denied = seconds_between(since, fixes.received_at[first]) <= after_s
        vehicles.silent[slot[denied]] &= ~(1 << nth)
    return replace(memory, vehicles=vehicles)


def _armed(vehicles: VehicleMemory) -> Ints:
    """Bits of the timer rules for which a vehicle's silence matters."""
    bits = np.zeros(len(vehicles.vehicle_id), np.int64)
    for nth, rule in enumerate(TIMER_RULES):
        bits |= np.where(rule.armed(vehicles), 1 << nth, 0)
    return bits


def still_firing(episodes: Episodes) -> list[AlertChange]:
    """The alerts that are open by these episodes; without evidence."""
    firing = episodes.take(~np.isnat(episodes.fired_at))
    rows = len(firing.vehicle_id)
    none = np.full(rows, -1, np.intp)
    nothing = Ended(Episodes.blank(0), np.empty(0, "datetime64[ms]"), np.zeros(0, bool), none[:0])
    return alert_changes(Advance(firing, none, none < 0, nothing), Positions.empty(), lambda *_: {})
