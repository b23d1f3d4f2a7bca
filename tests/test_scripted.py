"""Scripted cases: every rule fires where it must, and stays quiet one step below each of its limits."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from hazmat.alerts import AlertChange, AlertState
from hazmat.registry import World
from ingest.replay import read_recording, run
from ingest.simulator.scripted.all_cases import CASES
from ingest.simulator.scripted.case import Case
from ingest.simulator.scripted.papers import scripted_world
from ingest.simulator.scripted.tracks import truth_of, write_cases
from ingest.world import load_world
from rules.catalogue import CATALOGUE
from rules.rule import Rule, TimerRule, TogetherRule
from rules.together import TICK_S

FOLDER = Path(__file__).parent.parent / "sample_tracks" / "scripted"
# What a rule asks for before its hold begins: so many metres in a lane, so many readings, a dwelling.
SETTLES_S = {"lane_suspected": 60.0, "lane_left": 60.0}


@cache
def world() -> World:
    return load_world(FOLDER / "world")


def of_case(case: Case) -> World:
    """Only its own vehicles: judging one case does not read the papers of all."""
    ids = {case.vehicle_id(truck) for truck in case.trucks}
    tables = {
        name: tuple(row for row in getattr(world(), name) if row.vehicle_id in ids)
        for name in ("vehicles", "waybills", "permits")
    }
    return replace(world(), **tables)


def hold_s(rule_id: str, interval_s: float) -> float:
    rule = CATALOGUE[rule_id]
    if isinstance(rule, TimerRule):
        return rule.limits["after_s"]
    assert isinstance(rule, Rule | TogetherRule)
    tick_s = TICK_S if isinstance(rule, TogetherRule) else 0.0
    held_s = max(rule.hold.seconds, (rule.hold.fixes - 1) * interval_s)
    return tick_s + held_s + SETTLES_S.get(rule_id, 0.0)


def interval_s(case: Case) -> float:
    return max(truck.drive.interval_s for truck in case.trucks)


def fits(alert: AlertChange, truth: dict[str, Any], interval: float) -> bool:
    if (alert.vehicle_id, alert.rule_id) != (truth["vehicle_id"], truth["rule_id"]):
        return False
    if truth["object_id"] not in ("", alert.object_id):
        return False
    delay = (alert.fired_at - datetime.fromisoformat(truth["start"])).total_seconds()
    return -2 * interval <= delay <= hold_s(alert.rule_id, interval) + 2 * interval


def differences(alerts: Sequence[AlertChange], case: Case) -> list[str]:
    """Alerts that nobody earned, and breaches without their one alert."""
    left = truth_of(case)
    faults = []
    for alert in sorted(alerts, key=lambda alert: alert.opened_at):
        fitting = [truth for truth in left if fits(alert, truth, interval_s(case))]
        if fitting:
            left.remove(fitting[0])
        else:
            at = tuple((t - case.start).total_seconds() for t in (alert.opened_at, alert.fired_at))
            faults.append(f"false: {alert.rule_id} {alert.vehicle_id} {alert.object_id} at {at}")
    return faults + [f"missed: {truth}" for truth in left]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_gives_exactly_its_alerts(case: Case) -> None:
    result = run(read_recording([FOLDER / case.name / "track.ndjson"]), of_case(case))
    standing = [alert for alert in result.alerts.values() if alert.state is not AlertState.WITHDRAWN]
    assert not differences(standing, case)


def test_an_alert_that_late_fixes_refute_is_withdrawn_and_kept() -> None:
    case = next(case for case in CASES if case.name == "trap_03_withdrawn")
    result = run(read_recording([FOLDER / case.name / "track.ndjson"]), of_case(case))
    assert [(a.rule_id, a.state) for a in result.alerts.values()] == [("overspeed", AlertState.WITHDRAWN)]


def test_every_rule_has_a_case_that_fires_and_a_near_miss() -> None:
    fires = {truth["rule_id"] for case in CASES for truth in truth_of(case)}
    fired = {case.name: {truth["rule_id"] for truth in truth_of(case)} for case in CASES}
    near = {rule for case in CASES for rule in case.rules if rule not in fired[case.name]}
    assert set(CATALOGUE) - fires == set()
    assert set(CATALOGUE) - near == set()
    assert fires | near <= set(CATALOGUE)


def test_every_trap_of_the_rules_has_a_case() -> None:
    traps = {case.name[5:7] for case in CASES if case.name.startswith("trap_")}
    assert traps == {f"{number:02d}" for number in range(1, 16)}


def test_names_plates_and_texts_are_one_each() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    assert len({case.text for case in CASES}) == len(CASES)
    vehicles = world().vehicles
    assert len({vehicle.plate for vehicle in vehicles}) == len(vehicles)


def test_the_committed_files_are_what_the_script_writes(tmp_path: Path) -> None:
    write_cases(CASES, tmp_path)
    made, kept = (
        {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        for root in (tmp_path, FOLDER)
    )
    assert sorted(made) == sorted(kept)
    assert [str(name) for name, content in made.items() if content != kept[name]] == []
    assert world() == scripted_world(CASES)
