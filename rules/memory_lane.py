"""Memory of each vehicle: which lane of a designated road it keeps to."""

from dataclasses import dataclass
from typing import ClassVar

from rules.table import Table


@dataclass(frozen=True, slots=True)
class LaneMemory(Table):
    """One row a vehicle."""

    COLUMNS: ClassVar = {}
