"""Over the legal or the posted speed."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.facts import Facts
from rules.rule import Clear, Hold, Receiver, Rule

EXPRESSWAY_KMH = 80.0
OTHER_ROAD_KMH = 60.0
CLEAR_BELOW_KMH = 5.0


def limit_kmh(facts: Facts) -> Floats:
    """Limit at each fix: the highest of the roads it may be on, the expressway's where no road is known."""
    fences = facts.registry.fences
    legal = np.where(fences.expressway[facts.roads.fence], EXPRESSWAY_KMH, OTHER_ROAD_KMH)
    limit = np.full(len(facts.vehicle), -np.inf)
    np.maximum.at(limit, facts.roads.row, np.fmin(legal, fences.limit_kmh[facts.roads.fence]))
    return np.where(np.isneginf(limit), EXPRESSWAY_KMH, limit)


def _condition(_: Positions, facts: Facts) -> Mask:
    return facts.speed_kmh > limit_kmh(facts)


def _slow_again(_: Positions, facts: Facts) -> Mask:
    return facts.speed_kmh <= limit_kmh(facts) - CLEAR_BELOW_KMH


def _measure(_: Positions, facts: Facts, rows: Rows) -> Floats:
    return facts.speed_kmh[rows]


OVERSPEED = Rule(
    id="overspeed",
    name_zh="超速",
    name_en="Over the speed limit",
    severity=Severity.YELLOW,
    basis="危险货物道路运输安全管理办法 §46",
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRAFFIC_POLICE),
    condition=_condition,
    hold=Hold(seconds=30, fixes=3),
    clear=Clear(fixes=2, condition=_slow_again),
    measure=_measure,
    unit="km/h",
    limits={
        "expressway_kmh": EXPRESSWAY_KMH,
        "other_kmh": OTHER_ROAD_KMH,
        "clear_below_kmh": CLEAR_BELOW_KMH,
    },
)
