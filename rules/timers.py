"""Alerts for what did not happen, driven by an explicit time: the same whether ticks come often or seldom.

A silence fires at its deadline. If a tick passes the deadline first it is told live; if the next message is
seen first, the whole silence is told with it. Either way the alert has the same id, times and end.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hazmat.alerts import AlertChange, AlertState, EndReason, alert_id
from hazmat.clock import from_time, to_time
from hazmat.columns import Floats, Ids, Mask, Rows, Times
from hazmat.coordinates import to_lonlat
from hazmat.position import Positions
from hazmat.registry import Registry
from rules.dead_zones import near_dead_zone
from rules.evidence import rule_facts, vehicle_facts
from rules.memory import VehicleMemory
from rules.rule import Limits, Need, TimerRule
from rules.settings import RuleTable
from rules.signals import Signals

_LONG_AGO = np.datetime64("1970-01-01", "ms")


@dataclass(frozen=True, slots=True)
class Silences:
    """What was last heard of vehicles, and from where (metres, NaN: never a fix)."""

    vehicle_id: Ids
    last_time: Times
    last_received: Times
    x_m: Floats
    y_m: Floats

    def take(self, rows: NDArray[Any]) -> "Silences":
        """These silences."""
        return Silences(
            self.vehicle_id[rows],
            self.last_time[rows],
            self.last_received[rows],
            self.x_m[rows],
            self.y_m[rows],
        )


@dataclass(frozen=True, slots=True)
class Heard:
    """Judged messages sorted by (slot, fix_time), each with what was known before it."""

    slot: Rows
    first: Mask
    received_at: Times
    before: Silences


def heard(judged: Positions, signals: Signals, memory: VehicleMemory) -> Heard:
    """``memory`` as it was before the batch."""
    slot, first = signals.slot, signals.first

    def before(column: NDArray[Any], remembered: NDArray[Any]) -> NDArray[Any]:
        return np.where(first, remembered[slot], np.roll(column, 1))

    silences = Silences(
        vehicle_id=judged.vehicle_id,
        last_time=before(judged.fix_time, memory.last_time),
        last_received=before(judged.received_at, memory.last_received),
        x_m=before(signals.x_m, memory.x_m),
        y_m=before(signals.y_m, memory.y_m),
    )
    return Heard(slot, first, judged.received_at, silences)


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer rule with its numbers in force; ``bit`` marks in the memory that its alert is out.

    ``listening_since``: when we last began to hear the vehicles. No silence is told before we have listened
    for ``limits["listened_s"]`` (else ``after_s``): until then it may have been us. ``limits["tunnel_s"]`` is
    what a silence that began near a tunnel may last beyond ``after_s``.
    """

    rule: TimerRule
    bit: int
    table: RuleTable
    registry: Registry
    listening_since: datetime | None

    def broken(self, messages: Heard, signals: Signals, memory: VehicleMemory) -> list[AlertChange]:
        """Silences past their deadline, or told already, that a message of this batch ended.

        ``memory`` as it was before the batch.
        """
        if not len(messages.slot):
            return []
        armed = np.where(
            messages.first, self.rule.armed(memory)[messages.slot], np.roll(self.rule.armed(signals), 1)
        )
        told = messages.first & (memory.silent[messages.slot] & self.bit > 0)
        row, deadline = self._past(messages.before, armed | told, messages.received_at, told)
        ended_at = np.maximum(messages.received_at[row], deadline)
        return self._changes(messages.before.take(row), deadline, ended_at)

    def overdue(self, memory: VehicleMemory, at: datetime) -> list[AlertChange]:
        """Silences past their deadline at ``at`` not told yet; marked in ``memory``, the caller's copy."""
        silences = Silences(memory.vehicle_id, memory.last_time, memory.last_received, memory.x_m, memory.y_m)
        untold = memory.silent & self.bit == 0
        now = np.full(len(untold), to_time(at))
        row, deadline = self._past(silences, self.rule.armed(memory) & untold, now, np.zeros_like(untold))
        memory.silent[row] |= self.bit
        return self._changes(silences.take(row), deadline, None)

    def _past(self, silences: Silences, asked: Mask, until: Times, told: Mask) -> tuple[Rows, Times]:
        """(row, deadline) of the silences asked about that were past it ``until``, or are told already."""
        since = self._counted_from(silences.last_received)
        deadline, tunnel = silences.last_received.copy(), np.zeros(len(asked), "timedelta64[ms]")
        on = np.zeros(len(asked), bool)
        for version, where in self.table.versions(self.rule.id, since):
            here: Any = slice(None) if where is None else where
            deadline[here] = self._deadline(silences.last_received[here], version.limits)
            tunnel[here] = _span(version.limits.get("tunnel_s", 0.0))
            on[here] = version.enabled
        row = np.flatnonzero((asked & on & (until > deadline)) | told)  # few: those that fell silent
        hidden = np.flatnonzero(tunnel[row] > np.timedelta64(0))
        near = row[hidden]
        hidden = hidden[near_dead_zone(self.registry, silences.x_m[near], silences.y_m[near], since[near])]
        deadline[row[hidden]] += tunnel[row[hidden]]
        late = (until[row] > deadline[row]) | told[row]
        if Need.VEHICLE in self.rule.needs:
            late &= self.registry.vehicles.find(silences.vehicle_id[row]) >= 0
        return row[late], deadline[row[late]]

    def _counted_from(self, last_received: Times) -> Times:
        since = _LONG_AGO if self.listening_since is None else to_time(self.listening_since)
        return np.maximum(last_received, since)

    def _deadline(self, last_received: Times, limits: Limits) -> Times:
        after = last_received + _span(limits["after_s"])
        if self.listening_since is None:
            return after
        listened = to_time(self.listening_since) + _span(limits.get("listened_s", limits["after_s"]))
        return np.maximum(after, listened)

    def _changes(self, silences: Silences, deadline: Times, ended_at: Times | None) -> list[AlertChange]:
        lon, lat = to_lonlat(silences.x_m, silences.y_m)
        since = self._counted_from(silences.last_received)
        return [
            self._change(silences, row, (float(lon[row]), float(lat[row])), since[row], deadline, ended_at)
            for row in range(len(silences.vehicle_id))  # few: the vehicles that fell silent
        ]

    def _change(
        self,
        silences: Silences,
        row: int,
        place: tuple[float, float],
        since: np.datetime64,
        deadline: Times,
        ended_at: Times | None,
    ) -> AlertChange:
        rule, registry = self.rule, self.registry
        vehicle = silences.vehicle_id[row].decode()
        opened, heard_at = from_time(silences.last_time[row]), from_time(silences.last_received[row])
        fired = from_time(deadline[row])
        end = None if ended_at is None else from_time(ended_at[row])
        return AlertChange(
            alert_id=alert_id(vehicle, rule.id, "", opened),
            vehicle_id=vehicle,
            rule_id=rule.id,
            object_id="",
            severity=rule.severity,
            state=AlertState.FIRING if end is None else AlertState.RESOLVED,
            opened_at=opened,
            named_at=opened,
            fired_at=fired,
            last_hit_at=end or fired,
            resolved_at=end,
            end_reason=None if end is None else EndReason.CLEARED,
            fixes=0,
            value=((end or fired) - heard_at).total_seconds(),
            lon=round(place[0], 7),
            lat=round(place[1], 7),
            evidence={
                **rule_facts(registry, rule.id, since),
                "last_fix_time": opened.isoformat(),
                "last_received_at": heard_at.isoformat(),
                "after_s": (fired - from_time(since)).total_seconds(),
                **vehicle_facts(registry, registry.vehicles.index.get(vehicle, -1)),
            },
            retrospective=False,
        )


def _span(seconds: float) -> np.timedelta64:
    return np.timedelta64(round(seconds * 1000), "ms")
