"""Fixes from many messages, gathered row by row, then turned into columns at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np

from hazmat.columns import ID_DTYPE, Floats, Ids, Ints, Mask
from hazmat.coordinates import Datum, to_wgs84
from hazmat.position import Load, Positions
from ingest.contract import NUMBERS, Fix
from ingest.topics import as_vehicle_id

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOADS = {None: Load.UNKNOWN, "empty": Load.EMPTY, "part": Load.PART, "full": Load.FULL}
_LOAD_BITS = np.array([Load.EMPTY, Load.PART, Load.UNKNOWN, Load.FULL])  # JT/T 808 status bits 8-9
_WORDS = {"alarm", "status"}
_POSITIONED, _ENCRYPTED = 1 << 1, 1 << 5


@dataclass(slots=True)
class Gathered:
    """Fixes in order of arrival; beside each the row of its message, its place in the array (-1: no array)
    and the vehicle that its topic names (b"" for a gateway's)."""

    fixes: list[Fix] = field(default_factory=list)
    message: list[int] = field(default_factory=list)
    element: list[int] = field(default_factory=list)
    vehicle: list[bytes] = field(default_factory=list)

    def add(self, fix: Fix, message: int, element: int, vehicle: bytes) -> None:
        """One fix."""
        self.fixes.append(fix)
        self.message.append(message)
        self.element.append(element)
        self.vehicle.append(vehicle)

    def extend(self, fixes: Sequence[Fix], message: int, vehicle: bytes) -> None:
        """All fixes of an array."""
        self.fixes.extend(fixes)
        self.message.extend([message] * len(fixes))
        self.element.extend(range(len(fixes)))
        self.vehicle.extend([vehicle] * len(fixes))


@dataclass(frozen=True, slots=True)
class Columns:
    """The gathered fixes as columns, not checked yet; lon and lat still in each row's own datum.

    `unnamed`, `misnamed`: rows without a vehicle, with one that is no id or not the topic's.
    """

    positions: Positions
    datum: tuple[Datum, ...]
    unnamed: Mask
    misnamed: Mask


def to_columns(gathered: Gathered, received_ms: Ints, first_message: int) -> Columns:
    """All gathered fixes as columns; `received_ms` has one value a message."""
    rows = len(gathered.fixes)
    times, *numbers, loads, datums, named = zip(*map(msgspec.structs.astuple, gathered.fixes), strict=True)
    columns = {name: _numbers(column, name) for name, column in zip(NUMBERS, numbers, strict=True)}
    message = np.fromiter(gathered.message, np.int64, rows)
    columns["load"] = _load(loads, columns["status"])
    ids, unnamed, misnamed = _vehicle_ids(named, gathered.vehicle)
    positions = Positions(
        vehicle_id=ids,
        fix_time=_milliseconds(times).view("datetime64[ms]"),
        received_at=received_ms[message].view("datetime64[ms]"),
        message=message + first_message,
        has_fix=_has_fix(columns),
        clock_off_s=np.full(rows, np.nan),
        **columns,
    )
    return Columns(positions, datums, unnamed, misnamed)


def _numbers(column: tuple[Any, ...], name: str) -> Any:
    dtype, missing = (np.int64, -1) if name in _WORDS else (np.float64, np.nan)
    try:
        return np.fromiter(column, dtype, len(column))
    except TypeError:  # somebody wrote null
        return np.fromiter((missing if value is None else value for value in column), dtype, len(column))


def _milliseconds(times: Sequence[datetime | int]) -> Ints:
    values = (
        at if at.__class__ is int else (at - _epoch_in(at.tzinfo)).total_seconds() * 1000  # type: ignore[union-attr,operator]
        for at in times
    )
    return np.rint(np.fromiter(values, np.float64, len(times))).astype(np.int64)


@lru_cache(maxsize=4096)
def _epoch_in(zone: tzinfo) -> datetime:
    """1970 in the fix's own zone: times of one zone subtract ten times faster than those of two."""
    return _EPOCH.astimezone(zone)


def _load(said: Sequence[str | None], status: Ints) -> Ints:
    load = np.fromiter(map(_LOADS.__getitem__, said), np.int64, len(said))
    return np.where((load == Load.UNKNOWN) & (status >= 0), _LOAD_BITS[(status >> 8) & 3], load)


def _has_fix(columns: dict[str, Any]) -> Mask:
    status, lon, lat = columns["status"], columns["lon"], columns["lat"]
    silent: Mask = (status >= 0) & (((status & _POSITIONED) == 0) | ((status & _ENCRYPTED) != 0))
    nowhere: Mask = (columns["satellites"] == 0) & (lon == 0) & (lat == 0)
    return np.logical_not(silent | nowhere)


def _vehicle_ids(named: Sequence[str | None], topics: list[bytes]) -> tuple[Ids, Mask, Mask]:
    of_topic = np.array(topics, ID_DTYPE)
    none = np.zeros(len(topics), np.bool_)
    if all(topics) and not any(named):
        return of_topic, none, none
    said = [b"" if name is None else as_vehicle_id(name) for name in named]
    bad = np.fromiter((name is None for name in said), np.bool_, len(said))
    of_payload = np.array([name or b"" for name in said], ID_DTYPE)
    missing = (of_topic == b"") & (of_payload == b"") & ~bad
    differs = (of_topic != b"") & (of_payload != b"") & (of_topic != of_payload)
    return np.where(of_topic == b"", of_payload, of_topic), missing, bad | differs


def in_wgs84(columns: Columns) -> tuple[Floats, Floats]:
    """lon and lat of all rows in WGS-84."""
    lon, lat = columns.positions.lon, columns.positions.lat
    for datum in set(columns.datum) - {Datum.WGS84}:
        rows = np.fromiter((said is datum for said in columns.datum), np.bool_, len(lon))
        lon, lat = lon.copy(), lat.copy()
        lon[rows], lat[rows] = to_wgs84(lon[rows], lat[rows], datum)
    return lon, lat
