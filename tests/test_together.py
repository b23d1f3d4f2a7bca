"""Rules about several vehicles at once: they fire, and near misses do not."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from hazmat.alerts import AlertState
from hazmat.documents import HAZARD_CLASSES
from hazmat.position import Positions
from hazmat.registry import Registry
from rules.incompatible import incompatible
from tests.convoy import (
    FAR_SIDE_Y,
    Judged,
    classes,
    crowd,
    following,
    found,
    merged,
    park,
    parked,
    rules_of,
    town_with_park,
    truck,
    with_tunnel,
)  # fmt: skip
from tests.town import FENCES, NOON, TRUNK_Y, town


def test_two_too_close_are_told_once_with_their_distance() -> None:
    (alert,) = found(following(49.0), town(2))
    assert (alert.rule_id, alert.vehicle_id, alert.object_id) == ("too_close", "T000", "T001")
    assert alert.fired_at - alert.opened_at == timedelta(seconds=120)
    assert alert.value == pytest.approx(1.0, abs=0.1)
    assert alert.evidence["apart_m"] == pytest.approx(49.0, abs=0.1)
    assert alert.evidence["other_plate"] == "浙B00001"
    assert alert.evidence["limit_apart_m"] == 50.0


@pytest.mark.parametrize("step_s", [1.0, 10.0, 25.0])
def test_near_and_not_near_at_any_interval(step_s: float) -> None:
    assert rules_of(following(49.0, 400, step_s=step_s), town(2)) == ["too_close"]
    assert rules_of(following(51.0, 400, step_s=step_s), town(2)) == []


def test_too_close_wants_two_minutes() -> None:
    """From a tick to 119 s and 121 s after it: the fix at the end is far away again."""
    for seconds, rules in ((119.0, []), (121.0, ["too_close"])):
        t_s = np.arange(26.0, 300.0)  # received a second later: the tick at 30 s sees what was at 28 s
        away = np.where((t_s >= 28) & (t_s < 28 + seconds), 40.0, 140.0)
        x_m = 1500 + 10.0 * t_s
        same = {"speed_kmh": 36.0, "heading_deg": 90.0, "y_m": TRUNK_Y}
        both = merged(truck(0, t_s, x_m=x_m, **same), truck(1, t_s, x_m=x_m + away, **same))
        assert rules_of(both, town(2)) == rules, seconds


@pytest.mark.parametrize(
    "miss",
    [
        {"load": 0},
        {"heading_deg": 270.0, "x_m": 1549.0 - 10.0 * np.arange(31.0) * 10},
        {"y_m": TRUNK_Y + 60.0},
    ],
)
def test_not_too_close(miss: dict[str, Any]) -> None:
    assert rules_of(following(20.0, **miss), town(2)) == []


def test_opposite_ways_are_not_too_close_however_long_they_are_near() -> None:
    """Not a way to drive, but proof that it is the direction that decides."""
    t_s = np.arange(0.0, 301.0, 10.0)
    wiggle = np.where(np.arange(31) % 2, 5.0, 0.0)  # too short a step to tell a course
    one = truck(0, t_s, x_m=2000 + wiggle, speed_kmh=30.0, heading_deg=90.0, y_m=TRUNK_Y)
    for heading, rules in ((120.0, ["too_close"]), (140.0, []), (270.0, [])):
        other = truck(1, t_s, x_m=2020 + wiggle, speed_kmh=30.0, heading_deg=heading, y_m=TRUNK_Y)
        assert rules_of(merged(one, other), town(2)) == rules


def test_a_queue_is_not_too_close() -> None:
    assert rules_of(following(20.0, kmh=18.0), town(2)) == []
    t_s = np.arange(0.0, 601.0, 10.0)
    stop_and_go = np.where(np.arange(61) % 9 < 4, 25.0, 5.0)  # 40 s on, 50 s off
    x_m = 1500 + np.cumsum(stop_and_go / 3.6 * 10)
    same = {"speed_kmh": stop_and_go, "heading_deg": 90.0, "y_m": TRUNK_Y}
    assert (
        rules_of(merged(truck(0, t_s, x_m=x_m, **same), truck(1, t_s, x_m=x_m + 20, **same)), town(2)) == []
    )


def test_in_a_tunnel_the_distance_is_twice_as_long() -> None:
    for apart_m, rules in ((51.0, ["too_close"]), (99.0, ["too_close"]), (101.0, [])):
        assert rules_of(following(apart_m), with_tunnel(town(2))) == rules
    (alert,) = found(following(90.0), with_tunnel(town(2)))
    assert alert.evidence["in_tunnel"] is True


def test_too_close_clears_and_cools_down() -> None:
    t_s = np.arange(0.0, 1500.0, 10.0)
    x_m = 1500 + 4.0 * t_s
    near = (t_s < 300) | ((t_s >= 500) & (t_s < 800))
    away = np.where(near, 40.0, 150.0)
    same = {"speed_kmh": 25.0, "heading_deg": 90.0, "y_m": TRUNK_Y}
    both = merged(truck(0, t_s, x_m=x_m, **same), truck(1, t_s, x_m=x_m + away, **same))
    (alert,) = found(both, town(2))
    assert alert.state is AlertState.RESOLVED
    assert alert.resolved_at is not None
    assert timedelta(seconds=60) <= alert.resolved_at - alert.last_hit_at <= timedelta(seconds=120)


def test_a_pair_that_falls_silent_ends_by_a_gap() -> None:
    (alert,) = found(following(40.0), town(2), until_s=1500)
    assert (alert.state, alert.end_reason) == (AlertState.RESOLVED, "gap")
    assert alert.resolved_at is not None
    assert alert.resolved_at - NOON < timedelta(seconds=450)


def test_a_gathering_is_one_alert_with_its_members() -> None:
    (alert,) = found(crowd(6), town(6))
    assert (alert.rule_id, alert.vehicle_id, alert.value) == ("gathering", "T000", 6.0)
    assert alert.fired_at - alert.opened_at == timedelta(seconds=600)
    assert alert.evidence["count"] == 6
    assert str(alert.evidence["members"]).count("浙B") == 6


@pytest.mark.parametrize(
    ("count", "more"),
    [
        (5, {}),
        (6, {"seconds": 590.0}),
        (6, {"load": 0}),
        (6, {"apart_m": 160.0}),  # nobody has five others within 300 m
        (6, {"speed_kmh": 30.0}),  # traffic
    ],
)
def test_not_a_gathering(count: int, more: dict[str, Any]) -> None:
    assert rules_of(crowd(count, **more), town(6)) == []


def test_trucks_at_rest_that_report_seldom_still_gather() -> None:
    seldom = [
        truck(n, np.arange(0.0, 2401.0, 300.0) + 7 * n, x_m=2000 + 20 * n, y_m=FAR_SIDE_Y, speed_kmh=0.0)
        for n in range(6)
    ]
    (alert,) = found(merged(*seldom), town(6))
    assert alert.state is AlertState.FIRING
    (alert,) = found(merged(*seldom), town(6), until_s=2400 + 3600)
    assert alert.state is AlertState.RESOLVED


def test_a_gathering_in_a_plant_is_none() -> None:
    inside = merged(*(parked(n, 700, 7100 + 20 * n, 5000.0) for n in range(8)))
    assert rules_of(inside, town(8)) == []


def test_a_gathering_stays_the_same_alert_when_its_members_change() -> None:
    """The first one leaves, two others come: the alert keeps its vehicle and its place."""
    stay = [parked(n, 1500, 2000 + 20 * n) for n in range(1, 7)]
    leaves = parked(0, 900, 2000)
    gone = truck(0, np.array([960.0]), x_m=4000.0, y_m=FAR_SIDE_Y, speed_kmh=0.0)
    late = [parked(n, 1500, 2100 + 20 * n).take(np.arange(20, 51)) for n in (7, 8)]
    judged = Judged(town(9)).feed(merged(*stay, leaves, gone, *late))
    (alert,) = judged.together()
    assert (alert.vehicle_id, alert.state, alert.value) == ("T000", AlertState.FIRING, 9.0)


def test_two_gatherings_apart_are_two() -> None:
    both = merged(crowd(6), *(parked(n, 700, 5000 + 20.0 * n) for n in range(6, 12)))
    assert [alert.vehicle_id for alert in found(both, town(12))] == ["T000", "T006"]


def test_a_park_over_its_capacity() -> None:
    inside = merged(*(parked(n, 700, 7100 + 60 * n, 5000.0, load=n % 3) for n in range(4)))
    (alert,) = found(inside, town_with_park(4, 3))
    assert (alert.rule_id, alert.object_id, alert.vehicle_id, alert.value) == (
        "park_full",
        "park",
        "T000",
        4.0,
    )
    assert (alert.evidence["capacity"], alert.evidence["count"]) == (3, 4)
    assert rules_of(inside, town_with_park(4, 4)) == []
    assert rules_of(inside, town_with_park(4, None)) == []


def test_a_park_is_not_full_of_trucks_that_drive_through_or_stay_outside() -> None:
    t_s = np.arange(0.0, 701.0, 30.0)
    through = truck(3, t_s, x_m=7100 + t_s / 2, y_m=5000.0, speed_kmh=30.0)
    outside = parked(4, 700, 7100, 5400.0)
    inside = [parked(n, 700, 7100 + 60 * n, 5000.0) for n in range(3)]
    assert rules_of(merged(*inside, through, outside), town_with_park(5, 3)) == []


def test_incompatible_goods_side_by_side() -> None:
    def pair(apart_m: float = 49.0, seconds: float = 400.0, **second: Any) -> Positions:
        one = parked(0, seconds, 7100, FAR_SIDE_Y)
        return merged(one, parked(1, seconds, 7100 + apart_m, **{"y_m": FAR_SIDE_Y, **second}))

    (alert,) = found(pair(), classes("3", "5.1"))
    assert (alert.rule_id, alert.vehicle_id, alert.object_id) == ("incompatible_parked", "T000", "T001")
    assert alert.fired_at - alert.opened_at == timedelta(seconds=300)
    assert (alert.evidence["hazard_class"], alert.evidence["other_hazard_class"]) == ("3", "5.1")
    assert rules_of(pair(), classes("3", "8")) == []
    for miss in ({"apart_m": 51.0}, {"seconds": 290.0}, {"load": 0}):
        assert rules_of(pair(**miss), classes("3", "5.1")) == []


def test_bays_of_a_plant_are_its_own_affair_and_a_park_is_not() -> None:
    pair = merged(parked(0, 400, 7100, 5000.0), parked(1, 400, 7130, 5000.0))
    assert rules_of(pair, classes("3", "5.1")) == []
    fences = tuple(park(None) if each.fence_id == "plant" else each for each in FENCES)
    as_park = Registry(replace(classes("3", "5.1").world, fences=fences), 1)
    assert rules_of(pair, as_park) == ["incompatible_parked"]


def test_the_table_of_classes_reads_the_same_both_ways() -> None:
    number = np.arange(len(HAZARD_CLASSES))
    one, other = np.meshgrid(number, number)
    table = incompatible(one.ravel(), other.ravel()).reshape(one.shape)
    np.testing.assert_array_equal(table, table.T)
    assert not table.diagonal().any()
    assert not incompatible(np.array([-1, 9]), np.array([13, -1])).any()
    bad = {(HAZARD_CLASSES[a], HAZARD_CLASSES[b]) for a, b in zip(*np.nonzero(table), strict=True)}
    assert ("3", "5.1") in bad
    assert ("4.3", "8") in bad
    assert ("3", "9") not in bad
