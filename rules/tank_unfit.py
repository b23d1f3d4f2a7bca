"""The goods on the waybill are not on the list of what the tank may hold."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Mask
from hazmat.position import Positions
from hazmat.waybill_table import WaybillFault
from rules.carriage import PAPER_GAP_S, PAPER_HOLD, on_the_road, until_settled, waybill_no
from rules.facts import Facts
from rules.rule import Group, Limits, Need, Receiver, Rule, Wording

_FAULTS = WaybillFault.TANK


def _faulty(_: Positions, facts: Facts, __: Limits) -> Mask:
    return np.asarray((facts.waybill_faults & _FAULTS) != 0, bool) & facts.loaded


TANK_UNFIT = Rule[Facts](
    id="tank_unfit",
    name_zh="罐体不适装",
    name_en="Goods not on the tank's list",
    group=Group.DOCUMENTS,
    severity=Severity.ORANGE,
    basis="危险货物道路运输安全管理办法 §23",
    receivers=(Receiver.CARRIER, Receiver.TRANSPORT, Receiver.MARKET),
    says=Wording(
        what_zh="运单货物不在本罐适装介质列表内",
        what_en="the goods on the waybill are not on the tank's list",
        ends_zh="换装列表内的介质，或卸空",
        ends_en="it carries goods of its list, or is empty",
    ),
    condition=on_the_road(_faulty),
    hold=PAPER_HOLD,
    clear=until_settled(_faulty),
    gap_s=PAPER_GAP_S,
    object_of=waybill_no,
    needs=(Need.VEHICLE, Need.WAYBILL),
)
