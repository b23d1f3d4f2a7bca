"""Full and proper papers of every scripted truck, but for what its case says."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from hazmat.clock import SHANGHAI
from hazmat.documents import (
    BlacklistEntry,
    BlacklistKind,
    Carrier,
    Permit,
    PermitKind,
    PermitState,
    Person,
    SafetyCode,
    Vehicle,
    Waybill,
)
from hazmat.registry import World
from hazmat.rule_settings import RuleSetting
from ingest.simulator.scripted.case import Case, Row, Truck
from ingest.simulator.scripted.town import SINCE, town_fences

CARRIER = Carrier(
    carrier_id="C-script", name="示例危运有限公司", licence_no="浙交运管许可甬字330211000001号",
    hazard_classes=("2.1", "2.2", "2.3", "3", "5.1", "6.1", "8"), valid_from=SINCE,
    valid_to=SINCE + timedelta(days=3650),
)  # fmt: skip
HOLIDAYS = (date(2026, 6, 19),)  # 端午节
PROVINCIAL_DAY = datetime(2026, 5, 10, tzinfo=SHANGHAI)  # rules that are off by default are on, this day only
SWITCHED_ON = tuple(
    RuleSetting(rule_id=rule_id, valid_from=PROVINCIAL_DAY, valid_to=PROVINCIAL_DAY + timedelta(days=1),
                enabled=True, note="示例")
    for rule_id in ("night_speed", "barred_hours")
)  # fmt: skip
_PETROL = {"un_no": "UN1203", "goods_name": "汽油", "hazard_class": "3"}
_YEARS = timedelta(days=2000)
_BEFORE, _AFTER = timedelta(hours=6), timedelta(hours=30)  # a waybill, around second 0 of its case
_KINDS = {
    BlacklistKind.VEHICLE: "", BlacklistKind.DRIVER: "D-", BlacklistKind.ESCORT: "E-",
    BlacklistKind.PERMIT: "P-",
}  # fmt: skip


def scripted_world(cases: Sequence[Case]) -> World:
    """The one world of all cases: the town, and every truck with its papers."""
    owners = [(each, truck) for each in cases for truck in each.trucks if truck.registered]
    first = {each.vehicle_id(truck): (each, truck) for each, truck in reversed(owners)}
    papers = [_papers(vehicle_id, *of) for vehicle_id, of in sorted(first.items())]

    def rows(name: str) -> tuple[Any, ...]:
        return tuple(row for paper in papers for row in paper[name])

    names = ("vehicles", "waybills", "permits", "blacklist", "people")
    carriers = (CARRIER, *rows("carriers"))
    return World(
        fences=town_fences(), carriers=carriers, rule_settings=SWITCHED_ON, holidays=HOLIDAYS,
        **{name: rows(name) for name in names},
    )  # fmt: skip


def _papers(vehicle_id: str, case: Case, truck: Truck) -> Mapping[str, Sequence[Any]]:
    own = bool(truck.carrier) or any(e.get("kind") == BlacklistKind.ENTERPRISE for e in truck.blacklist)
    carrier_id = f"C-{vehicle_id}" if own else CARRIER.carrier_id
    return {
        "vehicles": [_vehicle(vehicle_id, carrier_id, case, truck)],
        "waybills": _waybills(vehicle_id, carrier_id, case, truck),
        "permits": [_permit(vehicle_id, number, row, case) for number, row in enumerate(truck.permits, 1)],
        "blacklist": [_entry(vehicle_id, number, row, case) for number, row in enumerate(truck.blacklist, 1)],
        "people": _people(vehicle_id, carrier_id, case, truck),
        "carriers": [_carrier(carrier_id, case, truck)] if own else [],
    }


def plate_of(vehicle_id: str) -> str:
    """A made-up plate of Ningbo; follows from the id."""
    number = int(hashlib.sha256(vehicle_id.encode()).hexdigest()[:8], 16) % 240_000
    return f"浙B{'ABCDEFGHJKLMNPQRSTUVWXYZ'[number // 10_000]}{number % 10_000:04d}"


def _vehicle(vehicle_id: str, carrier_id: str, case: Case, truck: Truck) -> Vehicle:
    given = {
        "vehicle_id": vehicle_id, "plate": plate_of(vehicle_id), "carrier_id": carrier_id,
        "carrier_name": CARRIER.name, "tank_no": f"T-{vehicle_id}",
        "hazard_classes": CARRIER.hazard_classes, "approved_load_t": 30.0, "tank_volume_m3": 40.0,
        "set_pressure_kpa": 400.0, "tank_temp_min_c": -20.0, "tank_temp_max_c": 50.0,
        "inspection_valid_to": case.start + _YEARS, "tank_inspection_valid_to": case.start + _YEARS,
    }  # fmt: skip
    return Vehicle(**_with(given, truck.vehicle, case))


def _waybills(vehicle_id: str, carrier_id: str, case: Case, truck: Truck) -> list[Waybill]:
    given = {
        "vehicle_id": vehicle_id, "plate": truck.vehicle.get("plate", plate_of(vehicle_id)),
        "plate_colour": truck.vehicle.get("plate_colour", "yellow"),
        "trailer_plate": truck.vehicle.get("trailer_plate", ""), "carrier_id": carrier_id,
        "driver_id": f"D-{vehicle_id}", "driver_name": "张伟", "escort_id": f"E-{vehicle_id}",
        "escort_name": "李强", **_PETROL, "quantity_t": 28.0, "consignor": "甲化工厂（示例）",
        "consignee": "乙化工厂（示例）", "origin": "plant.a", "destination": "plant.b",
        "valid_from": case.start - _BEFORE, "valid_to": case.start + _AFTER,
    }  # fmt: skip
    numbered = enumerate(truck.waybills, 1)
    return [
        Waybill(**_with({**given, "waybill_no": f"W{number}-{vehicle_id}"}, row, case))
        for number, row in numbered
    ]


def _permit(vehicle_id: str, number: int, row: Row, case: Case) -> Permit:
    given = {
        "permit_no": f"P{'' if number == 1 else number}-{vehicle_id}", "vehicle_id": vehicle_id,
        "roads": (), "valid_from": SINCE, "valid_to": case.start + timedelta(days=90),
    }  # fmt: skip
    said = _with(given, row, case)
    kinds = {
        "kind": PermitKind(said.get("kind", PermitKind.ROADS)),
        "state": PermitState(said.get("state", PermitState.ACTIVE)),
    }
    return Permit(**{**said, **kinds})


def _entry(vehicle_id: str, number: int, row: Row, case: Case) -> BlacklistEntry:
    kind = BlacklistKind(row["kind"])
    subject = f"C-{vehicle_id}" if kind is BlacklistKind.ENTERPRISE else _KINDS[kind] + vehicle_id
    given = {
        "entry_id": f"B{number}-{vehicle_id}", "subject_id": subject, "reason": "示例", "valid_from": SINCE,
    }  # fmt: skip
    return BlacklistEntry(**{**_with(given, row, case), "kind": kind})


def _people(vehicle_id: str, carrier_id: str, case: Case, truck: Truck) -> list[Person]:
    people: Iterable[tuple[str, str, str, Row | None]] = (
        ("D-", "张伟", "may_drive", truck.driver),
        ("E-", "李强", "may_escort", truck.escort),
    )
    given = {"carrier_id": carrier_id, "valid_from": SINCE, "valid_to": case.start + _YEARS}
    return [
        Person(**_with({
            **given, "person_id": letter + vehicle_id, "name": name, may: True,
            "certificate_no": f"{letter}330211-{vehicle_id}",
        }, {**row, "code": SafetyCode(row.get("code", SafetyCode.BLUE))}, case))
        for letter, name, may, row in people
        if row is not None
    ]  # fmt: skip


def _carrier(carrier_id: str, case: Case, truck: Truck) -> Carrier:
    given = {name: getattr(CARRIER, name) for name in Carrier.__dataclass_fields__}
    return Carrier(
        **_with({**given, "carrier_id": carrier_id, "licence_no": f"L-{carrier_id}"}, truck.carrier, case)
    )


def _with(given: Mapping[str, Any], said: Row, case: Case) -> dict[str, Any]:
    """What is said before what is given; ``…_s`` names a time in seconds of the script."""
    times = {
        name[:-2]: case.start + timedelta(seconds=value)
        for name, value in said.items()
        if name.endswith("_s")
    }
    plain = {name: value for name, value in said.items() if not name.endswith("_s")}
    return {**given, **plain, **times}
