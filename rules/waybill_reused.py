"""One waybill for two trips: into the district with a load again, or loaded again, on the same one."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.carriage import PAPER_GAP_S, PAPER_HOLD, carrying, on_the_road, until_settled, waybill_no
from rules.facts import Facts
from rules.rule import Group, Limits, Need, Receiver, Rule


def _faulty(_: Positions, facts: Facts, limits: Limits) -> Mask:
    trip = facts.trip
    faulty = carrying(facts) & facts.in_district & (trip.away_s > limits["away_s"])  # NaN compares false
    row = np.flatnonzero(faulty)  # few: those that came in again
    faulty[row] = waybill_no(facts, row) == trip.reused_on[row]
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
