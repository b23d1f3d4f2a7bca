"""Hours of the local day as rules name them: 22 to 6 is a night."""

import numpy as np

from hazmat.clock import local_minute
from hazmat.columns import Floats, Mask, Times
from rules.rule import Limits

NIGHT = {"night_from_h": 22.0, "night_to_h": 6.0}


def between_hours(times: Times, from_h: Floats | float, to_h: Floats | float) -> Mask:
    """Whether each time lies in [from, to) of the Shanghai day, across midnight if ``to`` is not after."""
    hour = local_minute(times) / 60.0
    begun, over = hour >= from_h, hour >= to_h
    inside: Mask = np.where(np.asarray(from_h) < np.asarray(to_h), begun & ~over, begun | ~over)
    return inside


def at_night(times: Times, limits: Limits) -> Mask:
    """Whether each time lies in the night as a rule's limits have it."""
    return between_hours(times, limits["night_from_h"], limits["night_to_h"])
