"""What terminals may say: the JSON of our own topics as typed structs, and the limits a fix must keep."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

from hazmat.coordinates import Datum

_NAN = float("nan")
_WORD_MAX = 2**32 - 1
_MS_MAX = 253402300799999  # the end of the year 9999

Word = Annotated[int, Meta(ge=0, le=_WORD_MAX)]
FixTime = Annotated[datetime, Meta(tz=True)] | Annotated[int, Meta(ge=0, le=_MS_MAX)]


class Fix(Struct, gc=False, frozen=True):
    """One fix as a terminal sends it; only `fix_time`, `lon` and `lat` must be there, null counts as missing.

    `fix_time` is ISO 8601 with offset or epoch milliseconds; `lon`, `lat` are degrees in `datum`; `alarm` and
    `status` are the words of JT/T 808. The fields from `lon` on stand in the order of `NUMBERS`.
    """

    fix_time: FixTime
    lon: float | None
    lat: float | None
    speed_kmh: float | None = _NAN
    heading_deg: float | None = _NAN
    accuracy_m: float | None = _NAN
    altitude_m: float | None = _NAN
    satellites: float | None = _NAN
    mileage_km: float | None = _NAN
    tank_level_pct: float | None = _NAN
    tank_temp_c: float | None = _NAN
    tank_pressure_kpa: float | None = _NAN
    valve_open: bool | None = _NAN  # type: ignore[assignment]  # a column of 0, 1, NaN in the end
    alarm: Word | None = -1
    status: Word | None = -1
    load: Literal["empty", "part", "full"] | None = None
    datum: Datum = Datum.WGS84
    vehicle_id: str | None = None


NUMBERS = tuple(name for name in Fix.__struct_fields__[1:] if name not in {"load", "datum", "vehicle_id"})

RANGES: dict[str, tuple[float, float]] = {
    "speed_kmh": (0, 300),
    "heading_deg": (0, 360),
    "accuracy_m": (0, 100_000),
    "altitude_m": (-500, 9_000),
    "satellites": (0, 255),
    "mileage_km": (0, 10_000_000),
    "tank_level_pct": (0, 100),
    "tank_temp_c": (-273.15, 1_000),
    "tank_pressure_kpa": (-102, 100_000),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is still believed: the box that we serve (WGS-84 degrees), the times, and the sizes in bytes."""

    lon: tuple[float, float] = (73.0, 136.0)
    lat: tuple[float, float] = (3.0, 54.0)
    future: timedelta = timedelta(seconds=60)
    past: timedelta = timedelta(days=30)
    payload_bytes: int = 524_288
    raw_bytes: int = 4_096


DEFAULT = Limits()
