"""Trips: on which waybill, where a vehicle was loaded and unloaded, whether it came in twice on one."""

from dataclasses import dataclass, replace

import numpy as np

from hazmat.clock import seconds_between
from hazmat.columns import ID_DTYPE, Floats, Ids, Ints, Mask, Rows, Times
from hazmat.fence_index import FenceIndex
from hazmat.geofences import FenceKind
from hazmat.position import Load
from hazmat.registry import Registry
from rules.memory_trip import TripMemory
from rules.papers import InForce, waybill_ids
from rules.rounds import rounds
from rules.track import Track
from rules.waybill_choice import Candidates, choose

FLICKER = np.timedelta64(120, "s")  # a load that changes back within that never changed: a sensor in doubt
ELSEWHERE_M = 500.0  # after a longer step nobody knows where on the way the load changed
_EMPTY, _LOADED = 1, 2


@dataclass(frozen=True, slots=True)
class Trip:
    """Aligned with the fixes; as ``TripMemory`` after each."""

    waybill: Ids
    changed_at: Times
    loaded_at: Ids
    unloaded_at: Ids
    unloaded_on: Ids
    reused_on: Ids
    away_s: Floats


@dataclass(frozen=True, slots=True)
class _Events:
    """The few fixes at which the load changed, the district's edge was crossed, or other waybills began.

    ``waybill``: the last to begin, ``several``: set of all in force, -1: there is but one, or none.
    """

    row: Rows
    slot: Rows
    time: Times
    state: Ints
    changed: Mask
    inside: Mask
    crossed: Mask
    place: Ids
    waybill: Ids
    several: Ints

    def take(self, nth: Rows) -> "_Events":
        """These events."""
        return _Events(*(getattr(self, name)[nth] for name in self.__dataclass_fields__))


def fold_trip(
    track: Track,
    fix_time: Times,
    load: Ints,
    inside: Mask,
    in_force: InForce,
    accuracy_m: Floats,
    registry: Registry,
    memory: TripMemory,
) -> Trip:
    """``load`` as last reported (``Load``), ``inside`` the district; ``memory`` is advanced in place."""
    state = np.select([load == Load.UNKNOWN, load == Load.EMPTY], [0, _EMPTY], _LOADED)
    state_before = _before(state, memory.state, track)
    changed = (state != state_before) & (state > 0) & (state_before > 0)
    crossed = inside != _before(inside, memory.inside, track)
    happens = changed | crossed | _renewed(in_force, track, registry, memory)
    before = {name: getattr(memory, name)[track.slot] for name in Trip.__dataclass_fields__}
    row = np.flatnonzero(happens)
    events = _Events(
        row, track.slot[row], fix_time[row], state[row], changed[row], inside[row], crossed[row],
        _places(track, fix_time, row, changed[row], accuracy_m, registry.fences),
        _waybills(in_force.latest[row], registry), in_force.several[row],
    )  # fmt: skip
    after = TripMemory.blank(len(row))
    for nth in rounds(events.slot):  # few rows: the events
        _step(events.take(nth), memory, registry)
        after.assign(nth, memory.take(events.slot[nth]))
    memory.state[track.slot] = state  # in order of time: the last one is kept
    memory.inside[track.slot] = inside
    here = np.flatnonzero(_in_batch(track.first, happens))
    nth = np.cumsum(happens)[here] - 1
    for name, column in before.items():
        column[here] = getattr(after, name)[nth]
    return Trip(**before)


def _in_batch(first: Mask, happens: Mask) -> Mask:
    """Whether an event of the vehicle's own came at or before each fix of the batch."""
    row = np.arange(len(first))
    start = np.maximum.accumulate(np.where(first, row, 0)) if len(row) else row
    latest = np.maximum.accumulate(np.where(happens, row, -1)) if len(row) else row
    return np.asarray(latest >= start, bool)


def _before(column: Ints | Mask, remembered: Ints | Mask, track: Track) -> Ints | Mask:
    return np.where(track.first, remembered[track.slot], np.roll(column, 1))


def _renewed(in_force: InForce, track: Track, registry: Registry, memory: TripMemory) -> Mask:
    """Whether other waybills are in force than at the fix before; of several, also at a batch's first."""
    latest, several = in_force.latest, in_force.several
    renewed = (latest != np.roll(latest, 1)) | (several != np.roll(several, 1))
    first = np.flatnonzero(track.first)
    known = _waybills(latest[first], registry) == memory.waybill[track.slot[first]]
    renewed[first] = (several[first] >= 0) | ~known
    return np.asarray(renewed, bool)


def _waybills(waybill: Ints, registry: Registry) -> Ids:
    numbers = np.zeros(len(waybill), ID_DTYPE)
    numbers[waybill >= 0] = waybill_ids(waybill[waybill >= 0], registry)
    return numbers


