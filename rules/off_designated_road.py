"""In the district with a load, but not on a designated road."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.geofences import FenceKind
from hazmat.position import Positions
from rules.facts import Facts
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording


def _condition(positions: Positions, facts: Facts, limits: Limits) -> Mask:
    off = facts.loaded & facts.in_district & ~facts.roads.designated & ~facts.at_stop_place & facts.placed
    row = np.flatnonzero(off)
    row = row[_any_designated(positions, facts, row)]
    beyond = _well_beyond(positions, facts, row, limits)
    return np.isin(np.arange(len(off)), row[beyond])


def _well_beyond(positions: Positions, facts: Facts, rows: Rows, limits: Limits) -> Mask:
    """Further out than a receiver errs for minutes; among high buildings it errs by more than it admits."""
    accuracy, points = facts.accuracy_m[rows], facts.track.points[rows]
    beyond = np.ones(len(rows), bool)
    beyond[_beside(positions, facts, rows, limits["good_times"] * accuracy)] = False
    poor = np.flatnonzero(accuracy > limits["good_m"])
    away = facts.registry.fences.beyond_designated_m(points[poor])
    beyond[poor] &= away > limits["poor_times"] * accuracy[poor]
    return beyond


def _beside(positions: Positions, facts: Facts, rows: Rows, reach_m: Floats) -> Rows:
    """Which of these fixes have a designated road for their goods within reach of its edge."""
    fences, track = facts.registry.fences, facts.track
    near = fences.near_roads(track.points[rows], track.x_m[rows], track.y_m[rows], reach_m)
    serves = fences.kinds(near.fence, FenceKind.DESIGNATED_ROAD)
    serves &= (fences.class_bits[near.fence] & facts.class_bits[rows[near.row]]) != 0
    return near.row[serves & fences.in_force(near.fence, positions.fix_time[rows[near.row]])]


def _any_designated(positions: Positions, facts: Facts, rows: Rows) -> Mask:
    """Whether any road was designated at all: without one nobody can be off it."""
    fences = facts.registry.fences
    some = np.zeros(len(rows), bool)
    for road in fences.designated:  # few are designated, and few fixes are off them
        some |= fences.in_force(np.full(len(rows), road), positions.fix_time[rows])
        if some.all():
            break
    return some


def _back(_: Positions, facts: Facts, __: Limits) -> Mask:
    """Within the width of a designated road, or where none is needed; just beside one it stays as it is."""
    back = facts.roads.well_on | ~facts.in_district | facts.at_stop_place
    return (back & facts.placed) | ~facts.loaded


def _measure(_: Positions, facts: Facts, rows: Rows) -> Floats:
    """Metres beyond the edge of the nearest designated road."""
    return facts.registry.fences.beyond_designated_m(facts.track.points[rows])


OFF_DESIGNATED_ROAD = Rule[Facts](
    id="off_designated_road",
    name_zh="偏离指定道路",
    name_en="Off the designated road",
    group=Group.PLACE,
    severity=Severity.ORANGE,
    basis="道路交通安全法 §48(3); 危险货物道路运输安全管理办法 §49",
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRAFFIC_POLICE),
    says=Wording(
        "重车在辖区内行驶或停留，不在任何对所载货物开放的指定道路上，"
        "且超出定位误差的 {good_times} 倍（精度差于 {good_m} 米时 {poor_times} 倍）",
        "loaded in the district, and further from every road designated for the goods than {good_times} "
        "times what the fix may err ({poor_times} times when that is over {good_m} m)",
        "回到指定道路宽度以内、驶离辖区或进入厂区、停车场",
        "it is within the width of a designated road again, out of the district, or in a plant or park",
    ),
    condition=_condition,
    hold=Hold(seconds=60, fixes=3, unbroken=False),
    clear=Clear(seconds=20, fixes=2, condition=_back),
    measure=_measure,
    unit="m",
    jt808=20,
    jt809=0x0008,
    # What a receiver claims is about two of its sigmas, and its error stays for minutes: four are rare.
    limits={"good_m": 25.0, "good_times": 2.0, "poor_times": 3.0},
    needs=(Need.GOOD_FIX, Need.DISTRICT, Need.DESIGNATED_ROAD, Need.LOAD),
)
