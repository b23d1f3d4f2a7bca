"""Told to the driver alone: drifting out of the route's corridor, while he can still correct it."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Floats, Ids, Mask, Rows
from hazmat.position import Positions
from rules.facts import Facts
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording


def _half_width_m(facts: Facts) -> Floats:
    width = np.full(len(facts.route), np.nan)
    row = np.flatnonzero(facts.way.followed)
    width[row] = facts.registry.fences.half_width_m[facts.route[row]]
    return width


def _condition(_: Positions, facts: Facts, limits: Limits) -> Mask:
    half_width, way = _half_width_m(facts), facts.way  # NaN, no corridor, compares false
    near = (way.offset_m > limits["edge_share"] * half_width) & (way.offset_m <= half_width)
    return near & (way.outward_m > np.maximum(limits["drift_m"], facts.accuracy_m)) & facts.moving


def _well_inside_or_out(_: Positions, facts: Facts, limits: Limits) -> Mask:
    """Well inside again; or surely outside, where the breach itself speaks."""
    near = facts.way.offset_m > limits["clear_share"] * _half_width_m(facts)
    return ~near | facts.way.off


def _measure(_: Positions, facts: Facts, rows: Rows) -> Floats:
    """Metres from the line of the route."""
    return facts.way.offset_m[rows]


def _corridor(facts: Facts, rows: Rows) -> Ids:
    return facts.fence_ids[facts.route[rows]]


CORRIDOR_EDGE = Rule[Facts](
    id="corridor_edge",
    name_zh="即将偏离运单路线预警",
    name_en="About to leave the waybill's route corridor",
    group=Group.PLACE,
    severity=Severity.BLUE,
    basis="危险货物道路运输安全管理办法 §45",
    receivers=(Receiver.DRIVER,),
    says=Wording(
        "在走廊内偏离中线超过半宽的 {edge_share} 倍，且仍在向外偏移",
        "beyond {edge_share} of the corridor's half width and drifting out",
        "回到半宽的 {clear_share} 倍以内，或已驶出走廊",
        "it is within {clear_share} of the half width again, or has left the corridor",
    ),
    condition=_condition,
    hold=Hold(seconds=10, fixes=2),
    clear=Clear(seconds=20, fixes=2, condition=_well_inside_or_out),
    cool_down_s=600.0,
    measure=_measure,
    object_of=_corridor,
    unit="m",
    warns_of="off_corridor",
    needs=(Need.GOOD_FIX, Need.WAYBILL, Need.CORRIDOR, Need.LOAD),
    limits={"edge_share": 0.7, "clear_share": 0.6, "drift_m": 5.0},
)
