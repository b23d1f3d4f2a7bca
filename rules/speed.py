"""Speed and what is allowed where: shared by the rules about speed."""

from collections.abc import Mapping

import numpy as np

from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.facts import Facts
from rules.limit_in_force import limit_in_force
from rules.places import HEADING_WITHIN_DEG, course_deg
from rules.rule import Limits

# 危险货物道路运输安全管理办法 §46. Limits of rule overspeed alone: every rule about speed reads them there.
LEGAL_KMH = {"expressway_kmh": 80.0, "other_kmh": 60.0}
_DOUBT_ERRORS = 2.0  # errors of a fix as reported, before another road is out of the question


def limit_kmh(facts: Facts) -> Floats:
    """Limit at each fix: the highest of the roads it may be on, the expressway's where no road is known."""
    legal = _legal_kmh(facts)
    limit = np.full(len(facts.vehicle), -np.inf)
    np.maximum.at(limit, facts.roads.row, _of_roads(facts, legal, facts.roads.row, facts.roads.fence))
    limit[~facts.placed] = -np.inf
    return np.where(np.isneginf(limit), legal["expressway_kmh"], limit)


def on_expressway(facts: Facts) -> Mask:
    """Where the nearest road that the fix may be on is an expressway."""
    nearest = facts.roads.nearest
    return (
        (nearest >= 0) & facts.registry.fences.expressway[nearest] if len(facts.fence_ids) else nearest >= 0
    )


def speed_error_kmh(facts: Facts) -> Floats:
    """What a speed reckoned from two positions may err by at most, if both are as accurate as said; a speed
    that the receiver measured is taken as it is."""
    return 2.0 * facts.accuracy_m / facts.speed_over_s * 3.6


def surely_over(positions: Positions, facts: Facts, limits: Limits, share: float) -> Mask:
    """Faster than this share of the limit by more than ``limits["tolerance_kmh"]`` and what the speed may
    err, on whatever road it may be.
    """
    over = facts.speed_kmh > limit_kmh(facts) * share + limits["tolerance_kmh"]
    row = np.flatnonzero(over)  # few: only of them it is asked twice
    highest_kmh = _highest_kmh(positions, facts, row)
    sure_kmh = (facts.speed_kmh - speed_error_kmh(facts))[row]
    over[row] = sure_kmh > highest_kmh * share + limits["tolerance_kmh"]
    return over


def _highest_kmh(positions: Positions, facts: Facts, row: Rows) -> Floats:
    """Highest limit of the roads along its way within twice the accuracy: a receiver's error lasts for
    minutes, and a street may run 20 m beside a trunk road.
    """
    fences, track = facts.registry.fences, facts.track
    on = fences.near_roads(
        track.points[row], track.x_m[row], track.y_m[row], _DOUBT_ERRORS * facts.accuracy_m[row]
    )
    turn = (course_deg(positions, track)[row][on.row] - on.along_deg + 180.0) % 360.0 - 180.0
    across = np.abs(np.abs(turn) - 90.0) < 90.0 - HEADING_WITHIN_DEG
    keep = np.flatnonzero(~across & fences.in_force(on.fence, positions.fix_time[row[on.row]]))
    highest = limit_kmh(facts)[row]
    np.maximum.at(
        highest, on.row[keep], _of_roads(facts, _legal_kmh(facts), row[on.row[keep]], on.fence[keep])
    )
    return highest


def _of_roads(facts: Facts, legal: Mapping[str, Floats], row: Rows, fence: Rows) -> Floats:
    fences = facts.registry.fences
    by_class = np.where(fences.expressway[fence], legal["expressway_kmh"][row], legal["other_kmh"][row])
    return np.fmin(by_class, fences.limit_kmh[fence])


def _legal_kmh(facts: Facts) -> dict[str, Floats]:
    """The limits by law at each fix, as rule overspeed had them then."""
    return {
        name: limit_in_force(facts.registry, "overspeed", name, kmh, facts.fix_time)
        for name, kmh in LEGAL_KMH.items()
    }


def band_kmh(facts: Facts, limits: Limits) -> Floats:
    """Where the band of the points rule begins that is ``limits["over_pct"]`` over the limit."""
    return limit_kmh(facts) * _share(limits)


def _share(limits: Limits) -> float:
    return 1.0 + limits["over_pct"] / 100.0


def in_band(positions: Positions, facts: Facts, limits: Limits) -> Mask:
    """In the band that is ``limits["over_pct"]`` over the limit, or above it."""
    return surely_over(positions, facts, limits, _share(limits))


def below_band(_: Positions, facts: Facts, limits: Limits) -> Mask:
    """Slow again, by ``limits["clear_below_kmh"]`` under the band."""
    return facts.speed_kmh <= band_kmh(facts, limits) - limits["clear_below_kmh"]


def speed_kmh(_: Positions, facts: Facts, rows: Rows) -> Floats:
    """The measure of rules about speed."""
    return facts.speed_kmh[rows]
