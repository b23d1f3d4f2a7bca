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
from hazmat.registry import Registry
from rules.evidence import vehicle_facts
from rules.memory import VehicleMemory
from rules.rule import TimerRule


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
    received_at: Times
    before: Silences
    under_way_before: Mask
    told_before: Mask


def heard(
    slot: Rows, fix_time: Times, received_at: Times, usable: Mask, under_way: Mask, xy: tuple[Floats, Floats],
    memory: VehicleMemory, listening_since: datetime | None,
) -> Heard:  # fmt: skip
    """``under_way`` and ``xy`` are aligned with the usable fixes; ``memory`` as it was before the batch."""
    row = np.arange(len(slot))
    first = np.ones(len(slot), bool)
    first[1:] = slot[1:] != slot[:-1]
    start = np.maximum.accumulate(np.where(first, row, 0))
    # index of the latest usable fix before each row, or none in this batch
    latest = np.maximum.accumulate(np.where(usable, row, -1))
    before = np.concatenate([[-1], latest[:-1]]) if len(slot) else latest
    in_batch = before >= start
    nth = np.maximum(np.cumsum(usable) - 1, 0)[before]
    x_m, y_m = xy

    def known(of_fix: Floats | Mask, remembered: Floats | Mask) -> NDArray[Any]:
        return np.where(in_batch, of_fix[nth], remembered[slot]) if len(of_fix) else remembered[slot]

    last_received = np.where(first, memory.last_received[slot], np.roll(received_at, 1))
    silences = Silences(
        vehicle_id=memory.vehicle_id[slot],
        last_time=np.where(first, memory.last_time[slot], np.roll(fix_time, 1)),
        last_received=last_received,
        since=_counted_from(last_received, listening_since),
        x_m=known(x_m, memory.x_m),
        y_m=known(y_m, memory.y_m),
    )
    told = first & memory.silent[slot]
    return Heard(slot, received_at, silences, known(under_way, memory.under_way), told)


def _counted_from(last_received: Times, listening_since: datetime | None) -> Times:
    return last_received if listening_since is None else np.maximum(last_received, to_time(listening_since))


def broken(messages: Heard, rule: TimerRule, registry: Registry) -> list[AlertChange]:
    """Silences past their deadline, or told already, that a message of this batch ended."""
    late = messages.received_at - messages.before.since > _after(rule)
    ends = messages.told_before | (messages.under_way_before & late)
    silences = messages.before.take(ends)
    deadline = silences.since + _after(rule)
    return _changes(silences, rule, registry, np.maximum(messages.received_at[ends], deadline))


def overdue(
    memory: VehicleMemory, at: datetime, rule: TimerRule, registry: Registry, listening_since: datetime | None
) -> list[AlertChange]:
    """Silences past their deadline at ``at`` not told yet; marks them in ``memory``, the caller's copy."""
    since = _counted_from(memory.last_received, listening_since)
    late = memory.under_way & ~memory.silent & (to_time(at) - since > _after(rule))
    memory.silent[late] = True
    silences = Silences(
        memory.vehicle_id, memory.last_time, memory.last_received, since, memory.x_m, memory.y_m
    )
    return _changes(silences.take(late), rule, registry, None)


def _after(rule: TimerRule) -> np.timedelta64:
    return np.timedelta64(round(rule.after_s * 1000), "ms")


def _changes(
    silences: Silences, rule: TimerRule, registry: Registry, ended_at: Times | None
) -> list[AlertChange]:
    lon, lat = to_lonlat(silences.x_m, silences.y_m)
    return [
        _change(silences, row, (float(lon[row]), float(lat[row])), rule, registry, ended_at)
        for row in range(len(silences.vehicle_id))  # few: the vehicles that fell silent
    ]


def _change(
    silences: Silences,
    row: int,
    place: tuple[float, float],
    rule: TimerRule,
    registry: Registry,
    ended_at: Times | None,
) -> AlertChange:
    vehicle = silences.vehicle_id[row].decode()
    opened, heard_at = from_time(silences.last_time[row]), from_time(silences.last_received[row])
    fired = from_time(silences.since[row] + _after(rule))
    end = None if ended_at is None else from_time(ended_at[row])
    return AlertChange(
        alert_id=alert_id(vehicle, rule.id, "", opened),
        vehicle_id=vehicle,
        rule_id=rule.id,
        object_id="",
        severity=rule.severity,
        state=AlertState.FIRING if end is None else AlertState.RESOLVED,
        opened_at=opened,
        fired_at=fired,
        last_hit_at=end or fired,
        resolved_at=end,
        end_reason=None if end is None else EndReason.CLEARED,
        fixes=0,
        value=((end or fired) - heard_at).total_seconds(),
        lon=round(place[0], 7),
        lat=round(place[1], 7),
        evidence={
            "rule_version": rule.version,
            "registry_version": registry.version,
            "last_fix_time": opened.isoformat(),
            "last_received_at": heard_at.isoformat(),
            "after_s": rule.after_s,
            **vehicle_facts(registry, registry.vehicles.index.get(vehicle, -1)),
        },
    )
