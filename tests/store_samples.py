"""Batches as the store gets them, made of seeded noise or by hand."""

from datetime import UTC, datetime
from typing import Any

import numpy as np

from hazmat.columns import ID_DTYPE, TIME_DTYPE
from hazmat.outcome import LastKnown, Outcome
from hazmat.position import COLUMN_TYPES, Positions

START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
START_MS = int(START.timestamp() * 1000)


def positions(vehicle: list[str], seconds: list[float], **columns: Any) -> Positions:
    """Fixes of these vehicles at these seconds after START; what is not named is missing or plain."""
    count = len(vehicle)
    times = (np.array(seconds) * 1000 + START_MS).astype(np.int64).astype(TIME_DTYPE)
    values: dict[str, Any] = {
        name: np.full(count, np.nan if dtype == np.float64 else -1 if dtype == np.int64 else 0).astype(dtype)
        for name, dtype in COLUMN_TYPES.items()
        if name not in {"vehicle_id", "fix_time", "received_at"}
    }
    values |= {"vehicle_id": np.array(vehicle, ID_DTYPE), "fix_time": times, "received_at": times + 200}
    values |= {
        "has_fix": np.ones(count, np.bool_),
        "lon": np.full(count, 121.7),
        "lat": np.full(count, 29.97),
    }
    values |= {name: np.asarray(column, COLUMN_TYPES[name]) for name, column in columns.items()}
    return Positions(**values)


def outcome(fixes: Positions, late: list[bool] | None = None, **parts: Any) -> Outcome:
    """A batch of these fixes; the last row of each vehicle that is not late is where it was last."""
    late_rows = np.zeros(len(fixes), np.bool_) if late is None else np.array(late, np.bool_)
    last = {v: row for row, v in enumerate(fixes.vehicle_id.tolist()) if not late_rows[row]}
    rows = np.array(sorted(last.values()), np.intp)
    usual: dict[str, Any] = {
        "late": late_rows,
        "known": np.ones(len(fixes), np.bool_),
        "last_known": LastKnown(rows, np.full(len(rows), 2, np.int64), np.ones(len(rows), np.bool_)),
        "alerts": (),
        "journeys": (),
        "repeated": 0,
        "registry_version": 7,
    }
    return Outcome(positions=fixes, **(usual | parts))


def noise(count: int, vehicles: int, second: float, seed: int, missing: float = 0.3) -> Outcome:
    """One fix of each of `count` vehicles out of `vehicles` at about this second."""
    dice = np.random.default_rng(seed)
    chosen = dice.permutation(vehicles)[:count]
    floats = [
        name for name, dtype in COLUMN_TYPES.items() if dtype == np.float64 and name not in {"lon", "lat"}
    ]
    columns: dict[str, Any] = {name: dice.uniform(0, 90, count) for name in floats}
    for values in columns.values():
        values[dice.random(count) < missing] = np.nan
    columns["lon"], columns["lat"] = dice.uniform(121.4, 122, count), dice.uniform(29.8, 30.1, count)
    columns["alarm"] = dice.integers(-1, 2**32, count)
    columns["status"] = dice.integers(-1, 2**32, count)
    columns["load"] = dice.integers(-1, 3, count)
    columns["has_fix"] = dice.random(count) < 0.95
    names = [f"vehicle-{number}" for number in chosen.tolist()]
    return outcome(positions(names, (second + dice.uniform(0, 0.9, count)).tolist(), **columns))
