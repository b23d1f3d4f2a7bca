"""What the sensors of a tank say over time: losses without the slosh, rates of temperature, tonnes.

A reading may be a glitch and a level sloshes while the truck drives: a reference is the median of three
readings, and a loss is what even the highest of the last three lacks.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from hazmat.clock import seconds_between
from hazmat.columns import Floats, Ints, Mask, Rows, Times
from hazmat.fence_index import FenceIndex
from hazmat.geofences import FenceKind
from hazmat.journeys import JourneyPhase
from hazmat.position import Positions
from hazmat.registry import Registry
from rules.carry import Carry
from rules.facts import WORST_ACCURACY_M, Facts
from rules.memory import VehicleMemory
from rules.memory_tank import TankMemory
from rules.rounds import rounds

WINDOW_S = 600.0  # over which a rate of temperature is taken
HANDLED_PCT = 5.0  # a change while standing that is no slope: goods filled in, delivered or drawn off
OTHER_LOAD_PCT = 5.0  # after such a change the temperature may be that of other goods
FORGET_S = 1800.0  # after a longer silence of the sensor nobody knows what was done meanwhile


@dataclass(frozen=True, slots=True)
class Tank:
    """Aligned with the messages; NaN: no reading, or not known.

    ``lost_pct``: level lost on the way, at a message of a vehicle under way, or that stands and lost much.
    ``per_10_min_c``: change of
    temperature, its amount. ``load_t``: by level, volume and density. ``at_plant``: in a plant, asked only
    where the valve is open. ``on_the_way``: not in a plant, park or service area, as far as is known. The
    rest is registered of the vehicle.
    """

    lost_pct: Floats
    per_10_min_c: Floats
    load_t: Floats
    at_plant: Mask
    on_the_way: Mask
    approved_t: Floats
    set_pressure_kpa: Floats
    min_c: Floats
    max_c: Floats


@dataclass(frozen=True, slots=True)
class _Vehicles:
    """What is registered of each vehicle, with a row of NaN at the end for index -1."""

    approved_t: Floats
    volume_m3: Floats
    set_pressure_kpa: Floats
    min_c: Floats
    max_c: Floats


@dataclass(frozen=True, slots=True)
class _State:
    """Aligned with the messages: what is known of their vehicles then."""

    under_way: Mask
    at_stop_place: Mask
    loaded: Mask
    phase: Ints
    x_m: Floats
    y_m: Floats


@dataclass(frozen=True, slots=True)
class _Three:
    """The last three readings of some vehicles; NaN while there are fewer, but for ``lowest``."""

    median: Floats
    lowest: Floats
    highest: Floats


def fold_tank(
    judged: Positions,
    carry: Carry,
    vehicle: Ints,
    waybill: Ints,
    facts: Facts,
    before: VehicleMemory,
    memory: VehicleMemory,
) -> Tank:
    """Over messages sorted by (slot, fix_time); ``before`` is the memory before them, ``memory`` advances."""
    names = ("under_way", "at_stop_place", "loaded", "phase")
    place = (carry(getattr(facts.track, name), getattr(before, name)) for name in ("x_m", "y_m"))
    state = _State(*(carry(getattr(facts, name), getattr(before, name)) for name in names), *place)
    lost_pct, rate_c, low_pct = (np.full(len(judged), np.nan) for _ in range(3))
    read = np.flatnonzero(~np.isnan(judged.tank_level_pct) | ~np.isnan(judged.tank_temp_c))
    for nth in rounds(carry.slot[read]):  # vehicles without such sensors cost nothing
        row = read[nth]
        _forget(judged.fix_time[row], carry.slot[row], memory.tank)
        lost_pct[row], low_pct[row] = _levels(
            judged, row, carry.slot[row], state, facts.registry.fences, memory.tank
        )
        rate_c[row] = _temperatures(judged, row, carry.slot[row], state, memory.tank)
    known, registry = facts.registry.derived(_vehicles), facts.registry
    density = np.append(registry.waybill_table.density_t_m3, np.nan)[waybill]
    return Tank(
        lost_pct=lost_pct,
        per_10_min_c=rate_c,
        load_t=low_pct / 100.0 * known.volume_m3[vehicle] * density,
        at_plant=_at_plant(judged, state, facts),
        on_the_way=~np.isnan(state.x_m) & ~state.at_stop_place,
        approved_t=known.approved_t[vehicle],
        set_pressure_kpa=known.set_pressure_kpa[vehicle],
        min_c=known.min_c[vehicle],
        max_c=known.max_c[vehicle],
    )


def _levels(
    judged: Positions, row: Rows, slot: Rows, state: _State, fences: FenceIndex, memory: TankMemory
) -> tuple[Floats, Floats]:
    """(lost on the way, the lowest of the last three readings), in per cent."""
    level = judged.tank_level_pct[row]
    three = _three(level, memory.level_1[slot], memory.level_2[slot])
    drives, read = state.under_way[row], ~np.isnan(level)
    reference = memory.level_ref[slot]
    fuller = ~drives & (three.median - reference >= HANDLED_PCT)  # NaN compares false
    emptier = ~drives & (reference - three.median >= HANDLED_PCT) & ~state.at_stop_place[row]
    drawn = np.zeros(len(row), bool)
    asked = row[emptier]  # few
    drawn[emptier] = _no_place_to_unload(judged.fix_time[asked], asked, state, fences)
    handled = memory.handled[slot] | (read & (state.at_stop_place[row] | fuller | (emptier & ~drawn)))
    starts = ~np.isnan(three.median) & (np.isnan(reference) | (drives & handled))
    reference = np.where(starts, three.lowest, reference)
    memory.level_ref[slot], memory.handled[slot] = reference, handled & ~(drives & starts)
    _shift(memory.level_1, memory.level_2, slot, level)
    lost = np.where((drives | drawn) & ~memory.handled[slot], reference - three.highest, np.nan)
    return lost, three.lowest


def _no_place_to_unload(times: Times, row: Rows, state: _State, fences: FenceIndex) -> Mask:
    """In the district, where plants are registered, and at none of them, not even by the worst of fixes."""
    inside: Mask = state.phase[row] != JourneyPhase.OUTSIDE
    near = fences.near_stop_places(
        shapely.points(state.x_m[row], state.y_m[row]), np.full(len(row), WORST_ACCURACY_M), times
    )[0]
    inside[near] = False
    return inside


def _temperatures(judged: Positions, row: Rows, slot: Rows, state: _State, memory: TankMemory) -> Floats:
    """Change in ten minutes, against what it was about ten and about twenty minutes ago."""
    now, temp, loaded = judged.fix_time[row], judged.tank_temp_c[row], state.loaded[row]
    other = (np.abs(memory.level_1[slot] - memory.temp_level[slot]) >= OTHER_LOAD_PCT) & ~np.isnan(temp)
    filled = state.at_stop_place[row] & ~np.isnan(temp)  # what it is there is no measure of it on the way
    _restart(slot[filled | other | (loaded != memory.loaded[slot])], memory)
    memory.loaded[slot] = loaded
    rate = np.fmax(
        _rate(temp - memory.temp_next[slot], seconds_between(memory.temp_next_at[slot], now)),
        _rate(temp - memory.temp_ref[slot], seconds_between(memory.temp_ref_at[slot], now)),
    )
    median = _three(temp, memory.temp_1[slot], memory.temp_2[slot]).median
    young = seconds_between(memory.temp_next_at[slot], now) < WINDOW_S  # NaN compares false
    next_ = ~np.isnan(median) & ~young
    mine = slot[next_]
    memory.temp_ref[mine], memory.temp_ref_at[mine] = memory.temp_next[mine], memory.temp_next_at[mine]
    memory.temp_next[mine], memory.temp_next_at[mine] = median[next_], now[next_]
    memory.temp_level[mine] = memory.level_1[mine]
    _shift(memory.temp_1, memory.temp_2, slot, temp)
    return rate


def _rate(change_c: Floats, age_s: Floats) -> Floats:
    """In ``WINDOW_S``; a change within less is a change within that."""
    return np.abs(change_c) * WINDOW_S / np.fmax(age_s, WINDOW_S)


def _three(now: Floats, last: Floats, before: Floats) -> _Three:
    low, high = np.minimum(last, before), np.maximum(last, before)  # NaN if one of them is
    return _Three(
        median=np.maximum(low, np.minimum(high, now)),
        lowest=np.where(np.isnan(now), np.nan, np.fmin(now, np.fmin(last, before))),
        highest=np.maximum(high, now),
    )


def _shift(last: Floats, before: Floats, slot: Rows, now: Floats) -> None:
    read = ~np.isnan(now)
    mine = slot[read]
    before[mine] = last[mine]
    last[mine] = now[read]


def _forget(now: Times, slot: Rows, memory: TankMemory) -> None:
    old = slot[now - memory.read_at[slot] > np.timedelta64(round(FORGET_S), "s")]  # NaT compares false
    for column in (memory.level_1, memory.level_2, memory.level_ref):
        column[old] = np.nan
    _restart(old, memory)
    memory.read_at[slot] = now


def _restart(slot: Rows, memory: TankMemory) -> None:
    for column in (memory.temp_1, memory.temp_2, memory.temp_next, memory.temp_ref, memory.temp_level):
        column[slot] = np.nan
    for moment in (memory.temp_next_at, memory.temp_ref_at):
        moment[slot] = np.datetime64("NaT", "ms")


def _at_plant(judged: Positions, state: _State, facts: Facts) -> Mask:
    """In a plant, not merely in a park or service area; asked of open valves only: few."""
    found = np.zeros(len(judged), bool)
    row = np.flatnonzero((judged.valve_open > 0) & state.at_stop_place)
    if len(row):
        x_m, y_m = state.x_m[row], state.y_m[row]
        fences, reach_m = facts.registry.fences, np.full(len(row), WORST_ACCURACY_M)
        nth, fence = fences.near_stop_places(shapely.points(x_m, y_m), reach_m, judged.fix_time[row])
        found[row[nth[fences.kinds(fence, FenceKind.PLANT)]]] = True
    return found


def _vehicles(registry: Registry) -> _Vehicles:
    def column(name: str) -> Floats:
        values = [getattr(vehicle, name) for vehicle in registry.world.vehicles]
        return np.array([*values, None], float)

    return _Vehicles(
        approved_t=column("approved_load_t"),
        volume_m3=column("tank_volume_m3"),
        set_pressure_kpa=column("set_pressure_kpa"),
        min_c=column("tank_temp_min_c"),
        max_c=column("tank_temp_max_c"),
    )
