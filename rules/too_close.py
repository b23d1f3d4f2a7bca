"""Two loaded tankers that follow each other too closely for too long."""

import numpy as np
import shapely

from hazmat.alerts import Fact, Severity
from hazmat.clock import seconds_between
from hazmat.columns import ID_DTYPE, Floats, Mask, Rows, Times
from hazmat.geofences import FenceKind
from hazmat.registry import Registry
from rules.neighbours import neighbours
from rules.rule import Group, Hits, Hold, Limits, Need, Receiver, TogetherRule, Wording
from rules.scene import Scene, both_fresh, in_order, other_vehicle

_SLACK_M = 100.0  # how far off a place carried forward may be from where both were at one time


def _condition(scene: Scene, limits: Limits) -> Hits:
    memory = scene.vehicles
    driving = memory.loaded & ~memory.at_stop_place & scene.fresh(limits)
    rows = np.flatnonzero(driving & (scene.speed_kmh > limits["above_kmh"]) & ~np.isnan(scene.velocity[0]))
    in_tunnel = np.zeros(len(scene.age_s), bool)
    in_tunnel[rows] = _in_tunnel(scene, rows)
    open_air, tunnel = limits["apart_m"], limits["apart_in_tunnel_m"]
    pairs = [_near(scene, rows, open_air, limits), _near(scene, rows[in_tunnel[rows]], tunnel, limits)]
    one, other, apart_m = (np.concatenate(part) for part in zip(*pairs, strict=True))
    short_m = np.where(in_tunnel[one] & in_tunnel[other], tunnel, open_air) - apart_m
    # A pair in a tunnel is found in both ways; each is told once.
    _, first = np.unique(one * len(in_tunnel) + other, return_index=True)
    return Hits(one[first], memory.vehicle_id[other[first]], short_m[first], np.zeros(len(first), bool))


def _near(scene: Scene, rows: Rows, within_m: float, limits: Limits) -> tuple[Rows, Rows, Floats]:
    """Pairs of these vehicles that go the same way so near to each other, and how near."""
    x_m, y_m = _placed(scene, rows, scene.times(len(rows)))
    nth, mth = neighbours(x_m, y_m, within_m + limits["leave_m"] + _SLACK_M)
    alike = scene.same_way(rows[nth], rows[mth], limits["same_way_deg"])
    one, other = in_order(scene, rows[nth[alike]], rows[mth[alike]])
    apart_m, carried_s = distance_m(scene, one, other)
    reach_m = within_m + limits["leave_m"] * scene.told(TOO_CLOSE.id, one, other)
    near = (apart_m < reach_m) & (carried_s <= limits["carried_s"])
    return one[near], other[near], apart_m[near]


def distance_m(scene: Scene, one: Rows, other: Rows) -> tuple[Floats, Floats]:
    """(metres between the two of each pair at one moment, seconds that a place had to be carried forward).

    The moment is the earlier of their last fixes if the other one's way then is known. At 60 km/h two
    terminals that report every 10 s would else be up to 167 m out of step.
    """
    memory = scene.vehicles
    last, before = memory.fix_time, memory.together.before_at
    since = np.where(np.isnat(before), last, before)
    moment = np.maximum(np.minimum(last[one], last[other]), np.maximum(since[one], since[other]))
    x1, y1 = _placed(scene, one, moment)
    x2, y2 = _placed(scene, other, moment)
    carried = np.fmax(seconds_between(last[one], moment), seconds_between(last[other], moment))
    return np.hypot(x1 - x2, y1 - y2), carried


def _placed(scene: Scene, rows: Rows, moment: Times) -> tuple[Floats, Floats]:
    """Where each vehicle was at the moment beside it: on the line through its last two fixes."""
    memory, (east, north) = scene.vehicles, scene.velocity
    span_s = seconds_between(memory.fix_time[rows], moment)
    return memory.x_m[rows] + east[rows] * span_s, memory.y_m[rows] + north[rows] * span_s


def _in_tunnel(scene: Scene, rows: Rows) -> Mask:
    fences, memory = scene.registry.fences, scene.vehicles
    x_m, y_m = memory.x_m[rows], memory.y_m[rows]
    inside = np.zeros(len(rows), bool)
    for tunnel in scene.registry.derived(_tunnels):  # few
        if fences.in_force(np.array([tunnel]), scene.times(1))[0]:
            west, south, east, north = shapely.bounds(fences.geometry_m[tunnel])
            near = np.flatnonzero((x_m >= west) & (x_m <= east) & (y_m >= south) & (y_m <= north))
            inside[near] |= shapely.intersects_xy(fences.geometry_m[tunnel], x_m[near], y_m[near])
    return inside


def _tunnels(registry: Registry) -> Rows:
    fences = registry.fences
    return np.flatnonzero(fences.kinds(np.arange(len(fences.fences)), FenceKind.TUNNEL))


def _evidence(scene: Scene, row: int, object_id: str, _: Limits) -> dict[str, Fact]:
    other = scene.rows_of(np.array([object_id.encode()], ID_DTYPE))
    apart_m, carried_s = distance_m(scene, np.array([row]), other)
    return {
        "apart_m": round(float(apart_m[0]), 1),
        "carried_s": float(carried_s[0]),
        "in_tunnel": bool(_in_tunnel(scene, np.array([row, other[0]])).all()),
        **other_vehicle(scene, object_id),
    }


TOO_CLOSE = TogetherRule(
    id="too_close",
    name_zh="重车跟车过近",
    name_en="Two loaded tankers too close",
    group=Group.TOGETHER,
    severity=Severity.YELLOW,
    basis="道路交通安全法 §43; 道路交通安全法实施条例 §80; ADR 8.5 S1(5)",
    says=Wording(
        "两辆重车同向行驶，均快于 {above_kmh} km/h，间距小于 {apart_m} 米（隧道内 {apart_in_tunnel_m} 米）",
        "two loaded tankers go the same way above {above_kmh} km/h, less than {apart_m} m apart",
        "间距超出要求 {leave_m} 米以上，或已缓行、分道",
        "they are {leave_m} m further apart than that, slow, or have parted",
    ),
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRAFFIC_POLICE),
    limits={
        "apart_m": 50.0,
        "apart_in_tunnel_m": 100.0,
        "leave_m": 10.0,  # further than that beyond, an alert ends
        "above_kmh": 20.0,  # slower than that it is a queue
        "same_way_deg": 45.0,
        "fresh_s": 120.0,
        "carried_s": 30.0,  # beyond, a place carried forward proves nothing about 50 m
    },
    condition=_condition,
    known=both_fresh,
    evidence=_evidence,
    hold=Hold(seconds=120, fixes=4),
    clear_s=60.0,
    gap_s=180.0,
    cool_down_s=900.0,
    unit="m",  # short of the distance
    needs=(Need.LOAD, Need.SPEED),
)
