"""From hits to alerts: holds, clearing, gaps and cool-downs, in one place and for all rules alike.

An episode belongs to a vehicle, a rule and an object. It opens with a hit (pending), fires when it has
held, and ends when its clearing condition has held or the terminal was silent for too long. The states are
Prometheus's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hazmat.columns import ID_DTYPE, NO_TIME, Floats, Ids, Mask, Rows, Times
from hazmat.partition import stable_hash
from hazmat.position import Positions
from rules.memory import Episodes
from rules.rounds import rounds
from rules.rule import J, Rule
from rules.settings import RuleTable


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
class Entries:
    """(episode, fix) pairs in the order of time: does the fix hit or clear, its measure, no hold needed.

    ``version``: row of the rule's numbers in force then. ``known``: the fix tells something about the
    episode, as one that hits or clears does; any other is silence.
    """

    key: Rows
    row: Rows
    hit: Mask
    clear: Mask
    value: Floats
    at_once: Mask
    version: Rows
    known: Mask


@dataclass(frozen=True, slots=True)
class AllHits:
    """Hits of all rules; ``rule`` is the rule's number in the table."""

    rule: Rows
    row: Rows
    object_id: Ids
    value: Floats
    at_once: Mask


def advance(
    episodes: Episodes,
    hashes: NDArray[np.uint64],
    positions: Positions,
    judged: J,
    rules: Sequence[Rule[J]],
    table: RuleTable,
) -> Advance:
    """Carry the episodes of these rules over the fixes of a batch, sorted by (slot, fix_time).

    ``hashes``: of the memory's vehicles, sorted; ``judged.slot`` are rows in it.
    """
    hits = _collect(positions, judged, rules, table)
    slot = np.searchsorted(hashes, stable_hash(episodes.vehicle_id))
    in_batch = np.zeros(len(hashes) + 1, bool)
    in_batch[judged.slot] = True
    concerned = in_batch[slot]
    if not len(hits.row) and not concerned.any():
        none = np.full(len(slot), -1, np.intp)
        return Advance(episodes, none, none >= 0, _ended(Episodes.blank(0), [], [], [], []))
    live, fresh, key_of_hit = keyed(episodes.take(concerned), positions.vehicle_id[hits.row], hits, table)
    slot = np.concatenate([slot[concerned], judged.slot[hits.row[fresh]]])
    entries = _entries(live, slot, key_of_hit, hits, positions, judged, rules, table)
    machine = Machine(live, positions, table)
    for entry in rounds(entries.key):
        machine.step(entries, entry)
    return machine.result(episodes.take(~concerned))


def _collect(positions: Positions, judged: J, rules: Sequence[Rule[J]], table: RuleTable) -> AllHits:
    none = AllHits(np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0, ID_DTYPE), np.zeros(0), _NONE)
    parts = [none]
    for rule in rules:
        for version, where in table.versions(rule.id, positions.fix_time):
            if not version.enabled:
                continue
            hits = rule.hits(positions, judged, version.limits)
            keep = slice(None) if where is None else where[hits.row]
            number = np.full(len(hits.row), table.number[rule.id], np.intp)
            parts.append(
                AllHits(
                    number[keep], hits.row[keep], hits.object_id[keep], hits.value[keep], hits.at_once[keep]
                )
            )
    return AllHits(
        rule=np.concatenate([part.rule for part in parts]),
        row=np.concatenate([part.row for part in parts]).astype(np.intp),
        object_id=np.concatenate([part.object_id for part in parts]).astype(ID_DTYPE),
        value=np.concatenate([part.value for part in parts]),
        at_once=np.concatenate([part.at_once for part in parts]),
    )


_NONE = np.zeros(0, bool)


def _key(vehicle_id: Ids, rule_id: Ids, object_id: Ids) -> NDArray[np.uint64]:
    odd = np.uint64(0x9E3779B97F4A7C15)  # spreads the three hashes, so that equal parts do not cancel
    return (stable_hash(vehicle_id) * odd ^ stable_hash(rule_id)) * odd ^ stable_hash(object_id)


def keyed(
    episodes: Episodes, vehicle_id: Ids, hits: AllHits, table: RuleTable
) -> tuple[Episodes, Rows, Rows]:
    """(episodes and a blank one for each new key, those keys' first hits, the episode's row for each hit).

    ``vehicle_id`` is aligned with the hits.
    """
    rule_ids = np.array(list(table.number), ID_DTYPE)
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
    hits: AllHits,
    positions: Positions,
    judged: J,
    rules: Sequence[Rule[J]],
    table: RuleTable,
) -> Entries:
    """Every fix of the batch of each episode's vehicle; by episode, then by time."""
    rows = len(positions)
    start = np.flatnonzero(judged.first)
    stop = np.append(start[1:], rows)
    nth = np.searchsorted(judged.slot[start], slot)
    count = stop[nth] - start[nth]
    key = np.repeat(np.arange(len(nth)), count)
    offset = np.cumsum(count) - count
    row = np.arange(len(key)) - np.repeat(offset - start[nth], count)
    spot = offset[key_of_hit] + hits.row - start[nth][key_of_hit]
    hit, at_once = np.zeros(len(key), bool), np.zeros(len(key), bool)
    value = np.full(len(key), np.nan)
    hit[spot], value[spot] = True, hits.value
    at_once[spot] = hits.at_once
    number = rule_numbers(live, table)[key]
    clear, known = (
        _asked(name, number, row, positions, judged, rules, table) for name in ("clearing", "known")
    )
    clear &= ~hit
    version = table.at(number, positions.fix_time[row])
    return Entries(key, row, hit, clear, value, at_once, version, known | hit | clear)


