"""Memory of each vehicle: where it was loaded and unloaded, and on which waybill it came in."""

from dataclasses import dataclass
from typing import ClassVar

from hazmat.columns import Floats, Ids, Ints, Mask, Times
from rules.table import FLAG, FLOAT, ID, INT, TIME, Table


@dataclass(frozen=True, slots=True)
class TripMemory(Table):
    """One row a vehicle.

    ``waybill``: that of the trip under way, of several in force at once. ``state``: 0 load not known, 1
    empty, 2 loaded; ``changed_at``: when it changed last. ``loaded_at``, ``unloaded_at``: fence of the plant
    or park where it last became loaded and empty, b"" if none or in doubt; ``unloaded_on``: waybill then in
    force. ``*_before``: as they were before the last change, in case it was a flicker. ``inside``: in the
    district; ``left_at``: when it left. ``entered_on``: waybill on which it came in loaded; ``reused_on``:
    one on which it came in again, ``away_s`` later (infinite: it had been unloaded).
    """

    waybill: Ids
    state: Ints
    changed_at: Times
    loaded_at: Ids
    unloaded_at: Ids
    unloaded_on: Ids
    waybill_before: Ids
    loaded_before: Ids
    unloaded_before: Ids
    unloaded_on_before: Ids
    inside: Mask
    left_at: Times
    entered_on: Ids
    reused_on: Ids
    away_s: Floats

    COLUMNS: ClassVar = {
        "waybill": ID,
        "state": INT,
        "changed_at": TIME,
        "loaded_at": ID,
        "unloaded_at": ID,
        "unloaded_on": ID,
        "waybill_before": ID,
        "loaded_before": ID,
        "unloaded_before": ID,
        "unloaded_on_before": ID,
        "inside": FLAG,
        "left_at": TIME,
        "entered_on": ID,
        "reused_on": ID,
        "away_s": FLOAT,
    }
