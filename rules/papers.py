"""Which papers were in force for each fix: waybill, faults in it, blacklist entries, classes on board."""

from dataclasses import dataclass

import numpy as np

from hazmat.columns import ID_DTYPE, NO_TIME, Floats, Ids, Ints, Mask, Rows, Times
from hazmat.fence_index import KIND_CODE
from hazmat.geofences import FenceKind
from hazmat.hazard_bits import ALL_CLASSES
from hazmat.position import Positions
from hazmat.registry import Registry


@dataclass(frozen=True, slots=True)
class Listed:
    """(``row``, ``entry``) pairs: blacklist entries in force against each fix's vehicle or waybill."""

    row: Rows
    entry: Ints
    object_id: Ids


@dataclass(frozen=True, slots=True)
class Papers:
    """Aligned with the fixes; indices into the registry's rows, -1 for none.

    ``faults``: set of the waybill's ``WaybillFault``. ``listed``: the first of the entries in ``listings``.
    ``route``: fence row of the waybill's corridor.
    """

    vehicle: Ints
    waybill: Ints
    faults: Ints
    listed: Ints
    listings: Listed
    class_bits: Ints
    route: Ints


def find_papers(positions: Positions, vehicle: Ints, registry: Registry) -> Papers:
    """As of each fix's own time."""
    times = positions.fix_time
    waybill = registry.waybills.at(vehicle, times)
    vehicle_class = pick(registry.vehicle_classes, vehicle, ALL_CLASSES)
    class_bits = np.where(waybill >= 0, pick(registry.waybill_class, waybill, 0), vehicle_class)
    route = registry.fences.versions_at(pick(registry.waybill_route, waybill, -1), times)
    is_corridor = pick(registry.fences.kind, route, -1) == KIND_CODE[FenceKind.CORRIDOR]
    row, entry = registry.blacklist.listed(positions.vehicle_id, vehicle, waybill, times)
    listed = np.full(len(times), -1, np.int64)
    listed[row[::-1]] = entry[::-1]  # the first is written last
    return Papers(
        vehicle=vehicle,
        waybill=waybill,
        faults=pick(registry.waybill_matches, waybill, 0),
        listed=listed,
        listings=Listed(row, entry, _entry_ids(entry, registry)),
        class_bits=class_bits,
        route=np.where(is_corridor, route, -1),
    )


def _entry_ids(entry: Ints, registry: Registry) -> Ids:
    # Few rows: only vehicles with an entry against them have any.
    entries = registry.world.blacklist
    return np.array([entries[index].entry_id.encode() for index in entry.tolist()], ID_DTYPE)


def waybill_ids(waybill: Ints, registry: Registry) -> Ids:
    """Numbers of these waybills, as objects of alerts."""
    return registry.waybill_table.number[waybill]


def pick(column: Ints, index: Ints, otherwise: int) -> Ints:
    """``column`` at each index, ``otherwise`` where the index is -1."""
    return np.append(column, otherwise)[index]


def pick_time(column: Times, index: Ints) -> Times:
    """``column`` at each index, NaT where the index is -1."""
    return np.append(column, NO_TIME)[index]


def pick_float(column: Floats, index: Ints) -> Floats:
    """``column`` at each index, NaN where the index is -1."""
    return np.append(column, np.nan)[index]


def pick_flag(column: Mask, index: Ints) -> Mask:
    """``column`` at each index, False where the index is -1."""
    return np.append(column, False)[index]
