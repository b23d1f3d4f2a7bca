"""A repair: stretches of track around late fixes judged again, compared with what stands, and set right."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import numpy as np

from hazmat.alerts import AlertChange, AlertState
from hazmat.clock import from_time, to_time
from hazmat.columns import Ids, Mask, Times
from hazmat.coverage import JourneyCoverage
from hazmat.journeys import JourneyChange
from hazmat.partition import stable_hash
from hazmat.position import Positions
from hazmat.registry import Registry
from hazmat.repairs import Asks, Repaired
from ingest.compare import Moments, compare, compare_journeys, overlap
from ingest.graft import NOT_JUDGED_AGAIN, graft, only_differences
from ingest.scratch import Scratch
from ingest.snapshots import Snapshots, part_of
from rules.catalogue import TIMER_RULES
from rules.memory import Memory

LOOK_BACK = np.timedelta64(30 * 3600 * 1000, "ms")  # the longest memory of a rule is a day of driving
_AGES_AGO = np.datetime64(0, "ms")
_TIMERS = frozenset(rule.id for rule in TIMER_RULES)
_SAME_SILENCE = timedelta(seconds=60)  # its ends are moments of receipt: they vary by the delivery


class History(Protocol):
    """What was stored: the database, or what a replay has kept."""

    def fixes_of(self, vehicles: Ids, after: Times, each: int) -> tuple[Positions, Mask]:
        """Fixes of these vehicles, each after its time, by (vehicle, fix_time), and which came late.

        At most so many of each vehicle.
        """

    def standing(self, vehicles: Ids, since: Times) -> list[AlertChange]:
        """Alerts of these vehicles not ended before the time beside each, withdrawn ones too."""

    def journeys(self, vehicles: Ids, since: Times) -> list[JourneyChange]:
        """Journeys of these vehicles not ended before the time beside each."""


@dataclass(frozen=True, slots=True)
class Present:
    """Where the flow stands when a repair ends: its memory, the rules' time, since when it listens."""

    memory: Memory
    registry: Registry
    at: datetime
    listening_since: datetime | None = None


