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
from rules.evidence import rule_facts, vehicle_facts
from rules.memory import VehicleMemory
from rules.rule import TimerRule
from rules.settings import RuleTable
from rules.signals import Signals


@dataclass(frozen=True, slots=True)
class Silences:
    """What was last heard of vehicles that were under way, and from where.

    ``since``: from when on their silence counts; later than ``last_received`` where we were not listening.
    """

    vehicle_id: Ids
    last_time: Times
    last_received: Times
    since: Times
    x_m: Floats
    y_m: Floats

    def take(self, rows: Mask) -> "Silences":
        """These silences."""
        return Silences(
            self.vehicle_id[rows],
            self.last_time[rows],
            self.last_received[rows],
            self.since[rows],
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


def heard(
    judged: Positions, signals: Signals, memory: VehicleMemory, listening_since: datetime | None
) -> Heard:
    """``memory`` as it was before the batch."""
    slot, first = signals.slot, signals.first

    def before(column: NDArray[Any], remembered: NDArray[Any]) -> NDArray[Any]:
        return np.where(first, remembered[slot], np.roll(column, 1))

    last_received = before(judged.received_at, memory.last_received)
    silences = Silences(
        vehicle_id=judged.vehicle_id,
        last_time=before(judged.fix_time, memory.last_time),
        last_received=last_received,
        since=_counted_from(last_received, listening_since),
        x_m=before(signals.x_m, memory.x_m),
        y_m=before(signals.y_m, memory.y_m),
    )
    return Heard(slot, first, judged.received_at, silences)


def _counted_from(last_received: Times, listening_since: datetime | None) -> Times:
    return last_received if listening_since is None else np.maximum(last_received, to_time(listening_since))


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer rule with its numbers in force; ``bit`` marks in the memory that its alert is out."""

    rule: TimerRule
    bit: int
    table: RuleTable
    registry: Registry

    def after(self, since: Times) -> "tuple[NDArray[np.timedelta64], Mask]":
        """(how long a silence that began then may last, whether the rule is on)."""
        span, on = np.zeros(len(since), "timedelta64[ms]"), np.zeros(len(since), bool)
        for version, where in self.table.versions(self.rule.id, since):
            rows = slice(None) if where is None else where
            span[rows] = np.timedelta64(round(version.limits["after_s"] * 1000), "ms")
            on[rows] = version.enabled
        return span, on

    def broken(self, messages: Heard, signals: Signals, memory: VehicleMemory) -> list[AlertChange]:
        """Silences past their deadline, or told already, that a message of this batch ended.

        ``memory`` as it was before the batch.
        """
        armed = np.where(
            messages.first, self.rule.armed(memory)[messages.slot], np.roll(self.rule.armed(signals), 1)
        )
        told = messages.first & (memory.silent[messages.slot] & self.bit > 0)
        span, on = self.after(messages.before.since)
        ends = told | (armed & on & (messages.received_at - messages.before.since > span))
        silences = messages.before.take(ends)
        deadline = silences.since + span[ends]
        return _changes(silences, self, deadline, np.maximum(messages.received_at[ends], deadline))

    def overdue(
        self, memory: VehicleMemory, at: datetime, listening_since: datetime | None
    ) -> list[AlertChange]:
        """Silences past their deadline at ``at`` not told yet; marked in ``memory``, the caller's copy."""
        since = _counted_from(memory.last_received, listening_since)
        span, on = self.after(since)
        untold = memory.silent & self.bit == 0
        late = self.rule.armed(memory) & on & untold & (to_time(at) - since > span)
        memory.silent[late] |= self.bit
        silences = Silences(
            memory.vehicle_id, memory.last_time, memory.last_received, since, memory.x_m, memory.y_m
        )
        return _changes(silences.take(late), self, (since + span)[late], None)


def _changes(silences: Silences, timer: Timer, deadline: Times, ended_at: Times | None) -> list[AlertChange]:
    lon, lat = to_lonlat(silences.x_m, silences.y_m)
    return [
        _change(silences, row, (float(lon[row]), float(lat[row])), timer, deadline, ended_at)
        for row in range(len(silences.vehicle_id))  # few: the vehicles that fell silent
    ]


def _change(
    silences: Silences,
    row: int,
    place: tuple[float, float],
    timer: Timer,
    deadline: Times,
    ended_at: Times | None,
) -> AlertChange:
    rule, registry = timer.rule, timer.registry
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
            **rule_facts(registry, rule.id, silences.since[row]),
            "last_fix_time": opened.isoformat(),
            "last_received_at": heard_at.isoformat(),
            "after_s": (fired - from_time(silences.since[row])).total_seconds(),
            **vehicle_facts(registry, registry.vehicles.index.get(vehicle, -1)),
        },
        retrospective=False,
    )
