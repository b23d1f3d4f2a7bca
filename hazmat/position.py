"""Fixes as columns: what terminals report, in the order in which it arrived."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from hazmat.columns import ID_DTYPE, TIME_DTYPE, Floats, Ids, Ints, Mask, Times


class Load(IntEnum):
    """How full the tank is said to be; JT/T 808 status bits 8-9."""

    UNKNOWN = -1
    EMPTY = 0
    PART = 1
    FULL = 2


_FLOAT = np.dtype(np.float64)
_INT = np.dtype(np.int64)
COLUMN_TYPES: dict[str, np.dtype[Any]] = {
    "vehicle_id": ID_DTYPE,
    "fix_time": TIME_DTYPE,
    "received_at": TIME_DTYPE,
    "message": _INT,
    "has_fix": np.dtype(np.bool_),
    "lon": _FLOAT,
    "lat": _FLOAT,
    "speed_kmh": _FLOAT,
    "heading_deg": _FLOAT,
    "accuracy_m": _FLOAT,
    "altitude_m": _FLOAT,
    "satellites": _FLOAT,
    "mileage_km": _FLOAT,
    "alarm": _INT,
    "status": _INT,
    "load": _INT,
    "tank_level_pct": _FLOAT,
    "tank_temp_c": _FLOAT,
    "tank_pressure_kpa": _FLOAT,
    "valve_open": _FLOAT,
    "clock_off_s": _FLOAT,
}


@dataclass(frozen=True, slots=True)
class Positions:
    """Fixes, one a row, all columns of one length; missing is NaN, for ``load``, ``alarm`` and ``status`` -1.

    ``message`` counts the MQTT messages of a feed in the order of arrival; rows of one message share it.
    ``has_fix`` is false where the terminal lives but had no GNSS fix: lon and lat may be NaN or old.
    ``lon`` and ``lat`` are WGS-84 degrees. ``valve_open`` is 0, 1 or NaN. ``alarm``, ``status``: JT/T 808
    words. ``clock_off_s``: where the device's clock cannot be believed, that clock less ours; such a row has
    the time at which it came and counts as without a fix.
    """

    vehicle_id: Ids
    fix_time: Times
    received_at: Times
    message: Ints
    has_fix: Mask
    lon: Floats
    lat: Floats
    speed_kmh: Floats
    heading_deg: Floats
    accuracy_m: Floats
    altitude_m: Floats
    satellites: Floats
    mileage_km: Floats
    alarm: Ints
    status: Ints
    load: Ints
    tank_level_pct: Floats
    tank_temp_c: Floats
    tank_pressure_kpa: Floats
    valve_open: Floats
    clock_off_s: Floats

    def __len__(self) -> int:
        return len(self.vehicle_id)

    def columns(self) -> dict[str, NDArray[Any]]:
        """The columns by name, in the order of ``COLUMN_TYPES``; not copied."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def take(self, rows: NDArray[Any]) -> Self:
        """These rows (indices or a mask), in that order."""
        return type(self)(**{name: column[rows] for name, column in self.columns().items()})

    @classmethod
    def empty(cls) -> Self:
        """No fixes, columns of the right types."""
        return cls(**{name: np.empty(0, dtype) for name, dtype in COLUMN_TYPES.items()})

    @classmethod
    def concat(cls, parts: Sequence["Positions"]) -> Self:
        """All rows of all parts, one after the other."""
        if not parts:
            return cls.empty()
        return cls(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in COLUMN_TYPES})
