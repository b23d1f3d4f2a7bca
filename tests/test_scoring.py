"""Scoring: what counts as found, missed, false; labels read or refused by name; the two-fix baseline."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import orjson
import pytest
import shapely
from shapely.geometry import LineString, box

from hazmat.__main__ import main
from hazmat.columns import ID_DTYPE
from hazmat.coordinates import to_lonlat, to_metres
from hazmat.geofences import FenceKind, Geofence
from hazmat.position import COLUMN_TYPES, Positions
from hazmat.registry import Registry, World
from hazmat.schedule import Schedule
from ingest.scoring.baseline import baseline
from ingest.scoring.labels import LabelError, Truth, find_cases, read_case
from ingest.scoring.matching import Claim, match
from ingest.scoring.score import score_cases, vehicle_hours
from ingest.scoring.tables import in_time, rows
from ingest.simulator.ground import Ground, in_force

AT = datetime(2026, 3, 16, 9, tzinfo=UTC)
T = AT.timestamp()
SAMPLES = Path(__file__).parent.parent / "sample_tracks"
SINCE = datetime(2025, 1, 1, tzinfo=UTC)


def claim(start: float, end: float, fired: float | None = None, about: str = "", of: str = "V1") -> Claim:
    return Claim(of, "overspeed", about, start, end, start if fired is None else fired)


def truth(start: float, end: float, about: str = "", *, marginal: bool = False) -> Truth:
    return Truth("V1", "overspeed", about, start, end, marginal)


def test_an_alert_on_a_breach_is_found_with_its_delay() -> None:
    tally = match([claim(105, 190, fired=140)], [truth(100, 200)])["overspeed"]
    assert (tally.labelled, tally.found, tally.missed, tally.false) == (1, 1, [], [])
    assert tally.delays_s == [40.0]
    assert (tally.recall, tally.precision) == (1.0, 1.0)


def test_a_breach_without_alert_is_missed_and_an_alert_without_breach_is_false() -> None:
    tally = match([claim(500, 600)], [truth(100, 200)])["overspeed"]
    assert (tally.found, len(tally.missed), len(tally.false)) == (0, 1, 1)
    assert (tally.recall, tally.precision) == (0.0, 0.0)


def test_vehicle_rule_and_object_must_be_the_same() -> None:
    assert len(match([claim(100, 200, of="V2")], [truth(100, 200)])["overspeed"].false) == 1
    assert len(match([claim(100, 200, about="a")], [truth(100, 200, "b")])["overspeed"].false) == 1
    assert match([claim(100, 200, about="a")], [truth(100, 200)])["overspeed"].found == 1
    other = Claim("V1", "illegal_stop", "", 100, 200, 100)
    assert set(match([other], [truth(100, 200)])) == {"overspeed", "illegal_stop"}


def test_a_second_alert_on_one_breach_is_repeated_and_one_alert_may_find_two() -> None:
    tally = match([claim(100, 140), claim(150, 200)], [truth(100, 200)])["overspeed"]
    assert (tally.found, tally.repeated, tally.false) == (1, 1, [])
    tally = match([claim(100, 400)], [truth(100, 200), truth(300, 390)])["overspeed"]
    assert (tally.found, tally.repeated) == (2, 0)


def test_a_marginal_breach_is_neither_missed_nor_false() -> None:
    silent = match([], [truth(100, 110, marginal=True)])["overspeed"]
    assert (silent.labelled, silent.marginal, silent.missed) == (0, 1, [])
    told = match([claim(100, 110)], [truth(100, 110, marginal=True)])["overspeed"]
    assert (told.found, told.false, told.marginal_alerts) == (0, [], 1)


def test_slack_reaches_just_so_far_and_an_open_end_for_ever() -> None:
    assert match([claim(230, 240)], [truth(100, 200)], slack_s=30)["overspeed"].found == 1
    assert match([claim(231, 240)], [truth(100, 200)], slack_s=30)["overspeed"].found == 0
    assert match([claim(10**9, 10**9)], [truth(100, float("inf"))])["overspeed"].found == 1


def test_rules_that_nobody_labelled_are_left_out() -> None:
    assert match([claim(0, 9)], [], frozenset({"overspeed"})) == {}


def test_what_only_a_repair_found_has_no_delay() -> None:
    late = Claim("V1", "overspeed", "", 100, 200, 130, counts_for_delay=False)
    tally = match([late], [truth(100, 200)])["overspeed"]
    assert (tally.found, tally.delays_s) == (1, [])


@pytest.mark.parametrize(("delay", "hold", "reached"), [(79.9, 60, True), (80.0, 60, False)])
def test_a_delay_is_in_time_under_hold_and_two_intervals(delay: float, hold: float, reached: bool) -> None:
    assert in_time(delay, hold, 10.0) is reached
    assert in_time(float("nan"), hold, 10.0) is None


def write(case: Path, truths: object, label: object = None) -> Path:
    case.mkdir(parents=True)
    (case / "track.ndjson").write_bytes(b"")
    (case / "truth.json").write_bytes(orjson.dumps(truths))
    if label is not None:
        (case / "label.json").write_bytes(orjson.dumps(label))
    return case


GOOD = {"vehicle_id": "V1", "rule_id": "overspeed", "object_id": "", "start": AT.isoformat(), "end": None}


def test_a_case_is_read_with_the_nearest_world_above_it(tmp_path: Path) -> None:
    (tmp_path / "world").mkdir()
    write(tmp_path / "a" / "b", [GOOD], {"hours": 2, "rules": ["overspeed"], "ignore": ["silent"]})
    case = find_cases(tmp_path)[0]
    assert (case.name, case.world, case.hours) == ("a/b", tmp_path / "world", 2)
    assert case.truths == (Truth("V1", "overspeed", "", T, float("inf")),)
    assert (case.rules, case.ignore) == (("overspeed",), frozenset({"silent"}))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"start": "9 o'clock"}, "row 0: start: cannot be"),
        ({"start": "2026-03-16T09:00:00"}, "row 0: start: cannot be"),
        ({"end": (AT - timedelta(seconds=1)).isoformat()}, "row 0: end: not after start"),
        ({"vehicle_id": 7}, "row 0: vehicle_id: cannot be 7"),
        ({"marginal": "yes"}, "row 0: marginal: must be true or false"),
        ({"until": None}, "row 0: until: no such field"),
    ],
)
def test_a_bad_truth_is_refused_by_file_row_and_field(
    change: dict[str, object], said: str, tmp_path: Path
) -> None:
    case = write(tmp_path / "case", [GOOD | change])
    with pytest.raises(LabelError) as error:
        read_case(case, tmp_path)
    assert str(error.value).startswith(f"{case / 'truth.json'}: {said}")


def test_a_missing_field_a_bad_label_and_a_missing_world_are_named(tmp_path: Path) -> None:
    short = write(tmp_path / "short", [{k: v for k, v in GOOD.items() if k != "rule_id"}])
    with pytest.raises(LabelError, match="row 0: rule_id: missing"):
        read_case(short, tmp_path)
    label = write(tmp_path / "label", [], {"hours": 0})
    with pytest.raises(LabelError, match=r"label\.json: hours: must be greater than 0"):
        read_case(label, tmp_path)
    with pytest.raises(LabelError, match="no folder world/ at or above it"):
        read_case(write(tmp_path / "lost", []), tmp_path)
    with pytest.raises(LabelError, match="no case"):
        find_cases(tmp_path / "world")


def fence(fence_id: str, kind: FenceKind, shape_m: object, **rest: object) -> Geofence:
    shape = shapely.transform(shape_m, lambda c: np.column_stack(to_lonlat(c[:, 0], c[:, 1])))
    return Geofence(fence_id=fence_id, kind=kind, name=fence_id, geometry=shape, valid_from=SINCE, **rest)  # type: ignore[arg-type]


def track(y_m: list[float], speed_kmh: list[float], east_m: float, north_m: float) -> Positions:
    """A loaded truck's fixes, ten seconds and 100 m apart, so many metres off the axis of a road."""
    rows = len(y_m)
    lon, lat = to_lonlat(east_m + 100.0 * np.arange(rows, dtype=float), north_m + np.array(y_m, float))
    missing = {np.dtype(np.float64): np.nan, np.dtype(np.int64): -1}
    columns = {name: np.full(rows, missing.get(dtype, 0), dtype) for name, dtype in COLUMN_TYPES.items()}
    at = (T * 1000 + 10_000 * np.arange(rows)).astype("datetime64[ms]")
    columns |= {
        "vehicle_id": np.full(rows, b"V1", ID_DTYPE), "fix_time": at, "received_at": at,
        "message": np.arange(rows), "has_fix": np.ones(rows, bool), "lon": lon, "lat": lat,
        "speed_kmh": np.array(speed_kmh), "load": np.full(rows, 2),
    }  # fmt: skip
    return Positions(**columns)


