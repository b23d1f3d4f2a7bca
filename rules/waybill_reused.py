"""One waybill for two trips: into the district with a load again, or loaded again, on the same one."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.carriage import PAPER_GAP_S, PAPER_HOLD, carrying, on_the_road, until_settled, waybill_no
from rules.facts import Facts
from rules.rule import Group, Limits, Need, Receiver, Rule, Wording


def _faulty(positions: Positions, facts: Facts, limits: Limits) -> Mask:
    trip = facts.trip
    faulty = carrying(facts) & facts.in_district & (trip.away_s > limits["away_s"])  # NaN compares false
    row = np.flatnonzero(faulty)  # few: those that came in again
    # Of two in force the later may be this trip's: in doubt for the driver.
    latest = facts.registry.waybills.at(facts.vehicle[row], positions.fix_time[row])
    faulty[row] = (waybill_no(facts, row) == trip.reused_on[row]) & (latest == facts.waybill[row])
    return faulty


def _away_s(_: Positions, facts: Facts, rows: Rows) -> Floats:
    away_s = facts.trip.away_s[rows]
    return np.where(np.isinf(away_s), np.nan, away_s)


WAYBILL_REUSED = Rule[Facts](
    id="waybill_reused",
    name_zh="一单多用",
    name_en="One waybill used for two trips",
    group=Group.DOCUMENTS,
    severity=Severity.ORANGE,
    basis="危险货物道路运输安全管理办法 §24",
    receivers=(Receiver.CARRIER, Receiver.TRANSPORT),
    says=Wording(
        what_zh="同一份运单用于第二趟运输：载货车辆出辖区 {away_s} s 以上或卸货后，又凭同一运单再次驶入",
        what_en=(
            "one waybill for two trips: loaded, it enters again, {away_s} s after leaving or after "
            "unloading, on the waybill of a trip that is over"
        ),
        ends_zh="换用新的运单，或卸空",
        ends_en="a new waybill is in force, or it is empty",
    ),
    limits={"away_s": 1800.0},
    unit="s",
    condition=on_the_road(_faulty),
    hold=PAPER_HOLD,
    clear=until_settled(_faulty),
    gap_s=PAPER_GAP_S,
    measure=_away_s,
    object_of=waybill_no,
    needs=(Need.WAYBILL, Need.DISTRICT, Need.LOAD),
)
