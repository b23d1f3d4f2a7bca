"""The registry in a world's files: every field comes back, and rows that contradict are refused by name."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hazmat.clock import SHANGHAI
from hazmat.documents import Carrier, Permit, PermitKind, PermitState, Person, SafetyCode, Vehicle, Waybill
from hazmat.registry import World
from hazmat.rule_settings import RuleSetting
from hazmat.schedule import Holidays, Schedule
from ingest.simulator.world import make_world
from ingest.world import WorldError, load_world, save_world, world_faults

AT = datetime(2026, 3, 16, 9, tzinfo=SHANGHAI)


def rich_world() -> World:
    world = make_world(3, 1, AT)
    vehicles = tuple(
        replace(
            vehicle, trailer_plate="浙B1234挂", has_load_sensor=False, approved_load_t=28.0,
            tank_temp_min_c=-5.0, inspection_valid_to=AT,
        )
        for vehicle in world.vehicles
    )  # fmt: skip
    permit = replace(
        world.permits[0], kind=PermitKind.TOXIC, state=PermitState.REVOKED, un_nos=("UN1098",),
        max_load_t=20.0, schedule=Schedule(360, 1200, (1, 2, 3), Holidays.ONLY),
    )  # fmt: skip
    later = AT + timedelta(days=1)
    person = Person(
        person_id="P1", name="王", carrier_id="C001", certificate_no="Z1", may_drive=True,
        code=SafetyCode.RED, valid_from=AT, valid_to=later,
    )  # fmt: skip
    carrier = Carrier(
        carrier_id="C001", name="甬", licence_no="L1", hazard_classes=("3",), valid_from=AT, valid_to=later
    )
    settings = (
        RuleSetting(rule_id="overspeed", valid_from=AT, valid_to=later, hold_s=0.0, note="示例"),
        RuleSetting(rule_id="overspeed", valid_from=later, limits={"expressway_kmh": 70.0}, enabled=False),
    )
    return replace(
        world, vehicles=vehicles, permits=(permit, *world.permits[1:]), people=(person,), carriers=(carrier,),
        rule_settings=settings, holidays=(date(2026, 10, 1), date(2026, 10, 2)),
    )  # fmt: skip


def test_every_field_of_the_registry_comes_back(tmp_path: Path) -> None:
    world = rich_world()
    save_world(world, tmp_path)
    assert load_world(tmp_path) == world


def refused(world: World, folder: Path) -> str:
    save_world(world, folder)
    with pytest.raises(WorldError) as error:
        load_world(folder)
    return str(error.value)


@pytest.mark.parametrize(
    ("table", "change", "fault"),
    [
        (
            "vehicles",
            {"plate": "浙B-B 0000"},
            r"vehicles[1] (T1): plate, plate_colour: same as vehicles[0] (T0)",
        ),
        ("waybills", {"vehicle_id": "T9"}, "waybills[1] (W1): vehicle_id: no row of vehicles is T9"),
        ("permits", {"vehicle_id": "T9"}, "permits[1] (P1): vehicle_id: no row of vehicles is T9"),
        ("permits", {"permit_no": "P0"}, "permits[1] (P0): permit_no: same as row 0"),
        ("people", {"person_id": "D0"}, "people[1] (D0): person_id: same as row 0"),
        ("people", {"certificate_no": "Z0"}, "people[1] (D1): certificate_no: same as people[0] (D0)"),
        ("carriers", {"licence_no": "L0"}, "carriers[1] (C1): licence_no: same as carriers[0] (C0)"),
        (
            "rule_settings",
            {"valid_from": AT + timedelta(hours=1)},
            "rule_settings[1] (overspeed): valid_from: rule_settings[0] (overspeed) is in force then",
        ),
        ("rule_settings", {"rule_id": "underspeed"}, "rule_settings[1] (underspeed): rule_id: no such rule"),
        ("rule_settings", {"limits": {"warp": 9.0}}, "rule_settings[1] (overspeed): limits: no such limit"),
        ("rule_settings", {"hold_s": 999.0, "hold_fixes": 1}, "rule_settings[1] (overspeed): "),
    ],
)
def test_rows_that_contradict_are_refused_by_name(
    tmp_path: Path, table: str, change: dict[str, Any], fault: str
) -> None:
    world = pair_world()
    assert world_faults(world) == ()
    rows = list(getattr(world, table))
    rows[1] = replace(rows[1], **change)
    assert fault in refused(replace(world, **{table: tuple(rows)}), tmp_path)


def pair_world() -> World:
    day, later = timedelta(days=1), AT + timedelta(days=1)
    span: dict[str, Any] = {"valid_from": AT, "valid_to": later}
    return World(
        vehicles=tuple(
            Vehicle(vehicle_id=f"T{n}", plate=f"浙BB000{n}", carrier_id="C0", carrier_name="甬")
            for n in range(2)
        ),
        waybills=tuple(
            Waybill(
                waybill_no=f"W{n}", vehicle_id="T0", plate="浙BB0000", carrier_id="C0", driver_id="D0",
                driver_name="王", un_no="UN1203", goods_name="汽油", hazard_class="3", quantity_t=20.0,
                consignor="甲", consignee="乙", origin="x", destination="y", valid_from=AT, valid_to=later,
            )
            for n in range(2)
        ),
        permits=tuple(
            Permit(permit_no=f"P{n}", vehicle_id="T0", roads=("r",), valid_from=AT, valid_to=later)
            for n in range(2)
        ),
        people=tuple(
            Person(person_id=f"D{n}", name="王", carrier_id="C0", certificate_no=f"Z{n}", **span)
            for n in range(2)
        ),
        carriers=tuple(Carrier(carrier_id=f"C{n}", name="甬", licence_no=f"L{n}", **span) for n in range(2)),
        rule_settings=(
            RuleSetting(rule_id="overspeed", valid_from=AT, valid_to=later),
            RuleSetting(rule_id="overspeed", valid_from=later, valid_to=later + day),
        ),
    )  # fmt: skip


def test_a_negative_hold_and_a_strange_holiday_are_named(tmp_path: Path) -> None:
    save_world(rich_world(), tmp_path)
    tables = json.loads((tmp_path / "registry.json").read_bytes())
    tables["rule_settings"][0]["hold_s"] = -1
    tables["rule_settings"][1]["limits"] = {"expressway_kmh": "fast"}
    tables["vehicles"][0]["approved_load_t"] = 0
    tables["holidays"][0] = "soon"
    (tmp_path / "registry.json").write_text(json.dumps(tables))
    with pytest.raises(WorldError) as error:
        load_world(tmp_path)
    text = "\n".join(error.value.faults)
    assert len(error.value.faults) == 4, text
    for part in (
        "hold_s: must be 0 or more",
        "limits",
        "approved_load_t: must be greater than 0",
        "holidays:",
    ):
        assert part in text
