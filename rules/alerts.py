"""From hits to alerts: holds, clearing and gaps, in one place and for all rules alike.

An episode belongs to a vehicle, a rule and an object. It opens with a hit (pending), fires when it has
held, and ends when its clearing condition has held or the terminal was silent for too long. The states are
Prometheus's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hazmat.columns import ID_DTYPE, NO_TIME, Floats, Ids, Ints, Mask, Rows, Times
from hazmat.partition import stable_hash
from hazmat.position import Positions
from rules.facts import Facts
from rules.memory import Episodes, Memory
from rules.rule import Rule
from rules.track import rounds


@dataclass(frozen=True, slots=True)
class Ended:
    """Episodes that fired and ended in a batch: their last state, when they ended, and whether by a gap."""

    episodes: Episodes
    ended_at: Times
    by_gap: Mask
    fired_row: Rows


@dataclass(frozen=True, slots=True)
class Advance:
    """Result of a batch: what is open now, what ended, and at which fix of the batch each fired (-1:
    earlier).

    ``touched``: rows of ``open`` that are firing and changed.
    """

    open: Episodes
    fired_row: Rows
    touched: Mask
    ended: Ended


@dataclass(frozen=True, slots=True)
class _Entries:
    """(episode, fix) pairs in the order of time: does the fix hit or clear, its measure, no hold needed."""

    key: Rows
    row: Rows
    hit: Mask
    clear: Mask
    value: Floats
    at_once: Mask


@dataclass(frozen=True, slots=True)
class _AllHits:
    rule: Rows
    row: Rows
    object_id: Ids
    value: Floats
    at_once: Mask


def advance(memory: Memory, positions: Positions, facts: Facts, rules: Sequence[Rule]) -> Advance:
    """Carry all episodes over the usable fixes of a batch, sorted by (slot, fix_time)."""
    episodes, hits = memory.episodes, _collect(positions, facts, rules)
    slot = memory.slots(stable_hash(episodes.vehicle_id))
    in_batch = np.zeros(len(memory.hashes), bool)
    in_batch[facts.track.slot] = True
    concerned = in_batch[slot]
    if not len(hits.row) and not concerned.any():
        none = np.full(len(slot), -1, np.intp)
        return Advance(episodes, none, none >= 0, _ended(Episodes.blank(0), [], [], [], []))
    live, fresh, key_of_hit = _keys(episodes.take(concerned), positions, hits, rules)
    slot = np.concatenate([slot[concerned], facts.track.slot[hits.row[fresh]]])
    entries = _entries(live, slot, key_of_hit, hits, positions, facts, rules)
    machine = _Machine(live, positions, rules)
    for entry in rounds(entries.key):
        machine.step(entries, entry)
    return machine.result(episodes.take(~concerned))


def _collect(positions: Positions, facts: Facts, rules: Sequence[Rule]) -> _AllHits:
    found = [rule.hits(positions, facts) for rule in rules]
    return _AllHits(
        rule=np.concatenate([np.full(len(hit.row), number, np.intp) for number, hit in enumerate(found)]),
        row=np.concatenate([hit.row for hit in found]).astype(np.intp),
        object_id=np.concatenate([hit.object_id for hit in found]).astype(ID_DTYPE),
        value=np.concatenate([hit.value for hit in found]),
        at_once=np.concatenate([hit.at_once for hit in found]),
    )


def _key(vehicle_id: Ids, rule_id: Ids, object_id: Ids) -> NDArray[np.uint64]:
    odd = np.uint64(0x9E3779B97F4A7C15)  # spreads the three hashes, so that equal parts do not cancel
    return (stable_hash(vehicle_id) * odd ^ stable_hash(rule_id)) * odd ^ stable_hash(object_id)


def _keys(
    episodes: Episodes, positions: Positions, hits: _AllHits, rules: Sequence[Rule]
) -> tuple[Episodes, Rows, Rows]:
    """(episodes and a blank one for each new key, those keys' first hits, the episode's row for each hit)."""
    rule_ids = np.array([rule.id for rule in rules], ID_DTYPE)
    vehicle_id = positions.vehicle_id[hits.row]
    wanted = _key(vehicle_id, rule_ids[hits.rule], hits.object_id)
    have = _key(episodes.vehicle_id, episodes.rule_id, episodes.object_id)
    new, first = np.unique(wanted, return_index=True)
    fresh = first[~np.isin(new, have)]
    blank = Episodes.blank(len(fresh))
    blank.vehicle_id[:] = vehicle_id[fresh]
    blank.rule_id[:] = rule_ids[hits.rule[fresh]]
    blank.object_id[:] = hits.object_id[fresh]
    live = episodes.append(blank)
    keys = np.concatenate([have, wanted[fresh]])
    order = np.argsort(keys)
    return live, fresh, order[np.searchsorted(keys[order], wanted)]


def _entries(
    live: Episodes,
    slot: Rows,
    key_of_hit: Rows,
    hits: _AllHits,
    positions: Positions,
    facts: Facts,
    rules: Sequence[Rule],
) -> _Entries:
    """Every fix of the batch of each episode's vehicle; by episode, then by time."""
    rows = len(positions)
    start = np.flatnonzero(facts.track.first)
    stop = np.append(start[1:], rows)
    nth = np.searchsorted(facts.track.slot[start], slot)
    count = stop[nth] - start[nth]
    key = np.repeat(np.arange(len(nth)), count)
    offset = np.cumsum(count) - count
    row = np.arange(len(key)) - np.repeat(offset - start[nth], count)
    spot = offset[key_of_hit] + hits.row - start[nth][key_of_hit]
    hit, at_once = np.zeros(len(key), bool), np.zeros(len(key), bool)
    value = np.full(len(key), np.nan)
    hit[spot], value[spot] = True, hits.value
    at_once[spot] = hits.at_once
    clear = ~hit
    rule_of = _rule_numbers(live, rules)[key]
    for number, rule in enumerate(rules):
        if rule.clear.condition is not None:
            mine = rule_of == number
            if not mine.any():
                continue
            clear[mine] &= rule.clear.condition(positions, facts)[row[mine]]
    return _Entries(key, row, hit, clear, value, at_once)


