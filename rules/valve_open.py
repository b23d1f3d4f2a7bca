"""A valve of the tank is open on the way."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Mask
from hazmat.position import Positions
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording
from rules.signals import Signals


def _condition(positions: Positions, signals: Signals, _: Limits) -> Mask:
    placed = ~np.isnan(signals.x_m)  # where nothing is known of the place it may be in a plant
    found: Mask = placed & (positions.valve_open > 0) & ~signals.tank.at_plant
    return found


def _closed(positions: Positions, signals: Signals, _: Limits) -> Mask:
    over: Mask = (positions.valve_open == 0) | signals.tank.at_plant
    return over


def _known(positions: Positions, _: Signals, __: Limits) -> Mask:
    known: Mask = ~np.isnan(positions.valve_open)
    return known


VALVE_OPEN = Rule[Signals](
    id="valve_open",
    name_zh="途中阀门开启",
    name_en="Valve open outside a plant",
    group=Group.LOAD,
    severity=Severity.RED,
    basis="危险货物道路运输安全管理办法 §47",
    says=Wording(
        "在厂区、装卸点以外罐体阀门开启",
        "a valve of the tank is open outside plants",
        "阀门关闭，或进入厂区",
        "the valve is closed, or it is in a plant",
    ),
    receivers=(
        Receiver.DRIVER,
        Receiver.CARRIER,
        Receiver.TRAFFIC_POLICE,
        Receiver.EMERGENCY,
        Receiver.FIRE,
    ),
    condition=_condition,
    hold=Hold(seconds=30, fixes=2, unbroken=False),
    clear=Clear(fixes=2, condition=_closed),
    gap_s=1800.0,
    known=_known,
    needs=(Need.TANK_SENSOR,),
)
