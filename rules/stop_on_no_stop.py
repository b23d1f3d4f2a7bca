"""A loaded tanker standing on a bridge, in a tunnel or on a bend where none may stand."""

from hazmat.alerts import Severity
from hazmat.columns import Mask
from hazmat.position import Positions
from rules.facts import Facts
from rules.illegal_stop import at_rest, measure_stop, which_stop
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording


def _condition(positions: Positions, facts: Facts, limits: Limits) -> Mask:
    return facts.no_stop & at_rest(positions, limits)


def _moved_on(_: Positions, facts: Facts, __: Limits) -> Mask:
    """Moving; standing at the stretch's end, a little further out by the receiver, it stays as it is."""
    return ~facts.standing | ~facts.loaded


STOP_ON_NO_STOP = Rule[Facts](
    id="stop_on_no_stop",
    name_zh="禁停路段停车",
    name_en="Stopped on a bridge, in a tunnel or on a bend",
    group=Group.PLACE,
    severity=Severity.ORANGE,
    basis="道路交通安全法实施条例 §63",
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRAFFIC_POLICE),
    says=Wording(
        "重车停在桥梁、隧道、弯道等禁停路段上，超出定位误差",
        "loaded and standing on a bridge, in a tunnel or on a bend, by more than the fix may err",
        "车辆驶离",
        "it moves on",
    ),
    condition=_condition,
    hold=Hold(seconds=60, fixes=3),
    clear=Clear(fixes=2, condition=_moved_on),
    measure=measure_stop,
    object_of=which_stop,
    unit="s",
    gap_s=1800.0,
    jt808=19,
    jt809=0xA001,
    needs=(Need.GOOD_FIX, Need.LOAD, Need.SPEED),
    limits={"rest_kmh": 1.0},
)
