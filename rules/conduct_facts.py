"""What an alert about conduct rests on: the limit there, how far beyond it, hours at the wheel, points."""

import numpy as np

from hazmat.alerts import Fact
from rules.driving import HOUR_MS
from rules.facts import Facts
from rules.rule import Definition, Group
from rules.speed import limit_kmh, on_expressway


def conduct_facts(rule: Definition, facts: Facts, row: int) -> dict[str, Fact]:
    """Of the fix at a row, for a rule of the group in force then; of other groups nothing."""
    if rule.group is not Group.CONDUCT:
        return {}
    if "tolerance_kmh" in rule.limits:
        return _speed_facts(rule, facts, row)
    driving = facts.driving
    return {
        "driven_h": _hours(driving.driven_ms[row]),
        "night_driven_h": _hours(driving.night_ms[row]),
        "day_driven_h": _hours(driving.day_ms[row]),
        **({"points": rule.limits["points"]} if "points" in rule.limits else {}),
    }


def _speed_facts(rule: Definition, facts: Facts, row: int) -> dict[str, Fact]:
    """Points are those of 道路交通安全违法行为记分管理办法 for vehicles with dangerous goods."""
    limit = float(limit_kmh(facts)[row])
    over_pct = (float(facts.speed_kmh[row]) / limit - 1.0) * 100.0
    expressway = bool(on_expressway(facts)[row])
    told: dict[str, Fact] = {"speed_limit_kmh": limit, "over_pct": round(over_pct, 1)}
    if "points_other" not in rule.limits:
        return told
    counts = expressway or over_pct >= rule.limits["points_other_from_pct"]
    points = rule.limits["points_expressway" if expressway else "points_other"]
    return {**told, "expressway": expressway, "points": points if counts else 0.0}


def _hours(milliseconds: np.int64) -> float:
    return round(int(milliseconds) / HOUR_MS, 2)
