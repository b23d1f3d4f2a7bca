"""What is true of each message: for rules about the terminal, the tank and emergencies.

They judge messages without a GNSS fix too: a button pressed in a tunnel is an emergency all the same.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hazmat.columns import Floats, Ints, Mask, Rows
from hazmat.position import Positions
from hazmat.registry import Registry
from rules.facts import Facts
from rules.memory import VehicleMemory


@dataclass(frozen=True, slots=True)
class Signals:
    """Aligned with all judged messages, sorted by (slot, fix_time).

    ``vehicle`` and ``waybill`` are rows of the registry, -1: none. ``usable``: the message has a fix that is
    judged. The rest is what is known of its vehicle then: ``x_m``, ``y_m`` and ``speed_kmh`` of the last
    usable fix (NaN: none yet), ``loaded``, ``under_way`` (moving, not in a plant or park), ``at_stop_place``.
    """

    registry: Registry
    slot: Rows
    first: Mask
    vehicle: Ints
    waybill: Ints
    usable: Mask
    x_m: Floats
    y_m: Floats
    speed_kmh: Floats
    loaded: Mask
    under_way: Mask
    at_stop_place: Mask


def build_signals(
    judged: Positions,
    slot: Rows,
    vehicle: Ints,
    usable: Mask,
    facts: Facts,
    before: VehicleMemory,
) -> Signals:
    """Signals of judged messages; ``facts`` are of the usable ones, ``before`` is the memory before them."""
    first = np.ones(len(slot), bool)
    first[1:] = slot[1:] != slot[:-1]
    carry = _Carry(slot, first, usable)
    registry = facts.registry
    return Signals(
        registry=registry,
        slot=slot,
        first=first,
        vehicle=vehicle,
        waybill=registry.waybills.at(vehicle, judged.fix_time),
        usable=usable,
        x_m=carry(facts.track.x_m, before.x_m),
        y_m=carry(facts.track.y_m, before.y_m),
        speed_kmh=carry(facts.speed_kmh, before.speed_kmh),
        loaded=carry(facts.loaded, before.loaded),
        under_way=carry(facts.under_way, before.under_way),
        at_stop_place=carry(facts.at_stop_place, before.at_stop_place),
    )


class _Carry:
    """Carries what is known at the usable fixes forward to every message of the same vehicle."""

    def __init__(self, slot: Rows, first: Mask, usable: Mask) -> None:
        row = np.arange(len(slot))
        start = np.maximum.accumulate(np.where(first, row, 0)) if len(row) else row
        latest = np.maximum.accumulate(np.where(usable, row, -1)) if len(row) else row
        self._slot = slot
        self._in_batch = latest >= start
        self._nth = np.maximum(np.cumsum(usable) - 1, 0)

    def __call__(self, of_fix: NDArray[Any], remembered: NDArray[Any]) -> NDArray[Any]:
        before = remembered[self._slot]
        return np.where(self._in_batch, of_fix[self._nth], before) if len(of_fix) else before
