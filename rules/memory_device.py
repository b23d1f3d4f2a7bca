"""Memory of each vehicle: how its terminal behaves."""

from dataclasses import dataclass
from typing import ClassVar

from hazmat.columns import Floats, Ints, Times
from rules.table import FLOAT, INT, TIME, Table, several

PRINTS = 8  # payloads of one vehicle that are known again, if a broker sends them twice


@dataclass(frozen=True, slots=True)
class DeviceMemory(Table):
    """One row a vehicle.

    ``leap_at``, ``leap_before``: its last two leaps; ``swap_at``: when its fixes last went back to the other
    of two tracks, ``other_*``: where that one was left. ``quiet_ms``: longest silence since the last usable
    fix, ``mileage_km`` then. ``clock_at``: time that the device said last, since ``clock_since``.
    ``print_last``: fingerprint of the last message in order, ``prints``: of those taken as signs of life,
    newest first, 0 for none.
    """

    leap_at: Times
    leap_before: Times
    swap_at: Times
    other_x_m: Floats
    other_y_m: Floats
    other_at: Times
    quiet_ms: Ints
    mileage_km: Floats
    clock_at: Times
    clock_since: Times
    print_last: Ints
    prints: Ints

    COLUMNS: ClassVar = {
        "leap_at": TIME,
        "leap_before": TIME,
        "swap_at": TIME,
        "other_x_m": FLOAT,
        "other_y_m": FLOAT,
        "other_at": TIME,
        "quiet_ms": INT,
        "mileage_km": FLOAT,
        "clock_at": TIME,
        "clock_since": TIME,
        "print_last": INT,
        "prints": several(INT, PRINTS),
    }
