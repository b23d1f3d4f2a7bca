"""More on board than the vehicle is approved for, by level, volume and density."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording
from rules.signals import Signals


def _condition(_: Positions, signals: Signals, limits: Limits) -> Mask:
    tank = signals.tank  # a term that is not known, NaN, compares false
    return tank.on_the_way & (tank.load_t > tank.approved_t * (1.0 + limits["tolerance_pct"] / 100.0))


def _within(_: Positions, signals: Signals, __: Limits) -> Mask:
    return (signals.tank.load_t <= signals.tank.approved_t) | signals.at_stop_place


def _known(_: Positions, signals: Signals, __: Limits) -> Mask:
    known: Mask = ~np.isnan(signals.tank.load_t)
    return known


def _measure(_: Positions, signals: Signals, rows: Rows) -> Floats:
    return signals.tank.load_t[rows]


OVERLOAD = Rule[Signals](
    id="overload",
    name_zh="超载",
    name_en="Load beyond the approved mass",
    group=Group.LOAD,
    severity=Severity.ORANGE,
    basis="危险货物道路运输安全管理办法 §23; 危险化学品安全管理条例 §47",
    says=Wording(
        "按液位、罐容和密度推算的装载量超过核定载质量 {tolerance_pct}% 以上",
        "the load by level, volume and density is more than {tolerance_pct} % beyond the approved mass",
        "装载量不超过核定载质量，或进入厂区、停车场",
        "the load is within the approved mass, or it is in a plant or park",
    ),
    receivers=(Receiver.CARRIER, Receiver.TRAFFIC_POLICE, Receiver.TRANSPORT),
    condition=_condition,
    hold=Hold(fixes=2, unbroken=False),
    clear=Clear(fixes=3, condition=_within),
    gap_s=3600.0,
    known=_known,
    measure=_measure,
    unit="t",
    needs=(Need.VEHICLE, Need.WAYBILL, Need.TANK_SENSOR),
    limits={"tolerance_pct": 3.0},  # what level sensor and density may err; the law allows none
)
