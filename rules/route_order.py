"""Going back along the route of the waybill: against its direction, or in another order than it says."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Floats, Ids, Mask, Rows
from hazmat.position import Positions
from rules.facts import Facts
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording
from rules.way import corridor_cells


def _condition(_: Positions, facts: Facts, limits: Limits) -> Mask:
    back = (facts.way.back_m > limits["back_m"]) & facts.placed  # NaN, on no corridor, compares false
    row = np.flatnonzero(back)  # few go back
    back[row] = _only_place(facts, row, limits["back_m"])
    return back


def _only_place(facts: Facts, rows: Rows, back_m: float) -> Mask:
    """Whether the fix can lie at one place of the line alone: where it meets itself no order is judged."""
    route, track = facts.route[rows], facts.track
    within = facts.registry.fences.half_width_m[route] + facts.accuracy_m[rows]
    spread = corridor_cells(facts.registry).spread_m(route, track.x_m[rows], track.y_m[rows], within)
    return spread <= 2 * within + back_m


def _forward(_: Positions, facts: Facts, limits: Limits) -> Mask:
    """Going forward again, or on no corridor any more."""
    return ~(facts.way.back_m > limits["clear_m"])


def _measure(_: Positions, facts: Facts, rows: Rows) -> Floats:
    """Metres that it has gone back."""
    return facts.way.back_m[rows]


def _corridor(facts: Facts, rows: Rows) -> Ids:
    return facts.fence_ids[facts.route[rows]]


ROUTE_ORDER = Rule[Facts](
    id="route_order",
    name_zh="逆运单路线行驶",
    name_en="Going back along the waybill's route",
    group=Group.PLACE,
    severity=Severity.YELLOW,
    basis="危险货物道路运输安全管理办法 §24, §45",
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRANSPORT),
    says=Wording(
        "重车在运单路线走廊内沿路线折返超过 {back_m} 米",
        "loaded on the corridor of its waybill, and come back along it by more than {back_m} m",
        "重新沿路线方向行驶",
        "it goes forward along the route again",
    ),
    condition=_condition,
    hold=Hold(seconds=60, fixes=3),
    clear=Clear(seconds=20, fixes=2, condition=_forward),
    measure=_measure,
    object_of=_corridor,
    unit="m",
    jt808=21,
    jt809=0x000B,
    needs=(Need.GOOD_FIX, Need.WAYBILL, Need.CORRIDOR, Need.LOAD),
    limits={"back_m": 500.0, "clear_m": 100.0},
)
