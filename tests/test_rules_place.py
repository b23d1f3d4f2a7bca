"""Rules about corridors and areas: each fires, nearly fires, and clears."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from hazmat.alerts import AlertState, Severity
from hazmat.geofences import Direction, FenceKind
from hazmat.schedule import Schedule
from tests.drives import MORE, ROUTED, along, box, drive, line, place_town, same, told
from tests.town import FENCES, NOON, TRUNK_Y, fence, permit, positions, town, waybill

# corridors


def test_off_corridor_is_one_alert_though_the_fixes_jitter_at_the_edge() -> None:
    registry = place_town(waybill(0, **ROUTED))
    x_m = along(1500, 4500, 40)
    y_m = TRUNK_Y + np.where(np.arange(len(x_m)) % 9 < 7, 58.0, 53.0)  # 53: beyond the 50, within the error
    (alert,) = told(drive(x_m, y_m), registry, "off_corridor")
    assert (alert.state, alert.object_id) == (AlertState.FIRING, "route")
    back = np.append(y_m, [TRUNK_Y] * 4)
    (alert,) = told(drive(np.append(x_m, x_m[-1] + along(100, 544, 40)), back), registry, "off_corridor")
    assert alert.state is AlertState.RESOLVED


def test_off_corridor_far_away_is_off_too() -> None:
    registry = place_town(waybill(0, **ROUTED))
    (alert,) = told(drive(along(1500, 3500, 60), TRUNK_Y - 2500), registry, "off_corridor")
    assert alert.value == pytest.approx(2450, abs=5)


def test_route_order_counts_the_way_back_since_the_turn() -> None:
    registry = place_town(waybill(0, **ROUTED))
    out, back = along(1500, 4000), along(4000, 2000)
    (alert,) = told(drive(np.r_[out, back]), registry, "route_order")
    assert alert.severity is Severity.YELLOW
    turned = len(out) * 10
    assert alert.opened_at == NOON + timedelta(seconds=turned + 40)  # 556 m back
    assert alert.fired_at == NOON + timedelta(seconds=turned + 100)
    assert alert.value == pytest.approx(1944, abs=60)
    forward = along(2000, 2700)
    (alert,) = told(drive(np.r_[out, back, forward]), registry, "route_order")
    assert alert.state is AlertState.RESOLVED


def test_route_order_near_misses() -> None:
    registry = place_town(waybill(0, **ROUTED))
    short = np.r_[along(1500, 4000), along(4000, 3510), along(3510, 5000)]
    assert told(drive(short), registry, "route_order") == []
    assert told(drive(along(4000, 2000), load=0), registry, "route_order") == []
    to_and_fro = np.r_[along(1500, 2000), np.tile([2000.0, 1700.0, 1850.0], 20)]
    assert told(drive(to_and_fro), registry, "route_order") == []


def test_a_line_serves_both_ways_and_the_waybill_says_which() -> None:
    return_trip = {"route_id": "route", "origin": "plant", "destination": "gate"}
    assert told(drive(along(6500, 4000)), place_town(waybill(0, **return_trip)), "route_order") == []
    assert told(drive(along(4000, 6500)), place_town(waybill(0, **return_trip)), "route_order") != []
    nobody_knows = place_town(waybill(0, route_id="route"))
    assert told(drive(along(6500, 4000)), nobody_knows, "route_order") == []
    backward = tuple(
        replace(f, direction=Direction.BACKWARD) if f.fence_id == "route" else f for f in (*FENCES, *MORE)
    )
    assert told(drive(along(6500, 4000)), town(fences=backward, waybills=(waybill(0, route_id="route"),)),
                "route_order") == []  # fmt: skip


def test_where_a_route_meets_itself_no_order_is_judged() -> None:
    there_and_back = fence(
        "loop", FenceKind.CORRIDOR, line((0, 3000), (9000, 3000), (9000, 3020), (0, 3020)),
        half_width_m=50.0, direction=Direction.FORWARD,
    )  # fmt: skip
    registry = place_town(waybill(0, route_id="loop"), fences=(there_and_back,))
    x_m = np.r_[along(1500, 5000), along(5000, 1500)]
    assert told(drive(x_m, 3005.0), registry, "route_order") == []


def test_corridor_edge_warns_of_drifting_out_not_of_driving_beside() -> None:
    registry = place_town(waybill(0, **ROUTED))
    x_m = along(1500, 3500, 40)
    drift = np.minimum(np.arange(len(x_m)) * 4.0, 49.0)
    (warning,) = told(drive(x_m, TRUNK_Y + drift), registry, "corridor_edge")
    assert warning.severity is Severity.BLUE
    assert 35.0 < warning.value < 49.1
    for beside in (np.minimum(drift, 34.0), np.full(len(x_m), 45.0), -drift[::-1]):
        assert told(drive(x_m, TRUNK_Y + beside), registry, "corridor_edge") == []


# areas


def test_one_alert_of_a_truck_that_waits_at_the_edge_of_a_barred_area() -> None:
    y_m = 6106.0 + np.tile([0.0, 2.0, -4.0, -3.0], 15)  # in by 2 to 8 m, accuracy 5 m
    (alert,) = told(drive(same(5500, 60), y_m, load=0, speed_kmh=0.0), place_town(), "barred_area")
    assert alert.state is AlertState.FIRING
    y_m = np.r_[y_m, np.full(4, 6096.0)]  # 4 m outside: still within the error
    (alert,) = told(drive(same(5500, 64), y_m, load=0, speed_kmh=0.0), place_town(), "barred_area")
    assert alert.state is AlertState.FIRING
    y_m = np.r_[y_m, np.full(4, 6080.0)]
    (alert,) = told(drive(same(5500, 68), y_m, load=0, speed_kmh=0.0), place_town(), "barred_area")
    assert alert.state is AlertState.RESOLVED


@pytest.mark.parametrize(
    ("hours", "fires"),
    [("12:00-13:00", True), ("11:00-12:01", True), ("12:02-13:00", False), ("11:00-12:00", False)],
)
def test_a_crossing_counts_if_the_hours_ran_while_it_was_inside(hours: str, fires: bool) -> None:
    # 3200 m to 4400 m in a minute, 12:00:30 to 12:01:30; inside from 3500 to 4100 m: 12:00:45 to 12:01:15
    strip = fence("strip", FenceKind.BARRED_AREA, box(3500, 2500, 4100, 3500), schedule=Schedule.parse(hours))
    leap = positions(
        t_s=[30.0, 90.0], x_m=[3200.0, 4400.0], y_m=3000.0, speed_kmh=72.0, heading_deg=90.0, load=0
    )
    found = told(leap, place_town(fences=(strip,)), "barred_area")
    assert [alert.object_id for alert in found] == ["strip"] * fires


def test_barred_area_ahead_along_the_road() -> None:
    registry = place_town()
    (warning,) = told(drive(along(7800, 8570, 45)), registry, "barred_area_ahead")
    assert (warning.object_id, warning.severity) == ("market", Severity.BLUE)
    assert warning.opened_at == NOON + timedelta(seconds=30)  # at 8175 m: 425 m to go
    assert warning.value == pytest.approx(425, abs=1)
    assert told(drive(along(7600, 8090, 45)), registry, "barred_area_ahead") == []
    assert told(drive(along(8590, 7900, 45)), registry, "barred_area_ahead") == []  # away from it
    assert told(drive(along(8300, 8350, 15)), registry, "barred_area_ahead") == []  # more than a minute
    opened = place_town(permits=(permit(0, "market"),))
    assert told(drive(along(7800, 8570, 45)), opened, "barred_area_ahead") == []


def test_barred_area_ahead_across_open_land_and_in_force_on_arrival() -> None:
    registry = place_town()
    y_m = along(5400, 6080, 60)
    x_m = same(5700, len(y_m))
    north: dict[str, Any] = {"y_m": y_m, "load": 0}
    (warning,) = told(drive(x_m, **north), registry, "barred_area_ahead")
    assert warning.object_id == "old_town"
    assert told(drive(x_m - 1000, **north), registry, "barred_area_ahead") == []  # heads past it
    late = tuple(
        replace(f, schedule=Schedule.parse("12:01-13:00")) if f.fence_id == "old_town" else f for f in FENCES
    )
    y_m = along(5000, 6080, 60)  # there at 12:01:06
    (warning,) = told(drive(same(5700, len(y_m)), y_m), town(fences=late), "barred_area_ahead")
    assert warning.fired_at < NOON + timedelta(minutes=1)
    early = tuple(
        replace(f, schedule=Schedule.parse("11:00-12:00")) if f.fence_id == "old_town" else f for f in FENCES
    )
    assert told(drive(x_m, **north), town(fences=early), "barred_area_ahead") == []


def test_sensitive_site_is_told_of_staying_not_of_passing() -> None:
    registry = place_town()
    stop = np.r_[along(1700, 2550), same(2550, 20), along(2550, 3500)]
    (alert,) = told(drive(stop), registry, "sensitive_site")
    assert (alert.object_id, alert.state) == ("clinic", AlertState.RESOLVED)
    assert alert.fired_at - alert.opened_at == timedelta(seconds=120)
    for miss in (
        drive(along(1700, 3500, 30)),
        drive(np.r_[along(1700, 2550), same(2550, 11), along(2550, 3500)]),
        drive(stop, load=0),
        drive(np.where(stop > 2000, 2250.0, stop), TRUNK_Y - 95.0),  # 195 m away, 5 m of it error, and beyond
    ):
        assert told(miss, registry, "sensitive_site") == []


def test_sensitive_site_in_its_hours_only() -> None:
    closed = tuple(
        replace(f, schedule=Schedule.parse("07:00-11:00")) if f.fence_id == "clinic" else f for f in MORE
    )
    assert told(drive(same(2550, 30)), town(fences=(*FENCES, *closed)), "sensitive_site") == []