class Repair:
    """Repairs the tracks asked for, all in one fold: call ``step`` until it says that it is through.

    Where no snapshot is old enough it begins with nothing, ``look_back`` before the first late fix (None: at
    the very first fix), and then changes only that in which late fixes made a difference.
    """

    def __init__(
        self, asks: Asks, history: History, snapshots: Snapshots, look_back: np.timedelta64 | None = LOOK_BACK
    ) -> None:
        hashes = stable_hash(asks.vehicle_id)
        order = np.argsort(hashes)
        self.asks, self.hashes = asks.take(order), hashes[order]
        self._history = history
        begun, known = snapshots.before(self.hashes, self.asks.first_late)
        begun = begun.with_vehicles(self.asks.vehicle_id, self.hashes)
        self._from = np.where(known, begun.vehicles.last_time, _AGES_AGO)
        if look_back is not None:
            self._from = np.where(known, self._from, self.asks.first_late - look_back)
        self._guessed = ~known if look_back is not None else np.zeros(len(known), bool)
        self._reached = self._from
        self._since = np.fmin(np.fmin(self._from, self.asks.first_late), _oldest_open(begun))
        self._scratch = Scratch.of(begun)
        self._plain = Scratch.of(part_of(begun, self._guessed))  # without the late fixes

    def step(self, registry: Registry, each: int) -> bool:
        """Judge the next fixes, at most so many of each vehicle; whether there were no more."""
        fixes, late = self._history.fixes_of(self.asks.vehicle_id, self._reached, each)
        slot = np.searchsorted(self.hashes, stable_hash(fixes.vehicle_id))
        self._reached = self._reached.copy()
        self._reached[slot] = fixes.fix_time  # sorted by time: the last one written is the newest
        self._scratch.judge(fixes, registry)
        known_then = self._guessed[slot] & ~(late & (fixes.fix_time >= self.asks.first_late[slot]))
        self._plain.judge(fixes.take(known_then), registry)
        return bool(np.bincount(slot, minlength=1).max() < each)

    def finish(self, present: Present) -> tuple[Repaired, Memory]:
        """What changes, and the live memory as if all had come in time."""
        live = present.memory.with_vehicles(self.asks.vehicle_id, self.hashes)
        mine = live.vehicles.take(live.slots(self.hashes))
        self._scratch.let_time_pass(mine, present.registry, present.at, present.listening_since)
        self._plain.let_time_pass(
            mine.take(self._guessed), present.registry, present.at, present.listening_since
        )
        standing = [
            each for each in self._history.standing(self.asks.vehicle_id, self._since) if self._ours(each)
        ]
        found = self._found(standing)
        standing, found = self._leave_guesses(standing, found)
        since = self._by_name(self.asks.first_late)
        compared = compare(standing, found, Moments(since, self._by_name(self.asks.asked_at)))
        old = {each.alert_id for each in standing}
        changes = [each for each in compared.changes if each.alert_id in old or _told(each, present)]
        journeys, withdrawn = self._compare_journeys(since)
        scratch = self._scratch.memory
        if self._guessed.any():
            exact = part_of(scratch, ~self._guessed)
            guessed = only_differences(live, self._plain.memory, part_of(scratch, self._guessed))
            scratch = Memory.merge([exact, guessed])
        coverage = self._coverage({each.journey_id for each in journeys})
        repaired = Repaired(self.asks, tuple(changes), tuple(journeys), tuple(withdrawn), coverage)
        return repaired, graft(live, scratch, compared.named)

    def _ours(self, alert: AlertChange) -> bool:
        """Whether the stretch can show an alert: a silence only if it began in it."""
        if alert.rule_id not in _TIMERS:
            return alert.rule_id not in NOT_JUDGED_AGAIN
        return bool(to_time(alert.opened_at) >= self._from[self._row(alert)])

    def _row(self, alert: AlertChange) -> int:
        return int(np.searchsorted(self.hashes, stable_hash(np.array([alert.vehicle_id.encode()])))[0])

    def _found(self, standing: Sequence[AlertChange]) -> list[AlertChange]:
        """What was found; a silence that stands much as it was found, just as it stands."""
        stood = {each.alert_id: each for each in standing if each.rule_id in _TIMERS}
        found = [_settled(each, stood.get(each.alert_id)) for each in self._scratch.alerts.values()]
        seen = {each.alert_id for each in found}
        lasting = [
            each for each in stood.values()
            if each.alert_id not in seen and each.state is AlertState.FIRING and self._still_silent(each)
        ]  # fmt: skip
        return [each for each in found if each.rule_id not in NOT_JUDGED_AGAIN] + lasting

    def _still_silent(self, alert: AlertChange) -> bool:
        vehicles, row = self._scratch.memory.vehicles, self._row(alert)
        bit = 1 << [rule.id for rule in TIMER_RULES].index(alert.rule_id)
        told, since = vehicles.silent[row] & bit, vehicles.last_time[row]
        return bool(told) and bool(since == to_time(alert.opened_at))

    def _leave_guesses(
        self, standing: list[AlertChange], found: list[AlertChange]
    ) -> tuple[list[AlertChange], list[AlertChange]]:
        """Without the stories, of vehicles begun with nothing, that late fixes did not change."""
        plain = _stories(self._plain.alerts.values())
        again = _stories(each for each in found if self._guessed[self._row(each)])
        same = {key for key in plain.keys() | again.keys() if plain.get(key) == again.get(key)}
        unseen = {_key(e) for e in standing if self._guessed[self._row(e)]} - plain.keys() - again.keys()
        left = {key for key in same | unseen if key[1] not in _TIMERS}  # a silence needs no long memory
        standing = [each for each in standing if _key(each) not in left]
        begun = {(_key(each), each.opened_at) for each in self._plain.alerts.values()}
        return standing, [
            _begun_as(each, standing) if (_key(each), each.opened_at) in begun else each
            for each in found
            if _key(each) not in left
        ]

    def _compare_journeys(self, since: dict[str, datetime]) -> tuple[list[JourneyChange], list[str]]:
        standing = self._history.journeys(self.asks.vehicle_id, self._since)
        same = {
            name for name, each in self._plain.journeys.items() if self._scratch.journeys.get(name) == each
        }
        guessed = {name.decode() for name in self.asks.vehicle_id[self._guessed].tolist()}
        found = [each for name, each in self._scratch.journeys.items() if name not in same]
        found += [each for each in standing if self._goes_on(each)]
        if guessed:
            seen = {each.journey_id for each in self._plain.journeys.values()}
            standing = [e for e in standing if e.vehicle_id not in guessed or e.journey_id in seen - same]
        return compare_journeys(standing, found, since)

    def _coverage(self, changed: set[str]) -> tuple[JourneyCoverage, ...]:
        """Of the journeys found; of vehicles begun with nothing only of those that late fixes changed."""
        guessed = {name.decode() for name in self.asks.vehicle_id[self._guessed].tolist()}
        found = self._scratch.coverage.values()
        return tuple(e for e in found if e.vehicle_id not in guessed or e.journey_id in changed)

    def _goes_on(self, journey: JourneyChange) -> bool:
        """Whether it is the present one, unchanged since the stretch began."""
        if journey.journey_id in self._scratch.journeys or journey.exited_at is not None:
            return False
        row = int(np.searchsorted(self.hashes, stable_hash(np.array([journey.vehicle_id.encode()])))[0])
        return bool(self._scratch.memory.vehicles.entered_at[row] == to_time(journey.entered_at))

    def _by_name(self, times: Times) -> dict[str, datetime]:
        names = (name.decode() for name in self.asks.vehicle_id.tolist())
        return dict(zip(names, map(from_time, times), strict=True))


