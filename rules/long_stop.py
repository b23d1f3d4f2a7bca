"""A loaded tanker standing in a service area for longer than a rest."""

from hazmat.alerts import Severity
from hazmat.columns import Mask
from hazmat.position import Positions
from rules.facts import Facts
from rules.illegal_stop import at_rest, measure_stop, which_stop
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording


def _condition(positions: Positions, facts: Facts, limits: Limits) -> Mask:
    return facts.loaded & facts.standing & facts.at_service_area & at_rest(positions, limits)


def _moved_on(_: Positions, facts: Facts, __: Limits) -> Mask:
    return ~facts.standing | ~facts.loaded


LONG_STOP = Rule[Facts](
    id="long_stop",
    name_zh="服务区超时停车",
    name_en="Stopped in a service area for too long",
    group=Group.PLACE,
    severity=Severity.YELLOW,
    basis="危险化学品安全管理条例 §48",
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRAFFIC_POLICE),
    says=Wording(
        "重车在服务区内停车",
        "loaded and standing in a service area",
        "车辆驶离",
        "it moves on",
    ),
    condition=_condition,
    hold=Hold(seconds=2700, fixes=3, unbroken=False),
    clear=Clear(fixes=2, condition=_moved_on),
    measure=measure_stop,
    object_of=which_stop,
    unit="s",
    gap_s=3600.0,  # a terminal at rest reports seldom
    jt808=19,
    jt809=0xA001,
    needs=(Need.GOOD_FIX, Need.LOAD, Need.SPEED),
    limits={"rest_kmh": 1.0},
)
