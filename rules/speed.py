"""Speed and what is allowed where: shared by the rules about speed."""

import numpy as np

from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.facts import Facts
from rules.rule import Limits

LEGAL_KMH = {"expressway_kmh": 80.0, "other_kmh": 60.0}  # 危险货物道路运输安全管理办法 §46


def limit_kmh(facts: Facts, limits: Limits) -> Floats:
    """Limit at each fix: the highest of the roads it may be on, the expressway's where no road is known."""
    fences = facts.registry.fences
    legal = np.where(fences.expressway[facts.roads.fence], limits["expressway_kmh"], limits["other_kmh"])
    limit = np.full(len(facts.vehicle), -np.inf)
    np.maximum.at(limit, facts.roads.row, np.fmin(legal, fences.limit_kmh[facts.roads.fence]))
    return np.where(np.isneginf(limit), limits["expressway_kmh"], limit)


def on_expressway(facts: Facts) -> Mask:
    """Where the nearest road that the fix may be on is an expressway."""
    nearest = facts.roads.nearest
    return (
        (nearest >= 0) & facts.registry.fences.expressway[nearest] if len(facts.fence_ids) else nearest >= 0
    )


def speed_error_kmh(positions: Positions, facts: Facts) -> Floats:
    """What a speed reckoned from two positions may err by at most, if both are as accurate as said; a speed
    that the receiver measured is taken as it is."""
    reckoned_kmh = 2.0 * facts.accuracy_m / facts.track.step_s * 3.6
    return np.where(np.isnan(positions.speed_kmh), np.nan_to_num(reckoned_kmh), 0.0)


def beyond(positions: Positions, facts: Facts, limits: Limits, allowed_kmh: Floats) -> Mask:
    """Surely faster than allowed: by more than ``limits["tolerance_kmh"]`` and what the speed may err."""
    allowed_kmh = allowed_kmh + limits["tolerance_kmh"]
    fast = facts.speed_kmh > allowed_kmh
    fast[fast] &= (facts.speed_kmh - speed_error_kmh(positions, facts) > allowed_kmh)[fast]
    return fast


def band_kmh(facts: Facts, limits: Limits) -> Floats:
    """Where the band of the points rule begins that is ``limits["over_pct"]`` over the limit."""
    return limit_kmh(facts, limits) * (1.0 + limits["over_pct"] / 100.0)


def in_band(positions: Positions, facts: Facts, limits: Limits) -> Mask:
    """In the band that is ``limits["over_pct"]`` over the limit, or above it."""
    return beyond(positions, facts, limits, band_kmh(facts, limits))


def below_band(_: Positions, facts: Facts, limits: Limits) -> Mask:
    """Slow again, by ``limits["clear_below_kmh"]`` under the band."""
    return facts.speed_kmh <= band_kmh(facts, limits) - limits["clear_below_kmh"]


def speed_kmh(_: Positions, facts: Facts, rows: Rows) -> Floats:
    """The measure of rules about speed."""
    return facts.speed_kmh[rows]