@pytest.fixture(scope="module")
def place() -> tuple[float, float, World]:
    x_m, y_m = (float(c[0]) for c in to_metres(np.array([121.6]), np.array([29.9])))
    road = fence("road", FenceKind.DESIGNATED_ROAD, LineString([(x_m, y_m), (x_m + 9000, y_m)]),
                 half_width_m=10.0, speed_limit_kmh=50.0)  # fmt: skip
    district = fence("district", FenceKind.DISTRICT, box(x_m - 500, y_m - 5000, x_m + 9500, y_m + 5000))
    return x_m, y_m, World(fences=(road, district))


def flips(positions: Positions, world: World, rule_id: str) -> list[tuple[float, float]]:
    made = baseline(positions, Registry(world), Ground(world), T + 10_000)
    return [(c.opened - T, c.last - T) for c in made if c.rule_id == rule_id]


def test_the_baseline_tells_every_flip_out_of_the_road(place: tuple[float, float, World]) -> None:
    east, north, world = place
    positions = track([0, 11, 0, 12, 13, 0, 0], [40.0] * 7, east, north)
    assert flips(positions, world, "off_designated_road") == [(10, 10), (30, 40)]


def test_the_baseline_tells_every_flip_over_the_limit(place: tuple[float, float, World]) -> None:
    east, north, world = place
    positions = track([0] * 6, [49.9, 50.1, 50.0, 76.0, 76.0, 40.0], east, north)
    assert flips(positions, world, "overspeed") == [(10, 10), (30, 40)]
    assert flips(positions, world, "overspeed_50") == [(30, 40)]


