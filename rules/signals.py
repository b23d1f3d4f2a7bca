"""What is true of each message: for rules about the terminal, the tank and emergencies.

They judge messages without a GNSS fix too: a button pressed in a tunnel is an emergency all the same.
"""

from dataclasses import dataclass

import numpy as np

from hazmat.columns import Floats, Ints, Mask, Rows
from hazmat.position import Positions
from hazmat.registry import Registry
from rules.carry import Carry
from rules.device import Device, fold_device
from rules.facts import Facts
from rules.memory import VehicleMemory
from rules.tank import Tank, fold_tank


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
    device: Device
    tank: Tank


def build_signals(
    judged: Positions,
    slot: Rows,
    vehicle: Ints,
    usable: Mask,
    facts: Facts,
    before: VehicleMemory,
    memory: VehicleMemory,
) -> Signals:
    """Signals of judged messages; ``facts`` are of the usable ones.

    ``before`` is the memory before them; ``memory``, the caller's own copy, is advanced in place.
    """
    first = np.ones(len(slot), bool)
    first[1:] = slot[1:] != slot[:-1]
    carry = Carry(slot, first, usable)
    registry = facts.registry
    waybill = registry.waybills.at(vehicle, judged.fix_time)
    return Signals(
        registry=registry,
        slot=slot,
        first=first,
        vehicle=vehicle,
        waybill=waybill,
        usable=usable,
        x_m=carry(facts.track.x_m, before.x_m),
        y_m=carry(facts.track.y_m, before.y_m),
        speed_kmh=carry(facts.speed_kmh, before.speed_kmh),
        loaded=carry(facts.loaded, before.loaded),
        under_way=carry(facts.under_way, before.under_way),
        at_stop_place=carry(facts.at_stop_place, before.at_stop_place),
        device=fold_device(judged, carry, facts, before, memory),
        tank=fold_tank(judged, carry, vehicle, waybill, facts, before, memory),
    )
