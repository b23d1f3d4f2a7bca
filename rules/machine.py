"""The machine of alerts: holds, clearing, gaps and cool-downs, stepped for all episodes at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hazmat.columns import NO_TIME, Floats, Mask, Rows, Times
from hazmat.position import Positions
from rules.memory import Episodes
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
        done = ended(Episodes.blank(0), *parts)
        return Advance(mine.append(untouched), fired_row, touched, done)


def ended(
    blank: Episodes,
    episodes: Sequence[Episodes],
    at: Sequence[Times],
    by_gap: Sequence[Mask],
    fired_row: Sequence[Rows],
) -> Ended:
    """``blank`` and these parts, one after the other."""
    for more in episodes:
        blank = blank.append(more)
    return Ended(
        blank,
        np.concatenate([np.empty(0, "datetime64[ms]"), *at]),
        np.concatenate([np.empty(0, bool), *by_gap]),
        np.concatenate([np.empty(0, np.intp), *fired_row]),
    )
