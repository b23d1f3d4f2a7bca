"""What one look into the store sees, compared with the look before: trucks, alerts, what changed."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Self

from dashboards.alerts.rule_names import FOR_DRIVERS
from dashboards.live import wire
from dashboards.live.fleet import Fleet
from hazmat.clock import to_ms
from hazmat.store.pool import Row
from hazmat.store.screens import AlertLevel, Plate, Screens

RESOLVED_SHOWN_FOR = timedelta(hours=24)
ALERTS_SHOWN = 1000
NOT_READ = -1
# Names of officers; the object, which of a pair is the other enterprise's truck.
_NOT_FOR_TENANTS = frozenset({"acknowledged_by", "holder", "object"})


@dataclass(frozen=True, slots=True)
class Scene:
    """The state after a look. ``epoch`` names the numbering of trucks: it lasts as long as their plates and
    owners.

    ``levels`` are the alerts of the last look by id, ``alerts`` the rows shown, open first. ``database`` is
    whether the store answered; if it did not, the rest stands as it was.
    """

    epoch: str
    at_ms: int = 0
    database: bool = True
    registry: int = NOT_READ
    refusal: str = ""
    fleet: Fleet = field(default_factory=Fleet.empty)
    plates: Mapping[str, Plate] = field(default_factory=dict)
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
        renamed = registry != self.registry and self._renamed(plates)
        return type(self)(
            epoch=new_epoch if renamed else self.epoch,
            at_ms=to_ms(at),
            registry=registry,
            refusal=screens.registry_refusal(),
            fleet=fleet,
            plates=plates,
            levels=levels,
            alerts=_shown(self.alerts, self._written(screens, levels, at, renamed), at),
        )

    def of_tenant(self, carrier_id: str) -> Self:
        """Return what one enterprise may see of this scene: its trucks, numbered anew in the same order, and
        its alerts without names of officers and of others' trucks."""
        plates = {name: plate for name, plate in self.plates.items() if plate.carrier_id == carrier_id}
        alerts = {
            name: {key: value for key, value in row.items() if key not in _NOT_FOR_TENANTS}
            for name, row in self.alerts.items()
            if row["carrier"] == carrier_id
        }
        epoch, fleet = self.epoch_of(carrier_id), self.fleet.only(plates)
        return replace(self, epoch=epoch, fleet=fleet, plates=plates, levels={}, alerts=alerts)

    def epoch_of(self, tenant: str | None) -> str:
        """Return the name of the numbering that a tenant's viewers see: no other tenant has the same rows."""
        if tenant is None:
            return self.epoch
        return hashlib.sha256(f"{self.epoch}\x1f{tenant}".encode()).hexdigest()[:8]

    def message(self, before: "Scene", tick: int) -> bytes:
        """Return what changed since the scene before, as JSON."""
        alerts = [row for name, row in self.alerts.items() if before.alerts.get(name) != row]
        body = self._head(tick) | {"alerts": alerts}
        if self.epoch == before.epoch:
            body |= wire.changes(self.fleet, before.fleet, self.at_ms)
            if len(self.fleet) > len(before.fleet):
                body["new"] = wire.names(self.fleet, len(before.fleet), self.plates)
        return wire.encode(body)

    def snapshot(self, tick: int) -> bytes:
        """Return everything, as JSON; the stream goes on after ``tick``."""
        body = self._head(tick) | wire.columns(self.fleet, self.at_ms)
        body["new"] = wire.names(self.fleet, 0, self.plates)
        return wire.encode(body | {"alerts": list(self.alerts.values())})

    def _head(self, tick: int) -> dict[str, Any]:
        return {
            "epoch": self.epoch,
            "tick": tick,
            "at": self.at_ms,
            "registry": self.registry,
            "database": self.database,
            "counts": self.fleet.counts() | self.fleet.phases(),
        }

    def _plates(self, screens: Screens, fleet: Fleet, registry: int) -> Mapping[str, Plate]:
        start = len(self.fleet) if registry == self.registry else 0
        ids = [name.decode() for name in fleet.ids[start:].tolist()]
        fresh = screens.plates(ids) if ids else {}
        return {**self.plates, **fresh} if start else fresh

    def _renamed(self, plates: Mapping[str, Plate]) -> bool:
        """Whether a truck has another plate or owner than in this scene; one that became known has."""
        ids = (name.decode() for name in self.fleet.ids.tolist())
        return any(plates.get(name) != self.plates.get(name) for name in ids)

    def _written(
        self, screens: Screens, levels: Mapping[str, AlertLevel], at: datetime, renamed: bool
    ) -> list[Row]:
        """Return the alert rows written since this scene; all that are shown after a start, an outage or
        when plates or owners changed."""
        if renamed or self.registry == NOT_READ or not self.database:
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
