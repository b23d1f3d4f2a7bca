"""Runs messages through process() in any cut, and says what was found, in a form that can be compared."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from hazmat.alerts import AlertChange, AlertState
from hazmat.clock import from_time
from hazmat.journeys import JourneyChange
from hazmat.position import Positions
from hazmat.registry import Registry
from ingest.kept import Kept
from ingest.process import process
from ingest.repair import Present, Repair
from ingest.snapshots import Snapshots
from rules.memory import Memory


class Fold:
    """Stands for the store: keeps what process() hands out, by its keys."""

    def __init__(self, registry: Registry, memory: Memory | None = None) -> None:
        self.registry = registry
        self.memory = memory or Memory.empty()
        self.alerts: dict[str, AlertChange] = {}
        self.journeys: dict[str, JourneyChange] = {}
        self.positions: dict[tuple[bytes, int], tuple[Any, ...]] = {}
        self.judged: list[Positions] = []
        self.kept = Kept()
        self.snapshots = Snapshots()
        self.at: datetime | None = None

    def feed(
        self, batch: Positions, at: datetime | None = None, listening_since: datetime | None = None
    ) -> "Fold":
        self.at = at or from_time(batch.received_at[-1])
        before = self.memory
        outcome, self.memory = process(batch, self.registry, before, self.at, listening_since)
        self.kept.keep(outcome, before)
        self.snapshots.look(self.memory, self.at)
        for change in outcome.alerts:
            self.alerts[change.alert_id] = change.after(self.alerts.get(change.alert_id))
        self.journeys |= {change.journey_id: change for change in outcome.journeys}
        kept = outcome.positions
        for row in range(len(kept)):
            key = (kept.vehicle_id[row], int(kept.fix_time[row].astype(np.int64)))
            self.positions.setdefault(key, (kept.lon[row], kept.lat[row], bool(outcome.late[row])))
        self.judged.append(kept.take(~outcome.late))
        return self

    def feed_cut(self, messages: Positions, cuts: Sequence[int]) -> "Fold":
        """Messages stay whole: a cut in the middle of one is made before it."""
        whole = [int(np.searchsorted(messages.message, messages.message[row])) for row in cuts]
        for start, stop in zip([0, *whole], [*whole, len(messages)], strict=True):
            if stop > start:
                self.feed(messages.take(np.arange(start, stop)))
        return self

    def repair(
        self,
        look_back: np.timedelta64 | None = None,
        each: int = 200,
        listening_since: datetime | None = None,
    ) -> "Fold":
        """Repair the tracks of all late fixes so far, as the flow does."""
        if len(self.kept.asks):
            assert self.at is not None
            repair = Repair(self.kept.asks, self.kept, self.snapshots, look_back)
            while not repair.step(self.registry, each):
                pass
            present = Present(self.memory, self.registry, self.at, listening_since)
            repaired, self.memory = repair.finish(present)
            self.snapshots.repaired(repair.hashes, repair.asks.first_late)
            self.kept.repaired(repaired)
        return self

    def standing(self) -> list[AlertChange]:
        """The alerts that were not withdrawn."""
        return [each for each in self.kept.alerts.values() if each.state is not AlertState.WITHDRAWN]

    def fired(self) -> list[tuple[str, str]]:
        """(vehicle, rule) of every alert, sorted."""
        return sorted((change.vehicle_id, change.rule_id) for change in self.alerts.values())


def memory_rows(memory: Memory) -> dict[str, list[Any]]:
    """All columns as lists, missing ones comparable."""
    return {
        f"{type(table).__name__}.{name}": [str(value) for value in column.tolist()]
        for table in (memory.vehicles, memory.episodes)
        for name, column in table.flat().items()
    }
