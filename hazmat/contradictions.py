"""Rows of a world that cannot both be true; each is named with the row that it contradicts."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

from hazmat.documents import Permit, Vehicle, Waybill, plate_key
from hazmat.registry import World
from hazmat.rule_settings import RuleSetting

_T = TypeVar("_T")


def contradictions(world: World) -> tuple[str, ...]:
    """Every contradiction between rows of a world, in words; none for a good one.

    Rows are numbered from 0 in their table. What is merely not in order, as a driver who is not registered,
    is no contradiction but a breach, and for the rules to find.
    """
    return (
        *_twice("vehicles", "vehicle_id", world.vehicles, lambda v: v.vehicle_id, _vehicle_id),
        *_twice("vehicles", "plate, plate_colour", world.vehicles, _plate, _vehicle_id),
        *_twice("waybills", "waybill_no", world.waybills, lambda w: w.waybill_no, lambda w: w.waybill_no),
        *_twice("permits", "permit_no", world.permits, lambda p: p.permit_no, lambda p: p.permit_no),
        *_twice("blacklist", "entry_id", world.blacklist, lambda b: b.entry_id, lambda b: b.entry_id),
        *_twice("people", "person_id", world.people, lambda p: p.person_id, lambda p: p.person_id),
        *_twice("people", "certificate_no", world.people, lambda p: p.certificate_no, lambda p: p.person_id),
        *_twice("carriers", "carrier_id", world.carriers, lambda c: c.carrier_id, lambda c: c.carrier_id),
        *_twice("carriers", "licence_no", world.carriers, lambda c: c.licence_no, lambda c: c.carrier_id),
        *_strangers("waybills", world.waybills, lambda w: w.waybill_no, world),
        *_strangers("permits", world.permits, lambda p: p.permit_no, world),
        *_overlapping(world.rule_settings),
    )


def _vehicle_id(vehicle: Vehicle) -> str:
    return vehicle.vehicle_id


def _plate(vehicle: Vehicle) -> Hashable:
    return plate_key(vehicle.plate), vehicle.plate_colour


def _twice(
    table: str,
    field: str,
    rows: Sequence[_T],
    key: Callable[[_T], Hashable],
    name: Callable[[_T], str],
) -> Iterator[str]:
    """Rows whose key an earlier row has too; an empty one is none."""
    first: dict[Hashable, int] = {}
    for number, row in enumerate(rows):
        earlier = first.setdefault(key(row), number) if key(row) else number
        if earlier != number:
            same = f"{table}[{earlier}] ({name(rows[earlier])})"
            yield f"{table}[{number}] ({name(row)}): {field}: same as {same}"


_Paper = TypeVar("_Paper", Waybill, Permit)


def _strangers(
    table: str, rows: Sequence[_Paper], name: Callable[[_Paper], str], world: World
) -> Iterator[str]:
    known = {vehicle.vehicle_id for vehicle in world.vehicles}
    for number, row in enumerate(rows):
        if row.vehicle_id not in known:
            yield f"{table}[{number}] ({name(row)}): vehicle_id: no row of vehicles is {row.vehicle_id}"


def _overlapping(settings: Sequence[RuleSetting]) -> Iterator[str]:
    """Two settings of one rule in force at once: nobody could say which numbers hold."""
    order = sorted(range(len(settings)), key=lambda row: (settings[row].rule_id, settings[row].valid_from))
    for earlier, later in pairwise(order):
        one, two = settings[earlier], settings[later]
        if one.rule_id == two.rule_id and (one.valid_to is None or two.valid_from < one.valid_to):
            yield (
                f"rule_settings[{later}] ({two.rule_id}): valid_from: "
                f"rule_settings[{earlier}] ({one.rule_id}) is in force then"
            )
