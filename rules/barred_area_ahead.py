"""Told to the driver alone: heading for a barred area in force, while he can still turn off."""

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.facts import Facts
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording


def _condition(_: Positions, facts: Facts, limits: Limits) -> Mask:
    ahead = facts.ahead
    return ~ahead.tunnel & (ahead.away_m < limits["ahead_m"]) & (ahead.away_s < limits["ahead_s"])


def measure_away(_: Positions, facts: Facts, pairs: Rows) -> Floats:
    """Metres to go; of an episode the greatest stays: how early the driver was told."""
    return facts.ahead.away_m[pairs]


BARRED_AREA_AHEAD = Rule[Facts](
    id="barred_area_ahead",
    name_zh="前方禁行区预警",
    name_en="Heading for a barred area",
    group=Group.PLACE,
    severity=Severity.BLUE,
    basis="危险化学品安全管理条例 §49; 危险货物道路运输安全管理办法 §49",
    receivers=(Receiver.DRIVER,),
    says=Wording(
        "前方 {ahead_m} 米、{ahead_s} 秒内将驶入到达时生效的禁行区，且无通行证",
        "less than {ahead_m} m and {ahead_s} s from a barred area in force on arrival, without a permit",
        "不再驶向该区域",
        "it is no longer heading for it",
    ),
    pairs=lambda facts: facts.ahead,
    condition=_condition,
    hold=Hold(fixes=2),
    clear=Clear(seconds=20, fixes=2),
    cool_down_s=600.0,
    measure=measure_away,
    unit="m",
    warns_of="barred_area",
    needs=(Need.GOOD_FIX,),
    limits={"ahead_m": 500.0, "ahead_s": 60.0},
)
