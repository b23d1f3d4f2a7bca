"""Journeys through the district: entered and left where the way crosses its edge, deaf to jitter."""

import numpy as np

from tests.fold import Fold
from tests.town import NOON, positions, town


def test_journeys_are_entered_and_left_on_the_way_between_two_fixes() -> None:
    x_m = np.r_[np.linspace(800, 7300, 66), np.full(5, 7300.0), np.linspace(7400, 9300, 20)]
    speed = np.r_[np.full(66, 36.0), np.zeros(5), np.full(20, 36.0)]
    fold = Fold(town()).feed(positions(t_s=np.arange(91) * 10.0, x_m=x_m, speed_kmh=speed))
    (journey,) = fold.journeys.values()
    assert abs((journey.entered_at - NOON).total_seconds() - 20.0) < 0.01  # 200 m at 100 m in 10 s
    assert journey.exited_at is not None
    assert abs((journey.exited_at - NOON).total_seconds() - (710 + 1600 / 100 * 10)) < 0.01


def test_jitter_at_the_districts_edge_makes_no_journeys() -> None:
    x_m = 1000 + np.tile([4.0, -4.0], 20)
    fold = Fold(town()).feed(positions(t_s=np.arange(40) * 10.0, x_m=x_m, speed_kmh=5.0))
    assert fold.journeys == {}
