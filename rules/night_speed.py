"""Faster by night than 80 % of what is allowed by day; law text for coaches, switched off by default."""

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask
from hazmat.position import Positions
from rules.daytime import NIGHT, at_night
from rules.facts import Facts
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule
from rules.speed import LEGAL_KMH, beyond, limit_kmh, speed_kmh


def _night_kmh(facts: Facts, limits: Limits) -> Floats:
    return limit_kmh(facts, limits) * limits["night_share"]


def _condition(positions: Positions, facts: Facts, limits: Limits) -> Mask:
    fast = beyond(positions, facts, limits, _night_kmh(facts, limits)) & (facts.roads.nearest >= 0)
    fast[fast] = at_night(positions.fix_time[fast], limits)
    return fast


def _over(positions: Positions, facts: Facts, limits: Limits) -> Mask:
    slow = facts.speed_kmh <= _night_kmh(facts, limits) - limits["clear_below_kmh"]
    return slow | ~at_night(positions.fix_time, limits)


NIGHT_SPEED = Rule[Facts](
    id="night_speed",
    name_zh="夜间超速（日间限速的 80%）",
    name_en="Over 80 % of the day's limit by night",
    group=Group.CONDUCT,
    severity=Severity.YELLOW,
    basis="道路运输车辆动态监督管理办法 §25（客运规定，危货默认不启用）",
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRANSPORT),
    condition=_condition,
    hold=Hold(seconds=30, fixes=3),
    clear=Clear(fixes=2, condition=_over),
    measure=speed_kmh,
    unit="km/h",
    jt808=1,
    needs=(Need.SPEED, Need.ROAD),
    enabled=False,
    limits={**LEGAL_KMH, **NIGHT, "night_share": 0.8, "tolerance_kmh": 1.0, "clear_below_kmh": 5.0},
)
