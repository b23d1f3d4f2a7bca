"""Memory of each vehicle: the way along a route and near places."""

from dataclasses import dataclass
from typing import ClassVar

from rules.table import Table


@dataclass(frozen=True, slots=True)
class WayMemory(Table):
    """One row a vehicle."""

    COLUMNS: ClassVar = {}