def _rule_numbers(episodes: Episodes, rules: Sequence[Rule]) -> Rows:
    """Place of each episode's rule in the list; one of a rule that is gone is cleared as the last one."""
    ids = np.array([rule.id for rule in rules], ID_DTYPE)
    order = np.argsort(ids)
    return order[np.minimum(np.searchsorted(ids[order], episodes.rule_id), len(ids) - 1)]


class _Machine:
    """Steps all concerned episodes at once; ``state`` is its own copy and advanced in place."""

    def __init__(self, live: Episodes, positions: Positions, rules: Sequence[Rule]) -> None:
        self.state = live.take(np.arange(len(live.vehicle_id)))
        self.positions = positions
        number = _rule_numbers(live, rules)
        self.hold = _spans([rule.hold.seconds for rule in rules])[number]
        self.hold_fixes = np.array([rule.hold.fixes for rule in rules])[number]
        self.unbroken = np.array([rule.hold.unbroken for rule in rules])[number]
        self.clear_after = _spans([rule.clear.seconds for rule in rules])[number]
        self.clear_fixes = np.array([rule.clear.fixes for rule in rules])[number]
        self.gap = _spans([rule.gap_s for rule in rules])[number]
        self.fired_row = np.full(len(number), -1, np.intp)
        self.touched = np.zeros(len(number), bool)
        self.ended: list[tuple[Episodes, Times, Mask, Rows]] = []

    def step(self, entries: _Entries, entry: Rows) -> None:
        """One fix for each of these entries, at most one an episode."""
        key, row = entries.key[entry], entries.row[entry]
        state, now = self.state, self.positions.fix_time[row]
        gone = now - state.last_seen_at[key] > self.gap[key]  # NaT compares false
        self._end(key[gone], state.last_seen_at[key[gone]], by_gap=True)
        hit = entries.hit[entry]
        self._hit(key[hit], row[hit], now[hit], entries.value[entry[hit]], entries.at_once[entry[hit]])
        clear = entries.clear[entry]
        pending = np.isnat(state.fired_at[key])
        self._reset(key[pending & (clear | (~hit & self.unbroken[key]))])
        self._clear(key[clear & ~pending], now[clear & ~pending])
        held = ~np.isnat(state.opened_at[key])
        state.last_seen_at[key] = np.where(held, now, NO_TIME)

    def _hit(self, key: Rows, row: Rows, now: Times, value: Floats, at_once: Mask) -> None:
        state = self.state
        opens = np.isnat(state.opened_at[key])
        state.opened_at[key[opens]] = now[opens]
        state.lon[key[opens]] = self.positions.lon[row[opens]]
        state.lat[key[opens]] = self.positions.lat[row[opens]]
        state.fixes[key] += 1
        state.value[key] = np.fmax(state.value[key], value)
        state.last_hit_at[key] = now
        state.clear_since[key] = NO_TIME
        state.clear_fixes[key] = 0
        held = (now - state.opened_at[key] >= self.hold[key]) & (state.fixes[key] >= self.hold_fixes[key])
        fires = np.isnat(state.fired_at[key]) & (held | at_once)
        state.fired_at[key[fires]] = now[fires]
        self.fired_row[key[fires]] = row[fires]
        self.touched[key] = True

    def _clear(self, key: Rows, now: Times) -> None:
        state = self.state
        begins = np.isnat(state.clear_since[key])
        state.clear_since[key[begins]] = now[begins]
        state.clear_fixes[key] += 1
        done = now - state.clear_since[key] >= self.clear_after[key]
        done &= state.clear_fixes[key] >= self.clear_fixes[key]
        self._end(key[done], now[done], by_gap=False)

    def _end(self, key: Rows, at: Times, *, by_gap: bool) -> None:
        fired = ~np.isnat(self.state.fired_at[key])
        if fired.any():
            done = key[fired]
            gap = np.full(len(done), by_gap)
            self.ended.append((self.state.take(done), at[fired], gap, self.fired_row[done]))
        self._reset(key)

    def _reset(self, key: Rows) -> None:
        blank = Episodes.blank(1)
        for name in ("opened_at", "fired_at", "last_hit_at", "last_seen_at", "clear_since"):
            getattr(self.state, name)[key] = NO_TIME
        for name in ("clear_fixes", "fixes", "value", "lon", "lat"):
            getattr(self.state, name)[key] = getattr(blank, name)[0]
        self.fired_row[key] = -1
        self.touched[key] = False

    def result(self, untouched: Episodes) -> Advance:
        """What is open now, with the episodes that no fix of this batch concerned."""
        held = ~np.isnat(self.state.opened_at)
        rest = len(untouched.vehicle_id)
        mine = self.state.take(held)
        fired_row = np.concatenate([self.fired_row[held], np.full(rest, -1, np.intp)])
        touched = np.concatenate([(self.touched[held]) & ~np.isnat(mine.fired_at), np.zeros(rest, bool)])
        parts = list(zip(*self.ended, strict=True)) or [(), (), (), ()]
        ended = _ended(Episodes.blank(0), *parts)
        return Advance(mine.append(untouched), fired_row, touched, ended)


def _ended(
    blank: Episodes,
    episodes: Sequence[Episodes],
    at: Sequence[Times],
    by_gap: Sequence[Mask],
    fired_row: Sequence[Rows],
) -> Ended:
    for more in episodes:
        blank = blank.append(more)
    return Ended(
        blank,
        np.concatenate([np.empty(0, "datetime64[ms]"), *at]),
        np.concatenate([np.empty(0, bool), *by_gap]),
        np.concatenate([np.empty(0, np.intp), *fired_row]),
    )


def _spans(seconds: Sequence[float]) -> NDArray[np.timedelta64]:
    milliseconds: Ints = np.round(np.array(seconds, float) * 1000).astype(np.int64)
    return milliseconds.astype("timedelta64[ms]")