def _told(alert: AlertChange, present: Present) -> bool:
    """Whether a new finding may be told: no silence from before we listened."""
    if alert.rule_id not in _TIMERS or present.listening_since is None:
        return True
    return alert.opened_at >= present.listening_since


def _begun_as(found: AlertChange, standing: Sequence[AlertChange]) -> AlertChange:
    """As found, with the beginning of what stands: the stretch cut it off, late fixes did not move it."""
    story = [stood for stood in standing if _key(stood) == _key(found)]
    if any(stood.opened_at == found.opened_at for stood in story):
        return found  # it was not cut off
    for stood in story:
        if stood.opened_at < found.opened_at and overlap(stood, found):
            worst = float(np.fmax(stood.value, found.value))
            return replace(found, opened_at=stood.opened_at, fired_at=stood.fired_at, value=worst)
    return found


def _settled(found: AlertChange, stood: AlertChange | None) -> AlertChange:
    if stood is None or stood.state is not found.state:
        return found
    ends = (each.resolved_at or each.last_hit_at for each in (found, stood))
    one, other = ends
    return stood if abs(one - other) < _SAME_SILENCE else found


def _oldest_open(memory: Memory) -> Times:
    """When each vehicle's oldest open episode was last looked at; NaT: none is open."""
    oldest = np.full(len(memory.hashes), np.datetime64("NaT", "ms"))
    slots = memory.slots(stable_hash(memory.episodes.vehicle_id))
    np.fmin.at(oldest, slots, memory.episodes.last_seen_at)
    return oldest


_Key = tuple[str, str, str]


def _key(alert: AlertChange) -> _Key:
    return alert.vehicle_id, alert.rule_id, alert.object_id


def _stories(alerts: Iterable[AlertChange]) -> dict[_Key, list[str]]:
    """By vehicle, rule and object what was found, in a form that can be compared."""
    stories: dict[_Key, list[str]] = {}
    for alert in alerts:
        ends = (alert.opened_at, alert.fired_at, alert.last_hit_at, alert.resolved_at)
        judged = (alert.state, alert.end_reason, *ends, alert.fixes, alert.value)
        stories.setdefault(_key(alert), []).append(repr(judged))
    return {key: sorted(story) for key, story in stories.items()}
