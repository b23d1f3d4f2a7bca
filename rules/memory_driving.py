"""Memory of each vehicle: hours at the wheel and rests."""

from dataclasses import dataclass
from typing import ClassVar

from hazmat.columns import Floats, Ints, Times
from rules.table import FLOAT, INT, TIME, Table, several

DAY_HOURS = 25  # hours of the clock that 24 hours touch


@dataclass(frozen=True, slots=True)
class DrivingMemory(Table):
    """One row a vehicle; spans in milliseconds, so that sums do not depend on how they were cut.

    ``rest_since``, ``rest_x_m``, ``rest_y_m``: the stay that may become a rest (NaT: it is driving).
    ``driven_ms`` since the last rest, ``night_ms`` of it by night. ``hours``: driving in each of the last 25
    hours of the clock, ``day_ms`` their sum, ``hour`` the latest of them in hours since 1970.
    """

    rest_since: Times
    rest_x_m: Floats
    rest_y_m: Floats
    driven_ms: Ints
    night_ms: Ints
    day_ms: Ints
    hour: Ints
    hours: Ints

    COLUMNS: ClassVar = {
        "rest_since": TIME,
        "rest_x_m": FLOAT,
        "rest_y_m": FLOAT,
        "driven_ms": INT,
        "night_ms": INT,
        "day_ms": INT,
        "hour": INT,
        "hours": several(INT, DAY_HOURS),
    }
