"""Faster by night than 80 % of what is allowed by day; law text for coaches, switched off by default."""

from hazmat.alerts import Severity
from hazmat.columns import Mask
from hazmat.position import Positions
from rules.daytime import NIGHT, at_night
from rules.facts import Facts
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording
from rules.speed import limit_kmh, speed_kmh, surely_over


def _condition(positions: Positions, facts: Facts, limits: Limits) -> Mask:
    fast = surely_over(positions, facts, limits, limits["night_pct"] / 100.0) & (facts.roads.nearest >= 0)
    fast[fast] = at_night(positions.fix_time[fast], limits)
    return fast


def _over(positions: Positions, facts: Facts, limits: Limits) -> Mask:
    night_kmh = limit_kmh(facts) * limits["night_pct"] / 100.0
    slow = facts.speed_kmh <= night_kmh - limits["clear_below_kmh"]
    return slow | ~at_night(positions.fix_time, limits)


NIGHT_SPEED = Rule[Facts](
    id="night_speed",
    name_zh="夜间超速（日间限速的 80%）",
    name_en="Over 80 % of the day's limit by night",
    group=Group.CONDUCT,
    severity=Severity.YELLOW,
    basis="道路运输车辆动态监督管理办法 §25（客运规定，危货默认不启用）",
    says=Wording(
        "夜间（{night_from_h} 时至 {night_to_h} 时）车速超过日间限速的 {night_pct}%",
        "faster by night than {night_pct} % of the limit by day",
        "车速降下来，或夜间时段结束",
        "it is slower again, or the night is over",
    ),
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRANSPORT),
    condition=_condition,
    hold=Hold(seconds=30, fixes=3),
    clear=Clear(fixes=2, condition=_over),
    measure=speed_kmh,
    unit="km/h",
    jt808=1,
    needs=(Need.SPEED, Need.ROAD),
    enabled=False,
    limits={**NIGHT, "night_pct": 80.0, "tolerance_kmh": 1.0, "clear_below_kmh": 5.0},
)
