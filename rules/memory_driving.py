"""Memory of each vehicle: hours at the wheel and rests."""

from dataclasses import dataclass
from typing import ClassVar

from rules.table import Table


@dataclass(frozen=True, slots=True)
class DrivingMemory(Table):
    """One row a vehicle."""

    COLUMNS: ClassVar = {}
