"""More on board than may be, or than the waybill says: by its own figure, or by the level in the tank."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.carriage import PAPER_GAP_S, carrying, on_the_road, until_settled, waybill_no
from rules.facts import Facts
from rules.papers import pick_float
from rules.rule import Group, Hold, Limits, Need, Receiver, Rule, Wording


def level_t(positions: Positions, facts: Facts) -> Floats:
    """Tonnes on board by the level in the tank; NaN where level, volume or density are not known."""
    volume_m3 = pick_float(facts.registry.tank_volume_m3, facts.vehicle)
    density = pick_float(facts.registry.waybill_table.density_t_m3, facts.waybill)
    return positions.tank_level_pct / 100 * volume_m3 * density


def _faulty(positions: Positions, facts: Facts, limits: Limits) -> Mask:
    papers = facts.registry.waybill_table
    said_t = pick_float(papers.quantity_t, facts.waybill)
    approved_t = pick_float(papers.approved_load_t, facts.waybill)
    margin_t = np.fmax(limits["level_part"] * said_t, limits["level_t"])
    too_much = said_t > approved_t * (1 + limits["over_part"])  # NaN compares false
    return carrying(facts) & (too_much | (level_t(positions, facts) - said_t > margin_t))


def _tonnes(positions: Positions, facts: Facts, rows: Rows) -> Floats:
    said_t = pick_float(facts.registry.waybill_table.quantity_t, facts.waybill)
    return np.fmax(said_t, level_t(positions, facts))[rows]


WAYBILL_QUANTITY = Rule[Facts](
    id="waybill_quantity",
    name_zh="运单数量超限或与实载不符",
    name_en="Quantity beyond the approved load, or more in the tank than on the waybill",
    group=Group.DOCUMENTS,
    severity=Severity.ORANGE,
    basis="危险化学品安全管理条例 §47; 危险货物道路运输安全管理办法 §23, §24",
    receivers=(Receiver.CARRIER, Receiver.TRANSPORT, Receiver.TRAFFIC_POLICE),
    says=Wording(
        what_zh=(
            "运单载明的数量超过核定载质量，或按液位推算的装载量比运单多 {level_t} t 以上且超过其 {l"
            "evel_part} 倍"
        ),
        what_en=(
            "the quantity on the waybill is more than the approved load, or the level in the tank t"
            "ells of {level_t} t and a {level_part} part more than the waybill"
        ),
        ends_zh="换用相符的运单，或卸货",
        ends_en="another waybill is in force, or it has unloaded",
    ),
    # the law grants nothing on paper; a level gauge errs by the greater of a part and half a tonne
    limits={"over_part": 0.0, "level_part": 0.03, "level_t": 0.5},
    unit="t",
    condition=on_the_road(_faulty),
    hold=Hold(seconds=30, fixes=3),  # the surface of the liquid swings
    clear=until_settled(_faulty),
    gap_s=PAPER_GAP_S,
    measure=_tonnes,
    object_of=waybill_no,
    needs=(Need.VEHICLE, Need.WAYBILL),
)
