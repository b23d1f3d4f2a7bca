"""Alerts of vehicles that are not heard of any more: they end by their gap, though no fix comes to say so.

Such an alert is told as ended when it was last seen. Its episode stays, for the next fix to judge by its own
time: it may have waited in the terminal and say that the breach went on, and then the alert stands again.
"""

from dataclasses import replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from hazmat.alerts import AlertChange
from hazmat.clock import to_time
from hazmat.columns import Times
from hazmat.partition import stable_hash
from hazmat.position import Positions
from rules.alerts import rule_numbers
from rules.changes import alert_changes
from rules.machine import Advance, Ended
from rules.memory import Episodes, Memory, VehicleMemory
from rules.settings import RuleTable

_NO_TIME_AT_ALL = np.timedelta64(0, "ms")


def lapse(
    episodes: Episodes,
    vehicles: VehicleMemory,
    hashes: NDArray[np.uint64],
    table: RuleTable,
    at: datetime,
    listening_since: datetime | None,
) -> list[AlertChange]:
    """What to tell as of ``at`` of alerts silent for longer than their gap, and of those no longer so.

    ``episodes`` is the caller's own: what is told of each is marked in it. ``vehicles``, sorted by
    ``hashes``, is the memory after all messages until ``at``.
    """
    firing = np.flatnonzero(~np.isnat(episodes.fired_at))  # few: what is open
    slot = np.searchsorted(hashes, stable_hash(episodes.vehicle_id[firing]))
    now = _own_time(vehicles, at, listening_since)[slot]
    open_now = episodes.take(firing)
    gap = table.gap[table.at(rule_numbers(open_now, table), now)]
    lapsed = now - open_now.last_seen_at > gap
    changed = lapsed != open_now.lapsed
    episodes.lapsed[:] = False
    episodes.lapsed[firing] = lapsed
    return _told(episodes.take(firing[changed & lapsed]), episodes.take(firing[changed & ~lapsed]))


def _own_time(vehicles: VehicleMemory, at: datetime, listening_since: datetime | None) -> Times:
    """What time it is for each vehicle: the time of its last message, and what we listened in vain since.

    A terminal that reports minutes late is not silent for that; nor is one that we were deaf to.
    """
    since = vehicles.last_received
    if listening_since is not None:
        since = np.fmax(since, to_time(listening_since))
    waited = np.maximum(to_time(at) - since, _NO_TIME_AT_ALL)
    now: Times = vehicles.last_time + waited
    return now


def _told(gone: Episodes, back: Episodes) -> list[AlertChange]:
    if not len(gone.vehicle_id) and not len(back.vehicle_id):
        return []
    ended = Ended(gone, gone.last_seen_at, *_before(gone))
    none = np.full(len(back.vehicle_id), -1, np.intp)
    return alert_changes(Advance(back, none, none < 0, ended), Positions.empty(), lambda *_: {})


def _before(gone: Episodes) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """(all by a gap, none fired at a fix of this batch)."""
    count = len(gone.vehicle_id)
    return np.ones(count, bool), np.full(count, -1, np.intp)


def untold(memory: Memory) -> Memory:
    """The memory as if no lapse had been told: where it is not known what was, all is told again."""
    if not memory.episodes.lapsed.any():
        return memory
    none = np.zeros(len(memory.episodes.lapsed), bool)
    return replace(memory, episodes=replace(memory.episodes, lapsed=none))
