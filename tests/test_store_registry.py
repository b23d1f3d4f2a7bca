"""A world into the database and back, its version, and what is refused."""

import dataclasses
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from shapely.geometry import LineString, Polygon

from hazmat.documents import BlacklistEntry, BlacklistKind, Permit, Vehicle, Waybill
from hazmat.geofences import Direction, FenceKind, Geofence, Lanes, RoadClass
from hazmat.registry import World
from hazmat.schedule import Schedule
from hazmat.store.registry import import_world, load_registry, registry_version

AT = datetime(2026, 3, 2, 8, 30, 0, 125000, tzinfo=UTC)
DAY = timedelta(days=1)
VEHICLE = Vehicle(
    vehicle_id="v1", plate="浙B·A1234挂", carrier_id="c1", carrier_name="甬'化\"运",
    hazard_classes=("3", "8"), tank_media=("1203",),
)  # fmt: skip
WAYBILL = Waybill(
    waybill_no="w1", vehicle_id="v1", plate="浙B·A1234挂", carrier_id="c1", driver_id="d1", driver_name="王",
    un_no="1203", goods_name="汽油", hazard_class="3", quantity_t=0.1 + 0.2, consignor="a", consignee="b",
    origin="x", destination="y", route_id="r1", valid_from=AT - DAY, valid_to=AT + DAY,
)  # fmt: skip
PERMIT = Permit(
    permit_no="p1", vehicle_id="v1", roads=("r1", "r2"), schedule=Schedule(1320, 360, (5, 6)),
    hazard_classes=("3",), valid_from=AT - DAY, valid_to=AT + DAY,
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
WORLD = World((VEHICLE,), (WAYBILL,), (PERMIT,), (ENTRY,), (ROAD, AREA))


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
    merged = World((repainted, second), (WAYBILL,), (PERMIT,), (ENTRY,), (ROAD, AREA, new_area))
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
        (World(fences=(dataclasses.replace(ROAD, speed_limit_kmh=500.0),)), "fences_speed_limit_kmh_check"),
    ],
)
def test_an_impossible_world_is_refused_as_a_whole(any_database: str, world: World, says: str) -> None:
    import_world(any_database, WORLD)
    with pytest.raises(ValueError, match=says):
        import_world(any_database, world)
    assert load_registry(any_database, AT).world == WORLD
