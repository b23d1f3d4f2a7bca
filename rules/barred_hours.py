"""Loaded on an expressway in the hours in which it is closed to dangerous goods; set by each province."""

from hazmat.alerts import Severity
from hazmat.columns import Mask
from hazmat.position import Positions
from rules.daytime import between_hours
from rules.facts import Facts
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording
from rules.speed import on_expressway


def _in_hours(positions: Positions, limits: Limits) -> Mask:
    return between_hours(positions.fix_time, limits["barred_from_h"], limits["barred_to_h"])


def _condition(positions: Positions, facts: Facts, limits: Limits) -> Mask:
    there = facts.loaded & facts.moving & facts.roads.surely & on_expressway(facts)
    return there & _in_hours(positions, limits)


def _over(positions: Positions, facts: Facts, limits: Limits) -> Mask:
    return ~on_expressway(facts) | ~facts.loaded | ~_in_hours(positions, limits)


BARRED_HOURS = Rule[Facts](
    id="barred_hours",
    name_zh="高速公路禁行时段行驶",
    name_en="On an expressway in its barred hours",
    group=Group.CONDUCT,
    severity=Severity.ORANGE,
    basis="危险货物道路运输安全管理办法 §49（省级公安机关公布后启用）",
    says=Wording(
        "在禁行时段（{barred_from_h} 时至 {barred_to_h} 时）载货行驶高速公路",
        "loaded on an expressway between {barred_from_h} and {barred_to_h} hours",
        "驶离高速公路、卸空，或禁行时段结束",
        "it is off the expressway or empty, or the hours are over",
    ),
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRAFFIC_POLICE),
    condition=_condition,
    hold=Hold(seconds=120, fixes=3, unbroken=False),
    clear=Clear(seconds=60, fixes=2, condition=_over),
    needs=(Need.ROAD, Need.LOAD),
    enabled=False,
    limits={"barred_from_h": 0.0, "barred_to_h": 6.0},
)