def _asked(
    name: Literal["clearing", "known"],
    number: Rows,
    row: Rows,
    positions: Positions,
    judged: J,
    rules: Sequence[Rule[J]],
    table: RuleTable,
) -> Mask:
    """What each entry's rule says of its fix: whether it clears, if it does not hit, or tells anything."""
    says = np.ones(len(number), bool)
    present = set(np.unique(number).tolist())
    for rule in rules:
        condition = rule.clear.condition if name == "clearing" else rule.known
        if condition is None or table.number[rule.id] not in present:
            continue
        mine = number == table.number[rule.id]
        for version, where in table.versions(rule.id, positions.fix_time):
            if version.enabled:  # of a rule switched off everything ends
                said = condition(positions, judged, version.limits)
                here = mine if where is None else mine & where[row]
                says[here] = said[row[here]]
    return says


def rule_numbers(episodes: Episodes, table: RuleTable) -> Rows:
    """Number of each episode's rule; one of a rule that is gone is cleared as the last one."""
    ids = np.array(list(table.number), ID_DTYPE)
    order = np.argsort(ids)
    return order[np.minimum(np.searchsorted(ids[order], episodes.rule_id), len(ids) - 1)]


class Machine:
    """Steps all concerned episodes at once; ``state`` is its own copy and advanced in place."""

    def __init__(self, live: Episodes, positions: Positions, table: RuleTable) -> None:
        self.state = live.copy()
        self.positions = positions
        self.table = table
        self.fired_row = np.full(len(live.vehicle_id), -1, np.intp)
        self.touched = np.zeros(len(live.vehicle_id), bool)
        self.ended: list[tuple[Episodes, Times, Mask, Rows]] = []

    def step(self, entries: Entries, entry: Rows) -> None:
        """One fix for each of these entries, at most one an episode."""
        key, row, version = entries.key[entry], entries.row[entry], entries.version[entry]
        state, now = self.state, self.positions.fix_time[row]
        gone = now - state.last_seen_at[key] > self.table.gap[version]  # NaT compares false
        self._end(key[gone], state.last_seen_at[key[gone]], version[gone], by_gap=True)
        # after that: the cool-down of an alert that ended long ago may be over as well
        state.cool_until[key] = np.where(state.cool_until[key] <= now, NO_TIME, state.cool_until[key])
        hit = entries.hit[entry]
        self._hit(entries, entry[hit], now[hit])
        clear = entries.clear[entry]
        pending = np.isnat(state.fired_at[key])
        self._reset(key[pending & (clear | (~hit & self.table.unbroken[version]))])
        self._clear(key[clear & ~pending], now[clear & ~pending], version[clear & ~pending])
        held = ~np.isnat(state.opened_at[key])
        seen = np.where(entries.known[entry], now, state.last_seen_at[key])
        state.last_seen_at[key] = np.where(held, seen, NO_TIME)

    def _hit(self, entries: Entries, entry: Rows, now: Times) -> None:
        state = self.state
        key, row, version = entries.key[entry], entries.row[entry], entries.version[entry]
        opens = np.isnat(state.opened_at[key])
        state.opened_at[key[opens]] = now[opens]
        state.named_at[key[opens]] = now[opens]
        state.lon[key[opens]] = self.positions.lon[row[opens]]
        state.lat[key[opens]] = self.positions.lat[row[opens]]
        state.fixes[key] += 1
        state.value[key] = np.fmax(state.value[key], entries.value[entry])
        state.last_hit_at[key] = now
        state.clear_since[key] = NO_TIME
        state.clear_fixes[key] = 0
        held = now - state.opened_at[key] >= self.table.hold[version]
        held &= state.fixes[key] >= self.table.hold_fixes[version]
        fires = np.isnat(state.fired_at[key]) & (held | entries.at_once[entry])
        fires &= np.isnat(state.cool_until[key])
        state.fired_at[key[fires]] = now[fires]
        self.fired_row[key[fires]] = row[fires]
        self.touched[key] = True

    def _clear(self, key: Rows, now: Times, version: Rows) -> None:
        state = self.state
        begins = np.isnat(state.clear_since[key])
        state.clear_since[key[begins]] = now[begins]
        state.clear_fixes[key] += 1
        done = now - state.clear_since[key] >= self.table.clear_after[version]
        done &= state.clear_fixes[key] >= self.table.clear_fixes[version]
        self._end(key[done], now[done], version[done], by_gap=False)

    def _end(self, key: Rows, at: Times, version: Rows, *, by_gap: bool) -> None:
        fired = ~np.isnat(self.state.fired_at[key])
        if fired.any():
            done = key[fired]
            gap = np.full(len(done), by_gap)
            self.ended.append((self.state.take(done), at[fired], gap, self.fired_row[done]))
            cool = self.table.cool_down[version[fired]]
            self.state.cool_until[done] = np.where(cool > np.timedelta64(0), at[fired] + cool, NO_TIME)
        self._reset(key)

    def _reset(self, key: Rows) -> None:
        blank = Episodes.blank(1)
        for name in ("opened_at", "named_at", "fired_at", "last_hit_at", "last_seen_at", "clear_since"):
            getattr(self.state, name)[key] = NO_TIME
        for name in ("clear_fixes", "fixes", "value", "lon", "lat", "lapsed"):
            getattr(self.state, name)[key] = getattr(blank, name)[0]
        self.fired_row[key] = -1
        self.touched[key] = False

    def result(self, untouched: Episodes) -> Advance:
        """What is open now or cooling down, with the episodes that no fix of this batch concerned."""
        held = ~np.isnat(self.state.opened_at) | ~np.isnat(self.state.cool_until)
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
