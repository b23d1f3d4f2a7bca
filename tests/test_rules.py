"""Every rule: a drive on which it fires, and near misses on which it must not."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from hazmat.alerts import AlertChange, AlertState, EndReason
from hazmat.documents import BlacklistKind
from hazmat.position import Positions
from hazmat.registry import Registry
from hazmat.schedule import Schedule
from rules.catalogue import CATALOGUE
from tests.fold import Fold
from tests.town import (
    EXPRESSWAY_Y,
    NOON,
    SIDE_Y,
    TRUNK_Y,
    blacklist,
    permit,
    positions,
    town,
    waybill,
)


def straight(steps: int = 20, speed_kmh: float = 50.0, step_s: float = 10.0, **more: Any) -> Positions:
    """Eastward from x = 1500 on the trunk road, unless said otherwise."""
    t_s = np.arange(steps) * step_s
    given = {"x_m": 1500 + speed_kmh / 3.6 * t_s, "y_m": TRUNK_Y, "speed_kmh": speed_kmh, "heading_deg": 90.0}
    return positions(t_s=t_s, **{**given, **more})


def found(messages: Positions, registry: Registry) -> list[AlertChange]:
    """Alerts, without what only the driver is told beforehand."""
    alerts = Fold(registry).feed(messages).alerts.values()
    told = (change for change in alerts if not CATALOGUE[change.rule_id].for_driver_only)
    return sorted(told, key=lambda change: change.opened_at)


def rules_of(messages: Positions, registry: Registry) -> list[str]:
    return [change.rule_id for change in found(messages, registry)]


def test_a_clean_drive_raises_nothing() -> None:
    assert rules_of(straight(), town()) == []


def test_off_designated_road() -> None:
    (alert,) = found(straight(y_m=SIDE_Y, speed_kmh=36.0), town())
    assert alert.rule_id == "off_designated_road"
    assert alert.fired_at - alert.opened_at == timedelta(seconds=60)
    assert alert.value == pytest.approx(1000 - 12, abs=2)
    assert alert.evidence["plate"] == "浙B00000"
    assert alert.evidence["road_id"] == "side"


@pytest.mark.parametrize(
    "miss",
    [
        {"load": 0},
        {"y_m": TRUNK_Y + 16.0},  # 4 m beyond the edge, less than the fix may err
        {"x_m": 500.0},  # outside the district
        {"x_m": 7300.0, "y_m": 5100.0},  # in the plant
        {"has_fix": False},
        {"satellites": 3.0},
    ],
)
def test_not_off_designated_road(miss: dict[str, Any]) -> None:
    assert "off_designated_road" not in rules_of(
        straight(**{"y_m": SIDE_Y, "speed_kmh": 36.0, **miss}), town()
    )


def test_off_the_road_for_less_than_the_hold_is_nothing() -> None:
    y_m = np.where(np.arange(20) < 6, SIDE_Y, TRUNK_Y)  # six fixes, 50 s
    assert rules_of(straight(speed_kmh=36.0, y_m=y_m), town()) == []


def test_off_corridor() -> None:
    registry = town(waybills=(waybill(0, route_id="route"),))
    y_m = np.where(np.arange(20) > 4, TRUNK_Y + 200, TRUNK_Y)
    alerts = found(straight(y_m=y_m), registry)
    assert {alert.rule_id for alert in alerts} == {"off_corridor", "off_designated_road"}
    assert {alert.object_id for alert in alerts} == {"route", ""}
    assert "off_corridor" not in rules_of(straight(y_m=TRUNK_Y + 54), registry)  # 4 m beyond, accuracy 5 m
    assert "off_corridor" not in rules_of(straight(y_m=TRUNK_Y + 200, load=0), registry)


def test_off_corridor_is_free_at_the_ends() -> None:
    registry = town(waybills=(waybill(0, route_id="route"),))
    assert rules_of(straight(x_m=100.0, y_m=TRUNK_Y + 120), registry) == []


def test_barred_area_wants_two_fixes_or_a_crossing() -> None:
    inside = {"x_m": 5500.0, "y_m": 6500.0, "load": 0}
    assert rules_of(straight(steps=1, **inside), town()) == []
    (alert,) = found(straight(steps=2, **inside), town())
    assert (alert.rule_id, alert.object_id) == ("barred_area", "old_town")
    edge = {"x_m": 5500.0, "y_m": 6104.0, "load": 0}  # 4 m inside, accuracy 5 m
    assert rules_of(straight(steps=4, **edge), town()) == []


def test_crossing_a_barred_area_between_two_fixes_is_seen() -> None:
    leap = {"t_s": np.array([0.0, 60.0, 70.0]), "speed_kmh": 70.0, "y_m": 6500.0, "load": 0}
    (alert,) = found(positions(x_m=np.array([4900.0, 6100.0, 6300.0]), **leap), town())
    assert (alert.rule_id, alert.fixes) == ("barred_area", 1)
    clipped = positions(x_m=np.array([4900.0, 6100.0, 6300.0]), **{**leap, "y_m": 6097.0})
    assert found(clipped, town()) == []


def test_a_permit_opens_a_barred_area_in_its_hours_and_for_its_goods() -> None:
    inside = straight(steps=4, x_m=5500.0, y_m=6500.0, load=0)
    assert rules_of(inside, town(permits=(permit(0, "old_town"),))) == []
    for wrong in (
        {"schedule": Schedule.parse("13:00-14:00")},
        {"hazard_classes": ("8",)},
        {"valid_to": NOON},
        {"schedule": Schedule.parse(None, (6, 7))},
    ):
        assert rules_of(inside, town(permits=(permit(0, "old_town", **wrong),))) == ["barred_area"]
    assert rules_of(inside, town(permits=(permit(0, "gate_road"),))) == ["barred_area"]


@pytest.mark.parametrize(("hour", "barred"), [(6.98, False), (7.01, True), (8.9, True), (9.01, False)])
def test_a_timed_area_counts_in_its_hours_only(hour: float, barred: bool) -> None:
    at_school = straight(steps=3, x_m=4050.0, load=0)
    shift = np.timedelta64(round((hour - 12) * 3600), "s")
    columns = at_school.columns()
    moved = Positions(**columns | {n: columns[n] + shift for n in ("fix_time", "received_at")})
    assert ("barred_area" in rules_of(moved, town())) is barred


def test_overspeed_by_the_road() -> None:
    (alert,) = found(straight(speed_kmh=66.0), town())
    assert (alert.rule_id, alert.value, alert.fixes) == ("overspeed", 66.0, 20)
    assert alert.evidence["fix_time"] == (NOON + timedelta(seconds=30)).isoformat()
    assert rules_of(straight(speed_kmh=60.0), town()) == []
    assert rules_of(straight(speed_kmh=45.0, y_m=SIDE_Y, load=0), town()) == ["overspeed"]  # posted 40
    assert rules_of(straight(speed_kmh=78.0, y_m=EXPRESSWAY_Y, load=0), town()) == []
    assert rules_of(straight(speed_kmh=83.0, y_m=EXPRESSWAY_Y, load=0), town()) == ["overspeed"]
    assert rules_of(straight(speed_kmh=78.0, y_m=3000.0, load=0), town()) == []  # road unknown: 80


def test_overspeed_clears_only_below_the_limit_by_a_margin() -> None:
    speed = np.r_[np.full(8, 70.0), np.full(8, 58.0), np.full(8, 54.0)]
    (alert,) = found(at_speeds(speed), town())
    assert alert.state is AlertState.RESOLVED
    assert alert.end_reason is EndReason.CLEARED
    assert alert.resolved_at == NOON + timedelta(seconds=170)
    assert alert.last_hit_at == NOON + timedelta(seconds=70)


def at_speeds(speed_kmh: np.ndarray[Any, Any]) -> Positions:
    t_s = np.arange(len(speed_kmh)) * 10.0
    return positions(
        t_s=t_s, x_m=1500 + np.cumsum(speed_kmh / 3.6 * 10), speed_kmh=speed_kmh, heading_deg=90.0
    )


def test_no_waybill_after_the_grace_of_five_minutes() -> None:
    long = straight(40, 36.0)
    (alert,) = found(long, town(waybills=()))
    assert (alert.rule_id, alert.fired_at) == ("no_waybill", NOON + timedelta(seconds=300))
    late_upload = waybill(0, valid_from=NOON + timedelta(seconds=290))
    assert rules_of(long, town(waybills=(late_upload,))) == []
    assert rules_of(straight(40, 36.0, load=0), town(waybills=())) == []
    assert rules_of(straight(40, 36.0, load=-1), town(waybills=())) == []  # load not known
    assert rules_of(straight(40, 36.0, vehicle_id=b"STRANGER"), town(waybills=())) == []


@pytest.mark.parametrize(
    ("fault", "fires"),
    [
        ({}, False),
        ({"plate": "浙B99999"}, True),
        ({"plate_colour": "blue"}, True),
        ({"hazard_class": "2.1", "un_no": "UN1075"}, True),
        ({"hazard_class": "8", "un_no": "UN1830"}, False),
    ],
)
def test_waybill_mismatch(fault: dict[str, Any], fires: bool) -> None:
    assert rules_of(straight(4), town(waybills=(waybill(0, **fault),))) == ["waybill_mismatch"] * fires


def test_one_mismatch_alert_a_waybill_though_the_truck_stops_on_the_way() -> None:
    speed = np.r_[np.full(5, 40.0), np.zeros(10), np.full(5, 40.0)]
    assert rules_of(at_speeds(speed), town(waybills=(waybill(0, plate="浙B99999"),))) == ["waybill_mismatch"]


def test_no_permit_on_a_road_that_wants_one() -> None:
    north: dict[str, Any] = {"x_m": 2000.0, "y_m": 1000 + np.arange(8) * 100.0, "heading_deg": 0.0, "load": 0}
    (alert,) = found(straight(8, 36.0, **north), town())
    assert (alert.rule_id, alert.object_id) == ("no_permit", "gate_road")
    assert rules_of(straight(8, 36.0, **north), town(permits=(permit(0, "gate_road"),))) == []
    expired = permit(0, "gate_road", valid_to=NOON + timedelta(seconds=20))
    assert "no_permit" in rules_of(straight(8, 36.0, **north), town(permits=(expired,)))
    across: dict[str, Any] = {
        "x_m": 1960 + np.arange(8) * 10.0,
        "y_m": 3000.0,
        "heading_deg": 90.0,
        "load": 0,
    }
    assert rules_of(straight(8, 36.0, **across), town()) == []  # crosses it at a right angle


@pytest.mark.parametrize(
    ("subject", "kind"),
    [("T000", BlacklistKind.VEHICLE), ("D000", BlacklistKind.DRIVER), ("C0", BlacklistKind.ENTERPRISE)],
)
def test_blacklisted(subject: str, kind: BlacklistKind) -> None:
    (alert,) = found(straight(3), town(entries=(blacklist(subject, kind),)))
    assert (alert.rule_id, alert.object_id) == ("blacklisted", f"B-{subject}")
    assert rules_of(straight(3), town(entries=(blacklist("T001", kind),))) == []


def test_illegal_stop_after_ten_minutes() -> None:
    parked = straight(70, 0.0, x_m=2500.0)
    (alert,) = found(parked, town())
    assert (alert.rule_id, alert.fired_at) == ("illegal_stop", NOON + timedelta(seconds=600))
    assert rules_of(straight(60, 0.0, x_m=2500.0), town()) == []  # 9 min 50 s
    assert rules_of(straight(70, 0.0, x_m=2500.0, load=0), town()) == []
    assert rules_of(straight(70, 0.0, x_m=7300.0, y_m=5000.0), town()) == []  # in the plant


def test_creeping_in_a_queue_is_no_stop() -> None:
    creeping = straight(70, 2.0, x_m=2500.0 + np.arange(70) * 5.5)
    assert rules_of(creeping, town()) == []


def test_stop_on_a_bridge_after_a_minute() -> None:
    (alert,) = found(straight(8, 0.0, x_m=3100.0), town())
    assert (alert.rule_id, alert.fired_at) == ("stop_on_no_stop", NOON + timedelta(seconds=60))
    assert rules_of(straight(6, 0.0, x_m=3100.0), town()) == []


def test_silent_by_a_tick_and_by_the_next_message_is_the_same_alert() -> None:
    drive = straight(3)
    registry = town()
    by_tick = Fold(registry).feed(drive)
    by_tick.feed(Positions.empty(), NOON + timedelta(seconds=621))
    assert not by_tick.alerts
    by_tick.feed(Positions.empty(), NOON + timedelta(seconds=622))
    (live,) = by_tick.alerts.values()
    assert (live.rule_id, live.state) == ("silent", AlertState.FIRING)
    assert live.opened_at == NOON + timedelta(seconds=20)
    assert live.fired_at == NOON + timedelta(seconds=621)
    late = positions(t_s=900.0, x_m=3000.0, speed_kmh=50.0, message=3)
    at_once = Fold(registry).feed(Positions.concat([drive, late]))
    assert at_once.alerts == by_tick.feed(late).alerts
    (ended,) = at_once.alerts.values()
    assert ended.state is AlertState.RESOLVED
    assert ended.value == 880.0


def test_parked_trucks_may_be_silent() -> None:
    fold = Fold(town()).feed(straight(3, 0.0, load=0)).feed(Positions.empty(), NOON + timedelta(hours=2))
    assert fold.alerts == {}


def test_a_message_without_a_fix_proves_that_the_terminal_lives() -> None:
    drive = straight(3)
    heartbeat = positions(t_s=500.0, has_fix=False, message=3)
    fold = Fold(town()).feed(drive).feed(heartbeat)
    fold.feed(Positions.empty(), NOON + timedelta(seconds=1090))
    assert fold.alerts == {}


def test_after_a_gap_an_episode_is_not_continued_blindly() -> None:
    t_s = np.r_[np.arange(10) * 10.0, 1000 + np.arange(10) * 10.0]
    alerts = found(positions(t_s=t_s, x_m=3000.0 + t_s, y_m=2000.0, speed_kmh=3.6), town())
    off = [alert for alert in alerts if alert.rule_id == "off_designated_road"]
    assert [alert.end_reason for alert in off] == [EndReason.GAP, None]
    assert off[0].resolved_at == NOON + timedelta(seconds=90)


def test_an_unregistered_vehicle_is_judged_by_place_and_speed_and_said_to_be_unknown() -> None:
    (alert,) = found(straight(4, x_m=5500.0, y_m=6500.0, vehicle_id=b"STRANGER"), town())
    assert alert.rule_id == "barred_area"
    assert alert.evidence["registered"] is False


def test_a_fix_is_judged_by_the_fence_version_in_force_at_its_time() -> None:
    fences = town().world.fences
    changed = tuple(
        fence if fence.fence_id != "old_town" else replace(fence, valid_from=NOON + timedelta(hours=1))
        for fence in fences
    )
    inside = straight(steps=4, x_m=5500.0, y_m=6500.0, load=0)
    assert rules_of(inside, town(fences=changed)) == []
