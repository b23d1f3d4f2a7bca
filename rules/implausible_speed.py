"""A track with leaps that no truck can make: a receiver that drifts, or is deceived."""

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.facts import Facts
from rules.rule import Clear, Group, Limits, Need, Receiver, Rule, Wording


def _condition(_: Positions, facts: Facts, limits: Limits) -> Mask:
    return facts.drift.leaps_s <= limits["three_within_s"]


def _calm(_: Positions, facts: Facts, limits: Limits) -> Mask:
    return facts.drift.since_leap_s > limits["three_within_s"]


def implied_kmh(_: Positions, facts: Facts, rows: Rows) -> Floats:
    """Speed that the truck would have driven between the last two fixes."""
    return facts.track.step_m[rows] / facts.track.step_s[rows] * 3.6


IMPLAUSIBLE_SPEED = Rule[Facts](
    id="implausible_speed",
    name_zh="定位漂移或轨迹造假",
    name_en="Position drifts or is faked",
    group=Group.DEVICE,
    severity=Severity.YELLOW,
    basis="道路运输车辆动态监督管理办法 §37, §38",
    says=Wording(
        "{three_within_s} 秒内定位三次跳跃，推算速度超过 150 km/h 且跳距超过 300 m",
        "three leaps within {three_within_s} s, each further than 300 m and faster than 150 km/h",
        "{three_within_s} 秒内不再跳跃",
        "there was no leap for {three_within_s} s",
    ),
    receivers=(Receiver.CARRIER, Receiver.TRANSPORT),
    condition=_condition,
    clear=Clear(condition=_calm),
    measure=implied_kmh,
    unit="km/h",
    limits={"three_within_s": 600.0},
    gap_s=900.0,
    needs=(Need.GOOD_FIX,),
)
