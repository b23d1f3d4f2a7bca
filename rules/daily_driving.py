"""More than eight hours at the wheel within 24 hours."""

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.driving import HOUR_MS
from rules.facts import Facts
from rules.rule import Clear, Group, Limits, Need, Receiver, Rule, Wording


def _condition(_: Positions, facts: Facts, limits: Limits) -> Mask:
    return (facts.driving.day_ms > limits["after_h"] * HOUR_MS) & facts.moving


def _fewer_again(_: Positions, facts: Facts, limits: Limits) -> Mask:
    """Hours of yesterday drop out while it drives on: only a good hour less is another day's work."""
    return facts.driving.day_ms <= (limits["after_h"] - limits["clear_below_h"]) * HOUR_MS


def _hours(_: Positions, facts: Facts, rows: Rows) -> Floats:
    return facts.driving.day_ms[rows] / HOUR_MS


DAILY_DRIVING = Rule[Facts](
    id="daily_driving",
    name_zh="24 小时累计驾驶超过 8 小时",
    name_en="More than eight hours of driving in 24 hours",
    group=Group.CONDUCT,
    severity=Severity.YELLOW,
    basis="道路运输车辆动态监督管理办法 §25（客运规定，参照执行）",
    says=Wording(
        "24 小时内累计驾驶超过 {after_h} 小时",
        "more than {after_h} h of driving within 24 hours",
        "24 小时内累计驾驶时间比限值少 {clear_below_h} 小时以上",
        "driving within 24 hours is {clear_below_h} h below the limit",
    ),
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRANSPORT),
    condition=_condition,
    clear=Clear(condition=_fewer_again),
    gap_s=7200.0,
    measure=_hours,
    unit="h",
    jt808=18,
    jt809=0x000D,
    needs=(Need.GOOD_FIX,),
    limits={"after_h": 8.0, "clear_below_h": 1.0},
)