def _places(
    track: Track, fix_time: Times, row: Rows, asked: Mask, accuracy_m: Floats, fences: FenceIndex
) -> Ids:
    place = np.zeros(len(row), ID_DTYPE)
    place[asked] = _place(track, fix_time, row[asked], accuracy_m, fences)
    return place


def _place(track: Track, fix_time: Times, row: Rows, accuracy_m: Floats, fences: FenceIndex) -> Ids:
    """The plant or park at each of these fixes; none where there is none, or it is in doubt which."""
    nth, spot = fences.stop_tree.query(
        track.points[row], predicate="dwithin", distance=np.maximum(accuracy_m[row], 0.0)
    )
    fence = fences.stop_rows[spot]
    keep = fences.kinds(fence, FenceKind.PLANT, FenceKind.PARKING)
    keep &= fences.in_force(fence, fix_time[row[nth]])
    nth, fence = nth[keep], fence[keep]
    place = np.zeros(len(row), ID_DTYPE)
    place[nth] = fences.ids[fence]
    place[np.bincount(nth, minlength=len(row)) > 1] = b""
    place[track.step_m[row] > ELSEWHERE_M] = b""
    return place


def _step(events: _Events, memory: TripMemory, registry: Registry) -> None:
    """At most one event a vehicle."""
    flicker = events.time - memory.changed_at[events.slot] < FLICKER  # NaT compares false
    _undo(events.take(np.flatnonzero(events.changed & flicker)), memory)
    really = np.flatnonzero(events.changed & ~flicker)
    _keep_what_was(events.slot[really], memory)
    events = replace(events, waybill=_on_which(events, really, memory, registry))
    memory.waybill[events.slot] = events.waybill
    real = events.take(really)
    _load(real.take(np.flatnonzero(real.state == _LOADED)), memory)
    _unload(real.take(np.flatnonzero(real.state == _EMPTY)), memory)
    memory.changed_at[real.slot] = real.time
    leaves = events.take(np.flatnonzero(events.crossed & ~events.inside))
    memory.left_at[leaves.slot] = leaves.time
    _enter(events.take(np.flatnonzero(events.crossed & events.inside)), memory)


def _on_which(events: _Events, really: Rows, memory: TripMemory, registry: Registry) -> Ids:
    """Number of the waybill of the trip under way, of those in force; ``really``: where the load changed."""
    waybill = events.waybill.copy()
    row = np.flatnonzero(events.several >= 0)
    loading = np.zeros(len(waybill), bool)
    loading[really] = events.state[really] == _LOADED
    slot, empty = events.slot[row], events.state[row] == _EMPTY
    place = np.where(loading[row], events.place[row], b"").astype(ID_DTYPE)
    candidates = Candidates(events.several[row], memory.waybill[slot], memory.unloaded_on[slot], empty, place)
    waybill[row] = choose(candidates, registry)
    return waybill


def _keep_what_was(slot: Rows, memory: TripMemory) -> None:
    memory.waybill_before[slot] = memory.waybill[slot]
    memory.loaded_before[slot] = memory.loaded_at[slot]
    memory.unloaded_before[slot] = memory.unloaded_at[slot]
    memory.unloaded_on_before[slot] = memory.unloaded_on[slot]


def _undo(events: _Events, memory: TripMemory) -> None:
    memory.waybill[events.slot] = memory.waybill_before[events.slot]
    memory.loaded_at[events.slot] = memory.loaded_before[events.slot]
    memory.unloaded_at[events.slot] = memory.unloaded_before[events.slot]
    memory.unloaded_on[events.slot] = memory.unloaded_on_before[events.slot]


def _load(events: _Events, memory: TripMemory) -> None:
    memory.loaded_at[events.slot] = events.place
    again = (events.waybill != b"") & (events.waybill == memory.unloaded_on[events.slot])
    _reuse(events.take(np.flatnonzero(again)), np.full(int(again.sum()), np.inf), memory)


def _unload(events: _Events, memory: TripMemory) -> None:
    memory.unloaded_at[events.slot] = events.place
    memory.unloaded_on[events.slot] = events.waybill


def _enter(events: _Events, memory: TripMemory) -> None:
    # Only where the load is known: else a waybill that lasts longer than its trip would be a breach.
    on = np.where(events.state == _LOADED, events.waybill, b"").astype(ID_DTYPE)
    slot = events.slot
    again = (on != b"") & (on == memory.entered_on[slot])
    away_s = seconds_between(memory.left_at[slot], events.time)
    _reuse(events.take(np.flatnonzero(again)), away_s[again], memory)
    memory.entered_on[slot] = on


def _reuse(events: _Events, away_s: Floats, memory: TripMemory) -> None:
    slot = events.slot
    longest = np.where(memory.reused_on[slot] == events.waybill, memory.away_s[slot], np.nan)
    memory.reused_on[slot] = events.waybill
    memory.away_s[slot] = np.fmax(longest, away_s)
