"""Over the legal or the posted speed."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.facts import Facts
from rules.rule import Clear, Group, Hold, Limits, Receiver, Rule


def limit_kmh(facts: Facts, limits: Limits) -> Floats:
    """Limit at each fix: the highest of the roads it may be on, the expressway's where no road is known."""
    fences = facts.registry.fences
    legal = np.where(fences.expressway[facts.roads.fence], limits["expressway_kmh"], limits["other_kmh"])
    limit = np.full(len(facts.vehicle), -np.inf)
    np.maximum.at(limit, facts.roads.row, np.fmin(legal, fences.limit_kmh[facts.roads.fence]))
    return np.where(np.isneginf(limit), limits["expressway_kmh"], limit)


def _condition(_: Positions, facts: Facts, limits: Limits) -> Mask:
    return facts.speed_kmh > limit_kmh(facts, limits)


def _slow_again(_: Positions, facts: Facts, limits: Limits) -> Mask:
    return facts.speed_kmh <= limit_kmh(facts, limits) - limits["clear_below_kmh"]


def _measure(_: Positions, facts: Facts, rows: Rows) -> Floats:
    return facts.speed_kmh[rows]


OVERSPEED = Rule[Facts](
    id="overspeed",
    name_zh="超速",
    name_en="Over the speed limit",
    group=Group.CONDUCT,
    severity=Severity.YELLOW,
    basis="危险货物道路运输安全管理办法 §46",
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRAFFIC_POLICE),
    condition=_condition,
    hold=Hold(seconds=30, fixes=3),
    clear=Clear(fixes=2, condition=_slow_again),
    measure=_measure,
    unit="km/h",
    limits={"expressway_kmh": 80.0, "other_kmh": 60.0, "clear_below_kmh": 5.0},
)
