"""Memory of each vehicle: the way along a route and near places."""

from dataclasses import dataclass
from typing import ClassVar

from hazmat.columns import Floats, Ints, Times
from rules.table import FLOAT, INT, TIME, Table


@dataclass(frozen=True, slots=True)
class WayMemory(Table):
    """One row a vehicle.

    ``trip``: which waybill's corridor, in which version, its last fix lay on (a hash; 0: on none).
    ``along_m``: how far along it; ``high_m``, ``low_m``: where it turned back, and how far it came since;
    ``usual_m``: its distance from the line of late. ``seen_again_at``: since when we know that it has not
    been away, NaT: since it came.
    """

    trip: Ints
    along_m: Floats
    high_m: Floats
    low_m: Floats
    usual_m: Floats
    seen_again_at: Times

    COLUMNS: ClassVar = {
        "trip": INT,
        "along_m": FLOAT,
        "high_m": FLOAT,
        "low_m": FLOAT,
        "usual_m": FLOAT,
        "seen_again_at": TIME,
    }
