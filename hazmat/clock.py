"""The one clock, and the one place that knows time zones: UTC inside, Asia/Shanghai for people."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np

from hazmat.columns import Floats, Ints, Times

SHANGHAI = timezone(
    timedelta(hours=8), "Asia/Shanghai"
)  # no daylight saving since 1991: a fixed offset is exact
_LOCAL_SHIFT = np.timedelta64(8 * 3600 * 1000, "ms")


def now() -> datetime:
    """The wall clock, aware, in UTC. Nothing else in the project reads it."""
    return datetime.now(UTC)


def to_time(at: datetime) -> np.datetime64:
    """A column's value (datetime64[ms], UTC) for an aware datetime; a naive one is a ValueError."""
    return np.datetime64(to_ms(at), "ms")


def to_ms(at: datetime) -> int:
    """Milliseconds since 1970 UTC of an aware datetime; a naive one is a ValueError."""
    if at.tzinfo is None:
        raise ValueError(f"time without zone: {at.isoformat()}")
    return round(at.timestamp() * 1000)


def from_time(time: np.datetime64) -> datetime:
    """The aware UTC datetime of a column's value; NaT is a ValueError."""
    if np.isnat(time):
        raise ValueError("no time (NaT)")
    return datetime.fromtimestamp(int(time.astype("datetime64[ms]").astype(np.int64)) / 1000, UTC)


def local_minute(times: Times) -> Ints:
    """Minute of the day in Shanghai, 0 to 1439, one for each time."""
    local = times + _LOCAL_SHIFT
    minute: Ints = ((local - local.astype("datetime64[D]")) // np.timedelta64(1, "m")).astype(np.int64)
    return minute


def local_day(times: Times) -> Ints:
    """Day in Shanghai, counted from 1970-01-01, one for each time."""
    days: Ints = (times + _LOCAL_SHIFT).astype("datetime64[D]").astype(np.int64)
    return days


def local_weekday(times: Times) -> Ints:
    """ISO weekday in Shanghai, 1 (Monday) to 7, one for each time."""
    weekday: Ints = (local_day(times) + 3) % 7 + 1  # 1970-01-01 was a Thursday
    return weekday


def seconds_between(start: Times, end: Times) -> Floats:
    """Seconds from start to end, row by row; NaN where either is missing."""
    span = end - start
    return np.where(np.isnat(span), np.nan, span.astype("timedelta64[ms]").astype(np.int64) / 1000.0)
