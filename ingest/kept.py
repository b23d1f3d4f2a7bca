"""What a replay keeps of its outcomes, so that late fixes can be repaired without a database."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from hazmat.alerts import AlertChange
from hazmat.clock import to_time
from hazmat.columns import Ids, Mask, Times
from hazmat.journeys import JourneyChange
from hazmat.outcome import Outcome
from hazmat.partition import stable_hash
from hazmat.position import Positions
from hazmat.repairs import Asks, Repaired
from ingest.asks import held_up_asks, late_asks
from rules.memory import Memory

_FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class Kept:
    """Stands for the store: fixes, alerts, journeys, and the repairs asked for."""

    alerts: dict[str, AlertChange] = field(default_factory=dict)
    found_journeys: dict[str, JourneyChange] = field(default_factory=dict)
    withdrawn_journeys: set[str] = field(default_factory=set)
    asks: Asks = field(default_factory=Asks.empty)
    _fixes: list[Positions] = field(default_factory=list)
    _late: list[Mask] = field(default_factory=list)
    _ordered: int = 0  # of the first so many fixes, which then stand in one part

    def keep(self, outcome: Outcome, before: Memory) -> None:
        """What a batch brought; ``before``: the memory before it."""
        if len(outcome.positions):
            self._fixes.append(outcome.positions)
            self._late.append(outcome.late)
            self.asks = Asks.gathered([self.asks, late_asks(outcome), held_up_asks(outcome, before)])
        self.set_right(outcome.alerts, outcome.journeys)

    def repaired(self, repaired: Repaired) -> None:
        """What a repair of all that was asked for changed."""
        self.asks = Asks.empty()
        self.withdrawn_journeys |= set(repaired.withdrawn_journeys)
        self.set_right(repaired.alerts, repaired.journeys)

    def set_right(self, alerts: Iterable[AlertChange], journeys: Iterable[JourneyChange]) -> None:
        """Later changes overwrite earlier ones, but not the evidence."""
        for change in alerts:
            self.alerts[change.alert_id] = change.after(self.alerts.get(change.alert_id))
        for journey in journeys:
            self.found_journeys[journey.journey_id] = journey
            self.withdrawn_journeys.discard(journey.journey_id)

    def fixes_of(self, vehicles: Ids, after: Times, each: int) -> tuple[Positions, Mask]:
        """As ``History``."""
        fixes, late = self._in_order()
        hashes = stable_hash(vehicles)
        order = np.argsort(hashes)
        mine = stable_hash(fixes.vehicle_id)
        spot = order[np.minimum(np.searchsorted(hashes[order], mine), len(hashes) - 1)]
        row = np.flatnonzero((hashes[spot] == mine) & (fixes.fix_time > after[spot]))
        first = np.append(True, spot[row][1:] != spot[row][:-1])[: len(row)]
        nth = np.arange(len(row)) - np.maximum.accumulate(np.where(first, np.arange(len(row)), 0))
        row = row[nth < each]
        return fixes.take(row), late[row]

    def standing(self, vehicles: Ids, since: Times) -> list[AlertChange]:
        """As ``History``."""
        asked = dict(zip(vehicles.tolist(), since, strict=True))
        return [
            each
            for each in self.alerts.values()
            if each.vehicle_id.encode() in asked
            and to_time(each.resolved_at or _FOREVER) >= asked[each.vehicle_id.encode()]
        ]

    def journeys(self, vehicles: Ids, since: Times) -> list[JourneyChange]:
        """As ``History``."""
        asked = dict(zip(vehicles.tolist(), since, strict=True))
        return [
            each
            for name, each in self.found_journeys.items()
            if name not in self.withdrawn_journeys
            and each.vehicle_id.encode() in asked
            and to_time(each.exited_at or _FOREVER) >= asked[each.vehicle_id.encode()]
        ]

    def _in_order(self) -> tuple[Positions, Mask]:
        """All fixes by (vehicle, fix_time); of doubles the first to come, as the store does."""
        if [len(part) for part in self._fixes] != [self._ordered]:
            fixes, late = Positions.concat(self._fixes), np.concatenate([np.zeros(0, bool), *self._late])
            order = np.lexsort((np.arange(len(fixes)), fixes.fix_time, fixes.vehicle_id))
            fixes, late = fixes.take(order), late[order]
            new = np.append(True, (fixes.vehicle_id[1:] != fixes.vehicle_id[:-1])
                            | (fixes.fix_time[1:] != fixes.fix_time[:-1]))[: len(fixes)]  # fmt: skip
            self._fixes, self._late, self._ordered = [fixes.take(new)], [late[new]], int(new.sum())
        return self._fixes[0], self._late[0]
