"""Journeys 入镇 / 在镇 / 出镇: a fold over the fixes of each vehicle."""

from dataclasses import dataclass

import numpy as np

from hazmat.clock import from_time
from hazmat.columns import NO_TIME, Ints, Mask, Rows, Times
from hazmat.journeys import JourneyChange, JourneyPhase, journey_id
from rules.district import InDistrict
from rules.memory import VehicleMemory
from rules.rounds import rounds
from rules.track import Track

EDGE_MEMORY = np.timedelta64(600, "s")  # an older crossing of the edge is not this entry or exit
_OUTSIDE, _INBOUND, _WITHIN, _OUTBOUND = (int(phase) for phase in JourneyPhase)


@dataclass(frozen=True, slots=True)
class Places:
    """Aligned with the fixes: in a plant or park, and going slowly enough there to be visiting it."""

    inside: Mask
    visiting: Mask


def fold_phases(
    track: Track, fix_time: Times, district: InDistrict, places: Places, memory: VehicleMemory
) -> tuple[Ints, Times, tuple[JourneyChange, ...]]:
    """(phase of each fix, when it entered, journeys that changed); NaT outside the district.

    ``memory``'s journey columns are advanced in place.
    """
    phase, entered_at = np.zeros(len(fix_time), np.int64), np.full(len(fix_time), NO_TIME)
    changes: dict[str, JourneyChange] = {}
    for row in rounds(track.slot):
        slot = track.slot[row]
        crossed = district.crossed_at[row]
        memory.edge_at[slot] = np.where(np.isnat(crossed), memory.edge_at[slot], crossed)
        before = memory.phase[slot]
        phase[row] = _next_phase(before, row, district, places)
        edge = memory.edge_at[slot]
        moment = np.where(fix_time[row] - edge <= EDGE_MEMORY, edge, fix_time[row])  # NaT compares false
        enters = (before == _OUTSIDE) & (phase[row] != _OUTSIDE)
        memory.entered_at[slot] = np.where(enters, moment, memory.entered_at[slot])
        memory.phase[slot] = phase[row]
        for nth in np.flatnonzero(before != phase[row]):  # few: only where a phase changes
            change = _change(memory, int(slot[nth]), moment[nth])
            changes[change.journey_id] = change
        memory.entered_at[slot] = np.where(phase[row] == _OUTSIDE, NO_TIME, memory.entered_at[slot])
        memory.edge_at[slot] = np.where(before != phase[row], NO_TIME, memory.edge_at[slot])
        entered_at[row] = memory.entered_at[slot]
    return phase, entered_at, tuple(changes.values())


def _next_phase(before: Ints, row: Rows, district: InDistrict, places: Places) -> Ints:
    inside, sure = district.inside[row], district.sure[row]
    here = np.where(before == _OUTSIDE, np.where(inside & sure, _INBOUND, _OUTSIDE), before)
    here = np.where(~inside & sure, _OUTSIDE, here)
    here = np.where((here != _OUTSIDE) & places.visiting[row], _WITHIN, here)
    return np.where((here == _WITHIN) & ~places.inside[row], _OUTBOUND, here)


def _change(memory: VehicleMemory, slot: int, moment: np.datetime64) -> JourneyChange:
    vehicle = memory.vehicle_id[slot].decode()
    entered = from_time(memory.entered_at[slot])
    left = memory.phase[slot] == _OUTSIDE
    return JourneyChange(
        journey_id=journey_id(vehicle, entered),
        vehicle_id=vehicle,
        entered_at=entered,
        exited_at=from_time(moment) if left else None,
        phase=JourneyPhase.OUTBOUND if left else JourneyPhase(int(memory.phase[slot])),
    )
