"""The waybill in force does not fit the register: other plate, trailer or carrier, class not approved."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Ids, Mask, Rows
from hazmat.position import Positions
from hazmat.waybill_table import WaybillFault
from rules.facts import Facts
from rules.papers import waybill_ids
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule

_FAULTS = WaybillFault.PLATE | WaybillFault.GOODS_CLASS | WaybillFault.TRAILER | WaybillFault.CARRIER


def _faulty(facts: Facts) -> Mask:
    return np.asarray((facts.waybill_faults & _FAULTS) != 0, bool) & facts.loaded


def _condition(_: Positions, facts: Facts, __: Limits) -> Mask:
    return _faulty(facts) & facts.moving


def _settled(_: Positions, facts: Facts, __: Limits) -> Mask:
    return ~_faulty(facts) | facts.moving  # moving on another waybill: each has its own alert


def _waybill(facts: Facts, rows: Rows) -> Ids:
    return waybill_ids(facts.waybill[rows], facts.registry)


WAYBILL_MISMATCH = Rule[Facts](
    id="waybill_mismatch",
    name_zh="运单与车辆不符",
    name_en="Waybill does not match the vehicle or its goods",
    group=Group.DOCUMENTS,
    severity=Severity.ORANGE,
    basis="危险货物道路运输安全管理办法 §22, §23, §24",
    receivers=(Receiver.CARRIER, Receiver.TRANSPORT),
    condition=_condition,
    hold=Hold(fixes=2),
    clear=Clear(fixes=2, condition=_settled),
    gap_s=6 * 3600.0,  # a fault on paper does not lapse while the truck rests
    object_of=_waybill,
    needs=(Need.VEHICLE, Need.WAYBILL),
)
