"""Loaded outside plants and parks, with no waybill in force, nor one that has just ended or soon begins."""

from hazmat.alerts import Severity
from hazmat.columns import Mask
from hazmat.position import Positions
from rules.carriage import PAPER_CLEAR_S, PAPER_GAP_S
from rules.facts import Facts
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording
from rules.waybill_near import away_from_waybill_s


def without_waybill(facts: Facts) -> Mask:
    """Loaded outside plants and parks with no waybill in force."""
    return facts.known & facts.loaded & (facts.waybill < 0) & ~facts.at_stop_place


def _condition(positions: Positions, facts: Facts, limits: Limits) -> Mask:
    near = away_from_waybill_s(positions, facts) <= limits["margin_s"]  # NaN compares false
    return without_waybill(facts) & ~near


NO_WAYBILL = Rule[Facts](
    id="no_waybill",
    name_zh="无有效电子运单",
    name_en="Loaded without a valid waybill",
    group=Group.DOCUMENTS,
    severity=Severity.ORANGE,
    basis="危险货物道路运输安全管理办法 §24",
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRANSPORT),
    says=Wording(
        what_zh=(
            "载货车辆在装卸点、停车场以外，没有有效电子运单，且 {margin_s} s 内也没有刚失效或将生效的运单"
        ),
        what_en=(
            "loaded outside plants and parks with no waybill in force, nor one that ended or begins"
            " within {margin_s} s"
        ),
        ends_zh="有运单生效，或卸空、进入装卸点",
        ends_en="a waybill is in force, or it is empty or in a plant",
    ),
    limits={"margin_s": 7200.0},  # until then it is a matter of the waybill's time
    condition=_condition,
    hold=Hold(seconds=300, fixes=3),  # a waybill may be uploaded some minutes late
    clear=Clear(seconds=PAPER_CLEAR_S, fixes=2),
    gap_s=PAPER_GAP_S,
    needs=(Need.VEHICLE, Need.LOAD),
)
