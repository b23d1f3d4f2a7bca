"""What a truck of the labelled days does on a trip: how often each deed comes, breach and near miss alike."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np


class Deed(StrEnum):
    """One trip's deed; what of it is a breach follows from fences and papers, not from this word."""

    CLEAN = "clean"
    SIDE_STREET = "side_street"
    SERVICE_ROAD = "service_road"
    FRONTAGE = "frontage"
    OTHER_WAY = "other_way"
    BACK_FAR = "back_far"
    BACK_NEAR = "back_near"
    OLD_TOWN = "old_town"
    MARKET = "market"
    TUNNEL = "tunnel"
    SCHOOL_LONG = "school_long"
    SCHOOL_SHORT = "school_short"
    STOP_LONG = "stop_long"
    STOP_SHORT = "stop_short"
    BRIDGE_LONG = "bridge_long"
    BRIDGE_SHORT = "bridge_short"
    SERVICE_LONG = "service_long"
    SERVICE_SHORT = "service_short"
    SPEED = "speed"
    SPEED_20 = "speed_20"
    SPEED_50 = "speed_50"
    SPEED_NEAR = "speed_near"
    JAM = "jam"
    SILENT = "silent"
    SILENT_SHORT = "silent_short"


@dataclass(frozen=True, slots=True)
class Plan:
    """How often a deed is done (weight), and the span of its stop or silence in seconds, or of its speed as a
    share of the limit.
    """

    weight: float
    span: tuple[float, float] = (0.0, 0.0)


PLANS: dict[Deed, Plan] = {
    Deed.CLEAN: Plan(7),
    Deed.SIDE_STREET: Plan(4),
    Deed.SERVICE_ROAD: Plan(3),
    Deed.FRONTAGE: Plan(3),
    Deed.OTHER_WAY: Plan(4),
    Deed.BACK_FAR: Plan(5, (1500.0, 2500.0)),
    Deed.BACK_NEAR: Plan(5, (150.0, 350.0)),
    Deed.OLD_TOWN: Plan(4),
    Deed.MARKET: Plan(4),
    Deed.TUNNEL: Plan(8),
    Deed.SCHOOL_LONG: Plan(6, (170.0, 400.0)),
    Deed.SCHOOL_SHORT: Plan(5, (15.0, 35.0)),
    Deed.STOP_LONG: Plan(6, (680.0, 1500.0)),
    Deed.STOP_SHORT: Plan(6, (200.0, 570.0)),
    Deed.BRIDGE_LONG: Plan(6, (110.0, 300.0)),
    Deed.BRIDGE_SHORT: Plan(5, (10.0, 45.0)),
    Deed.SERVICE_LONG: Plan(6, (2800.0, 3600.0)),
    Deed.SERVICE_SHORT: Plan(5, (600.0, 2600.0)),
    Deed.SPEED: Plan(6, (1.06, 1.17)),
    Deed.SPEED_20: Plan(4, (1.24, 1.42)),
    Deed.SPEED_50: Plan(3, (1.55, 1.65)),
    Deed.SPEED_NEAR: Plan(8, (0.96, 0.985)),
    Deed.JAM: Plan(4, (1.2, 2.5)),
    Deed.SILENT: Plan(3, (900.0, 2400.0)),
    Deed.SILENT_SHORT: Plan(4, (120.0, 540.0)),
}
_WEIGHTS = np.array([plan.weight for plan in PLANS.values()])


def draw(rng: np.random.Generator) -> tuple[Deed, float]:
    """A deed by chance, and its span."""
    deed = tuple(PLANS)[int(rng.choice(len(PLANS), p=_WEIGHTS / _WEIGHTS.sum()))]
    return deed, float(rng.uniform(*PLANS[deed].span))
