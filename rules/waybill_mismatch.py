"""The waybill in force does not fit the vehicle: other plate, class not approved, goods not on its list."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import ID_DTYPE, Ids, Mask, Rows
from hazmat.position import Positions
from rules.facts import Facts
from rules.rule import Clear, Group, Hold, Limits, Receiver, Rule


def _faulty(facts: Facts) -> Mask:
    return np.asarray(facts.waybill_faults > 0, bool) & facts.loaded


def _condition(_: Positions, facts: Facts, __: Limits) -> Mask:
    return _faulty(facts) & facts.moving


def _settled(_: Positions, facts: Facts, __: Limits) -> Mask:
    return ~_faulty(facts)


def _waybill(facts: Facts, rows: Rows) -> Ids:
    papers = facts.registry.world.waybills
    return np.array([papers[index].waybill_no.encode() for index in facts.waybill[rows]], ID_DTYPE)


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
    object_of=_waybill,
)
