"""The rules' memory made anew from stored fixes, where no checkpoint can be read: rules or memory changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from hazmat.alerts import AlertChange, AlertState, EndReason
from hazmat.clock import to_time
from hazmat.partition import stable_hash
from hazmat.position import Positions
from hazmat.registry import Registry
from ingest.compare import discovered, overlap, pair, same_id, stories
from ingest.graft import NOT_JUDGED_AGAIN, renamed
from ingest.scratch import Scratch
from rules.catalogue import CATALOGUE, TIMER_RULES
from rules.memory import Memory

_TIMERS = {rule.id: 1 << nth for nth, rule in enumerate(TIMER_RULES)}


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The memory, and the alerts that have to change so that what stands open is what it knows of."""

    memory: Memory
    alerts: tuple[AlertChange, ...] = ()


def fold_again(parts: Iterable[Positions], registry: Registry) -> Scratch:
    """All fixes of some vehicles, late ones too, in parts that follow each other in time."""
    scratch = Scratch.of(Memory.empty())
    for fixes in parts:
        scratch.judge(fixes, registry)
    return scratch


def agreed(scratch: Scratch, firing: Sequence[AlertChange], at: datetime) -> Rebuilt:
    """The rebuilt memory with the open alerts that it knows of; the others end, as of ``at``.

    An alert that stands goes on under its id and with its beginning, which may lie before the stretch that
    was read. What the present rules find beside is told.
    """
    memory, lasting = _with_silences(scratch.memory, firing)
    standing = [each for each in firing if each.rule_id not in _TIMERS]
    found = [
        each for each in scratch.alerts.values()
        if each.state is AlertState.FIRING and each.rule_id not in _TIMERS.keys() | NOT_JUDGED_AGAIN
    ]  # fmt: skip
    ended = [each for each in firing if each.rule_id in _TIMERS and each.alert_id not in lasting]
    pairs: list[tuple[AlertChange, AlertChange]] = []
    changes: list[AlertChange] = []
    stood = stories(standing)
    for key, came in stories(found).items():
        upright = stood.get(key, [])
        rest = pair(pair(came, upright, pairs, same_id), upright, pairs, overlap)
        changes += [discovered(each, at) for each in rest]
    ended += [each for rest in stood.values() for each in rest]
    named = {one.alert_id: other for one, other in pairs}
    episodes = renamed(memory.episodes.take(np.arange(len(memory.episodes.vehicle_id))), named)
    changes += [_ended(each, at) for each in ended]
    return Rebuilt(replace(memory, episodes=episodes), tuple(changes))


def _with_silences(memory: Memory, firing: Sequence[AlertChange]) -> tuple[Memory, set[str]]:
    """The memory that knows which silences are told, and the ids of those that last."""
    vehicles = memory.vehicles.take(np.arange(len(memory.hashes)))
    lasting = set()
    for alert in firing:  # few: the vehicles that are silent
        slot = np.searchsorted(memory.hashes, stable_hash(np.array([alert.vehicle_id.encode()])))[0]
        bit = _TIMERS.get(alert.rule_id, 0)
        known = slot < len(memory.hashes) and vehicles.last_time[slot] == to_time(alert.opened_at)
        if bit and known and vehicles.vehicle_id[slot] == alert.vehicle_id.encode():
            vehicles.silent[slot] |= bit
            lasting.add(alert.alert_id)
    return replace(memory, vehicles=vehicles), lasting


def _ended(alert: AlertChange, at: datetime) -> AlertChange:
    rule = CATALOGUE.get(alert.rule_id)
    return replace(
        alert,
        state=AlertState.RESOLVED,
        resolved_at=at,
        end_reason=EndReason.RULES_CHANGED,
        severity=rule.severity if rule else alert.severity,
    )