def test_the_baseline_ends_a_stop_at_one_moving_fix_and_ignores_late_ones(
    place: tuple[float, float, World],
) -> None:
    east, north, world = place
    speeds = [0.0] * 30 + [4.0] + [0.0] * 62
    positions = track([0] * len(speeds), speeds, east, north)
    assert flips(positions, world, "illegal_stop") == [(910, 920)]
    swapped = np.arange(len(speeds))
    swapped[[30, 31]] = [31, 30]  # the moving fix arrives after the one that followed it
    late = positions.take(swapped)
    late = Positions(**{**late.columns(), "message": np.arange(len(speeds))})
    assert flips(late, world, "illegal_stop") == [(600, 920)]


def test_the_baseline_knows_a_silence_by_the_time_of_arrival(place: tuple[float, float, World]) -> None:
    east, north, world = place
    assert flips(track([0, 0], [40.0, 40.0], east, north), world, "silent") == [(10, 10_000)]
    assert flips(track([0, 0], [40.0, 0.0], east, north), world, "silent") == []


def test_plain_geometry_knows_hours_across_midnight() -> None:
    night = fence("n", FenceKind.BARRED_AREA, box(0, 0, 1, 1), schedule=Schedule.parse("22:00-06:00", (1,)))
    monday = datetime(2026, 3, 16, tzinfo=UTC).timestamp() - 8 * 3600  # midnight in Shanghai
    hours = np.array([-1.0, 5.0, 21.9, 22.0, 29.9, 30.0])
    assert in_force(night, monday + hours * 3600).tolist() == [False, False, False, True, True, False]


def test_a_sample_is_scored_through_the_real_flow() -> None:
    score = score_cases([read_case(SAMPLES / "overspeed", SAMPLES)])
    assert (score.ours["overspeed"].found, score.ours["overspeed"].false) == (1, [])
    assert score.theirs["overspeed"].found == 1
    assert score.interval_s == 10.0
    assert 0.2 < score.hours < 2
    told, _ = rows(score)
    assert {"overspeed", "all conduct"} <= {row.name for row in told}


def test_the_table_is_the_same_each_time(tmp_path: Path) -> None:
    files = [tmp_path / "a.md", tmp_path / "b.md"]
    for file in files:
        assert (
            main(["score", str(SAMPLES / "silent"), "--table", str(file), "--json", str(tmp_path / "j")]) == 0
        )
    assert files[0].read_bytes() == files[1].read_bytes()
    assert "| silent | 1 | 0 | 1 | 0 | 0 |" in files[0].read_text()
    assert orjson.loads((tmp_path / "j").read_bytes())["settings"]["cases"] == "1"


def test_a_folder_without_cases_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["score", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith(f"hazmat: {tmp_path}: no case")


def test_hours_of_a_track_are_those_between_its_fixes(place: tuple[float, float, World]) -> None:
    east, north, _ = place
    assert vehicle_hours(track([0.0] * 361, [40.0] * 361, east, north)) == pytest.approx(1.0)
