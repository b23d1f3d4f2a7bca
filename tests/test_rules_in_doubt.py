"""Where rules must keep still: doubtful places, odd papers, poor receivers, our own outages."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
import shapely
import shapely.affinity

from hazmat.alerts import AlertState
from hazmat.documents import BlacklistKind
from hazmat.geofences import FenceKind
from hazmat.position import Positions
from ingest.process import process
from rules.memory import Memory
from tests.fold import Fold
from tests.test_rules import at_speeds, found, rules_of, straight
from tests.town import NOON, SIDE_Y, TRUNK_Y, blacklist, fence, positions, town, waybill


def test_papers_valid_for_ever_or_long_since_disturb_nobody() -> None:
    for_ever = waybill(1, valid_to=datetime(9999, 12, 31, tzinfo=UTC))
    long_since = waybill(0, valid_from=datetime(1949, 10, 1, tzinfo=UTC))
    registry = town(3, (long_since, for_ever, waybill(2)))
    for number in range(3):
        assert rules_of(straight(40, 36.0, vehicle_id=f"T{number:03d}".encode()), registry) == []


def test_a_route_that_is_a_ring_or_no_corridor_is_harmless() -> None:
    ring = fence(
        "ring",
        FenceKind.CORRIDOR,
        shapely.LineString([(121.7, 29.9), (121.71, 29.9), (121.71, 29.91), (121.7, 29.9)]),
        half_width_m=50.0,
    )
    for route, rules in (("ring", ["off_corridor"]), ("old_town", []), ("nowhere", [])):
        registry = town(waybills=(waybill(0, route_id=route),), fences=(*town().world.fences, ring))
        assert rules_of(straight(), registry) == rules


def test_a_newer_version_of_a_fence_ends_the_older_one() -> None:
    moved = replace(town().world.fences[-2], valid_from=NOON - timedelta(days=1))
    assert moved.fence_id == "old_town"
    elsewhere = replace(moved, geometry=shapely.affinity.translate(moved.geometry, xoff=0.05))
    inside = straight(steps=4, x_m=5500.0, y_m=6500.0, load=0)
    assert rules_of(inside, town(fences=(*town().world.fences, moved))) == ["barred_area"]
    assert rules_of(inside, town(fences=(*town().world.fences, elsewhere))) == []


def test_our_own_outage_is_no_silence_of_the_trucks() -> None:
    back = NOON + timedelta(minutes=15)
    fold = Fold(town()).feed(straight(3))
    queued = straight(90)
    queued = Positions(
        **queued.columns() | {"received_at": np.full(90, np.datetime64(back.replace(tzinfo=None)))}
    )
    fold.feed(Positions.empty(), back, listening_since=back)
    fold.feed(queued.take(np.arange(3, 90)), back, listening_since=back)
    assert fold.alerts == {}
    fold.feed(Positions.empty(), back + timedelta(seconds=601), listening_since=back)
    assert fold.fired() == [("T000", "silent")]


def test_a_told_silence_ends_with_the_next_message_whatever_the_clock_did() -> None:
    fold = Fold(town()).feed(straight(3)).feed(Positions.empty(), NOON + timedelta(seconds=630))
    fold.feed(positions(t_s=615.0, x_m=3000.0, speed_kmh=50.0, message=3), NOON + timedelta(seconds=630))
    (alert,) = fold.alerts.values()
    assert alert.state is AlertState.RESOLVED
    assert alert.resolved_at == alert.fired_at


def test_a_heartbeat_does_not_unload_a_truck() -> None:
    drive = straight(3, load=-1)
    outcome, memory = process(drive, town(), Memory.empty(), NOON + timedelta(seconds=30))
    assert outcome.last_known.loaded.tolist() == [True]
    heartbeat = positions(t_s=40.0, has_fix=False, load=-1, message=3)
    outcome, _ = process(heartbeat, town(), memory, NOON + timedelta(seconds=41))
    assert outcome.last_known.loaded.tolist() == [True]


def test_a_bend_around_a_barred_area_is_no_crossing() -> None:
    # 20 s apart, 60 km/h, around the corner at (5000, 6100) on a road 35 m outside
    corner = positions(
        t_s=[0.0, 20.0],
        x_m=[4965.0, 5180.0],
        y_m=[6190.0, 6065.0],
        speed_kmh=60.0,
        heading_deg=[180.0, 90.0],
        load=0,
    )
    assert found(corner, town()) == []


def test_after_a_long_gap_the_way_between_is_not_guessed() -> None:
    leap = positions(t_s=[0.0, 240.0], x_m=[4900.0, 6100.0], y_m=6500.0, speed_kmh=18.0, load=0)
    assert found(leap, town()) == []


@pytest.mark.parametrize(
    "near",
    [
        {"x_m": 2020.0, "accuracy_m": 20.0},  # a parallel street within the error
        {"x_m": 2050.0, "accuracy_m": 50.0},
        {"y_m": 3000.0, "x_m": 2005.0, "speed_kmh": 0.0},  # a red light where another road crosses
    ],
)
def test_in_doubt_about_the_road_no_permit_is_asked_for(near: dict[str, Any]) -> None:
    north = {"x_m": 2000.0, "y_m": 1000 + np.arange(8) * 100.0, "heading_deg": 0.0, "load": 0}
    assert rules_of(straight(8, **{"speed_kmh": 36.0, **north, **near}), town()) == []


def test_a_hold_is_unbroken_or_it_is_none() -> None:
    speed = np.full(70, 58.0)
    speed[[0, 30, 60]] = 60.5
    assert rules_of(at_speeds(speed), town()) == []


def test_without_a_designated_road_in_force_nobody_is_off_it() -> None:
    fences = tuple(f for f in town().world.fences if f.kind is not FenceKind.DESIGNATED_ROAD)
    assert rules_of(straight(y_m=SIDE_Y, speed_kmh=36.0), town(fences=fences)) == []


def test_a_road_designated_for_other_goods_does_not_serve() -> None:
    fences = tuple(
        replace(f, hazard_classes=("8",)) if f.kind is FenceKind.DESIGNATED_ROAD else f
        for f in town().world.fences
    )
    assert rules_of(straight(), town(fences=fences)) == ["off_designated_road"]


def test_parked_at_the_plants_edge_within_the_error_is_in_the_plant() -> None:
    at_the_gate = straight(80, 0.0, x_m=7200.0, y_m=5204.0, accuracy_m=8.0)
    assert rules_of(at_the_gate, town()) == []


def test_a_plant_that_was_closed_excuses_no_stop() -> None:
    fences = tuple(
        replace(f, valid_to=NOON - timedelta(days=1)) if f.kind is FenceKind.PLANT else f
        for f in town().world.fences
    )
    in_its_yard = straight(80, 0.0, x_m=7300.0, accuracy_m=8.0)
    assert rules_of(in_its_yard, town()) == []
    assert rules_of(in_its_yard, town(fences=fences)) == ["illegal_stop"]


def test_a_place_from_a_cell_tower_is_not_judged() -> None:
    assert rules_of(straight(4, x_m=5500.0, y_m=6500.0, accuracy_m=2000.0), town()) == []


def test_a_parked_truck_with_a_poor_receiver_makes_one_alert_of_its_stop() -> None:
    rng = np.random.default_rng(5)
    hours = straight(4 * 360, 0.0, x_m=2500 + rng.normal(0, 10, 1440), y_m=TRUNK_Y + rng.normal(0, 3, 1440))
    columns = hours.columns() | {"accuracy_m": np.full(1440, 25.0)}
    assert rules_of(Positions(**columns), town()) == ["illegal_stop"]


def test_silent_in_a_plant_is_at_rest() -> None:
    rolling = straight(3, 8.0, x_m=7300.0, y_m=5000.0)
    assert Fold(town()).feed(rolling).feed(Positions.empty(), NOON + timedelta(hours=1)).alerts == {}


def test_of_unknown_speed_nothing_is_concluded() -> None:
    registry = town(entries=(blacklist("T000", BlacklistKind.VEHICLE),))
    once = positions(t_s=0.0, x_m=3000.0)
    assert Fold(registry).feed(once).feed(Positions.empty(), NOON + timedelta(hours=1)).alerts == {}


def test_barred_hours_that_begin_over_a_truck_in_a_park_are_no_breach() -> None:
    park = fence("park", FenceKind.PARKING, town().world.fences[-2].geometry)
    asleep = straight(4, 0.0, x_m=5500.0, y_m=6500.0)
    assert rules_of(asleep, town(fences=(*town().world.fences, park))) == []


def test_a_terminal_that_always_reports_heading_north_is_on_its_road() -> None:
    assert rules_of(straight(heading_deg=0.0), town()) == []
