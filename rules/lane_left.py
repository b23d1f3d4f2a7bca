"""Not in the designated lane, said by a receiver that is good enough to tell lanes apart."""

from hazmat.alerts import Severity
from hazmat.columns import Mask
from hazmat.position import Positions
from rules.facts import Facts
from rules.lane_suspected import back_in_lane, measure_off, probably_off
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording


def _condition(positions: Positions, facts: Facts, limits: Limits) -> Mask:
    return probably_off(facts, limits) & (positions.accuracy_m <= limits["accuracy_m"])


LANE_LEFT = Rule[Facts](
    id="lane_left",
    name_zh="未走指定车道（高精度定位）",
    name_en="Off the designated lane (precise receiver)",
    group=Group.PLACE,
    severity=Severity.YELLOW,
    basis="道路交通安全法 §48(3)",
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRAFFIC_POLICE),
    says=Wording(
        "在指定道路连续行驶 {stretch_m} m 以上，终端报告的定位精度不大于 {accuracy_m} m，"
        "未在指定车道的概率不低于 {probability}",
        "over at least {stretch_m} m of a designated road, a receiver that reports {accuracy_m} m or better "
        "gives a probability of at least {probability} that it is not in the designated lane",
        "该概率降到 {back_probability} 以下，或驶离该道路",
        "that probability falls to {back_probability}, or it is on another road",
    ),
    condition=_condition,
    hold=Hold(seconds=20, fixes=3),
    clear=Clear(seconds=20, fixes=2, condition=back_in_lane),
    cool_down_s=60.0,
    measure=measure_off,
    limits={"probability": 0.97, "stretch_m": 300.0, "back_probability": 0.5, "accuracy_m": 1.5},
    needs=(Need.GOOD_FIX, Need.LOAD, Need.DESIGNATED_ROAD),
)
