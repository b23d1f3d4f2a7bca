"""Told to the driver alone: a tunnel or bridge ahead that the goods on board may not pass."""

from hazmat.alerts import Severity
from hazmat.columns import Mask
from hazmat.position import Positions
from rules.barred_area_ahead import measure_away
from rules.facts import Facts
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording


def _condition(_: Positions, facts: Facts, limits: Limits) -> Mask:
    return facts.ahead.tunnel & (facts.ahead.away_m < limits["ahead_m"])


TUNNEL_AHEAD = Rule[Facts](
    id="tunnel_ahead",
    name_zh="前方禁行隧道（桥梁）预警",
    name_en="Heading for a tunnel or bridge barred for the goods",
    group=Group.PLACE,
    severity=Severity.BLUE,
    basis="ADR 1.9.5, 8.6.4; 公路安全保护条例 §42",
    receivers=(Receiver.DRIVER,),
    says=Wording(
        "前方 {ahead_m} 米以内有禁止所载货物通行的隧道（桥梁）",
        "less than {ahead_m} m from a tunnel or bridge whose category bars the goods",
        "不再驶向该隧道（桥梁）",
        "it is no longer heading for it",
    ),
    pairs=lambda facts: facts.ahead,
    condition=_condition,
    hold=Hold(fixes=2),
    clear=Clear(seconds=20, fixes=2),
    cool_down_s=600.0,
    measure=measure_away,
    unit="m",
    warns_of="tunnel_barred",
    needs=(Need.GOOD_FIX, Need.WAYBILL, Need.LOAD),
    limits={"ahead_m": 1000.0},  # up to 1 km: further ahead nobody looks
)
