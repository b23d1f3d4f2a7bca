"""Terminals that report seldom, or no speed, and halts in traffic."""

import numpy as np
import pytest

from tests.drives import told
from tests.town import positions, town


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
