"""Labelled days: the same for the same seed, plausible on the road, with breaches and near misses."""

from collections import Counter

import numpy as np
import pytest
import shapely

from hazmat.coordinates import to_metres
from hazmat.registry import Registry
from ingest.scoring.days import judge, score_days
from ingest.simulator import day_town as town
from ingest.simulator.day_deeds import PLANS, Deed
from ingest.simulator.day_drivers import tasks
from ingest.simulator.day_receiver import Air
from ingest.simulator.day_trips import make_trip
from ingest.simulator.day_truth import at_least_s, longest_run_s, stretches
from ingest.simulator.days import DaySettings, LabelledDay, labelled_days

SETTINGS = DaySettings(hours=160.0, seed=5)


@pytest.fixture(scope="module")
def day() -> LabelledDay:
    return next(labelled_days(SETTINGS))


def test_the_same_seed_gives_the_same_day(day: LabelledDay) -> None:
    again = next(labelled_days(SETTINGS))
    assert again.breaches == day.breaches
    assert again.world == day.world
    for name, column in day.positions.columns().items():
        assert np.array_equal(column, getattr(again.positions, name), equal_nan=column.dtype.kind == "f"), (
            name
        )
    other = next(labelled_days(DaySettings(hours=160.0, seed=6)))
    assert other.breaches != day.breaches


def test_fixes_arrive_in_order_late_twice_and_without_signal(day: LabelledDay) -> None:
    fixes = day.positions
    assert (np.diff(fixes.received_at.astype(np.int64)) >= 0).all()
    assert (np.diff(fixes.message) >= 0).all()
    pairs = Counter(zip(fixes.vehicle_id.tolist(), fixes.fix_time.tolist(), strict=True))
    assert sum(count - 1 for count in pairs.values()) > 50
    assert (~fixes.has_fix).sum() > 50
    behind_s = (fixes.received_at - fixes.fix_time).astype(np.int64) / 1000
    assert (behind_s > 60).sum() > 100
    assert behind_s.min() > -60  # a clock further ahead would be refused


def test_errors_are_as_large_as_told_and_claimed_honestly(day: LabelledDay) -> None:
    precise = next(labelled_days(DaySettings(hours=20.0, seed=5, air=Air(error_m=1.0))))
    for part, sigma_m in ((day, 5.0), (precise, 1.0)):
        claimed = part.positions.accuracy_m[~np.isnan(part.positions.lon)]
        assert 1.5 * sigma_m < np.median(claimed) < 2.6 * sigma_m
    x_m, y_m = to_metres(precise.positions.lon, precise.positions.lat)
    seen = ~np.isnan(x_m) & (precise.positions.speed_kmh > 30)
    lines = shapely.union_all(list(town.network().lines.values()))
    away_m = shapely.distance(lines, shapely.points(x_m[seen], y_m[seen]))
    assert np.median(away_m) < 10
    assert np.quantile(away_m, 0.95) < 20


@pytest.mark.parametrize("deed", list(Deed))
def test_every_deed_moves_like_a_truck_on_every_way(deed: Deed) -> None:
    for number, (base, plant) in enumerate(list(tasks())[::4]):
        rng = np.random.default_rng(number)
        motion = make_trip(base, plant, 1000.0, deed, float(np.mean(PLANS[deed].span)), rng)
        step_m = np.hypot(np.diff(motion.x_m), np.diff(motion.y_m))
        assert np.isfinite(motion.x_m).all()
        assert np.isfinite(motion.speed_kmh).all()
        assert step_m.max() < 38  # 132 km/h, the gravest speeding on the expressway
        assert np.abs(np.diff(motion.speed_kmh)).max() < 12
        start = town.metres((town.ENDS[base],))[0]
        assert np.hypot(motion.x_m[0] - start[0], motion.y_m[0] - start[1]) < 250


def test_breaches_are_frequent_and_few_of_them_marginal(day: LabelledDay) -> None:
    labelled = Counter(b.rule_id for b in day.breaches if not b.marginal)
    assert len(labelled) >= 15
    assert sum(labelled.values()) > 100
    assert sum(b.marginal for b in day.breaches) < 0.3 * len(day.breaches)
    assert all(b.start <= b.end for b in day.breaches)


def test_runs_of_a_mask_are_merged_over_short_pauses_and_measured() -> None:
    mask = np.zeros(200, bool)
    mask[10:50] = mask[60:90] = mask[150:160] = True
    assert stretches(mask) == [[10, 90], [150, 160]]
    assert longest_run_s(mask) == 80
    assert at_least_s(mask, 40).sum() == 40


def test_cutting_a_day_into_other_batches_changes_no_alert(
    day: LabelledDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = Registry(day.world)
    some = day.positions.take(np.flatnonzero(day.positions.vehicle_id == day.positions.vehicle_id[0]))
    whole = judge(some, registry, day.until)
    monkeypatch.setattr("ingest.scoring.days.BATCH_FIXES", 97)
    assert judge(some, registry, day.until).keys() == whole.keys()


def test_a_simulated_day_is_scored_beside_the_baseline() -> None:
    told: list[float] = []
    score = score_days(DaySettings(hours=80.0, seed=9), told.append)
    assert sum(told) == score.hours == 80.0
    ours, theirs = score.ours["off_designated_road"], score.theirs["off_designated_road"]
    assert ours.labelled == theirs.labelled > 5
    assert ours.recall >= 0.9
    assert len(theirs.false) > 10 * max(len(ours.false), 1)
    assert score.settings["seed"] == "9"
