"""Goods outside the scope of the carrier's licence, or the licence ran out."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import ID_DTYPE, Ids, Mask, Rows
from hazmat.position import Positions
from rules.carriage import PAPER_GAP_S, PAPER_HOLD, carrying, on_the_road, until_settled
from rules.facts import Facts
from rules.rule import Group, Limits, Need, Receiver, Rule, Wording


def _faulty(positions: Positions, facts: Facts, _: Limits) -> Mask:
    papers, carriers = facts.registry.waybill_table, facts.registry.carrier_table
    faulty = carrying(facts)
    row = np.flatnonzero(faulty)
    registered = papers.carrier[facts.waybill[row]] >= 0  # else not checked
    faulty[row[~registered]] = False
    row = row[registered]
    waybill, times = facts.waybill[row], positions.fix_time[row]
    carrier = papers.carrier[waybill]
    in_force = (carriers.valid_from[carrier] <= times) & (times < carriers.valid_to[carrier])
    in_scope = (carriers.class_bits[carrier] & papers.class_bit[waybill]) != 0
    faulty[row] = ~in_force | ~in_scope
    return faulty


def _carrier(facts: Facts, rows: Rows) -> Ids:
    papers = facts.registry.world.waybills
    return np.array([papers[index].carrier_id.encode() for index in facts.waybill[rows].tolist()], ID_DTYPE)


CARRIER_SCOPE = Rule[Facts](
    id="carrier_scope",
    name_zh="超越许可范围承运",
    name_en="Goods outside the carrier's licence, or licence expired",
    group=Group.DOCUMENTS,
    severity=Severity.ORANGE,
    basis="危险货物道路运输安全管理办法 §22; 危险化学品安全管理条例 §43, §46",
    receivers=(Receiver.CARRIER, Receiver.TRANSPORT),
    says=Wording(
        what_zh="运单货物类别超出承运企业许可的经营范围，或许可证已过期",
        what_en=(
            "the class of goods is outside the scope of the carrier's licence, or the licence has run out"
        ),
        ends_zh="许可范围内的运单生效，或卸空",
        ends_en="a waybill within the licence is in force, or it is empty",
    ),
    condition=on_the_road(_faulty),
    hold=PAPER_HOLD,
    clear=until_settled(_faulty),
    gap_s=PAPER_GAP_S,
    object_of=_carrier,
    needs=(Need.WAYBILL, Need.CARRIER),
)
