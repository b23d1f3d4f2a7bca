"""Fixes refused for their time alone still prove that the terminal lives, and that its clock errs."""

import numpy as np

from hazmat.columns import Mask
from hazmat.position import Positions


def signs_of_life(positions: Positions, good: Mask, time_refused: Mask) -> Mask:
    """The last row refused for its time, of each vehicle in each message that brings no good one of it."""
    alive = np.zeros(len(positions), bool)
    row = np.flatnonzero(good & np.isin(positions.message, positions.message[time_refused]))
    heard = set(zip(positions.message[row].tolist(), positions.vehicle_id[row].tolist(), strict=True))
    for refused in np.flatnonzero(time_refused)[::-1].tolist():  # few
        key = int(positions.message[refused]), positions.vehicle_id[refused].item()
        alive[refused] = key not in heard
        heard.add(key)
    return alive


def with_our_time(positions: Positions, rows: Mask) -> Positions:
    """These rows with the time at which they came, no fix, and how far the device's clock is off."""
    off_s = (positions.fix_time - positions.received_at).astype(np.int64) / 1000.0
    columns = positions.columns() | {
        "fix_time": np.where(rows, positions.received_at, positions.fix_time),
        "has_fix": positions.has_fix & ~rows,
        "clock_off_s": np.where(rows, off_s, positions.clock_off_s),
    }
    return Positions(**columns)
