"""Loaded outside plants and parks, with no waybill in force."""

from hazmat.alerts import Severity
from hazmat.columns import Mask
from hazmat.position import Positions
from rules.facts import Facts
from rules.rule import Clear, Group, Hold, Limits, Receiver, Rule


def _condition(_: Positions, facts: Facts, __: Limits) -> Mask:
    return facts.known & facts.loaded & (facts.waybill < 0) & ~facts.at_stop_place


NO_WAYBILL = Rule[Facts](
    id="no_waybill",
    name_zh="无有效电子运单",
    name_en="Loaded without a valid waybill",
    group=Group.DOCUMENTS,
    severity=Severity.ORANGE,
    basis="危险货物道路运输安全管理办法 §24",
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRANSPORT),
    condition=_condition,
    hold=Hold(seconds=300, fixes=3),  # a waybill may be uploaded some minutes late
    clear=Clear(fixes=2),
)
