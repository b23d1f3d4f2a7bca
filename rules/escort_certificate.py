"""The escort is not registered, not certified for the goods, or has the wrong safety code."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import ID_DTYPE, Ids, Mask, Rows
from hazmat.position import Positions
from rules.carriage import PAPER_GAP_S, PAPER_HOLD, carrying, on_the_road, until_settled
from rules.certificates import escort_faults
from rules.facts import Facts
from rules.rule import Group, Limits, Need, Receiver, Rule, Wording


def _faulty(positions: Positions, facts: Facts, _: Limits) -> Mask:
    faulty = carrying(facts)
    row = np.flatnonzero(faulty)
    faulty[row] = escort_faults(facts.waybill[row], positions.fix_time[row], facts.registry) != 0
    return faulty


def _person(facts: Facts, rows: Rows) -> Ids:
    papers = facts.registry.world.waybills
    return np.array([papers[index].escort_id.encode() for index in facts.waybill[rows].tolist()], ID_DTYPE)


ESCORT_CERTIFICATE = Rule[Facts](
    id="escort_certificate",
    name_zh="押运员资格证无效",
    name_en="Escort's certificate missing, expired or of the wrong class",
    group=Group.DOCUMENTS,
    severity=Severity.ORANGE,
    basis="危险化学品安全管理条例 §44; 危险货物道路运输安全管理办法 §44",
    receivers=(Receiver.CARRIER, Receiver.TRAFFIC_POLICE, Receiver.TRANSPORT),
    says=Wording(
        what_zh="运单所载押运员未登记，或从业资格证过期、类别不符、安全码不允许",
        what_en=(
            "the escort on the waybill is not in the register, or the certificate has run out, is f"
            "or other classes, or the safety code forbids it"
        ),
        ends_zh="换用合格押运员的运单",
        ends_en="a waybill with a qualified escort is in force",
    ),
    condition=on_the_road(_faulty),
    hold=PAPER_HOLD,
    clear=until_settled(_faulty),
    gap_s=PAPER_GAP_S,
    object_of=_person,
    needs=(Need.WAYBILL, Need.PEOPLE),
)
