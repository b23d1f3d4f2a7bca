"""Loaded with no waybill in force, but one of this vehicle has just ended, or is about to begin."""

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.facts import Facts
from rules.no_waybill import NO_WAYBILL, without_waybill
from rules.rule import Clear, Group, Limits, Need, Receiver, Rule
from rules.waybill_near import away_from_waybill_s


def _condition(positions: Positions, facts: Facts, limits: Limits) -> Mask:
    away_s = away_from_waybill_s(positions, facts)
    return without_waybill(facts) & (away_s <= limits["margin_s"])  # NaN compares false


def _away_s(positions: Positions, facts: Facts, rows: Rows) -> Floats:
    return away_from_waybill_s(positions, facts)[rows]


WAYBILL_TIME = Rule[Facts](
    id="waybill_time",
    name_zh="运单不在有效时间内",
    name_en="Outside the time of the waybill",
    group=Group.DOCUMENTS,
    severity=Severity.YELLOW,
    basis="危险货物道路运输安全管理办法 §24",
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRANSPORT),
    limits=dict(NO_WAYBILL.limits),
    unit="s",
    condition=_condition,
    hold=NO_WAYBILL.hold,
    clear=Clear(fixes=2),
    measure=_away_s,
    needs=(Need.VEHICLE, Need.LOAD),
)
