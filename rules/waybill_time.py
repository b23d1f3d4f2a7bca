"""Loaded with no waybill in force, but one of this vehicle has just ended, or is about to begin."""

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.carriage import PAPER_CLEAR_S, PAPER_GAP_S
from rules.facts import Facts
from rules.limit_in_force import limit_in_force
from rules.no_waybill import NO_WAYBILL, without_waybill
from rules.rule import Clear, Group, Limits, Need, Receiver, Rule, Wording
from rules.waybill_near import away_from_waybill_s


def _condition(positions: Positions, facts: Facts, _: Limits) -> Mask:
    away_s = away_from_waybill_s(positions, facts)
    defined_s = NO_WAYBILL.limits["margin_s"]  # one owner: where no_waybill leaves off, this begins
    margin_s = limit_in_force(facts.registry, NO_WAYBILL.id, "margin_s", defined_s, positions.fix_time)
    return without_waybill(facts) & (away_s <= margin_s)  # NaN compares false


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
    says=Wording(
        what_zh="载货车辆当前没有有效运单，但本车有一份运单刚失效或即将生效（时限与“无有效电子运单”规则相同）",
        what_en=(
            "loaded with no waybill in force, but one of this vehicle has just ended or soon begins"
            " (within the margin of no_waybill)"
        ),
        ends_zh="运单生效，或卸空、进入装卸点",
        ends_en="a waybill is in force, or it is empty or in a plant",
    ),
    unit="s",
    condition=_condition,
    hold=NO_WAYBILL.hold,
    clear=Clear(seconds=PAPER_CLEAR_S, fixes=2),
    gap_s=PAPER_GAP_S,
    measure=_away_s,
    needs=(Need.VEHICLE, Need.LOAD),
)
