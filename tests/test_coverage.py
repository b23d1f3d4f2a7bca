"""Coverage of trips: counted message by message in any cut, stored, and answered by rule and gate."""

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hazmat.__main__ import main
from hazmat.accounts import Role
from hazmat.clock import from_time
from hazmat.coverage import JourneyCoverage, TripGroup, by_gate, rule_coverage
from hazmat.documents import Carrier, Person
from hazmat.position import Positions
from hazmat.registry import Registry
from hazmat.store.coverage import trips_of
from hazmat.store.flow import FlowStore
from hazmat.store.registry import import_world
from ingest.process import process
from ingest.repair import LOOK_BACK, Present, Repair
from ingest.snapshots import Snapshots
from rules.catalogue import CATALOGUE, NEEDS_OF_RULES
from rules.memory import Memory
from rules.memory_coverage import NEEDS
from rules.rule import Need
from tests import logins
from tests.fold import Fold
from tests.test_dashboards_api import serving
from tests.test_process_law import REGISTRY, drive
from tests.town import AGES_AGO, NOON, TRUNK_Y, positions, town, waybill

DAY = date(2026, 11, 20)


def through(**more: Any) -> Positions:
    """Eastward along the trunk road through the district (x from 1,000 to 9,000) and out again."""
    t_s = np.arange(0.0, 601.0, 10.0)
    given = {"x_m": 500 + 15.0 * t_s, "y_m": TRUNK_Y, "speed_kmh": 54.0, "heading_deg": 90.0}
    return positions(t_s=t_s, **{**given, **more})


