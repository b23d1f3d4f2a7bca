"""The level of the tank falls on the way, driving or at a halt: a leak, or goods drawn off."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording
from rules.signals import Signals


def _condition(_: Positions, signals: Signals, limits: Limits) -> Mask:
    return signals.tank.lost_pct >= limits["lost_pct"]


def _no_loss(positions: Positions, signals: Signals, limits: Limits) -> Mask:
    """Full as before, or where it may be unloaded; standing elsewhere says nothing."""
    full = signals.tank.lost_pct < limits["lost_pct"] - limits["clear_below_pct"]
    return ~np.isnan(positions.tank_level_pct) & (full | signals.at_stop_place)


def _known(positions: Positions, _: Signals, __: Limits) -> Mask:
    known: Mask = ~np.isnan(positions.tank_level_pct)
    return known


def _measure(_: Positions, signals: Signals, rows: Rows) -> Floats:
    return signals.tank.lost_pct[rows]


LEVEL_DROP = Rule[Signals](
    id="level_drop",
    name_zh="途中罐内液位下降",
    name_en="Level of the tank falls on the way",
    group=Group.LOAD,
    severity=Severity.RED,
    basis="危险化学品安全管理条例 §51; 危险货物道路运输安全管理办法 §47",
    says=Wording(
        "运输途中（厂区、停车场以外，含中途停车）罐内液位下降 {lost_pct}% 以上，已滤除晃动",
        "on the way, a halt outside plants and parks included, the level has fallen by {lost_pct} % or more, "
        "slosh left out",
        "液位恢复，或进入厂区、停车场",
        "the level is back, or it is in a plant or park",
    ),
    receivers=(
        Receiver.DRIVER,
        Receiver.CARRIER,
        Receiver.TRAFFIC_POLICE,
        Receiver.EMERGENCY,
        Receiver.FIRE,
    ),
    condition=_condition,
    hold=Hold(fixes=3, unbroken=False),
    clear=Clear(seconds=900, fixes=3, condition=_no_loss),  # slosh may hide a loss for minutes
    gap_s=1800.0,
    known=_known,
    measure=_measure,
    unit="%",
    needs=(Need.TANK_SENSOR,),
    limits={"lost_pct": 2.0, "clear_below_pct": 1.0},
)
