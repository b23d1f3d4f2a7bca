"""Memory of each vehicle: of how many messages of its journey each need of the rules was met."""

from dataclasses import dataclass
from typing import ClassVar

from hazmat.columns import Ids, Ints
from rules.rule import Need
from rules.table import ID, INT, Table, several

NEEDS = tuple(Need)


@dataclass(frozen=True, slots=True)
class CoverageMemory(Table):
    """One row a vehicle.

    Of the present journey: ``messages``, ``held`` (how many of them met each of ``NEEDS``), ``gate``: the
    fence of the road on which it entered.
    """

    messages: Ints
    held: Ints
    gate: Ids

    COLUMNS: ClassVar = {"messages": INT, "held": several(INT, len(NEEDS)), "gate": ID}
