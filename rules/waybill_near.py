"""How far in time a vehicle without a waybill in force is from one of its own."""

import numpy as np

from hazmat.columns import Floats, Ints
from hazmat.position import Positions
from rules.facts import Facts


def away_from_waybill_s(positions: Positions, facts: Facts) -> Floats:
    """Seconds since its last waybill ended, or until its next begins if that is less; NaN: neither, or one
    is in force."""
    away_s = np.full(len(facts.waybill), np.nan)
    row = np.flatnonzero((facts.waybill < 0) & facts.loaded & facts.known)
    vehicle, times = facts.vehicle[row], positions.fix_time[row]
    edges = facts.registry.waybill_edges
    since = _seconds(edges.since_end_ms(vehicle, times))
    away_s[row] = np.fmin(since, _seconds(edges.until_start_ms(vehicle, times)))
    return away_s


def _seconds(milliseconds: Ints) -> Floats:
    return np.where(milliseconds < 0, np.nan, milliseconds / 1000.0)
