"""Terminals that report seldom, or no speed, and halts in traffic."""

from datetime import timedelta

import numpy as np
import pytest

from hazmat.columns import Floats
from tests.drives import told
from tests.fold import Fold, memory_rows
from tests.town import NOON, SIDE_Y, positions, town


@pytest.mark.parametrize(
    ("rule", "x_m", "y_m"),
    [("barred_area", 5500.0, 6500.0), ("no_permit", 2000.0, 3000.0)],
)
def test_a_truck_at_rest_that_reports_seldom_is_one_alert(rule: str, x_m: float, y_m: float) -> None:
    driving, resting = np.arange(0.0, 120.0, 10.0), 120 + np.arange(1, 20) * 360.0
    way = 30.0 * np.r_[np.arange(-11.0, 1.0), np.zeros(len(resting))]
    speed = np.r_[np.full(len(driving), 10.8), np.zeros(len(resting))]
    t_s = np.r_[driving, resting]
    messages = positions(t_s=t_s, x_m=x_m, y_m=y_m + way, speed_kmh=speed, heading_deg=0.0)
    (alert,) = told(messages, town(), rule)
    assert alert.resolved_at is None


def wander(steps: int, interval_s: float, lasts_s: float, error_m: float, seed: int) -> Floats:
    """A receiver's error: Gaussian, forgotten over ``lasts_s`` (0: at once)."""
    rng = np.random.default_rng(seed)
    kept = np.exp(-interval_s / lasts_s) if lasts_s else 0.0
    error = rng.normal(0, error_m, steps)
    for row in range(1, steps):
        error[row] = kept * error[row - 1] + np.sqrt(1 - kept * kept) * error[row]
    return error


@pytest.mark.parametrize("interval_s", [1.0, 2.0, 5.0, 10.0])
@pytest.mark.parametrize(("lasts_s", "error_m"), [(0.0, 2.5), (30.0, 2.5), (100.0, 2.5), (30.0, 5.0)])
def test_standing_without_a_reported_speed_is_one_stop(
    interval_s: float, lasts_s: float, error_m: float
) -> None:
    t_s = np.arange(0.0, 1800.0, interval_s)
    x_m, y_m = (wander(len(t_s), interval_s, lasts_s, error_m, seed) for seed in (1, 2))
    messages = positions(t_s=t_s, x_m=2500 + x_m, y_m=5000 + y_m, speed_kmh=np.nan, accuracy_m=2 * error_m)
    alerts = Fold(town()).feed(messages).alerts.values()
    (alert,) = [each for each in alerts if each.rule_id != "off_designated_road"]
    assert (alert.rule_id, alert.resolved_at) == ("illegal_stop", None)
    assert alert.opened_at <= NOON + timedelta(seconds=20)


@pytest.mark.parametrize("interval_s", [1.0, 5.0, 10.0])
def test_speed_is_reckoned_over_ten_seconds_or_not_at_all(interval_s: float) -> None:
    t_s = np.arange(0.0, 240.0, interval_s)
    x_m = 1500 + 10.0 * np.minimum(t_s, 120.0) + wander(len(t_s), interval_s, 30.0, 2.5, 3)
    messages = positions(t_s=t_s, x_m=x_m, y_m=SIDE_Y, speed_kmh=np.nan)
    whole, fold, speeds = Fold(town()).feed(messages), Fold(town()), []
    for row in range(len(t_s)):
        fold.feed(messages.take(np.array([row])))
        speeds.append(fold.memory.vehicles.speed.kmh[0])
    assert memory_rows(fold.memory) == memory_rows(whole.memory)
    kmh, driving = np.array(speeds), (t_s >= 10) & (t_s <= 120)
    assert np.isnan(kmh[t_s < 10]).all()
    assert np.abs(kmh[driving] - 36.0).max() < 5.0
    assert (kmh[t_s > 140] < 3.0).all()


def test_a_speed_that_was_measured_stands_until_ten_seconds_are_over() -> None:
    t_s = np.arange(0.0, 600.0)
    noise = wander(600, 1.0, 0.0, 2.5, 4)
    speed = np.where(np.arange(600) % 7 == 0, 59.0, np.nan)
    way = positions(t_s=t_s, x_m=1200 + t_s * 59 / 3.6 + noise, speed_kmh=speed, heading_deg=90.0, load=0)
    assert told(way.take(np.arange(300)), town(), "overspeed", "overspeed_20", "overspeed_50") == []
