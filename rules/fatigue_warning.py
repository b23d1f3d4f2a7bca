"""Told to the driver alone: half an hour before four hours at the wheel."""

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.facts import Facts
from rules.rule import Clear, Group, Limits, Need, Receiver, Rule


def _condition(_: Positions, facts: Facts, limits: Limits) -> Mask:
    driven_s = facts.driving.driven_ms / 1000.0
    return (driven_s > limits["after_s"]) & (driven_s <= limits["until_s"]) & facts.moving


def _rested(_: Positions, facts: Facts, limits: Limits) -> Mask:
    return facts.driving.driven_ms <= limits["after_s"] * 1000.0


def _hours(_: Positions, facts: Facts, rows: Rows) -> Floats:
    return facts.driving.driven_ms[rows] / 3_600_000.0


FATIGUE_WARNING = Rule[Facts](
    id="fatigue_warning",
    name_zh="疲劳驾驶预警",
    name_en="Half an hour of driving left before a rest",
    group=Group.CONDUCT,
    severity=Severity.BLUE,
    basis="道路交通安全法实施条例 §62(7); JT/T 808 参数 0x005C",
    receivers=(Receiver.DRIVER,),
    condition=_condition,
    clear=Clear(condition=_rested),
    gap_s=7200.0,
    measure=_hours,
    unit="h",
    jt808=14,
    warns_of="fatigue",
    needs=(Need.GOOD_FIX,),
    limits={"after_s": 12_600.0, "until_s": 14_400.0},
)
