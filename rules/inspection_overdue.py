"""Loaded on the road although the inspection of the vehicle or of its tank ran out."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import NO_TIME, Mask
from hazmat.position import Positions
from rules.carriage import PAPER_GAP_S, PAPER_HOLD, on_the_road, until_settled
from rules.facts import Facts
from rules.rule import Group, Limits, Need, Receiver, Rule, Wording


def _faulty(positions: Positions, facts: Facts, _: Limits) -> Mask:
    ends = np.concatenate([facts.registry.inspected_until, np.full((1, 2), NO_TIME)])
    overdue = positions.fix_time[:, None] >= ends[facts.vehicle]  # NaT, not registered, compares false
    return np.asarray(overdue.any(axis=1) & facts.loaded, bool)


INSPECTION_OVERDUE = Rule[Facts](
    id="inspection_overdue",
    name_zh="车辆或罐体检验逾期",
    name_en="Inspection of vehicle or tank overdue",
    group=Group.DOCUMENTS,
    severity=Severity.ORANGE,
    basis="危险货物道路运输安全管理办法 §23; 道路交通安全违法行为记分管理办法",
    receivers=(Receiver.CARRIER, Receiver.TRAFFIC_POLICE, Receiver.TRANSPORT, Receiver.MARKET),
    says=Wording(
        what_zh="车辆检验或罐体检验已过有效期",
        what_en="the inspection of vehicle or tank has run out",
        ends_zh="检验有效期更新",
        ends_en="the register has a valid inspection",
    ),
    condition=on_the_road(_faulty),
    hold=PAPER_HOLD,
    clear=until_settled(_faulty),
    gap_s=PAPER_GAP_S,
    needs=(Need.VEHICLE, Need.LOAD),
)
