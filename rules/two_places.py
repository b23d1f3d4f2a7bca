"""One plate at two places: fixes go to and fro between two tracks that no truck can join."""

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.facts import Facts
from rules.rule import Clear, Group, Limits, Need, Receiver, Rule, Wording


def _condition(_: Positions, facts: Facts, limits: Limits) -> Mask:
    twice = facts.drift.swaps_s <= limits["twice_within_s"]
    return twice & (facts.track.step_m >= limits["apart_m"])


def _calm(_: Positions, facts: Facts, limits: Limits) -> Mask:
    # not a number: a leap to a third place, after which nothing is left of the two tracks
    return ~(facts.drift.since_swap_s <= limits["twice_within_s"])


def _apart_m(_: Positions, facts: Facts, rows: Rows) -> Floats:
    return facts.track.step_m[rows]


TWO_PLACES = Rule[Facts](
    id="two_places",
    name_zh="一车两地（涉嫌套牌）",
    name_en="One plate at two places",
    group=Group.DEVICE,
    severity=Severity.RED,
    basis="道路交通安全法 §16, §96; 道路运输车辆动态监督管理办法 §38",
    says=Wording(
        "{twice_within_s} 秒内定位在相距 {apart_m} 米以上的两条轨迹之间两次往返，任何车辆都无法驶到",
        "twice within {twice_within_s} s from one track to another, {apart_m} m away or more, as none can",
        "{twice_within_s} 秒内不再往返",
        "they did not for {twice_within_s} s",
    ),
    receivers=(Receiver.TRAFFIC_POLICE, Receiver.CARRIER, Receiver.TRANSPORT),
    condition=_condition,
    clear=Clear(condition=_calm),
    measure=_apart_m,
    unit="m",
    limits={"twice_within_s": 600.0, "apart_m": 1000.0},
    gap_s=900.0,
    needs=(Need.GOOD_FIX,),
)
