"""Memory of each vehicle: readings of its tank."""

from dataclasses import dataclass
from typing import ClassVar

from rules.table import Table


@dataclass(frozen=True, slots=True)
class TankMemory(Table):
    """One row a vehicle."""

    COLUMNS: ClassVar = {}
