"""A loaded tanker standing on a designated road while others drive past it."""

import numpy as np
import shapely

from hazmat.alerts import Fact, Severity
from hazmat.clock import seconds_between
from hazmat.columns import ID_DTYPE, Mask, Rows
from rules.memory_together import PASSERS_KEPT
from rules.passers import waits
from rules.rule import Group, Hits, Limits, Need, Receiver, TogetherRule, Wording
from rules.scene import Scene, vehicle_fresh


def _condition(scene: Scene, limits: Limits) -> Hits:
    memory = scene.vehicles
    stood_s = seconds_between(memory.stop_since, scene.times(len(scene.standing)))
    rows = np.flatnonzero(waits(scene) & scene.fresh(limits) & (stood_s > limits["stood_s"]))
    rows = rows[_passed(scene, rows, limits).sum(axis=1) >= min(limits["passers"], PASSERS_KEPT)]
    rows = rows[_on_designated(scene, rows, limits["beside_m"])]
    return Hits(rows, np.zeros(len(rows), ID_DTYPE), stood_s[rows], np.zeros(len(rows), bool))


def _passed(scene: Scene, rows: Rows, limits: Limits) -> Mask:
    """Which of the passers remembered for each passed since it has been standing, in the last minutes."""
    memory = scene.vehicles
    span = np.timedelta64(round(limits["passed_within_s"] * 1000), "ms")
    since = np.maximum(scene.at - span, memory.stop_since[rows])
    return np.asarray(memory.together.passed_at[rows] > since[:, None], bool)  # NaT compares false


def _on_designated(scene: Scene, rows: Rows, beside_m: float) -> Mask:
    fences, memory = scene.registry.fences, scene.vehicles
    on = np.zeros(len(rows), bool)
    if not len(rows) or not len(fences.designated):
        return on
    points = shapely.points(memory.x_m[rows], memory.y_m[rows])
    reach = float(np.nanmax(fences.half_width_m[fences.designated])) + beside_m
    nth, spot = fences.designated_tree.query(points, predicate="dwithin", distance=reach)
    fence = fences.designated[spot]
    near = fences.distance_m(fence, points[nth]) <= fences.half_width_m[fence] + beside_m
    on[nth[near & fences.in_force(fence, scene.times(len(fence)))]] = True
    return on


def _evidence(scene: Scene, row: int, _: str, limits: Limits) -> dict[str, Fact]:
    passed = _passed(scene, np.array([row]), limits)[0]
    who = np.isin(scene.memory.hashes.view(np.int64), scene.vehicles.together.passed_by[row][passed])
    return {"passed": int(passed.sum()), "passed_by": scene.names(np.flatnonzero(who))}


UNUSUAL_STOP = TogetherRule(
    id="unusual_stop",
    name_zh="主干道异常停车",
    name_en="Standing on a trunk road while others move",
    group=Group.PLACE,
    severity=Severity.YELLOW,
    basis="道路交通安全法 §52, §68; 危险化学品安全管理条例 §48",
    says=Wording(
        "重车在指定道路上停驻超过 {stood_s} 秒，其间至少 {passers} 辆车同向正常驶过",
        "a loaded tanker stands on a designated road for over {stood_s} s while {passers} others pass it",
        "车辆驶离",
        "it drives on",
    ),
    receivers=(Receiver.CARRIER, Receiver.TRAFFIC_POLICE),
    limits={
        "stood_s": 300.0,
        "passers": 2.0,  # no more than are remembered
        "passed_within_s": 600.0,
        "beside_m": 5.0,  # beyond the road's edge
        "fresh_s": 600.0,
    },
    condition=_condition,
    known=vehicle_fresh,
    evidence=_evidence,
    clear_s=30.0,
    gap_s=1800.0,
    unit="s",
    needs=(Need.LOAD, Need.SPEED, Need.DESIGNATED_ROAD),
)
