"""Rules about papers: each fires, near misses do not, it clears, and any cut gives the same."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import shapely

from hazmat.alerts import AlertState
from hazmat.documents import (
    BlacklistEntry,
    BlacklistKind,
    Carrier,
    Permit,
    PermitKind,
    PermitState,
    Person,
    SafetyCode,
    Waybill,
)
from hazmat.position import Positions
from hazmat.registry import Registry, World
from hazmat.schedule import Schedule
from rules.catalogue import CATALOGUE
from rules.rule import Group
from tests.fold import Fold, memory_rows
from tests.town import AGES_AGO, FENCES, NOON, TRUNK_Y, blacklist, fence, permit, positions, town, waybill

HOUR = timedelta(hours=1)
DOCUMENTS = {rule.id for rule in CATALOGUE.values() if rule.group is Group.DOCUMENTS}


def drive(steps: int = 6, step_s: float = 20.0, **more: Any) -> Positions:
    """Eastward on the trunk road at 36 km/h, loaded; a column may be given for each step."""
    t_s = np.arange(steps) * step_s
    given = {"x_m": 1500 + 10 * t_s, "y_m": TRUNK_Y, "speed_kmh": 36.0, "heading_deg": 90.0}
    return positions(t_s=t_s, **{**given, **more})


def person(person_id: str, **more: Any) -> Person:
    given: dict[str, Any] = {
        "name": "王", "carrier_id": "C0", "certificate_no": f"Z{person_id}", "may_drive": person_id[0] == "D",
        "may_escort": person_id[0] == "E", "valid_from": AGES_AGO, "valid_to": NOON + 24 * HOUR,
    }  # fmt: skip
    return Person(person_id=person_id, **{**given, **more})


def carrier(**more: Any) -> Carrier:
    span = {"valid_from": AGES_AGO, "valid_to": NOON + 24 * HOUR}
    return Carrier(**{"carrier_id": "C0", "name": "甬", "licence_no": "L0", **span, **more})


CREW = (person("D000"), person("E000"))


def registry(
    papers: Sequence[Waybill] | None = None,
    people: Sequence[Person] = CREW,
    carriers: Sequence[Carrier] = (carrier(),),
    permits: Sequence[Permit] = (),
    entries: Sequence[BlacklistEntry] = (),
    **vehicle: Any,
) -> Registry:
    world = town(waybills=None if papers is None else tuple(papers)).world
    vehicles = (replace(world.vehicles[0], **vehicle),)
    return Registry(
        replace(
            world, vehicles=vehicles, people=tuple(people), carriers=tuple(carriers), permits=tuple(permits),
            blacklist=tuple(entries),
        ),
        1,
    )  # fmt: skip


def found(messages: Positions, known: Registry) -> list[tuple[str, str]]:
    """(rule, object) of the alerts about documents, the same for any cut."""
    folds = [Fold(known).feed(messages)]
    for size in (1, 7):
        folds.append(Fold(known).feed_cut(messages, range(size, len(messages), size)))
    whole = {alert_id: repr(alert) for alert_id, alert in folds[0].alerts.items()}
    for fold in folds[1:]:
        assert {i: repr(alert) for i, alert in fold.alerts.items()} == whole  # NaN equals itself as text
        assert memory_rows(fold.memory) == memory_rows(folds[0].memory)
    alerts = [alert for alert in folds[0].alerts.values() if alert.rule_id in DOCUMENTS]
    return sorted((alert.rule_id, alert.object_id) for alert in alerts)


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
    speed = np.r_[np.full(5, 36.0), np.zeros(60), np.full(5, 36.0), np.zeros(4)]
    load = np.r_[np.full(70, 2), np.zeros(4, int)]
    x_m = 1500 + np.cumsum(speed / 3.6 * 20)
    (alert,) = (
        alert
        for alert in Fold(known).feed(drive(74, speed_kmh=speed, load=load, x_m=x_m)).alerts.values()
        if alert.rule_id in DOCUMENTS
    )
    assert alert.state is AlertState.RESOLVED
    assert alert.resolved_at == NOON + timedelta(seconds=71 * 20)


def test_a_certificate_is_judged_at_the_time_of_the_fix() -> None:
    known = with_driver(valid_to=NOON + timedelta(seconds=100))
    (alert,) = Fold(known).feed(drive(10)).alerts.values()
    assert (alert.rule_id, alert.opened_at) == ("driver_certificate", NOON + timedelta(seconds=100))


# waybills: time


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ((NOON - 9 * HOUR, NOON - 2 * HOUR + timedelta(minutes=10)), ["waybill_time"]),
        ((NOON - 9 * HOUR, NOON - 2 * HOUR - timedelta(seconds=1)), ["no_waybill"]),
        ((NOON + 2 * HOUR, NOON + 9 * HOUR), ["waybill_time"]),
        ((NOON + 3 * HOUR, NOON + 9 * HOUR), ["no_waybill"]),
        ((NOON + timedelta(seconds=290), NOON + 9 * HOUR), []),  # five minutes of grace
        ((NOON - HOUR, NOON + HOUR), []),
    ],
)
def test_the_margin_of_a_waybills_time(span: tuple[Any, Any], expected: list[str]) -> None:
    known = registry([waybill(0, valid_from=span[0], valid_to=span[1])])
    assert [rule for rule, _ in found(drive(25), known)] == expected


def test_after_the_margin_it_is_no_waybill() -> None:
    ended = NOON - 2 * HOUR + timedelta(minutes=7)
    known = registry([waybill(0, valid_from=NOON - 9 * HOUR, valid_to=ended)])
    slow = drive(45, speed_kmh=18.0, x_m=1500 + np.arange(45) * 100.0)
    (first, second) = sorted(Fold(known).feed(slow).alerts.values(), key=lambda alert: alert.opened_at)
    assert (first.rule_id, second.rule_id) == ("waybill_time", "no_waybill")
    assert second.opened_at == NOON + timedelta(seconds=440)


def test_the_waybill_of_another_vehicle_is_none() -> None:
    known = registry([waybill(0, vehicle_id="T001", valid_to=NOON - HOUR)])
    assert [rule for rule, _ in found(drive(25), known)] == ["no_waybill"]


def test_empty_by_a_terminal_without_a_sensor_says_nothing() -> None:
    known = registry([waybill(0, escort_id="")], has_load_sensor=False)
    assert found(drive(load=0), known) == [("escort_missing", "W000")]
    assert found(drive(25, load=0), registry([], has_load_sensor=False)) == []
    assert [rule for rule, _ in found(drive(25), registry([], has_load_sensor=False))] == ["no_waybill"]


# waybills: quantity by the level


@pytest.mark.parametrize(
    ("volume_m3", "level_pct", "fires"),
    [(40.0, 69.0, False), (40.0, 70.0, True), (40.0, np.nan, False), (None, 90.0, False)],
)
def test_the_level_in_the_tank(volume_m3: float | None, level_pct: float, fires: bool) -> None:
    # 20 t of petrol on the waybill; 0.74 t/m3: 69 % are 20.4 t, 70 % are 20.7 t, and 3 % are 0.6 t
    known = registry(tank_volume_m3=volume_m3)
    assert found(drive(tank_level_pct=level_pct), known) == [("waybill_quantity", "W000")] * fires


def test_of_goods_whose_density_nobody_knows_the_level_says_nothing() -> None:
    known = registry([waybill(0, un_no="UN1993")], tank_volume_m3=40.0)
    assert found(drive(tank_level_pct=100.0), known) == []


# waybills: place


def in_plants() -> tuple[World, Callable[..., Positions]]:
    """A world with a second plant, 5 km south of the first, and stops of 10 min in one of them."""
    plant = next(each for each in FENCES if each.fence_id == "plant")
    south = fence("south", plant.kind, shifted(plant.geometry, -0.02))
    world = registry().world
    return replace(world, fences=(*world.fences, south)), stop_at


def shifted(geometry: Any, degrees: float) -> Any:
    return shapely.transform(geometry, lambda c: c + np.array([0.0, degrees]))


def stop_at(place: str, load: Any, steps: int = 60) -> Positions:
    y_m = {"plant": 5000.0, "south": 5000.0 - 0.02 * 110_870, "nowhere": 3000.0}[place]
    return drive(steps, 10.0, x_m=7300.0, y_m=y_m, speed_kmh=0.0, load=load)


LOADING = np.r_[np.zeros(30, int), np.full(30, 2)]


@pytest.mark.parametrize(
    ("place", "load", "paper", "fires"),
    [
        ("south", LOADING, {"origin": "plant"}, True),
        ("plant", LOADING, {"origin": "plant"}, False),
        ("nowhere", LOADING, {"origin": "plant"}, False),
        ("south", LOADING, {"origin": "石化园区"}, False),  # not the name of a fence
        ("south", 2 - LOADING, {"destination": "plant"}, True),
        ("plant", 2 - LOADING, {"destination": "plant"}, False),
        ("south", 2 - LOADING, {"origin": "plant"}, False),
        (
            "south",
            LOADING,
            {"origin": "plant", "valid_from": NOON + 3 * HOUR, "valid_to": NOON + 9 * HOUR},
            False,
        ),
        # a sensor that flickers while the truck waits full where it will unload
        ("south", np.r_[np.full(20, 2), np.zeros(5, int), np.full(35, 2)], {"origin": "plant"}, False),
        ("south", np.full(60, 2), {"origin": "plant"}, False),
    ],
)
def test_where_it_was_loaded_and_unloaded(place: str, load: Any, paper: Any, fires: bool) -> None:
    world, stop = in_plants()
    known = Registry(replace(world, waybills=(waybill(0, **paper),)), 1)
    assert found(stop(place, load), known) == [("waybill_place", "W000")] * fires


# waybills: used twice


def trip(away_s: float, load: Any = 2) -> Positions:
    """Inside, out through the western edge, back after so long."""
    x_m = np.r_[1500 - np.arange(10) * 100.0, 1500 - np.arange(10)[::-1] * 100.0]
    t_s = np.r_[np.arange(10) * 10.0, 60 + away_s + np.arange(10) * 10.0 - 40]
    return positions(t_s=t_s, x_m=x_m, y_m=TRUNK_Y, speed_kmh=36.0, load=load)


@pytest.mark.parametrize(("away_s", "load", "fires"), [(1900, 2, True), (1700, 2, False), (1900, -1, False)])
def test_back_on_the_same_waybill(away_s: float, load: int, fires: bool) -> None:
    assert found(trip(away_s, load), registry()) == [("waybill_reused", "W000")] * fires


def test_back_empty_or_on_another_waybill_is_a_trip_of_its_own() -> None:
    assert found(trip(3000, np.r_[np.full(15, 2), np.zeros(5, int)]), registry()) == []
    second = waybill(0, waybill_no="W900", valid_from=NOON + timedelta(seconds=600))
    assert found(trip(3000), registry([waybill(0), second])) == []


def test_loaded_again_on_the_waybill_on_which_it_was_unloaded() -> None:
    load = np.r_[np.full(20, 2), np.zeros(20, int), np.full(20, 2)]
    assert found(drive(60, 10.0, load=load), registry()) == [("waybill_reused", "W000")]
    next_day = waybill(0, waybill_no="W900", valid_from=NOON + timedelta(seconds=300))
    assert found(drive(60, 10.0, load=load), registry([waybill(0), next_day])) == []


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


def test_a_pass_on_the_blacklist_counts_while_it_is_valid() -> None:
    entry = blacklist("P000", BlacklistKind.PERMIT)
    expired = permit(0, "gate_road", valid_to=NOON - HOUR)
    assert found(drive(3), registry(permits=(expired,), entries=(entry,))) == []


def test_an_entry_against_the_carrier_on_the_waybill_counts_too() -> None:
    known = registry([waybill(0, carrier_id="C9")], entries=(blacklist("C9", BlacklistKind.ENTERPRISE),))
    assert ("blacklisted", "B-C9") in found(drive(3), known)
