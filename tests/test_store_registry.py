"""A world into the database and back, its version, and what is refused."""

import dataclasses
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from shapely.geometry import LineString, Polygon

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
from hazmat.geofences import Direction, FenceKind, Geofence, Lanes, RoadClass, TunnelCategory
from hazmat.registry import World
from hazmat.rule_settings import RuleSetting
from hazmat.schedule import Holidays, Schedule
from hazmat.store.registry import import_world, load_registry, registry_version

AT = datetime(2026, 3, 2, 8, 30, 0, 125000, tzinfo=UTC)
DAY = timedelta(days=1)
VEHICLE = Vehicle(
    vehicle_id="v1", plate="浙B·A1234挂", carrier_id="c1", carrier_name="甬'化\"运",
    hazard_classes=("3", "8"), tank_media=("1203",), trailer_plate="浙B1234挂", has_load_sensor=False,
    approved_load_t=23.5, tank_volume_m3=30.1, set_pressure_kpa=150.0, tank_temp_min_c=-20.0,
    tank_temp_max_c=50.0, inspection_valid_to=AT + DAY, tank_inspection_valid_to=AT + 2 * DAY,
)  # fmt: skip
WAYBILL = Waybill(
    waybill_no="w1", vehicle_id="v1", plate="浙B·A1234挂", carrier_id="c1", driver_id="d1", driver_name="王",
    un_no="1203", goods_name="汽油", hazard_class="3", quantity_t=0.1 + 0.2, consignor="a", consignee="b",
    origin="x", destination="y", route_id="r1", trailer_plate="浙B1234挂", planned_stay_h=3.5,
    valid_from=AT - DAY, valid_to=AT + DAY,
)  # fmt: skip
PERMIT = Permit(
    permit_no="p1", vehicle_id="v1", roads=("r1", "r2"), kind=PermitKind.TOXIC, state=PermitState.USED_UP,
    schedule=Schedule(1320, 360, (5, 6), Holidays.NOT), hazard_classes=("3",), un_nos=("UN1098",),
    max_load_t=12.5, valid_from=AT - DAY, valid_to=AT + DAY,
)  # fmt: skip
ENTRY = BlacklistEntry(
    entry_id="b1",
    kind=BlacklistKind.DRIVER,
    subject_id="d1",
    reason="逾期未处理",
    valid_from=AT,
    valid_to=None,
)
ROAD = Geofence(
    fence_id="r1", kind=FenceKind.DESIGNATED_ROAD, name="雄镇路", valid_from=AT - DAY,
    geometry=LineString([(121.1 + 0.2, 29.9), (121.123456789012345, 30.000000000000004)]), valid_to=AT + DAY,
    schedule=Schedule.parse("22:00-06:00", (1, 7)), hazard_classes=("2.1",), loaded_only=True,
    permit_required=True, half_width_m=7.5, lanes=Lanes(count=3, designated=2), direction=Direction.BACKWARD,
    road_class=RoadClass.EXPRESSWAY, speed_limit_kmh=60.0,
)  # fmt: skip
AREA = Geofence(
    fence_id="z1", kind=FenceKind.BARRED_AREA, name="禁行区", valid_from=AT,
    geometry=Polygon([(121, 29), (122, 29), (122, 30)], [[(121.5, 29.1), (121.6, 29.1), (121.6, 29.2)]]),
)  # fmt: skip
TUNNEL = Geofence(
    fence_id="z9", kind=FenceKind.TUNNEL, name="隧道", valid_from=AT - DAY,
    schedule=Schedule(holidays=Holidays.ONLY), tunnel_category=TunnelCategory.D, capacity=12,
    geometry=AREA.geometry,
)  # fmt: skip
DRIVER = Person(
    person_id="d1", name="王", carrier_id="c1", certificate_no="z1", may_drive=True, hazard_classes=("3",),
    code=SafetyCode.YELLOW, valid_from=AT - DAY, valid_to=AT + DAY,
)  # fmt: skip
CARRIER = Carrier(
    carrier_id="c1", name="甬", licence_no="l1", hazard_classes=("3", "8"), valid_from=AT - DAY,
    valid_to=AT + DAY,
)  # fmt: skip
SETTING = RuleSetting(
    rule_id="overspeed", valid_from=AT - DAY, limits={"expressway_kmh": 70.0}, hold_s=20.0, hold_fixes=2,
    enabled=True, note="夏季",
)  # fmt: skip
WORLD = World(
    (VEHICLE,), (WAYBILL,), (PERMIT,), (ENTRY,), (ROAD, AREA, TUNNEL), (DRIVER,), (CARRIER,), (SETTING,),
    (date(2026, 10, 1), date(2026, 10, 2)),
)  # fmt: skip


