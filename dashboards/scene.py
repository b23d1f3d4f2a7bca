"""What one look into the store sees, compared with the look before: trucks, alerts, what changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Self

import numpy as np

from dashboards import wire
from dashboards.fleet import Fleet
from dashboards.rule_names import FOR_DRIVERS
from hazmat.clock import to_ms
from hazmat.store.pool import Row
from hazmat.store.screens import AlertLevel, Screens

RESOLVED_SHOWN_FOR = timedelta(hours=24)
ALERTS_SHOWN = 1000
NOT_READ = -1


@dataclass(frozen=True, slots=True)
class Scene:
    """The state after a look. ``epoch`` names the numbering of trucks: it lasts as long as their plates.

    ``levels`` are the alerts of the last look by id, ``alerts`` the rows shown, open first. ``database`` is
    whether the store answered; if it did not, the rest stands as it was.
    """

    epoch: str
    at_ms: int = 0
    database: bool = True
    registry: int = NOT_READ
    refusal: str = ""
    fleet: Fleet = field(default_factory=Fleet.empty)
    plates: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    levels: Mapping[str, AlertLevel] = field(default_factory=dict)
    alerts: Mapping[str, Row] = field(default_factory=dict)

    def without_store(self, at: datetime) -> Self:
        """Return the same scene, marked as no longer up to date."""
        return replace(self, at_ms=to_ms(at), database=False)

    def look(self, screens: Screens, at: datetime, new_epoch: str) -> Self:
        """Return what the store holds now; StoreUnavailable if it does not answer."""
        registry = screens.registry_version()
        levels = {level.alert_id: level for level in screens.alert_levels(FOR_DRIVERS)}
        fleet = self.fleet.advance(screens.fleet(), levels.values(), at)
        plates = self._plates(screens, fleet, registry)
        renamed = any(plates.get(name) != plate for name, plate in self.plates.items())
        return type(self)(
            epoch=new_epoch if renamed else self.epoch,
            at_ms=to_ms(at),
            registry=registry,
            refusal=screens.registry_refusal(),
            fleet=fleet,
            plates=plates,
            levels=levels,
            alerts=_shown(self.alerts, self._written(screens, levels, at), at),
        )

    def message(self, before: "Scene", tick: int) -> bytes:
        """Return what changed since the scene before, as JSON."""
        rows = self.fleet.changed_since(before.fleet)
        alerts = [row for name, row in self.alerts.items() if before.alerts.get(name) != row]
        body = self._head(tick) | {"i": rows, "alerts": alerts} | wire.columns(self.fleet, rows, self.at_ms)
        if len(self.fleet) > len(before.fleet):
            body["new"] = wire.names(self.fleet, len(before.fleet), self.plates)
        return wire.encode(body)

    def snapshot(self, tick: int) -> bytes:
        """Return everything, as JSON; the stream goes on after ``tick``."""
        body = self._head(tick) | wire.columns(self.fleet, np.arange(len(self.fleet)), self.at_ms)
        body["new"] = wire.names(self.fleet, 0, self.plates)
        return wire.encode(body | {"alerts": list(self.alerts.values())})

    def _head(self, tick: int) -> dict[str, Any]:
        return {
            "epoch": self.epoch,
            "tick": tick,
            "at": self.at_ms,
            "registry": self.registry,
            "database": self.database,
            "counts": self.fleet.counts(),
        }

    def _plates(self, screens: Screens, fleet: Fleet, registry: int) -> Mapping[str, tuple[str, str]]:
        start = len(self.fleet) if registry == self.registry else 0
        ids = [name.decode() for name in fleet.ids[start:].tolist()]
        fresh = screens.plates(ids) if ids else {}
        return {**self.plates, **fresh} if start else fresh

    def _written(self, screens: Screens, levels: Mapping[str, AlertLevel], at: datetime) -> list[Row]:
        """Return the alert rows written since this scene; all that are shown after a start or an outage."""
        if self.registry == NOT_READ or not self.database:
            return screens.alert_rows(since=at - RESOLVED_SHOWN_FOR, rows=ALERTS_SHOWN, unseen=FOR_DRIVERS)
        known = self.levels
        ids = {name for name, level in levels.items() if known.get(name) != level}
        ids |= {name for name, level in known.items() if level.firing and name not in levels}
        return screens.alert_rows(ids=sorted(ids)) if ids else []


def _shown(before: Mapping[str, Row], written: Iterable[Row], at: datetime) -> Mapping[str, Row]:
    oldest = to_ms(at - RESOLVED_SHOWN_FOR)
    kept = {**before, **{str(row["id"]): row for row in written}}
    newest = sorted(kept.values(), key=lambda row: (row["state"] == "firing", row["fired"]), reverse=True)
    shown = [row for row in newest if row["resolved"] is None or row["resolved"] >= oldest]
    return {str(row["id"]): row for row in shown[:ALERTS_SHOWN]}
