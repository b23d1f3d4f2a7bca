"""In the district for much longer than the waybill plans."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.clock import seconds_between
from hazmat.columns import ID_DTYPE, Floats, Ids, Mask, Rows, Times
from hazmat.position import Positions
from rules.facts import Facts
from rules.papers import pick_float, pick_time
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording


def _since(facts: Facts) -> Times:
    """Its entry, or the beginning of the present waybill: a truck at home here begins its trips here."""
    begun = pick_time(facts.registry.waybill_table.valid_from, facts.waybill)
    return np.where(begun > facts.stay_since, begun, facts.stay_since)  # NaT compares false


def _condition(positions: Positions, facts: Facts, limits: Limits) -> Mask:
    hours = pick_float(facts.registry.waybill_table.planned_stay_h, facts.waybill)
    planned_s = np.where(np.isnan(hours), limits["planned_h"], hours) * 3600.0
    stayed_s = seconds_between(_since(facts), positions.fix_time)  # NaN, outside, compares false
    return (stayed_s > limits["times_planned"] * planned_s) & (facts.loaded | (facts.waybill >= 0))


def _measure(positions: Positions, facts: Facts, rows: Rows) -> Floats:
    """Hours in the district."""
    return seconds_between(_since(facts)[rows], positions.fix_time[rows]) / 3600.0


def _which_stay(facts: Facts, rows: Rows) -> Ids:
    return np.datetime_as_string(_since(facts)[rows], unit="s", timezone="UTC").astype(ID_DTYPE)


LONG_STAY = Rule[Facts](
    id="long_stay",
    name_zh="长时间滞留",
    name_en="In the district for too long",
    group=Group.PLACE,
    severity=Severity.YELLOW,
    basis="危险化学品安全管理条例 §48; 危险货物道路运输安全管理办法 §45",
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRAFFIC_POLICE),
    says=Wording(
        "入镇（或运单生效）后在镇时间超过运单计划的 {times_planned} 倍；运单未写明的按 {planned_h} 小时计",
        "in the district since its entry, or its waybill's beginning, for more than {times_planned} times "
        "the hours planned; {planned_h} h where none are",
        "出镇，或卸空且运单已结束",
        "it has left, or is empty and its waybill is over",
    ),
    condition=_condition,
    hold=Hold(fixes=2),
    clear=Clear(fixes=2),
    measure=_measure,
    object_of=_which_stay,
    unit="h",
    gap_s=12 * 3600.0,  # a terminal at rest reports seldom
    jt808=22,
    needs=(Need.GOOD_FIX, Need.DISTRICT, Need.WAYBILL),
    limits={"times_planned": 2.0, "planned_h": 12.0},  # planned_h: where the waybill plans nothing
)
