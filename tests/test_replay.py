"""`hazmat replay`: the same alerts in any cut, a clear word about a bad file, and a stable result."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hazmat.__main__ import main
from ingest.replay import Recording, ReplayError, read_recording, run
from ingest.replay_report import as_json, in_order
from ingest.world import WorldError, load_world
from rules.catalogue import CATALOGUE

SAMPLES = Path(__file__).parent.parent / "sample_tracks"
WORLD = SAMPLES / "world"
TRACK = SAMPLES / "barred_hours" / "track.ndjson"
GOOD = {"topic": "hazmat/v1/X1/position", "received_at": "2026-03-16T01:00:01Z", "payload": {"lon": 1}}


def write(path: Path, *lines: object) -> Path:
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return path


def alerts(recording: Recording, batch: int) -> list[dict[str, Any]]:
    return [as_json(alert) for alert in in_order(run(recording, load_world(WORLD), batch).alerts.values())]


@pytest.mark.parametrize("batch", [1, 17, 10_000])
def test_any_batch_size_gives_the_same_alerts_with_their_evidence(batch: int) -> None:
    found = alerts(read_recording([TRACK]), batch)
    expected = json.loads((SAMPLES / "barred_hours" / "expected.json").read_bytes())
    told = [alert for alert in found if not CATALOGUE[alert["rule_id"]].for_driver_only]
    assert len(told) == len(expected) > 2
    assert found == alerts(read_recording([TRACK]), 400)
    assert all(alert["evidence"] for alert in found)


def test_the_command_writes_the_same_file_twice_and_prints_a_summary(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outs = [tmp_path / "one.json", tmp_path / "two.json"]
    other = SAMPLES / "overspeed" / "track.ndjson"
    for out, files in zip(outs, ([TRACK, other], [other, TRACK]), strict=True):
        assert main(["replay", *map(str, files), "--world", str(WORLD), "--out", str(out)]) == 0
    assert outs[0].read_bytes() == outs[1].read_bytes()
    rules = [alert["rule_id"] for alert in json.loads(outs[0].read_bytes())]
    assert rules.count("overspeed") == 1
    assert "barred_area" in rules
    text = capsys.readouterr().out
    assert "alert overspeed" in text
    assert "fixes a second" in text


def test_rejects_are_counted_by_reason_and_stop_nothing(tmp_path: Path) -> None:
    raw = {"base64": base64.b64encode(b"\xff not json").decode()}
    file = write(tmp_path / "t.ndjson", GOOD, GOOD | {"payload": raw}, "", GOOD | {"topic": "other/topic"})
    result = run(read_recording([file]), load_world(WORLD))
    assert (result.messages, result.fixes) == (3, 0)
    assert sum(result.rejects.values()) == 3
    assert len(result.rejects) == 3


def test_raw_bytes_reach_the_decoder_as_they_were(tmp_path: Path) -> None:
    raw = b'{"fix_time": 1, \x00'
    file = write(tmp_path / "t.ndjson", GOOD | {"payload": {"base64": base64.b64encode(raw).decode()}})
    assert read_recording([file]).messages[0].payload == raw


def test_several_files_are_merged_by_the_time_of_arrival(tmp_path: Path) -> None:
    later, earlier = GOOD | {"received_at": "2026-03-16T09:00:02+08:00"}, GOOD
    first = write(tmp_path / "a", later, {"until": "2026-03-16T01:10:00Z"})
    second = write(tmp_path / "b", earlier, {"until": "2026-03-16T01:20:00Z"})
    recording = read_recording([first, second])
    assert [m.received_at.second for m in recording.messages] == [1, 2]
    assert recording.until == datetime(2026, 3, 16, 1, 20, tzinfo=UTC)


def test_silence_until_the_end_of_the_recording_is_noticed() -> None:
    recording = read_recording([SAMPLES / "silent_for_good" / "track.ndjson"])
    assert {a["rule_id"] for a in alerts(recording, 100)} == {"silent"}
    assert alerts(Recording(recording.messages, None), 100) == []
    short = recording.messages[-1].received_at + timedelta(minutes=9)
    assert alerts(Recording(recording.messages, short), 100) == []


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "unexpected end"),
        ([], "not an object"),
        ({"topic": "t", "received_at": "2026-03-16T01:00:01Z"}, "'payload' missing"),
        (
            GOOD | {"received_at": "yesterday"},
            "received_at must be an ISO 8601 time with offset, not 'yesterday'",
        ),
        (GOOD | {"received_at": "2026-03-16T01:00:01"}, "received_at must be an ISO 8601 time with offset"),
        (GOOD | {"received_at": 5}, "received_at must be an ISO 8601 time with offset, not 5"),
        (GOOD | {"topic": 5}, "topic must be a text, not 5"),
        (GOOD | {"payload": {"base64": "?"}}, "payload: not base64"),
        (GOOD | {"payload": {"base64": 7}}, "payload: not base64"),
        ({"until": None}, "until must be an ISO 8601 time with offset, not None"),
    ],
)
def test_a_bad_line_is_named_with_its_file(
    tmp_path: Path, line: object, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "bad.ndjson", GOOD, line)
    with pytest.raises(ReplayError) as refused:
        read_recording([file])
    assert str(refused.value).startswith(f"{file}:2: ")
    assert complaint in str(refused.value)
    assert main(["replay", str(file), "--world", str(WORLD)]) == 2
    assert "bad.ndjson:2:" in capsys.readouterr().err.replace("\n", "")


def test_a_file_that_is_not_there_and_a_bad_world_end_with_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", str(tmp_path / "none"), "--world", str(WORLD)]) == 2
    assert "No such file" in capsys.readouterr().err
    assert main(["replay", str(TRACK), "--world", str(tmp_path)]) != 0
    assert "fences.geojson" in capsys.readouterr().err
    with pytest.raises(WorldError):
        load_world(tmp_path)


def test_an_empty_recording_is_no_error(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    assert main(["replay", str(write(tmp_path / "t", "")), "--world", str(WORLD), "--out", str(out)]) == 0
    assert json.loads(out.read_bytes()) == []
