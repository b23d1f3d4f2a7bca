"""Told to the driver alone: half an hour before four hours at the wheel."""

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.driving import HOUR_MS
from rules.facts import Facts
from rules.fatigue import FATIGUE
from rules.limit_in_force import limit_in_force
from rules.rule import Clear, Group, Limits, Need, Receiver, Rule, Wording


def _condition(positions: Positions, facts: Facts, limits: Limits) -> Mask:
    driven_h = facts.driving.driven_ms / HOUR_MS
    until_h = limit_in_force(
        facts.registry, FATIGUE.id, "after_h", FATIGUE.limits["after_h"], positions.fix_time
    )
    return (driven_h > limits["after_h"]) & (driven_h <= until_h) & facts.moving


def _rested(_: Positions, facts: Facts, limits: Limits) -> Mask:
    return facts.driving.driven_ms <= limits["after_h"] * HOUR_MS


def _hours(_: Positions, facts: Facts, rows: Rows) -> Floats:
    return facts.driving.driven_ms[rows] / HOUR_MS


FATIGUE_WARNING = Rule[Facts](
    id="fatigue_warning",
    name_zh="疲劳驾驶预警",
    name_en="Half an hour of driving left before a rest",
    group=Group.CONDUCT,
    severity=Severity.BLUE,
    basis="道路交通安全法实施条例 §62(7); JT/T 808 参数 0x005C",
    says=Wording(
        "连续驾驶超过 {after_h} 小时，即将达到疲劳驾驶时限",
        "more than {after_h} h of driving, soon as much as counts as fatigue",
        "停车休息满规定时间",
        "it has rested long enough",
    ),
    receivers=(Receiver.DRIVER,),
    condition=_condition,
    clear=Clear(condition=_rested),
    gap_s=7200.0,
    measure=_hours,
    unit="h",
    jt808=14,
    warns_of="fatigue",
    needs=(Need.GOOD_FIX,),
    limits={"after_h": 3.5},
)
