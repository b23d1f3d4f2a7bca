"""A truck that drives while its position does not change by a digit."""

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.facts import Facts
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording


def _condition(positions: Positions, facts: Facts, limits: Limits) -> Mask:
    still: Mask = facts.track.step_m == 0
    return still & (positions.speed_kmh > limits["moving_kmh"])


def _changes(_: Positions, facts: Facts, __: Limits) -> Mask:
    return facts.track.step_m > 0


def _speed_kmh(positions: Positions, _: Facts, rows: Rows) -> Floats:
    return positions.speed_kmh[rows]


FROZEN_POSITION = Rule[Facts](
    id="frozen_position",
    name_zh="行驶中定位坐标不变",
    name_en="Position frozen while moving",
    group=Group.DEVICE,
    severity=Severity.YELLOW,
    basis="道路运输车辆动态监督管理办法 §37, §38",
    says=Wording(
        "上报车速高于 {moving_kmh} km/h，坐标却一位不变",
        "it reports more than {moving_kmh} km/h while its coordinates do not change by a digit",
        "坐标恢复变化",
        "the coordinates change again",
    ),
    receivers=(Receiver.CARRIER, Receiver.TRANSPORT),
    condition=_condition,
    # Ten fixes at one place are nine that repeat one. A halt at a light on the way takes nothing back.
    hold=Hold(seconds=300, fixes=9, unbroken=False),
    clear=Clear(condition=_changes),
    measure=_speed_kmh,
    unit="km/h",
    limits={"moving_kmh": 10.0},
    gap_s=600.0,
    needs=(Need.GOOD_FIX, Need.SPEED),
)
