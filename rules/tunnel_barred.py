"""In a tunnel or on a bridge that bars the goods on board by its category."""

from hazmat.alerts import Severity
from hazmat.columns import Mask, Rows
from hazmat.position import Positions
from rules.facts import Facts
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording


def _condition(_: Positions, facts: Facts, __: Limits) -> Mask:
    return facts.tunnels.row >= 0  # every pair is one: in it, goods barred, no permit


def _crossed(facts: Facts, pairs: Rows) -> Mask:
    return facts.tunnels.crossed[pairs]


TUNNEL_BARRED = Rule[Facts](
    id="tunnel_barred",
    name_zh="违规通行隧道（桥梁）",
    name_en="In a tunnel or on a bridge barred for the goods",
    group=Group.PLACE,
    severity=Severity.RED,
    basis="危险货物道路运输安全管理办法 §49(3); 公路安全保护条例 §42; ADR 1.9.5, 8.6.4",
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRAFFIC_POLICE, Receiver.EMERGENCY),
    says=Wording(
        "重车在禁止所载货物通行的隧道（桥梁）内，或两次定位之间穿过",
        "in a tunnel or on a bridge whose category bars the goods, or driven through between two fixes",
        "已驶出",
        "it is out of it",
    ),
    pairs=lambda facts: facts.tunnels,
    condition=_condition,
    hold=Hold(fixes=2),
    clear=Clear(seconds=20, fixes=2),
    at_once=_crossed,
    jt808=20,
    jt809=0x0004,
    needs=(Need.GOOD_FIX, Need.WAYBILL, Need.LOAD),
)
