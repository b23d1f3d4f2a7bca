"""Memory of each vehicle: the waybill of the trip and where it was loaded."""

from dataclasses import dataclass
from typing import ClassVar

from rules.table import Table


@dataclass(frozen=True, slots=True)
class TripMemory(Table):
    """One row a vehicle."""

    COLUMNS: ClassVar = {}
