"""Rules about papers: each fires, near misses do not, it clears, and any cut gives the same."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from hazmat.alerts import AlertState
from hazmat.documents import (
    BlacklistKind,
    Permit,
    PermitKind,
    PermitState,
    SafetyCode,
)
from hazmat.position import Positions
from hazmat.registry import Registry
from hazmat.schedule import Schedule
from tests.fold import Fold
from tests.papers_town import CREW, DOCUMENTS, HOUR, carrier, drive, found, person, registry
from tests.town import NOON, blacklist, permit, positions, waybill


def test_papers_in_order_raise_nothing() -> None:
    assert found(drive(30), registry()) == []


def test_without_a_register_of_people_and_carriers_they_are_not_checked() -> None:
    assert found(drive(), registry(people=(), carriers=())) == []


def with_waybill(**more: Any) -> Registry:
    return registry([waybill(0, **more)])


def with_driver(**more: Any) -> Registry:
    return registry(people=(person("D000", **more), CREW[1]))


def with_escort(**more: Any) -> Registry:
    return registry(people=(CREW[0], person("E000", **more)))


CHLORINE = {"un_no": "UN1017", "goods_name": "氯", "hazard_class": "2.3"}
TOXIC = {"kind": PermitKind.TOXIC, "un_nos": ("UN1017",), "max_load_t": 20.0}


def with_chlorine(*permits: Permit, **crew: Any) -> Registry:
    people = (person("D000", **crew), CREW[1])
    return registry([waybill(0, **CHLORINE)], people, permits=permits, hazard_classes=())


PAPERS: list[tuple[Registry, list[tuple[str, str]]]] = [
    (with_waybill(plate="浙B99999"), [("waybill_mismatch", "W000")]),
    (with_waybill(plate="浙b·00000"), []),
    (with_waybill(plate_colour="blue"), [("waybill_mismatch", "W000")]),
    (with_waybill(carrier_id="C9"), [("waybill_mismatch", "W000")]),
    (with_waybill(hazard_class="2.1", un_no="UN1075"), [("waybill_mismatch", "W000")]),
    (registry([waybill(0, trailer_plate="浙B1挂")], trailer_plate="浙B2挂"), [("waybill_mismatch", "W000")]),
    (registry([waybill(0, trailer_plate="浙B1挂")], trailer_plate="浙B-1挂"), []),
    (registry([waybill(0, trailer_plate="浙B1挂")]), []),
    (registry(tank_media=("UN1230",)), [("tank_unfit", "W000")]),
    (registry(tank_media=("UN1230", "1203")), []),
    (registry(approved_load_t=19.99), [("waybill_quantity", "W000")]),
    (registry(approved_load_t=20.0), []),
    (registry(inspection_valid_to=NOON), [("inspection_overdue", "")]),
    (registry(tank_inspection_valid_to=NOON), [("inspection_overdue", "")]),
    (registry(inspection_valid_to=NOON + HOUR, tank_inspection_valid_to=NOON + HOUR), []),
    (registry(people=(CREW[1],)), [("driver_certificate", "D000")]),
    (with_driver(valid_to=NOON), [("driver_certificate", "D000")]),
    (with_driver(valid_to=NOON + HOUR), []),
    (with_driver(valid_from=NOON + HOUR), [("driver_certificate", "D000")]),
    (with_driver(certificate_no=" "), [("driver_certificate", "D000")]),
    (with_driver(may_drive=False, may_escort=True), [("driver_certificate", "D000")]),
    (with_driver(hazard_classes=("8", "2.1")), [("driver_certificate", "D000")]),
    (with_driver(hazard_classes=("8", "3")), []),
    (with_driver(code=SafetyCode.RED), [("driver_certificate", "D000")]),
    (with_driver(code=SafetyCode.YELLOW), [("driver_certificate", "D000")]),  # petrol is specially controlled
    (
        registry([waybill(0, un_no="UN1114")], (person("D000", code=SafetyCode.YELLOW), CREW[1])),
        [],  # benzene is not
    ),
    (registry(people=(CREW[0],)), [("escort_certificate", "E000")]),
    (with_escort(valid_to=NOON), [("escort_certificate", "E000")]),
    (with_escort(may_escort=False, may_drive=True), [("escort_certificate", "E000")]),
    (with_escort(code=SafetyCode.RED), [("escort_certificate", "E000")]),
    (with_waybill(escort_id=""), [("escort_missing", "W000")]),
    (with_waybill(escort_id="D000"), [("escort_missing", "W000")]),
    (registry(carriers=(carrier(hazard_classes=("8",)),)), [("carrier_scope", "C0")]),
    (registry(carriers=(carrier(hazard_classes=("8", "3")),)), []),
    (registry(carriers=(carrier(valid_to=NOON),)), [("carrier_scope", "C0")]),
    (registry(carriers=(carrier(carrier_id="C7", hazard_classes=("8",)),)), []),
    (with_chlorine(), [("toxic_permit", "W000")]),
    (with_chlorine(permit(0, **TOXIC)), []),
    (with_chlorine(permit(0)), [("toxic_permit", "W000")]),
    (with_chlorine(permit(0, **{**TOXIC, "un_nos": ("UN1051",)})), [("toxic_permit", "W000")]),
    (with_chlorine(permit(0, **{**TOXIC, "max_load_t": 19.9})), [("toxic_permit", "W000")]),
    (with_chlorine(permit(0, **TOXIC, valid_to=NOON)), [("toxic_permit", "W000")]),
    (with_chlorine(permit(0, **TOXIC, state=PermitState.USED_UP)), [("toxic_permit", "W000")]),
    (with_chlorine(permit(0, **TOXIC, schedule=Schedule.parse("13:00-14:00"))), [("toxic_permit", "W000")]),
    (with_chlorine(permit(1, **TOXIC)), [("toxic_permit", "W000")]),
]


@pytest.mark.parametrize(("known", "expected"), PAPERS)
def test_papers(known: Registry, expected: list[tuple[str, str]]) -> None:
    assert found(drive(), known) == expected


BROKEN = [known for known, expected in PAPERS if expected]


@pytest.mark.parametrize("known", BROKEN)
def test_empty_parked_or_seen_once_it_is_not_told(known: Registry) -> None:
    assert found(drive(load=0), known) == []
    assert found(drive(speed_kmh=0.0, x_m=7300.0), known) == []
    assert found(drive(1), known) == []


@pytest.mark.parametrize("known", BROKEN)
def test_one_alert_a_trip_though_the_truck_rests_and_it_ends_when_unloaded(known: Registry) -> None:
    speed = np.r_[np.full(5, 36.0), np.zeros(60), np.full(5, 36.0), np.zeros(9)]
    load = np.r_[np.full(70, 2), np.zeros(9, int)]
    x_m = 1500 + np.cumsum(speed / 3.6 * 20)
    (alert,) = (
        alert
        for alert in Fold(known).feed(drive(79, speed_kmh=speed, load=load, x_m=x_m)).alerts.values()
        if alert.rule_id in DOCUMENTS
    )
    assert alert.state is AlertState.RESOLVED
    assert alert.resolved_at == NOON + timedelta(seconds=76 * 20)


def test_a_load_sensor_that_says_empty_for_a_moment_makes_no_second_alert() -> None:
    load = np.full(90, 2)
    load[45:48] = 0
    flickers = drive(90, 10.0, load=load, x_m=1500 + np.arange(90) * 50.0, speed_kmh=18.0)
    assert found(flickers, with_waybill(escort_id="")) == [("escort_missing", "W000")]
    assert found(flickers, registry([])) == [("no_waybill", "")]


def test_a_terminal_asleep_for_a_quarter_of_an_hour_makes_no_second_alert() -> None:
    t_s = np.r_[np.arange(0, 600, 10.0), np.arange(1500, 2100, 10.0)]
    asleep = positions(t_s=t_s, x_m=1500 + np.arange(120) * 40.0, speed_kmh=18.0)
    assert found(asleep, registry([])) == [("no_waybill", "")]
    over = with_waybill(valid_to=NOON - timedelta(seconds=60))
    assert found(asleep, over) == [("waybill_time", "")]


def test_a_certificate_is_judged_at_the_time_of_the_fix() -> None:
    known = with_driver(valid_to=NOON + timedelta(seconds=100))
    (alert,) = Fold(known).feed(drive(10)).alerts.values()
    assert (alert.rule_id, alert.opened_at) == ("driver_certificate", NOON + timedelta(seconds=100))


# permits


def north(**more: Any) -> Positions:
    """On the road that wants a permit."""
    return drive(12, 10.0, x_m=2000.0, y_m=1000 + np.arange(12) * 100.0, heading_deg=0.0, **more)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (None, "none"),
        ({"state": PermitState.REVOKED}, "revoked"),
        ({"roads": ("old_town",)}, "road"),
        ({"valid_to": NOON - HOUR}, "expired"),
        ({"un_nos": ("UN1230",)}, "goods"),
        ({"hazard_classes": ("8",)}, "class"),
        ({"max_load_t": 19.0}, "load"),
        ({"schedule": Schedule.parse("13:00-14:00")}, "hour"),
    ],
)
def test_why_no_permit_covers_the_road(said: dict[str, Any] | None, reason: str) -> None:
    given = () if said is None else (replace(permit(0, "gate_road"), **said),)
    known = registry(permits=given)
    assert found(north(), known) == [("no_permit", "gate_road")]
    (alert,) = (a for a in Fold(known).feed(north()).alerts.values() if a.rule_id == "no_permit")
    assert alert.evidence["permit_reason"] == reason


def test_goods_and_load_of_a_permit_do_not_concern_an_empty_truck() -> None:
    given = permit(0, "gate_road", un_nos=("UN1230",), max_load_t=19.0)
    assert found(north(load=0), registry(permits=(given,))) == []


@pytest.mark.parametrize(("days", "fires"), [(6.9, True), (7.1, False)])
def test_a_permit_about_to_expire(days: float, fires: bool) -> None:
    given = permit(0, "gate_road", valid_to=NOON + timedelta(days=days))
    assert found(north(), registry(permits=(given,))) == [("permit_expiring", "P000")] * fires
    renewed = replace(permit(0, "gate_road"), permit_no="P900")
    assert found(north(), registry(permits=(given, renewed))) == []


def test_a_permit_about_to_expire_is_told_once_a_day() -> None:
    expiring = permit(0, "gate_road", valid_to=NOON + 40 * HOUR)
    known = registry([waybill(0, valid_to=NOON + 99 * HOUR)], permits=(expiring,))
    fold = Fold(known)
    for hours in (0, 8, 16, 25):
        fold.feed(moved(north(), hours))
    alerts = [a for a in fold.alerts.values() if a.rule_id == "permit_expiring"]
    assert sorted(a.opened_at for a in alerts) == [NOON, NOON + 25 * HOUR]


def moved(messages: Positions, hours: float) -> Positions:
    shift = np.timedelta64(round(hours * 3600), "s")
    columns = messages.columns()
    return Positions(**columns | {name: columns[name] + shift for name in ("fix_time", "received_at")})


# blacklists


def test_every_entry_is_an_alert_of_its_own() -> None:
    kinds = [
        ("T000", BlacklistKind.VEHICLE), ("D000", BlacklistKind.DRIVER), ("E000", BlacklistKind.ESCORT),
        ("C0", BlacklistKind.ENTERPRISE), ("P000", BlacklistKind.PERMIT),
    ]  # fmt: skip
    entries = [blacklist(subject, kind) for subject, kind in kinds]
    known = registry(permits=(permit(0, "gate_road"),), entries=entries)
    assert found(drive(3), known) == sorted(("blacklisted", entry.entry_id) for entry in entries)
    strangers = [blacklist(f"{subject}x", kind) for subject, kind in kinds]
    assert found(drive(3), registry(permits=(permit(0, "gate_road"),), entries=strangers)) == []


def test_an_entry_that_ends_clears_while_another_stands() -> None:
    ends = NOON + timedelta(seconds=100)
    entries = [
        replace(blacklist("T000", BlacklistKind.VEHICLE), valid_to=ends),
        blacklist("D000", BlacklistKind.DRIVER),
    ]
    alerts = {a.object_id: a for a in Fold(registry(entries=entries)).feed(drive(12)).alerts.values()}
    assert alerts["B-T000"].resolved_at == NOON + timedelta(seconds=120)
    assert alerts["B-D000"].state is AlertState.FIRING


def test_a_pass_on_the_blacklist_covers_nothing() -> None:
    entries = (blacklist("P000", BlacklistKind.PERMIT),)
    given = (permit(0, "gate_road"),)
    assert found(north(), registry(permits=given)) == []
    listed = [("blacklisted", "B-P000"), ("no_permit", "gate_road")]
    assert found(north(), registry(permits=given, entries=entries)) == listed
    over = (replace(entries[0], valid_to=NOON),)
    assert found(north(), registry(permits=given, entries=over)) == []


def test_a_vehicle_on_the_blacklist_need_not_be_registered() -> None:
    entries = (blacklist("T007", BlacklistKind.VEHICLE), blacklist("P007", BlacklistKind.PERMIT))
    known = registry(permits=(permit(7, "gate_road"),), entries=entries)
    both = [("blacklisted", "B-P007"), ("blacklisted", "B-T007")]
    assert found(drive(3, vehicle_id=b"T007"), known) == both
    assert found(drive(3, vehicle_id=b"T008"), known) == []


def test_a_blacklisted_truck_that_was_parked_for_long_is_told_again_on_its_next_drive() -> None:
    def parked(hours: float, x_m: float) -> list[tuple[str, str]]:
        rest = np.arange(600, hours * 3600, 600.0)
        t_s = np.r_[np.arange(0, 60, 10.0), rest, hours * 3600 + np.arange(0, 60, 10.0)]
        speed = np.r_[np.full(6, 36.0), np.zeros(len(rest)), np.full(6, 36.0)]
        x = np.r_[x_m - 60 + np.arange(6) * 10, np.full(len(rest), x_m), x_m + np.arange(6) * 10]
        known = registry(entries=(blacklist("T000", BlacklistKind.VEHICLE),))
        return found(positions(t_s=t_s, x_m=x, speed_kmh=speed, load=0), known)

    once = [("blacklisted", "B-T000")]
    assert parked(4.0, 7300.0) == once
    assert parked(4.8, 7300.0) == 2 * once
    assert parked(4.8, 6000.0) == once  # at the roadside its drive is not over


def test_a_pass_on_the_blacklist_counts_while_it_is_valid() -> None:
    entry = blacklist("P000", BlacklistKind.PERMIT)
    expired = permit(0, "gate_road", valid_to=NOON - HOUR)
    assert found(drive(3), registry(permits=(expired,), entries=(entry,))) == []


def test_an_entry_against_the_carrier_on_the_waybill_counts_too() -> None:
    known = registry([waybill(0, carrier_id="C9")], entries=(blacklist("C9", BlacklistKind.ENTERPRISE),))
    assert ("blacklisted", "B-C9") in found(drive(3), known)
