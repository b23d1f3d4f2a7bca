"""Runs messages through process() in any cut, and says what was found, in a form that can be compared."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from hazmat.alerts import AlertChange
from hazmat.clock import from_time
from hazmat.journeys import JourneyChange
from hazmat.position import Positions
from hazmat.registry import Registry
from ingest.process import process
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

    def feed(
        self, batch: Positions, at: datetime | None = None, listening_since: datetime | None = None
    ) -> "Fold":
        outcome, self.memory = process(
            batch, self.registry, self.memory, at or from_time(batch.received_at[-1]), listening_since
        )
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
