"""Two hours at the wheel by night without a rest of twenty minutes."""

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.daytime import NIGHT, at_night
from rules.driving import HOUR_MS
from rules.facts import Facts
from rules.rule import Clear, Group, Limits, Need, Receiver, Rule, Wording


def _too_long(facts: Facts, limits: Limits) -> Mask:
    return facts.driving.night_ms > limits["after_h"] * HOUR_MS


def _condition(positions: Positions, facts: Facts, limits: Limits) -> Mask:
    hit = _too_long(facts, limits) & facts.moving
    hit[hit] = at_night(positions.fix_time[hit], limits)
    return hit


def _over(positions: Positions, facts: Facts, limits: Limits) -> Mask:
    return ~_too_long(facts, limits) | ~at_night(positions.fix_time, limits)


def _hours(_: Positions, facts: Facts, rows: Rows) -> Floats:
    return facts.driving.night_ms[rows] / HOUR_MS


FATIGUE_NIGHT = Rule[Facts](
    id="fatigue_night",
    name_zh="夜间疲劳驾驶（22 时至 6 时连续驾驶超过 2 小时）",
    name_en="Two hours of driving by night without a rest of 20 minutes",
    group=Group.CONDUCT,
    severity=Severity.ORANGE,
    basis="道路运输车辆动态监督管理办法 §25（客运规定，参照执行）",
    says=Wording(
        "夜间（{night_from_h} 时至 {night_to_h} 时）连续驾驶超过 {after_h} 小时",
        "more than {after_h} h of driving between {night_from_h} and {night_to_h} hours without a rest",
        "停车休息满规定时间，或夜间时段结束",
        "it has rested long enough, or the night is over",
    ),
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRANSPORT),
    condition=_condition,
    clear=Clear(condition=_over),
    gap_s=7200.0,
    measure=_hours,
    unit="h",
    jt808=2,
    jt809=0x0002,
    needs=(Need.GOOD_FIX,),
    limits={"after_h": 2.0, **NIGHT},
)
