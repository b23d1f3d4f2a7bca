"""On a designated road, but probably not in the designated lane: a hint, never a proof."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.facts import Facts
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording


def probably_off(facts: Facts, limits: Limits) -> Mask:
    """Off the designated lane with at least the probability asked for, believed over a long enough way."""
    sure = facts.lanes.off >= limits["probability"]  # NaN, no lane judged, compares false
    return sure & (facts.lanes.stretch_m >= limits["stretch_m"]) & facts.loaded


def _condition(_: Positions, facts: Facts, limits: Limits) -> Mask:
    return probably_off(facts, limits)


def back_in_lane(_: Positions, facts: Facts, limits: Limits) -> Mask:
    """Probably back in the designated lane, or on another road."""
    elsewhere = facts.roads.surely & np.isnan(facts.lanes.off)
    return (facts.lanes.off <= limits["back_probability"]) | elsewhere | facts.at_stop_place


def measure_off(_: Positions, facts: Facts, rows: Rows) -> Floats:
    """Probability of being off the designated lane."""
    return facts.lanes.off[rows]


LANE_SUSPECTED = Rule[Facts](
    id="lane_suspected",
    name_zh="疑似未走指定车道（仅供提示）",
    name_en="Probably not in the designated lane (advisory)",
    group=Group.PLACE,
    severity=Severity.BLUE,
    basis="道路交通安全法 §48(3); 民用卫星定位误差大于车道宽度，不作处罚依据",
    receivers=(Receiver.DRIVER, Receiver.CARRIER),
    says=Wording(
        what_zh=(
            "在指定道路连续行驶 {stretch_m} m 以上，按横向偏移的误差模型推算，未在指定车道的概率不"
            "低于 {probability}"
        ),
        what_en=(
            "over at least {stretch_m} m of a designated road, an error model of the lateral offset"
            " gives a probability of at least {probability} that it is not in the designated lane"
        ),
        ends_zh="该概率降到 {back_probability} 以下，或驶离该道路",
        ends_en="that probability falls to {back_probability}, or it is on another road",
    ),
    condition=_condition,
    hold=Hold(seconds=20, fixes=3),
    clear=Clear(seconds=20, fixes=2, condition=back_in_lane),
    cool_down_s=60.0,
    measure=measure_off,
    limits={"probability": 0.97, "stretch_m": 300.0, "back_probability": 0.5},
    needs=(Need.GOOD_FIX, Need.LOAD, Need.DESIGNATED_ROAD),
)
