"""Loaded tankers whose goods may not stand beside each other, standing side by side."""

import numpy as np
import shapely

from hazmat.alerts import Fact, Severity
from hazmat.columns import ID_DTYPE, Ints, Mask, Rows
from hazmat.documents import HAZARD_CLASSES
from hazmat.geofences import FenceKind
from hazmat.registry import Registry
from rules.incompatible import incompatible
from rules.neighbours import neighbours
from rules.papers import pick
from rules.rule import Group, Hits, Hold, Limits, Need, Receiver, TogetherRule, Wording
from rules.scene import Scene, both_fresh, in_order, other_vehicle


def _condition(scene: Scene, limits: Limits) -> Hits:
    memory = scene.vehicles
    there = memory.loaded & scene.standing & (scene.waybill >= 0) & scene.fresh(limits)
    rows = np.flatnonzero(there)
    nth, mth = neighbours(memory.x_m[rows], memory.y_m[rows], limits["within_m"] + limits["leave_m"])
    one, other = in_order(scene, rows[nth], rows[mth])
    hazard = pick(scene.registry.derived(_classes), scene.waybill, -1)
    bad = np.flatnonzero(incompatible(hazard[one], hazard[other]))
    bad = bad[~_loading(scene, one[bad]) & ~_loading(scene, other[bad])]
    one, other = one[bad], other[bad]
    apart_m = np.hypot(memory.x_m[one] - memory.x_m[other], memory.y_m[one] - memory.y_m[other])
    reach_m = limits["within_m"] + limits["leave_m"] * scene.told(INCOMPATIBLE_PARKED.id, one, other)
    near = apart_m < reach_m
    value = limits["within_m"] - apart_m[near]
    return Hits(one[near], memory.vehicle_id[other[near]], value, np.zeros(len(value), bool))


def _loading(scene: Scene, rows: Rows) -> Mask:
    """In a plant, whose bays are kept apart by walls and rules of their own."""
    fences, memory = scene.registry.fences, scene.vehicles
    x_m, y_m = memory.x_m[rows], memory.y_m[rows]
    nth, fence = fences.areas(shapely.points(x_m, y_m), x_m, y_m)
    plant = fences.kinds(fence, FenceKind.PLANT) & fences.in_force(fence, scene.times(len(fence)))
    return np.bincount(nth[plant], minlength=len(rows)) > 0


def _classes(registry: Registry) -> Ints:
    """Class of each waybill's goods as a row of ``HAZARD_CLASSES``."""
    return np.array([HAZARD_CLASSES.index(w.hazard_class) for w in registry.world.waybills], np.int64)


def _evidence(scene: Scene, row: int, object_id: str, _: Limits) -> dict[str, Fact]:
    memory = scene.vehicles
    other = int(scene.rows_of(np.array([object_id.encode()], ID_DTYPE))[0])
    apart_m = np.hypot(memory.x_m[row] - memory.x_m[other], memory.y_m[row] - memory.y_m[other])
    return {
        "apart_m": round(float(apart_m), 1),
        "hazard_class": _class_of(scene, row),
        "other_hazard_class": _class_of(scene, other),
        **other_vehicle(scene, object_id),
    }


def _class_of(scene: Scene, row: Rows | int) -> str | None:
    paper = int(scene.waybill[row])
    return scene.registry.world.waybills[paper].hazard_class if paper >= 0 else None


INCOMPATIBLE_PARKED = TogetherRule(
    id="incompatible_parked",
    name_zh="禁忌货物混停",
    name_en="Incompatible goods parked together",
    group=Group.TOGETHER,
    severity=Severity.ORANGE,
    basis="危险化学品安全管理条例 §48; JT/T 617.6; IMDG 7.2.4",
    says=Wording(
        "装载禁忌货物的重车在装卸点以外停放，相距不足 {within_m} 米",
        "loaded tankers with incompatible goods stand less than {within_m} m apart, in no plant",
        "相距超过 {within_m} 米又 {leave_m} 米，或一方驶离、卸空",
        "they are {leave_m} m further apart than that, or one has left or unloaded",
    ),
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRANSPORT, Receiver.EMERGENCY),
    limits={
        "within_m": 50.0,
        "leave_m": 15.0,  # further than that beyond, an alert ends: receivers wander while trucks stand
        "fresh_s": 1800.0,  # a terminal at rest reports seldom
    },
    condition=_condition,
    known=both_fresh,
    evidence=_evidence,
    hold=Hold(seconds=300, fixes=5),
    clear_s=60.0,
    gap_s=3600.0,
    unit="m",  # nearer than they may
    needs=(Need.WAYBILL, Need.LOAD),
)
