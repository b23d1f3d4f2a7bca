"""Off the route corridors of all waybills in force."""

import numpy as np
import shapely

from hazmat.alerts import Severity
from hazmat.columns import Floats, Ids, Ints, Mask, Rows
from hazmat.position import Positions
from rules.facts import Facts
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording


def _condition(_: Positions, facts: Facts, limits: Limits) -> Mask:
    off = facts.way.off & facts.placed
    row = np.flatnonzero(off)
    route, free_m = facts.route[row], limits["free_at_ends_m"]
    off[row] = ~_near_an_end(facts, row, route, free_m)
    off[row] &= _well_beyond(facts, row, route, facts.way.offset_m[row], limits)
    others = facts.way.others
    pair = np.flatnonzero(off[others.row])
    row, route = others.row[pair], others.route[pair]
    beyond = _well_beyond(facts, row, route, others.offset_m[pair], limits)
    off[row[_near_an_end(facts, row, route, free_m) | ~beyond]] = False
    return off


def _well_beyond(facts: Facts, rows: Rows, route: Ints, offset_m: Floats, limits: Limits) -> Mask:
    """Further out than a receiver errs for minutes; among high buildings it errs by more than it admits."""
    accuracy = facts.accuracy_m[rows]
    times = np.where(accuracy <= limits["good_m"], limits["good_times"], limits["poor_times"])
    beyond = offset_m - facts.registry.fences.half_width_m[route]
    return ~(beyond <= times * accuracy)  # NaN: further away than is reckoned


def _back(_: Positions, facts: Facts, limits: Limits) -> Mask:
    """Within the corridor's own width, or free of it; just outside, within the error, it stays as it is."""
    within = np.ones(len(facts.route), bool)
    row = np.flatnonzero(facts.way.followed)
    half_width = facts.registry.fences.half_width_m[facts.route[row]]
    within[row] = facts.way.offset_m[row] <= half_width  # NaN, far away, compares false
    out = np.flatnonzero(~within)
    within[out] = _near_an_end(facts, out, facts.route[out], limits["free_at_ends_m"])
    others = facts.way.others
    pair = np.flatnonzero(~within[others.row])
    row, route = others.row[pair], others.route[pair]
    near = others.offset_m[pair] <= facts.registry.fences.half_width_m[route]
    within[row[near | _near_an_end(facts, row, route, limits["free_at_ends_m"])]] = True
    return within & (facts.placed | ~facts.way.followed)


def _near_an_end(facts: Facts, rows: Rows, route: Ints, free_m: float) -> Mask:
    lines = facts.registry.fences.geometry_m[route]
    ends = np.stack([shapely.get_coordinates(shapely.get_point(lines, end)) for end in (0, -1)], axis=1)
    here = np.stack([facts.track.x_m[rows], facts.track.y_m[rows]], -1)[:, None, :]
    return np.asarray((np.hypot(*np.moveaxis(ends - here, -1, 0)) <= free_m).any(axis=1), bool)


def _measure(_: Positions, facts: Facts, rows: Rows) -> Floats:
    """Metres beyond the corridor's edge."""
    fences, route = facts.registry.fences, facts.route[rows]
    away = fences.distance_m(route, facts.track.points[rows])
    return away - fences.half_width_m[route]


def _corridor(facts: Facts, rows: Rows) -> Ids:
    return facts.fence_ids[facts.route[rows]]


OFF_CORRIDOR = Rule[Facts](
    id="off_corridor",
    name_zh="偏离运单路线",
    name_en="Off the waybill's route corridor",
    group=Group.PLACE,
    severity=Severity.ORANGE,
    basis="危险货物道路运输安全管理办法 §24, §45",
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRANSPORT),
    says=Wording(
        "重车位于所有有效运单路线走廊之外，且超出定位误差的 {good_times} 倍；"
        "起讫点 {free_at_ends_m} 米以内不计",
        "loaded, outside the corridors of all waybills in force by {good_times} times the error, "
        "{free_at_ends_m} m from their ends",
        "回到走廊以内",
        "it is within the corridor again",
    ),
    condition=_condition,
    hold=Hold(seconds=60, fixes=3, unbroken=False),
    clear=Clear(seconds=20, fixes=2, condition=_back),
    measure=_measure,
    object_of=_corridor,
    unit="m",
    jt808=23,
    jt809=0x000B,
    needs=(Need.GOOD_FIX, Need.WAYBILL, Need.CORRIDOR, Need.LOAD),
    # Where a trip begins and ends, trucks find their own way to the ramp.
    limits={"free_at_ends_m": 200.0, "good_m": 25.0, "good_times": 1.5, "poor_times": 3.0},
)