def test_a_world_comes_back_as_it_was(any_database: str) -> None:
    import_world(any_database, WORLD)
    assert load_registry(any_database, AT).world == WORLD


def test_every_import_raises_the_version(any_database: str) -> None:
    before = registry_version(any_database)
    import_world(any_database, WORLD)
    after = load_registry(any_database, AT).version
    assert after > before
    with psycopg.connect(any_database) as connection:
        assert registry_version(connection) == after
        connection.execute("UPDATE permits SET valid_to = valid_to WHERE permit_no = 'p1'")
        assert registry_version(connection) == after + 1
        assert registry_version(any_database) == after
    assert registry_version(any_database) == after + 1


def test_an_import_replaces_all_or_the_same_keys(any_database: str) -> None:
    import_world(any_database, WORLD)
    repainted = dataclasses.replace(VEHICLE, plate_colour="blue")
    second = dataclasses.replace(VEHICLE, vehicle_id="v2", plate="浙B·B0000")
    new_area = dataclasses.replace(AREA, valid_from=AT + DAY)
    import_world(any_database, World(vehicles=(repainted, second), fences=(new_area,)), replace=False)
    merged = dataclasses.replace(WORLD, vehicles=(repainted, second), fences=(ROAD, AREA, new_area, TUNNEL))
    assert load_registry(any_database, AT).world == merged
    import_world(any_database, World(vehicles=(second,)))
    assert load_registry(any_database, AT).world == World(vehicles=(second,))


def test_papers_long_expired_stay_in_the_database(any_database: str) -> None:
    import_world(any_database, WORLD)
    assert load_registry(any_database, AT + 8 * DAY).world.waybills == ()
    assert load_registry(any_database, AT + 8 * DAY, days=9).world == WORLD
    assert load_registry(any_database, AT + 7.9 * DAY).world.waybills == (WAYBILL,)


@pytest.mark.parametrize(
    ("world", "says"),
    [
        (World(vehicles=(VEHICLE, VEHICLE)), "vehicle_id.*v1.*already exists"),
        (World(vehicles=(dataclasses.replace(VEHICLE, vehicle_id="x" * 33),)), "vehicles_vehicle_id_check"),
        (World(waybills=(dataclasses.replace(WAYBILL, quantity_t=-1.0),)), "waybills_quantity_t_check"),
        (World(waybills=(dataclasses.replace(WAYBILL, quantity_t=float("nan")),)), "row 0, Waybill.*w1"),
        (World(waybills=(dataclasses.replace(WAYBILL, valid_to=WAYBILL.valid_from),)), "waybills_check"),
        (World(people=(DRIVER, DRIVER)), "person_id.*d1.*already exists"),
        (World(rule_settings=(dataclasses.replace(SETTING, hold_s=-1.0),)), "rule_settings_hold_s_check"),
        (World(fences=(dataclasses.replace(TUNNEL, capacity=0),)), "fences_capacity_check"),
        (World(fences=(dataclasses.replace(ROAD, speed_limit_kmh=500.0),)), "fences_speed_limit_kmh_check"),
    ],
)
def test_an_impossible_world_is_refused_as_a_whole(any_database: str, world: World, says: str) -> None:
    import_world(any_database, WORLD)
    with pytest.raises(ValueError, match=says):
        import_world(any_database, world)
    assert load_registry(any_database, AT).world == WORLD


@pytest.mark.parametrize("kind", list(BlacklistKind))
def test_every_kind_of_blacklist_entry_is_kept(any_database: str, kind: BlacklistKind) -> None:
    world = World(blacklist=(dataclasses.replace(ENTRY, kind=kind),))
    import_world(any_database, world)
    assert load_registry(any_database, AT).world == world


@pytest.mark.parametrize("table", ["people", "carriers", "rule_settings", "holidays"])
def test_a_change_by_hand_raises_the_version(any_database: str, table: str) -> None:
    import_world(any_database, WORLD)
    before = registry_version(any_database)
    with psycopg.connect(any_database) as connection:
        connection.execute(psycopg.sql.SQL("DELETE FROM {}").format(psycopg.sql.Identifier(table)))
    assert registry_version(any_database) == before + 1


def test_a_limit_that_is_no_number_names_its_rule(any_database: str) -> None:
    import_world(any_database, WORLD)
    with psycopg.connect(any_database) as connection:
        connection.execute("""UPDATE rule_settings SET limits = '{"expressway_kmh": "fast"}'""")
    with pytest.raises(ValueError, match=r"rule_settings \(overspeed\): limits: expressway_kmh is no number"):
        load_registry(any_database, AT)
