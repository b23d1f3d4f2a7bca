"""What a fix must keep to be believed: checks over whole columns, the first that fails names the reason."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from hazmat.columns import Floats, Ints, Mask
from hazmat.position import Positions
from ingest.contract import RANGES, Limits
from ingest.faults import Fault, Reason
from ingest.fixes import Columns

Check = tuple[Reason, str, Mask]


def first_faults(columns: Columns, limits: Limits) -> tuple[Ints, list[Check]]:
    """For each row the place, in the list that comes with it, of the first check that it fails; -1: none."""
    checks = list(_checks(columns, limits))
    first = np.full(len(columns.positions), -1, np.int64)
    for place in range(len(checks) - 1, -1, -1):
        first[checks[place][2]] = place
    return first, checks


def time_refused(first: Ints, checks: list[Check]) -> Mask:
    """Rows in which nothing but the time is not believed: it is checked last."""
    places = [place for place, (_, name, _) in enumerate(checks) if name == "fix_time"]
    return np.isin(first, places)


def describe(check: Check, positions: Positions, row: int) -> Fault:
    """The fault of one row, with the value that was not believed."""
    reason, name, _ = check
    if name == "lon, lat":
        return Fault(reason, name, f"{positions.lon[row]:.7g}, {positions.lat[row]:.7g}")
    value = getattr(positions, name)[row]
    if name == "fix_time":
        return Fault(reason, name, f"{value}Z, received at {positions.received_at[row]}Z")
    return Fault(reason, name, value.decode() if isinstance(value, bytes) else f"{value:.7g}")


def _checks(columns: Columns, limits: Limits) -> Iterator[Check]:
    fixes = columns.positions
    yield Reason.MISSING_FIELD, "vehicle_id", columns.unnamed
    yield Reason.BAD_VEHICLE_ID, "vehicle_id", columns.misnamed
    yield from _places(fixes, limits)
    for name, (low, high) in RANGES.items():
        value = getattr(fixes, name)
        yield Reason.OUT_OF_RANGE, name, (value < low) | (value > high)
    age = fixes.received_at - fixes.fix_time
    yield Reason.TIME_IN_FUTURE, "fix_time", age < -_span(limits.future)
    yield Reason.TIME_TOO_OLD, "fix_time", age > _span(limits.past)


def _places(fixes: Positions, limits: Limits) -> Iterator[Check]:
    """Where there is no GNSS fix, lon and lat may be anything."""
    yield Reason.MISSING_FIELD, "lon", fixes.has_fix & np.isnan(fixes.lon)
    yield Reason.MISSING_FIELD, "lat", fixes.has_fix & np.isnan(fixes.lat)
    outside = fixes.has_fix & ~inside(fixes.lon, fixes.lat, limits)
    swapped = outside & inside(fixes.lat, fixes.lon, limits)
    yield Reason.LON_LAT_SWAPPED, "lon, lat", swapped
    yield Reason.OUTSIDE_SERVICE_AREA, "lon, lat", outside


def inside(lon: Floats, lat: Floats, limits: Limits) -> Mask:
    """Which points lie in the box that we serve; NaN does not."""
    (west, east), (south, north) = limits.lon, limits.lat
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def _span(length: timedelta) -> np.timedelta64:
    return np.timedelta64(round(length.total_seconds() * 1000), "ms")