class Counted:
    """Keeps the coverage that process() hands out, as a store would."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.memory = Memory.empty()
        self.found: dict[str, JourneyCoverage] = {}

    def feed(self, batch: Positions) -> "Counted":
        at = from_time(batch.received_at[-1])
        outcome, self.memory = process(batch, self.registry, self.memory, at)
        assert {each.journey_id for each in outcome.coverage} == {j.journey_id for j in outcome.journeys}
        self.found |= {each.journey_id: each for each in outcome.coverage}
        return self


def trip(messages: Positions, registry: Registry) -> JourneyCoverage:
    (only,) = Counted(registry).feed(messages).found.values()
    return only


def test_a_trip_counts_its_messages_inside_and_what_was_known() -> None:
    seen = trip(through(), town(waybills=(waybill(0, route_id="route"),)))
    inside = int(((through().lon >= 0) & (500 + 15.0 * np.arange(0, 601, 10.0) >= 1000)).sum())
    left = int((500 + 15.0 * np.arange(0, 601, 10.0) >= 9000).sum())
    assert seen.messages == inside - left
    assert (seen.vehicle_id, seen.gate, seen.day) == ("T000", "trunk", DAY)
    everywhere = {"vehicle", "waybill", "corridor", "district", "designated_road", "road", "load", "speed"}
    assert {need for need, count in seen.held.items() if count == seen.messages} == everywhere | {"good_fix"}
    assert {need for need, count in seen.held.items() if count == 0} == {
        "people", "carrier", "status", "tank_sensor",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("need", "messages", "lacks"),
    [
        (Need.VEHICLE, through(vehicle_id=b"T009"), True),
        (Need.LOAD, through(vehicle_id=b"T009", load=-1), True),
        (Need.SPEED, through(speed_kmh=np.nan), False),  # implied by the track
        (Need.ROAD, through(y_m=TRUNK_Y + 300), True),
        (Need.STATUS, through(alarm=0, status=3), False),
        (Need.TANK_SENSOR, through(tank_level_pct=80.0), False),
    ],
)
def test_what_is_lacking_is_not_counted(need: Need, messages: Positions, lacks: bool) -> None:
    seen = trip(messages, town())
    assert (seen.held[need] < seen.messages * 0.8) is lacks


def test_people_and_carrier_count_when_registered() -> None:
    person = Person(
        person_id="D000", name="甲", carrier_id="C0", certificate_no="1", may_drive=True,
        valid_from=AGES_AGO, valid_to=NOON,
    )  # fmt: skip
    carrier = Carrier(carrier_id="C0", name="乙", licence_no="1", valid_from=AGES_AGO, valid_to=NOON)
    known = town(waybills=(waybill(0, escort_id=""),)).world
    world = replace(known, people=(person,), carriers=(carrier,))
    seen = trip(through(), Registry(world, 1))
    assert (seen.held[Need.PEOPLE], seen.held[Need.CARRIER]) == (seen.messages, seen.messages)
    strange = replace(world, waybills=(waybill(0, escort_id="E9"),))
    assert trip(through(), Registry(strange, 1)).held[Need.PEOPLE] == 0


def test_messages_without_a_fix_are_messages_without_a_good_fix() -> None:
    lost = np.arange(61) % 4 == 2
    seen = trip(through(has_fix=~lost), town())
    assert seen.held[Need.GOOD_FIX] == pytest.approx(0.75 * seen.messages, abs=1)
    assert seen.held[Need.WAYBILL] == seen.messages


def test_a_waybill_that_ends_on_the_way_counts_for_its_part() -> None:
    halfway = waybill(0, valid_to=NOON + timedelta(seconds=300))
    seen = trip(through(), town(waybills=(halfway,)))
    assert 0.4 < seen.held[Need.WAYBILL] / seen.messages < 0.6


def test_no_road_no_gate() -> None:
    assert trip(through(y_m=TRUNK_Y + 300), town()).gate == ""


def test_two_trips_of_one_vehicle_in_one_batch_are_two() -> None:
    there = through()
    back = through(x_m=9500 - 15.0 * np.arange(0.0, 601.0, 10.0), heading_deg=270.0)
    later = np.timedelta64(3600, "s")
    columns = back.columns() | {"fix_time": back.fix_time + later, "received_at": back.received_at + later}
    both = Positions.concat([there, Positions(**columns)])
    both = Positions(**both.columns() | {"message": np.arange(len(both))})
    first, second = Counted(town()).feed(both).found.values()
    assert first.messages == pytest.approx(second.messages, abs=1)
    assert first.messages < 60


@given(seed=st.integers(0, 2**32 - 1), size=st.integers(1, 200))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_cut_gives_the_same(seed: int, size: int) -> None:
    messages = drive(seed, 24)
    size = max(size, 20)
    cuts = {
        int(np.searchsorted(messages.message, messages.message[row]))
        for row in range(size, len(messages), size)
    }
    edges = [0, *sorted(cuts - {0}), len(messages)]
    whole, cut = Counted(REGISTRY).feed(messages), Counted(REGISTRY)
    for start, stop in itertools.pairwise(edges):
        cut.feed(messages.take(np.arange(start, stop)))
    assert cut.found == whole.found
    for name, column in whole.memory.vehicles.coverage.flat().items():
        np.testing.assert_array_equal(cut.memory.vehicles.coverage.flat()[name], column)


@pytest.mark.parametrize("look_back", [None, LOOK_BACK])
def test_a_trip_whose_entry_late_fixes_move_is_counted_anew(look_back: np.timedelta64 | None) -> None:
    """Also where no snapshot is old enough: the trip it was taken for is withdrawn, and counts no more."""
    messages, late = through(), 8  # so many from the way in come behind all others
    order = np.append(np.arange(late, len(messages)), np.arange(late))
    came = np.maximum.accumulate(messages.received_at[order])
    shuffled = replace(messages.take(order), received_at=came, message=np.arange(len(order)))
    fold = Fold(REGISTRY).feed(shuffled)
    repair = Repair(fold.kept.asks, fold.kept, Snapshots(), look_back)
    assert repair.step(REGISTRY, len(messages) + 1)
    repaired, _ = repair.finish(Present(fold.memory, REGISTRY, from_time(came[-1])))
    assert len(repaired.withdrawn_journeys) == 1
    assert repaired.coverage == (trip(messages, REGISTRY),)


def test_a_rule_checked_a_trip_if_all_its_needs_were_met() -> None:
    groups = (
        TripGroup(DAY, "east", "东卡口", frozenset({"vehicle", "waybill"}), 5),
        TripGroup(DAY, "east", "东卡口", frozenset({"vehicle"}), 3),
        TripGroup(DAY, "", "", frozenset(), 2),
    )
    needs = {"none": (), "papers": ("vehicle", "waybill"), "tank": ("tank_sensor",)}
    none, papers, tank = rule_coverage(groups, needs)
    assert (none.seen, none.checked, none.share, none.lacking) == (10, 10, 1.0, {})
    assert (papers.checked, papers.share, papers.lacking) == (5, 0.5, {"waybill": 5, "vehicle": 2})
    assert (tank.checked, tank.lacking) == (0, {"tank_sensor": 10})
    assert [(gate, len(there)) for gate, there in by_gate(groups).items()] == [("east", 2), ("", 1)]
    assert np.isnan(rule_coverage((), needs)[0].share)


def test_the_needs_of_every_rule_are_known_words() -> None:
    assert NEEDS_OF_RULES.keys() == CATALOGUE.keys()
    assert {need for needs in NEEDS_OF_RULES.values() for need in needs} <= {need.value for need in NEEDS}


def store_trips(dsn: str) -> None:
    """Two trips on DAY: one with a waybill, one without."""
    registry = town(2, waybills=(waybill(0),))
    import_world(dsn, registry.world)
    messages = Positions.concat([through(), through(vehicle_id=b"T001", y_m=TRUNK_Y + 300)])
    messages = Positions(**messages.columns() | {"message": np.arange(len(messages))})
    half = len(messages) // 4
    memory = Memory.empty()
    with FlowStore(dsn) as store:
        lease = store.take_over(range(64))
        for number, rows in enumerate((np.arange(half), np.arange(half, len(messages))), 1):
            batch = messages.take(rows)
            outcome, memory = process(batch, registry, memory, from_time(batch.received_at.max()))
            lease = store.commit(lease, number, outcome)


def test_trips_come_back_from_the_store(any_database: str) -> None:
    assert trips_of(any_database, None, 0.8) == (None, [])
    store_trips(any_database)
    day, groups = trips_of(any_database, None, 0.8)
    assert day == DAY
    assert [(group.gate, group.gate_name, group.trips) for group in groups] == [
        ("", "", 1),
        ("trunk", "trunk", 1),
    ]
    without, with_waybill = groups
    assert with_waybill.met - without.met == {"waybill", "road"}
    assert trips_of(any_database, date(2026, 11, 19), 0.8) == (date(2026, 11, 19), [])
    with psycopg.connect(any_database) as connection:
        connection.execute(
            "UPDATE journeys SET withdrawn_at = now() WHERE vehicle_id = 'T001'"  # by a repair
        )
    assert len(trips_of(any_database, DAY, 0.8)[1]) == 1


def test_the_share_decides_what_counts_as_met(postgres_database: str) -> None:
    coverage = JourneyCoverage("j1", "v1", "", DAY, 10, {"waybill": 7, "vehicle": 8})
    outcome, _ = process(
        through().take(np.arange(1)), town(), Memory.empty(), datetime(2026, 11, 21, tzinfo=UTC)
    )
    with FlowStore(postgres_database) as store:
        store.commit(store.take_over(range(64)), 1, replace(outcome, coverage=(coverage,)))
    for share, met in ((0.8, {"vehicle"}), (0.7, {"vehicle", "waybill"}), (0.9, set())):
        (group,) = trips_of(postgres_database, DAY, share)[1]
        assert group.met == met


def test_the_command_says_what_was_checked(
    postgres_database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres_database)
    monkeypatch.setenv("HAZMAT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "160")
    assert main(["coverage"]) == 0
    assert "no trip was seen" in capsys.readouterr().out
    store_trips(postgres_database)
    assert main(["coverage", "--day", "2026-11-20"]) == 0
    out = capsys.readouterr().out
    assert "2026-11-20: 2 trips seen" in out
    (row,) = [line for line in out.splitlines() if "incompatible_parked" in line and "waybill 1" in line]
    assert "50.0%" in row
    assert "trunk (1)" in out
    assert main(["coverage", "--day", "yesterday"]) == 1
    assert main(["coverage", "--share", "2"]) == 1


def test_the_api_answers_by_rule_and_gate(postgres_database: str) -> None:
    store_trips(postgres_database)
    with (
        serving(postgres_database) as address,
        logins.client(address, postgres_database, Role.AUDITOR) as client,
    ):
        answer = client.get("/api/coverage").json()
        assert (answer["day"], answer["trips"], answer["share"]) == ("2026-11-20", 2, 0.8)
        rules = {each["rule"]: each for each in answer["rules"]}
        assert rules.keys() == CATALOGUE.keys()
        assert rules["incompatible_parked"] == {
            "rule": "incompatible_parked", "checked": 1, "lacking": {"waybill": 1},
        }  # fmt: skip
        assert [(gate["gate"], gate["trips"]) for gate in answer["gates"]] == [("", 1), ("trunk", 1)]
        assert client.get("/api/coverage?day=2026-01-01").json()["trips"] == 0
        assert client.get("/api/coverage?share=0").status_code == 422
