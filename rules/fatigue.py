"""Four hours at the wheel without a rest of twenty minutes."""

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.driving import HOUR_MS, REST_MIN
from rules.facts import Facts
from rules.rule import Clear, Group, Limits, Need, Receiver, Rule, Wording


def _condition(_: Positions, facts: Facts, limits: Limits) -> Mask:
    return (facts.driving.driven_ms > limits["after_h"] * HOUR_MS) & facts.moving


def _rested(_: Positions, facts: Facts, limits: Limits) -> Mask:
    return facts.driving.driven_ms <= limits["after_h"] * HOUR_MS


def _hours(_: Positions, facts: Facts, rows: Rows) -> Floats:
    return facts.driving.driven_ms[rows] / HOUR_MS


FATIGUE = Rule[Facts](
    id="fatigue",
    name_zh="疲劳驾驶（连续驾驶超过 4 小时）",
    name_en="Four hours of driving without a rest of 20 minutes",
    group=Group.CONDUCT,
    severity=Severity.ORANGE,
    basis="道路交通安全法实施条例 §62(7); 道路交通安全违法行为记分管理办法",
    says=Wording(
        "连续驾驶超过 {after_h} 小时，中间没有一次满 {rest_min} 分钟的停车休息",
        "more than {after_h} h of driving without a rest of {rest_min} min",
        "停车休息满规定时间",
        "it has rested long enough",
    ),
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRAFFIC_POLICE),
    condition=_condition,
    clear=Clear(condition=_rested),
    gap_s=7200.0,  # the count itself says what a silence was
    measure=_hours,
    unit="h",
    jt808=2,
    jt809=0x0002,
    needs=(Need.GOOD_FIX,),
    limits={"after_h": 4.0, "rest_min": REST_MIN, "points": 9.0},
)
