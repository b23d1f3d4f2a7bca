"""Memory of each vehicle: which lane of a designated road it keeps to."""

from dataclasses import dataclass
from typing import ClassVar

from hazmat.columns import Floats, Ids, Times
from rules.table import FLOAT, ID, TIME, Table, several

LANES = 4  # most lanes in one direction that are told apart
ERROR_MODELS = 9  # see rules.lanes


@dataclass(frozen=True, slots=True)
class LaneMemory(Table):
    """One row a vehicle: the designated road it is on, since how many metres, the fix before, and the belief.

    ``weight``: probability of each error model and lane, (ERROR_MODELS * LANES) in a row, sum 1. NaT in
    ``at``: on no such road.
    """

    road: Ids
    at: Times
    right_m: Floats
    stretch_m: Floats
    weight: Floats

    COLUMNS: ClassVar = {
        "road": ID,
        "at": TIME,
        "right_m": FLOAT,
        "stretch_m": FLOAT,
        "weight": several(FLOAT, ERROR_MODELS * LANES),
    }
