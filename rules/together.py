"""Rules about several vehicles at once: judged on ticks by the memory alone, apart from the fold over fixes.

A tick is a moment on a fixed grid. What it finds depends on the memory as it was then and on nothing else, so
that it is the same however the messages were cut into batches; a tick judged twice changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from hazmat.alerts import AlertChange, Fact
from hazmat.clock import from_time, to_time
from hazmat.columns import ID_DTYPE, Ids, Mask, Rows
from hazmat.coordinates import to_lonlat
from hazmat.position import COLUMN_TYPES, Positions
from hazmat.registry import Registry
from rules.alerts import AllHits, keyed, rule_numbers
from rules.catalogue import TOGETHER_RULES, rule_table
from rules.changes import Evidence, alert_changes
from rules.evidence import rule_facts, vehicle_facts
from rules.machine import Entries, Machine
from rules.memory import Episodes, Memory
from rules.passers import remember_passers
from rules.rule import Hits, TogetherRule
from rules.scene import Scene
from rules.settings import RuleTable

TICK_S = 30.0
TOGETHER_IDS = np.array([rule.id for rule in TOGETHER_RULES], ID_DTYPE)


def of_together(episodes: Episodes) -> Mask:
    """Which episodes are of these rules: the fold over fixes leaves them alone."""
    return np.isin(episodes.rule_id, TOGETHER_IDS)


def together(memory: Memory, registry: Registry, at: datetime) -> tuple[list[AlertChange], Memory]:
    """What holds among the vehicles of the whole memory at a tick, and the memory after it.

    ``at``: aware; every message received before it is in the memory, and none after it.
    """
    mine, table = of_together(memory.episodes), rule_table(registry)
    if not mine.any() and _all_quiet(memory, table, to_time(at)):
        return [], memory
    scene = Scene(registry, memory, memory.episodes.take(mine), to_time(at))
    vehicles = replace(memory.vehicles, together=memory.vehicles.together.take(np.arange(len(memory.hashes))))
    remember_passers(scene, vehicles)
    scene = replace(scene, memory=replace(memory, vehicles=vehicles))
    tick = _Tick(scene, table)
    alerts, episodes = tick.judged()
    kept = memory.episodes if not mine.any() else memory.episodes.take(~mine)
    both = kept.append(episodes).ordered() if mine.any() or len(episodes.vehicle_id) else kept
    return alerts, replace(memory, vehicles=vehicles, episodes=both)


def _all_quiet(memory: Memory, table: RuleTable, at: np.datetime64) -> bool:
    """Fewer than two vehicles were heard of lately enough for any of the rules."""
    limits = [each.limits for each in table.definitions if isinstance(each, TogetherRule)]
    spans = [each[name] for each in limits for name in ("fresh_s", "passed_within_s") if name in each]
    oldest = at - np.timedelta64(round(max(spans) * 1000), "ms")
    return int((memory.vehicles.fix_time >= oldest).sum()) < 2  # NaT compares false


@dataclass(frozen=True)
class _Tick:
    scene: Scene
    table: RuleTable

    def judged(self) -> tuple[list[AlertChange], Episodes]:
        hits, vehicle = self._hits()
        episodes = self.scene.episodes
        if not len(hits.row) and not len(episodes.vehicle_id):
            return [], episodes
        live, _, key_of_hit = keyed(episodes, vehicle, hits, self.table)
        rows, spots = np.unique(self.scene.rows_of(live.vehicle_id), return_inverse=True)
        positions = self._positions(rows)
        machine = Machine(live, positions, self.table)
        entries = self._entries(live, spots, hits, key_of_hit)
        machine.step(entries, np.arange(len(entries.key)))
        advance = machine.result(Episodes.blank(0))
        return alert_changes(advance, positions, self._evidence(rows)), advance.open

    def _hits(self) -> tuple[AllHits, Ids]:
        """Hits of all rules in force, and whose each is."""
        found: list[tuple[int, Hits]] = []
        for rule in TOGETHER_RULES:
            version = self._version(rule.id)
            if version.enabled:
                found.append((self.table.number[rule.id], version.condition(self.scene, version.limits)))
        number = np.concatenate([np.full(len(hits.row), rule, np.intp) for rule, hits in found])
        row, value = (np.concatenate([getattr(h, name) for _, h in found]) for name in ("row", "value"))
        objects = np.concatenate([hits.object_id for _, hits in found]).astype(ID_DTYPE)
        none = np.zeros(len(row), bool)
        vehicle = self.scene.vehicles.vehicle_id[row]
        return AllHits(number, row, objects, value, none), vehicle

    def _version(self, rule_id: str) -> TogetherRule:
        ((version, _),) = self.table.versions(rule_id, self.scene.times(1))
        if not isinstance(version, TogetherRule):
            raise TypeError(f"{rule_id} is no rule about several vehicles")
        return version

    def _entries(self, live: Episodes, spots: Rows, hits: AllHits, key_of_hit: Rows) -> Entries:
        """One a live episode that this tick tells about, or that was unknown for too long, or cools down."""
        key = np.arange(len(live.vehicle_id))
        number = rule_numbers(live, self.table)
        version = self.table.at(number, self.scene.times(len(key)))
        hit, value = np.zeros(len(key), bool), np.full(len(key), np.nan)
        hit[key_of_hit], value[key_of_hit] = True, hits.value
        gone = self.scene.at - live.last_seen_at > self.table.gap[version]  # NaT compares false
        known = hit | gone | np.isnat(live.opened_at) | self._known(live)
        judged = known & ~(live.last_seen_at >= self.scene.at)
        keep = np.flatnonzero(judged)
        none = np.zeros(len(keep), bool)
        return Entries(keep, spots[keep], hit[keep], ~hit[keep], value[keep], none, version[keep], ~none)

    def _known(self, live: Episodes) -> Mask:
        """Episodes about whose vehicles something is known at this moment."""
        known = np.ones(len(live.vehicle_id), bool)
        for rule in TOGETHER_RULES:
            if rule.known is None:
                continue
            mine = np.flatnonzero(live.rule_id == rule.id.encode())
            rows, limits = self.scene.rows_of(live.vehicle_id[mine]), self._version(rule.id).limits
            known[mine] = rule.known(self.scene, rows, live.object_id[mine], limits)
        return known

    def _positions(self, rows: Rows) -> Positions:
        """The vehicles concerned as fixes of the tick's moment: what episodes are stepped by."""
        count, memory = len(rows), self.scene.vehicles
        lon, lat = to_lonlat(memory.x_m[rows], memory.y_m[rows])
        columns = {
            name: np.full(count, np.nan if kind.kind == "f" else 0).astype(kind)
            for name, kind in COLUMN_TYPES.items()
            if kind.kind != "M"
        }
        times = self.scene.times(count)
        columns |= {"vehicle_id": memory.vehicle_id[rows], "fix_time": times, "received_at": times}
        return Positions(**columns | {"lon": np.round(lon, 7), "lat": np.round(lat, 7)})

    def _evidence(self, rows: Rows) -> Evidence:
        def at(spot: int, rule_id: str, object_id: str) -> Mapping[str, Fact]:
            row, version = int(rows[spot]), self._version(rule_id)
            return {
                **rule_facts(self.scene.registry, rule_id, self.scene.at),
                "judged_at": from_time(self.scene.at).isoformat(),
                **self.scene.who(row),
                **vehicle_facts(self.scene.registry, int(self.scene.registered[row])),
                **version.evidence(self.scene, row, object_id, version.limits),
            }

        return at
