"""Acutely toxic goods on the road without a toxic-goods pass for this vehicle, goods, time and load."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Mask
from hazmat.position import Positions
from rules.carriage import PAPER_GAP_S, PAPER_HOLD, until_settled
from rules.facts import Facts
from rules.permits import toxic_cover, wanted_on
from rules.rule import Group, Limits, Need, Receiver, Rule, Wording


def _uncovered(positions: Positions, facts: Facts) -> Mask:
    """Which of the pairs: loaded, and no pass for the goods of this waybill. Few: such goods are rare."""
    row, waybill = facts.toxic.row, facts.toxic.waybill
    wanted = wanted_on(waybill, facts.vehicle[row], positions.fix_time[row], facts.registry)
    return facts.loaded[row] & ~toxic_cover(wanted, facts.registry)


def _condition(positions: Positions, facts: Facts, _: Limits) -> Mask:
    return np.asarray(_uncovered(positions, facts) & facts.moving[facts.toxic.row], bool)


def _faulty(positions: Positions, facts: Facts, _: Limits) -> Mask:
    faulty = np.zeros(len(facts.loaded), bool)
    faulty[facts.toxic.row[_uncovered(positions, facts)]] = True
    return faulty


TOXIC_PERMIT = Rule[Facts](
    id="toxic_permit",
    name_zh="无剧毒化学品公路运输通行证",
    name_en="Acutely toxic goods without a pass for them",
    group=Group.DOCUMENTS,
    severity=Severity.RED,
    basis="危险化学品安全管理条例 §50; 危险货物道路运输安全管理办法 §48",
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRAFFIC_POLICE, Receiver.EMERGENCY),
    says=Wording(
        what_zh="运输剧毒化学品，没有对本车、本货物、本时段和装载量有效的剧毒化学品公路运输通行证",
        what_en=(
            "acutely toxic goods without a toxic-goods permit that is active for this vehicle, good"
            "s, time and load"
        ),
        ends_zh="通行证生效，或卸空",
        ends_en="a permit is in force, or it is empty",
    ),
    pairs=lambda facts: facts.toxic,
    condition=_condition,
    hold=PAPER_HOLD,
    clear=until_settled(_faulty),
    gap_s=PAPER_GAP_S,
    needs=(Need.VEHICLE, Need.WAYBILL),
)
