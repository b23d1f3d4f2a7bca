"""Every sample track, replayed: exactly the alerts expected, and expected only what really happened."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hazmat.registry import World
from ingest.replay import read_recording
from ingest.simulator.agreement import disagreements, replay_sample
from ingest.simulator.breaches import BreachKind
from ingest.simulator.samples import sample_world
from ingest.simulator.truth import Judge
from ingest.world import load_world
from rules.catalogue import CATALOGUE

FOLDER = Path(__file__).parent.parent / "sample_tracks"
CASES = sorted(path.parent.name for path in FOLDER.glob("*/track.ndjson"))


@cache
def world() -> World:
    return load_world(FOLDER / "world")


def read(case: str, name: str) -> list[dict[str, Any]]:
    values: list[dict[str, Any]] = json.loads((FOLDER / case / name).read_bytes())
    return values


def as_lines(alerts: list[dict[str, Any]]) -> set[str]:
    return {json.dumps(alert, sort_keys=True) for alert in alerts}


@pytest.mark.parametrize("case", CASES)
def test_the_track_yields_exactly_the_alerts_expected(case: str) -> None:
    found, expected = as_lines(replay_sample(FOLDER / case, world())), as_lines(read(case, "expected.json"))
    gained, lost = sorted(found - expected), sorted(expected - found)
    assert not gained and not lost, "\n".join(
        [f"{case}: alerts gained:", *gained, f"{case}: alerts lost:", *lost]
    )


@pytest.mark.parametrize("case", CASES)
def test_what_is_expected_is_what_really_happened(case: str) -> None:
    assert not disagreements(read(case, "expected.json"), read(case, "truth.json"))


def test_every_kind_of_breach_has_a_case() -> None:
    rules = {alert["rule_id"] for case in CASES for alert in read(case, "expected.json")}
    assert rules <= set(CATALOGUE)
    assert {kind.value for kind in BreachKind} - {"blacklisted_enterprise"} <= set(CASES)
    assert read("clean_day", "expected.json") == []


@pytest.mark.parametrize("case", ["off_designated_road", "silent_for_good", "no_permit"])
def test_the_script_makes_track_and_truth_again(case: str, tmp_path: Path) -> None:
    made, samples = sample_world()
    assert made == world()
    sample = next(sample for sample in samples if sample.name == case)
    again = tmp_path / "track.ndjson"
    again.write_bytes(b"".join(sample.lines(made)))
    old, new = read_recording([FOLDER / case / "track.ndjson"]), read_recording([again])
    assert [m.received_at for m in new.messages] == [m.received_at for m in old.messages]
    places = [
        [
            (fix["lon"], fix["lat"])
            for m in each.messages
            for fix in [json.loads(m.payload)]
            if isinstance(fix, dict)
        ]
        for each in (old, new)
    ]
    assert np.allclose(places[0], places[1], atol=2e-6)  # another machine may round another way
    truth = json.loads(
        json.dumps([b.as_json() for b in sample.truth(Judge(made))], default=lambda t: t.isoformat())
    )
    assert truth == read(case, "truth.json")


def test_an_alert_that_nobody_earned_is_a_disagreement() -> None:
    alerts, truth = read("overspeed", "expected.json"), read("overspeed", "truth.json")
    other = alerts[0] | {"vehicle_id": "X1"}
    assert len(disagreements([*alerts, other], truth)) == 1
    assert len(disagreements([], truth)) == len(truth)
    late = alerts[0] | {"opened_at": alerts[0]["resolved_at"]}
    assert len(disagreements([late, *alerts[1:]], truth)) == 2
