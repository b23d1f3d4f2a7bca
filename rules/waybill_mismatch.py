"""The waybill in force does not fit the register: other plate, trailer or carrier, class not approved."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Mask
from hazmat.position import Positions
from hazmat.waybill_table import WaybillFault
from rules.carriage import PAPER_GAP_S, PAPER_HOLD, on_the_road, until_settled, waybill_no
from rules.facts import Facts
from rules.rule import Group, Limits, Need, Receiver, Rule, Wording

_FAULTS = WaybillFault.PLATE | WaybillFault.GOODS_CLASS | WaybillFault.TRAILER | WaybillFault.CARRIER


def _faulty(_: Positions, facts: Facts, __: Limits) -> Mask:
    return np.asarray((facts.waybill_faults & _FAULTS) != 0, bool) & facts.loaded


WAYBILL_MISMATCH = Rule[Facts](
    id="waybill_mismatch",
    name_zh="运单与车辆不符",
    name_en="Waybill does not match the vehicle, its trailer, carrier or goods",
    group=Group.DOCUMENTS,
    severity=Severity.ORANGE,
    basis="危险货物道路运输安全管理办法 §22, §23, §24",
    receivers=(Receiver.CARRIER, Receiver.TRANSPORT),
    says=Wording(
        what_zh="在途运单的车牌、挂车、承运企业或货物类别与备案不符",
        what_en="plate, trailer, carrier or class of goods on the waybill differ from the register",
        ends_zh="运单改正，或换用相符的运单",
        ends_en="the waybill is corrected or replaced",
    ),
    condition=on_the_road(_faulty),
    hold=PAPER_HOLD,
    clear=until_settled(_faulty),
    gap_s=PAPER_GAP_S,
    object_of=waybill_no,
    needs=(Need.VEHICLE, Need.WAYBILL),
)
