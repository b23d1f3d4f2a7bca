"""Memory of each vehicle: how its terminal behaves."""

from dataclasses import dataclass
from typing import ClassVar

from rules.table import Table


@dataclass(frozen=True, slots=True)
class DeviceMemory(Table):
    """One row a vehicle."""

    COLUMNS: ClassVar = {}
