"""Which papers were in force for each fix: waybill, faults in it, blacklist entries, classes on board."""

from dataclasses import dataclass

import numpy as np

from hazmat.columns import Ints
from hazmat.fence_index import KIND_CODE
from hazmat.geofences import FenceKind
from hazmat.position import Positions
from hazmat.registry import ALL_CLASSES, Registry


@dataclass(frozen=True, slots=True)
class Papers:
    """Aligned with the fixes; indices into the registry's rows, -1 for none.

    ``faults``: bit set of the waybill's faults (1 plate, 2 goods class, 4 tank's list). ``route``: fence
    row of the waybill's corridor.
    """

    vehicle: Ints
    waybill: Ints
    faults: Ints
    listed: Ints
    class_bits: Ints
    route: Ints


def find_papers(positions: Positions, vehicle: Ints, registry: Registry) -> Papers:
    """As of each fix's own time."""
    times = positions.fix_time
    waybill = registry.waybills.at(vehicle, times)
    vehicle_class = pick(registry.vehicle_classes, vehicle, ALL_CLASSES)
    class_bits = np.where(waybill >= 0, pick(registry.waybill_class, waybill, 0), vehicle_class)
    route_name = pick(registry.waybill_route, waybill, -1)
    entries = (
        registry.blacklisted_vehicles.at(vehicle, times),
        registry.blacklisted_drivers.at(waybill, times),
        registry.blacklisted_carriers.at(vehicle, times),
    )
    listed = np.select([entry >= 0 for entry in entries], entries, default=-1)
    route = registry.fences.versions_at(route_name, times)
    is_corridor = pick(registry.fences.kind, route, -1) == KIND_CODE[FenceKind.CORRIDOR]
    return Papers(
        vehicle=vehicle,
        waybill=waybill,
        faults=pick(registry.waybill_matches, waybill, 0),
        listed=listed,
        class_bits=class_bits,
        route=np.where(is_corridor, route, -1),
    )


def pick(column: Ints, index: Ints, otherwise: int) -> Ints:
    """``column`` at each index, ``otherwise`` where the index is -1."""
    return np.append(column, otherwise)[index]
