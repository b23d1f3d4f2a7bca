"""Goods are carried without an escort, or the driver is named as the escort too."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Mask
from hazmat.position import Positions
from hazmat.waybill_table import WaybillFault
from rules.carriage import PAPER_GAP_S, PAPER_HOLD, on_the_road, until_settled, waybill_no
from rules.facts import Facts
from rules.rule import Group, Limits, Need, Receiver, Rule, Wording

_FAULTS = WaybillFault.NO_ESCORT | WaybillFault.ESCORT_DRIVES


def _faulty(_: Positions, facts: Facts, __: Limits) -> Mask:
    return np.asarray((facts.waybill_faults & _FAULTS) != 0, bool) & facts.loaded


ESCORT_MISSING = Rule[Facts](
    id="escort_missing",
    name_zh="未配备押运员",
    name_en="No escort, or the driver is the escort",
    group=Group.DOCUMENTS,
    severity=Severity.ORANGE,
    basis="危险化学品安全管理条例 §48; 危险货物道路运输安全管理办法 §44",
    receivers=(Receiver.CARRIER, Receiver.TRAFFIC_POLICE, Receiver.TRANSPORT),
    says=Wording(
        what_zh="运单未载押运员，或押运员与驾驶员为同一人",
        what_en="no escort on the waybill, or the escort is the driver",
        ends_zh="运单补正",
        ends_en="the waybill names an escort",
    ),
    condition=on_the_road(_faulty),
    hold=PAPER_HOLD,
    clear=until_settled(_faulty),
    gap_s=PAPER_GAP_S,
    object_of=waybill_no,
    needs=(Need.WAYBILL,),
)
