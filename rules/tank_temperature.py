"""The tank is too warm or too cold, or changes its temperature too fast."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording
from rules.signals import Signals


def _condition(positions: Positions, signals: Signals, limits: Limits) -> Mask:
    temp, tank = positions.tank_temp_c, signals.tank  # no reading and no limit, NaN, compare false
    away = (temp > tank.max_c) | (temp < tank.min_c)
    return _holds_goods(positions, signals, limits) & (away | _changes(signals, limits["per_10_min_c"]))


def _holds_goods(positions: Positions, signals: Signals, limits: Limits) -> Mask:
    """An empty tank is as warm as the sun makes it."""
    holds: Mask = signals.loaded | (positions.tank_level_pct > limits["empty_pct"])
    return holds


def _changes(signals: Signals, per_10_min_c: float) -> Mask:
    """On the way: hot goods that are filled in are no reaction."""
    return signals.tank.on_the_way & (signals.tank.per_10_min_c > per_10_min_c)


def _steady(positions: Positions, signals: Signals, limits: Limits) -> Mask:
    temp, tank, within = positions.tank_temp_c, signals.tank, limits["clear_within_c"]
    away = (temp > tank.max_c - within) | (temp < tank.min_c + within)
    changes = _changes(signals, limits["clear_per_10_min_c"])
    return ~np.isnan(temp) & ~(_holds_goods(positions, signals, limits) & (away | changes))


def _known(positions: Positions, _: Signals, __: Limits) -> Mask:
    known: Mask = ~np.isnan(positions.tank_temp_c)
    return known


def _measure(positions: Positions, _: Signals, rows: Rows) -> Floats:
    return positions.tank_temp_c[rows]


TANK_TEMPERATURE = Rule[Signals](
    id="tank_temperature",
    name_zh="罐体温度异常",
    name_en="Tank temperature out of range or changing fast",
    group=Group.LOAD,
    severity=Severity.ORANGE,
    basis="危险货物道路运输安全管理办法 §23, §26; 罐体登记的温度范围",
    says=Wording(
        "罐内有货（液位高于 {empty_pct}%）时温度超出登记范围，或途中 10 分钟内变化超过 {per_10_min_c} ℃",
        "with goods in it (a level above {empty_pct} %), it is outside the tank's range of temperature, or "
        "on the way changes by over {per_10_min_c} °C in ten minutes",
        "温度回到登记范围以内且变化平缓，或已卸空",
        "it is within the range again and changes slowly, or is empty",
    ),
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.EMERGENCY),
    condition=_condition,
    hold=Hold(fixes=3, unbroken=False),
    clear=Clear(fixes=3, condition=_steady),
    gap_s=1800.0,
    known=_known,
    measure=_measure,
    unit="°C",
    needs=(Need.VEHICLE, Need.TANK_SENSOR),
    limits={"empty_pct": 5.0, "per_10_min_c": 2.0, "clear_within_c": 1.0, "clear_per_10_min_c": 1.5},
)
