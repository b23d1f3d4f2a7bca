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
class InForce:
    """Aligned with the fixes: ``latest`` waybill to begin, ``several``: set of all where there is more than
    one (``registry.waybill_overlaps``); -1 for none."""

    latest: Ints
    several: Ints


@dataclass(frozen=True, slots=True)
class Others:
    """(``row``, ``waybill``) pairs: in force beside the one of the trip; ``route``: fence of its corridor."""

    row: Rows
    waybill: Ints
    route: Ints


@dataclass(frozen=True, slots=True)
class ToxicPapers:
    """(``row``, ``waybill``) pairs of acutely toxic goods: by any waybill in force, sorted by row."""

    row: Rows
    waybill: Ints
    object_id: Ids


@dataclass(frozen=True, slots=True)
class Papers:
    """Aligned with the fixes; indices into the registry's rows, -1 for none.

    ``waybill``: of the trip under way; ``others``: what else is in force. ``class_bits``: of that trip,
    ``any_class_bits``: of all waybills in force. ``tunnel_rank``: the strictest of them, -1 without one.
    ``faults``: set of the waybill's ``WaybillFault``. ``listed``: the first of the entries in ``listings``.
    ``route``: fence row of the waybill's corridor.
    """

    vehicle: Ints
    waybill: Ints
    faults: Ints
    listed: Ints
    listings: Listed
    class_bits: Ints
    any_class_bits: Ints
    tunnel_rank: Ints
    route: Ints
    others: Others
    toxic: ToxicPapers


def find_in_force(vehicle: Ints, times: Times, registry: Registry) -> InForce:
    """As of each fix's own time."""
    return InForce(registry.waybills.at(vehicle, times), registry.waybill_overlaps.at(vehicle, times))


def find_papers(
    positions: Positions, vehicle: Ints, in_force: InForce, number: Ids, registry: Registry
) -> Papers:
    """As of each fix's own time; ``number``: of the waybill of the trip under way."""
    times, several = positions.fix_time, in_force.several
    waybill = in_force.latest.copy()
    row = np.flatnonzero(several >= 0)
    waybill[row] = registry.waybill_keys.find(number[row])
    vehicle_class = pick(registry.vehicle_classes, vehicle, ALL_CLASSES)
    class_bits = np.where(waybill >= 0, pick(registry.waybill_class, waybill, 0), vehicle_class)
    others = _others(waybill, several, times, registry)
    all_bits, strictest = registry.derived(_of_sets)
    rank = pick(registry.waybill_tunnel, waybill, -1)
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
        any_class_bits=np.where(several >= 0, pick(all_bits, several, 0), class_bits),
        tunnel_rank=np.where(several >= 0, pick(strictest, several, 0), rank),
        route=_corridor(waybill, times, registry),
        others=others,
        toxic=_toxic(waybill, others, registry),
    )


def _corridor(waybill: Ints, times: Times, registry: Registry) -> Ints:
    route = registry.fences.versions_at(pick(registry.waybill_route, waybill, -1), times)
    is_corridor = pick(registry.fences.kind, route, -1) == KIND_CODE[FenceKind.CORRIDOR]
    return np.where(is_corridor, route, -1)


def _others(waybill: Ints, several: Ints, times: Times, registry: Registry) -> Others:
    row, other = registry.waybill_overlaps.items.expand(several)
    beside = other != waybill[row]
    row, other = row[beside], other[beside]
    return Others(row, other, _corridor(other, times[row], registry))


def _toxic(waybill: Ints, others: Others, registry: Registry) -> ToxicPapers:
    toxic = np.append(registry.waybill_table.acutely_toxic, False)
    own, beside = np.flatnonzero(toxic[waybill]), np.flatnonzero(toxic[others.waybill])
    row = np.concatenate([own, others.row[beside]])
    paper = np.concatenate([waybill[own], others.waybill[beside]])
    order = np.argsort(row, kind="stable")
    return ToxicPapers(row[order], paper[order], waybill_ids(paper[order], registry))


def _of_sets(registry: Registry) -> tuple[Ints, Ints]:
    """Classes, and the strictest tunnel rank, of the goods of each set of waybills in force at once."""
    sets = registry.waybill_overlaps
    classes = sets.reduce(np.bitwise_or, registry.waybill_class)
    return classes, sets.reduce(np.minimum, registry.waybill_tunnel)


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
