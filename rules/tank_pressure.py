"""The tank is close to the pressure at which its safety valve opens."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording
from rules.signals import Signals


def _condition(positions: Positions, signals: Signals, limits: Limits) -> Mask:
    return positions.tank_pressure_kpa >= signals.tank.set_pressure_kpa * limits["from_pct"] / 100.0


def _lower(positions: Positions, signals: Signals, limits: Limits) -> Mask:
    return positions.tank_pressure_kpa < signals.tank.set_pressure_kpa * limits["clear_below_pct"] / 100.0


def _known(positions: Positions, _: Signals, __: Limits) -> Mask:
    known: Mask = ~np.isnan(positions.tank_pressure_kpa)
    return known


def _measure(positions: Positions, _: Signals, rows: Rows) -> Floats:
    return positions.tank_pressure_kpa[rows]


TANK_PRESSURE = Rule[Signals](
    id="tank_pressure",
    name_zh="罐体压力偏高",
    name_en="Tank pressure close to the set pressure",
    group=Group.LOAD,
    severity=Severity.ORANGE,
    basis="危险货物道路运输安全管理办法 §23, §26; 罐体登记的安全阀整定压力",
    says=Wording(
        "罐内压力达到整定压力的 {from_pct}%",
        "the pressure is at {from_pct} % of the set pressure of the safety valve",
        "压力降到整定压力的 {clear_below_pct}% 以下",
        "the pressure is below {clear_below_pct} % of the set pressure",
    ),
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.EMERGENCY),
    condition=_condition,
    hold=Hold(fixes=3, unbroken=False),
    clear=Clear(fixes=3, condition=_lower),
    gap_s=1800.0,
    known=_known,
    measure=_measure,
    unit="kPa",
    needs=(Need.VEHICLE, Need.TANK_SENSOR),
    limits={"from_pct": 90.0, "clear_below_pct": 85.0},
)
