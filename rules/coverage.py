"""What could be checked on each journey: a fold that counts, message by message, which needs were met."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from hazmat.clock import local_day, to_time
from hazmat.columns import Ints, Mask, Rows
from hazmat.coverage import JourneyCoverage
from hazmat.journeys import JourneyChange, JourneyPhase
from hazmat.position import Load, Positions
from hazmat.registry import Registry
from rules.facts import Facts
from rules.memory import VehicleMemory
from rules.memory_coverage import NEEDS, CoverageMemory
from rules.rule import Need
from rules.signals import Signals

_GATE_WITHIN = 3  # messages from the entry: a road further on is no gate
_OUTSIDE = int(JourneyPhase.OUTSIDE)


@dataclass(frozen=True, slots=True)
class _Counts:
    """Aligned with the messages: of the journey that each ends or belongs to, counted up to it."""

    messages: Ints
    held: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Course:
    """Aligned with the messages: in the district, the phase of the journey changed, and the counts."""

    inside: Mask
    changed: Mask
    counts: _Counts


def fold_coverage(
    judged: Positions,
    facts: Facts,
    signals: Signals,
    journeys: Sequence[JourneyChange],
    before: VehicleMemory,
    memory: CoverageMemory,
) -> tuple[JourneyCoverage, ...]:
    """Coverage of each of ``journeys``, those that these messages changed, as of its last change.

    ``before`` is the memory before these messages; ``memory``, the caller's copy, is advanced in place.
    """
    slot, first = signals.slot, signals.first
    if not len(slot):
        return ()
    phase = _carried(signals, facts.phase, before.phase)
    inside, last = phase != _OUTSIDE, np.append(slot[1:] != slot[:-1], True)
    counts = _counts(inside, slot, first, _met(judged, facts, signals), memory)
    changed = phase != np.where(first, before.phase[slot], np.roll(phase, 1))
    found = _found(judged, signals, facts, _Course(inside, changed, counts), memory)
    memory.messages[slot[last]] = np.where(inside[last], counts.messages[last], 0)
    memory.held[slot[last]] = np.where(inside[last, None], counts.held[last], 0)
    # Both are in the order of vehicle and entry, and a journey is in both or in none.
    ordered = sorted(journeys, key=lambda journey: (journey.vehicle_id, journey.entered_at))
    return tuple(_coverage(journey, *of) for journey, of in zip(ordered, found, strict=True))


def _carried(signals: Signals, of_fix: Ints, remembered: Ints) -> Ints:
    """``of_fix`` at the usable messages, carried forward to the others of the same vehicle."""
    row = np.arange(len(signals.slot))
    start = np.maximum.accumulate(np.where(signals.first, row, 0))
    latest = np.maximum.accumulate(np.where(signals.usable, row, -1))
    spread = np.zeros(len(row), np.int64)
    spread[signals.usable] = of_fix
    return np.where(latest >= start, spread[latest], remembered[signals.slot])


def _counts(inside: Mask, slot: Rows, first: Mask, met: Mask, memory: CoverageMemory) -> _Counts:
    """Running sums that begin anew at each vehicle and after each message outside the district."""
    kept_messages, kept_held = memory.messages[slot], memory.held[slot]
    if first.all():  # as nearly always in the live flow
        return _Counts(kept_messages + inside, kept_held + (met & inside[:, None]))
    row = np.arange(len(slot))
    total = np.cumsum(np.column_stack([inside, met & inside[:, None]]), axis=0, dtype=np.int64)
    start = np.maximum.accumulate(np.where(first, row, 0))
    begins = first | np.append(False, ~inside[:-1])  # a journey's count begins after a message outside
    since = np.maximum.accumulate(np.where(begins, row, 0))
    earlier = np.where(since[:, None] > 0, total[np.maximum(since - 1, 0)], 0)
    kept = np.column_stack([kept_messages, kept_held])
    counted = total - earlier + np.where((since == start)[:, None], kept, 0)
    return _Counts(counted[:, 0], counted[:, 1:])


def _met(judged: Positions, facts: Facts, signals: Signals) -> Mask:
    """Aligned with the messages, a column a need."""
    known = signals.registry.derived(_Known.of)
    fixes = {
        Need.CORRIDOR: facts.route >= 0,
        Need.DISTRICT: facts.in_district,
        Need.DESIGNATED_ROAD: _any_designated(facts, judged.fix_time[signals.usable]),
        Need.ROAD: facts.roads.nearest >= 0,
        Need.SPEED: ~np.isnan(facts.speed_kmh),
        Need.GOOD_FIX: np.ones(len(facts.slot), bool),
    }
    tank = (
        ~np.isnan(judged.tank_level_pct) | ~np.isnan(judged.tank_pressure_kpa) | ~np.isnan(judged.tank_temp_c)
    )
    messages = {
        Need.VEHICLE: signals.vehicle >= 0,
        Need.WAYBILL: signals.waybill >= 0,
        Need.PEOPLE: np.append(known.people, False)[signals.waybill],
        Need.CARRIER: np.append(known.carrier, False)[signals.vehicle],
        Need.LOAD: (judged.load != Load.UNKNOWN) | (signals.waybill >= 0),
        Need.STATUS: (judged.alarm >= 0) & (judged.status >= 0),
        Need.TANK_SENSOR: tank,
    }
    met = np.zeros((len(judged), len(NEEDS)), bool)
    for column, need in enumerate(NEEDS):
        if need in messages:
            met[:, column] = messages[need]
        else:
            met[signals.usable, column] = fixes[need]
    return met


def _any_designated(facts: Facts, fix_time: NDArray[np.datetime64]) -> Mask:
    """Whether any road was designated at the time of each fix: nearly always the first one tells."""
    fences, some = facts.registry.fences, np.zeros(len(fix_time), bool)
    for road in fences.designated:
        if some.all():
            break
        some |= fences.in_force(np.full(len(fix_time), road), fix_time)
    return some


@dataclass(frozen=True, slots=True)
class _Known:
    """By waybill: driver and escort (where one is named) are registered; by vehicle: its carrier is."""

    people: Mask
    carrier: Mask

    @classmethod
    def of(cls, registry: Registry) -> "_Known":
        world = registry.world
        people = {person.person_id for person in world.people} | {""}
        carriers = {carrier.carrier_id for carrier in world.carriers}
        return cls(
            np.array(
                [bool(w.driver_id) and {w.driver_id, w.escort_id} <= people for w in world.waybills], bool
            ),
            np.array([vehicle.carrier_id in carriers for vehicle in world.vehicles], bool),
        )


def _found(
    judged: Positions, signals: Signals, facts: Facts, course: _Course, memory: CoverageMemory
) -> list[tuple[str, int, Ints]]:
    """(gate, messages, held) of each journey as of its last change, by vehicle and then by time."""
    road = np.full(len(signals.slot), -1, np.int64)
    road[signals.usable] = facts.roads.nearest
    counts, near = course.counts, course.inside & (course.counts.messages <= _GATE_WITHIN)
    found: dict[tuple[bytes, int], tuple[str, int, Ints]] = {}
    ended: Counter[bytes] = Counter()
    for row in np.flatnonzero(near | course.changed).tolist():  # few: where journeys begin, change and end
        slot, vehicle = signals.slot[row], bytes(judged.vehicle_id[row])
        if course.inside[row] and counts.messages[row] == 1:
            memory.gate[slot] = b""
        if near[row] and road[row] >= 0 and not memory.gate[slot]:
            memory.gate[slot] = facts.registry.fences.ids[road[row]]
        if course.changed[row]:
            gate = bytes(memory.gate[slot]).decode(errors="replace")
            found[vehicle, ended[vehicle]] = gate, int(counts.messages[row]), counts.held[row]
            ended[vehicle] += not course.inside[row]
    return [found[key] for key in sorted(found)]


def _coverage(journey: JourneyChange, gate: str, messages: int, held: Ints) -> JourneyCoverage:
    day = int(local_day(np.array([to_time(journey.entered_at)]))[0])
    return JourneyCoverage(
        journey_id=journey.journey_id,
        vehicle_id=journey.vehicle_id,
        gate=gate,
        day=date(1970, 1, 1) + timedelta(days=day),
        messages=messages,
        held=dict(zip((need.value for need in NEEDS), held.tolist(), strict=True)),
    )
