"""Memory of each vehicle: how it moved last, and who passed it while it stood."""

from dataclasses import dataclass
from typing import ClassVar

from hazmat.columns import Floats, Ints, Times
from rules.table import FLOAT, INT, TIME, Table, several

PASSERS_KEPT = 3  # distinct vehicles that passed last


@dataclass(frozen=True, slots=True)
class TogetherMemory(Table):
    """One row a vehicle.

    ``before_*``: the usable fix before the last one, unknown where the way between them is. ``course_deg``:
    where the track led when it was last long enough to tell. Written by fixes; the rest by ticks:
    ``seen_*``: the fix that the last tick saw; ``passed_at``, ``passed_by``: when who passed last, as a hash
    of the vehicle's id.
    """

    before_at: Times
    before_x_m: Floats
    before_y_m: Floats
    course_deg: Floats
    seen_at: Times
    seen_x_m: Floats
    seen_y_m: Floats
    passed_at: Times
    passed_by: Ints

    COLUMNS: ClassVar = {
        "before_at": TIME,
        "before_x_m": FLOAT,
        "before_y_m": FLOAT,
        "course_deg": FLOAT,
        "seen_at": TIME,
        "seen_x_m": FLOAT,
        "seen_y_m": FLOAT,
        "passed_at": several(TIME, PASSERS_KEPT),
        "passed_by": several(INT, PASSERS_KEPT),
    }
