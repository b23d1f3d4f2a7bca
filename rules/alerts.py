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

from hazmat.columns import ID_DTYPE, Floats, Ids, Mask, Rows
from hazmat.partition import stable_hash
from hazmat.position import Positions
from rules.machine import Advance, Entries, Machine, ended
from rules.memory import Episodes
from rules.rounds import rounds
from rules.rule import J, Rule
from rules.settings import RuleTable


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
        return Advance(episodes, none, none >= 0, ended(Episodes.blank(0), [], [], [], []))
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
