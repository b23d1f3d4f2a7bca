"""The one pure function between the batcher and the store: no clock, no I/O, no globals."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from hazmat.alerts import AlertChange
from hazmat.columns import ID_DTYPE, Ints, Mask, Rows
from hazmat.journeys import JourneyChange
from hazmat.outcome import LastKnown, Outcome
from hazmat.partition import stable_hash
from hazmat.position import Positions
from hazmat.registry import Registry
from ingest.course import Course
from ingest.order import Order, split_messages
from ingest.standing_clock import fingerprints, remember_prints
from rules.alerts import advance
from rules.catalogue import RULES, SIGNAL_RULES, TIMER_RULES, rule_table
from rules.changes import alert_changes
from rules.coverage import fold_coverage
from rules.evidence import evidence_of_fixes, evidence_of_messages
from rules.facts import Facts, build_facts, counts_as_loaded
from rules.lapses import lapse
from rules.last_step import remember_step
from rules.memory import Episodes, Memory, VehicleMemory
from rules.signals import build_signals
from rules.timers import Timer, heard
from rules.together import of_together

# Beyond these the terminal lives, but its place is not judged: no fix in 3-D, or that of a cell tower.
FEWEST_SATELLITES = 4
WORST_ACCURACY_M = 100.0
_SIGNAL_IDS = np.array([rule.id for rule in SIGNAL_RULES], ID_DTYPE)


def process(
    batch: Positions,
    registry: Registry,
    memory: Memory,
    at: datetime,
    listening_since: datetime | None = None,
) -> tuple[Outcome, Memory]:
    """Judge a batch as of ``at`` (aware; not before any ``received_at`` in it) and carry the memory over it.

    Rows of ``batch`` stand in the order of arrival. The law: any cut of the same messages into batches, any
    grouping of partitions and double delivery give the same alerts, positions and memory, for the same last
    ``at``. ``listening_since``: when we last began to hear the vehicles; what was silent before then was us.
    """
    return processed(batch, registry, memory, at, listening_since)[:2]


def processed(
    batch: Positions,
    registry: Registry,
    memory: Memory,
    at: datetime,
    listening_since: datetime | None = None,
) -> tuple[Outcome, Memory, Course]:
    """The same, and by which steps the memory came to where it is."""
    hashes = stable_hash(batch.vehicle_id)
    memory = memory.with_vehicles(batch.vehicle_id, hashes)
    slots = memory.slots(hashes)
    prints = fingerprints(batch)
    batch, order = split_messages(batch, slots, prints, memory.vehicles)
    judged, slot = batch.take(order.judged), slots[order.judged]
    vehicle = registry.vehicles.find(batch.vehicle_id)
    vehicles = memory.vehicles.copy()  # our own copy, advanced in place
    usable = _usable(judged)
    fixes = judged.take(usable)
    facts, journeys = build_facts(fixes, slot[usable], vehicle[order.judged][usable], registry, vehicles)
    signals = build_signals(judged, slot, vehicle[order.judged], usable, facts, memory.vehicles, vehicles)
    table = rule_table(registry)
    of_fixes, of_messages, of_ticks = _divided(memory.episodes)
    steps = advance(of_fixes, memory.hashes, fixes, facts, RULES, table)
    heeded = advance(of_messages, memory.hashes, judged, signals, SIGNAL_RULES, table)
    alerts = alert_changes(steps, fixes, evidence_of_fixes(fixes, facts))
    alerts += alert_changes(heeded, judged, evidence_of_messages(judged, signals))
    messages = heard(judged, signals, memory.vehicles)
    _remember_messages(vehicles, judged, slot, facts)
    remember_prints(vehicles.device, judged, slot, prints[order.judged])
    for nth, rule in enumerate(TIMER_RULES):
        timer = Timer(rule, 1 << nth, table, registry, listening_since)
        alerts += timer.broken(messages, signals, memory.vehicles)
        alerts += timer.overdue(vehicles, at)
    episodes = steps.open.append(heeded.open)
    alerts += lapse(episodes, vehicles, memory.hashes, table, at, listening_since)
    kept = np.flatnonzero(~order.repeated)
    outcome = Outcome(
        positions=batch.take(kept),
        late=order.late[kept],
        known=vehicle[kept] >= 0,
        last_known=_last_known(batch, order, slot, vehicle, registry, vehicles),
        alerts=latest(alerts),
        journeys=_latest_journeys(journeys),
        repeated=int(order.repeated.sum()),
        registry_version=registry.version,
        coverage=fold_coverage(judged, facts, signals, journeys, memory.vehicles, vehicles.coverage),
    )
    after = replace(memory, vehicles=vehicles, episodes=episodes.append(of_ticks).ordered())
    return outcome, after, Course(order.judged[usable], fixes, facts)


def _usable(judged: Positions) -> Mask:
    # not reported, NaN, compares false in both
    lost = (judged.satellites < FEWEST_SATELLITES) | (judged.accuracy_m > WORST_ACCURACY_M)
    return judged.has_fix & ~lost & ~np.isnan(judged.lon) & ~np.isnan(judged.lat)


def _divided(episodes: Episodes) -> tuple[Episodes, Episodes, Episodes]:
    """Those of rules about fixes, about messages, and about several vehicles, which ticks carry on."""
    of_messages, of_ticks = np.isin(episodes.rule_id, _SIGNAL_IDS), of_together(episodes)
    return episodes.take(~of_messages & ~of_ticks), episodes.take(of_messages), episodes.take(of_ticks)


def _remember_messages(vehicles: VehicleMemory, judged: Positions, slot: Rows, facts: Facts) -> None:
    # Sorted by time within a vehicle: the last value written is the newest.
    vehicles.last_time[slot] = judged.fix_time
    vehicles.last_received[slot] = judged.received_at
    vehicles.silent[slot] = 0
    remember_step(facts.track, vehicles.together)


def _last_known(
    batch: Positions, order: Order, slot: Rows, vehicle: Ints, registry: Registry, memory: VehicleMemory
) -> LastKnown:
    """The newest judged row of each vehicle of the batch, with its phase and load."""
    last = np.append(slot[1:] != slot[:-1], True) if len(slot) else np.zeros(0, bool)
    judged, slot = order.judged[last], slot[last]
    waybill = registry.waybills.at(vehicle[judged], batch.fix_time[judged])
    row = np.searchsorted(np.flatnonzero(~order.repeated), judged)
    return LastKnown(row, memory.phase[slot], counts_as_loaded(memory.load[slot], waybill))


def latest(alerts: Sequence[AlertChange]) -> tuple[AlertChange, ...]:
    """One change an alert: as it stands at the end, with the evidence if it fired in this batch."""
    merged: dict[str, AlertChange] = {}
    for change in alerts:
        merged[change.alert_id] = change.after(merged.get(change.alert_id))
    return tuple(merged[key] for key in sorted(merged))


def _latest_journeys(journeys: tuple[JourneyChange, ...]) -> tuple[JourneyChange, ...]:
    return tuple(sorted(journeys, key=lambda journey: journey.journey_id))
