"""Memory of each vehicle: readings of its tank."""

from dataclasses import dataclass
from typing import ClassVar

from hazmat.columns import Floats, Mask, Times
from rules.table import FLAG, FLOAT, TIME, Table


@dataclass(frozen=True, slots=True)
class TankMemory(Table):
    """One row a vehicle; levels in per cent, temperatures in °C.

    ``level_1``, ``temp_1``: the last reading, ``level_2``, ``temp_2`` the one before; ``read_at``: when.
    ``level_ref``: level that a loss is reckoned from; ``handled``: filled or drawn off since. ``temp_next``,
    ``temp_next_at``: temperature some ten minutes ago or less, ``temp_ref``, ``temp_ref_at``: the one before
    that; ``temp_level`` and ``loaded``: of the tank then.
    """

    read_at: Times
    level_1: Floats
    level_2: Floats
    level_ref: Floats
    handled: Mask
    temp_1: Floats
    temp_2: Floats
    temp_next: Floats
    temp_next_at: Times
    temp_ref: Floats
    temp_ref_at: Times
    temp_level: Floats
    loaded: Mask

    COLUMNS: ClassVar = {
        "read_at": TIME,
        "level_1": FLOAT,
        "level_2": FLOAT,
        "level_ref": FLOAT,
        "handled": FLAG,
        "temp_1": FLOAT,
        "temp_2": FLOAT,
        "temp_next": FLOAT,
        "temp_next_at": TIME,
        "temp_ref": FLOAT,
        "temp_ref_at": TIME,
        "temp_level": FLOAT,
        "loaded": FLAG,
    }
