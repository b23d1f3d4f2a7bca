"""Memory of each vehicle: from where its speed is reckoned when its terminal does not report one."""

from dataclasses import dataclass
from typing import ClassVar

from hazmat.columns import Floats, Times
from rules.table import FLOAT, TIME, Table


@dataclass(frozen=True, slots=True)
class SpeedMemory(Table):
    """One row a vehicle: ``from_*``: when and where it was at the fix that the next speed is reckoned from;
    ``kmh``: the last one reckoned, over ``over_s`` (infinite: it was measured).
    """

    from_at: Times
    from_x_m: Floats
    from_y_m: Floats
    kmh: Floats
    over_s: Floats

    COLUMNS: ClassVar = {"from_at": TIME, "from_x_m": FLOAT, "from_y_m": FLOAT, "kmh": FLOAT, "over_s": FLOAT}
