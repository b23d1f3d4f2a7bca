"""A loaded tanker standing on a bridge, in a tunnel or on a bend where none may stand."""

from hazmat.alerts import Severity
from hazmat.columns import Mask
from hazmat.position import Positions
from rules.facts import Facts
from rules.illegal_stop import measure_stop, which_stop
from rules.rule import Clear, Group, Hold, Limits, Receiver, Rule


def _condition(_: Positions, facts: Facts, __: Limits) -> Mask:
    return facts.loaded & facts.standing & facts.no_stop


STOP_ON_NO_STOP = Rule[Facts](
    id="stop_on_no_stop",
    name_zh="禁停路段停车",
    name_en="Stopped on a bridge, in a tunnel or on a bend",
    group=Group.PLACE,
    severity=Severity.ORANGE,
    basis="道路交通安全法实施条例 §63",
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRAFFIC_POLICE),
    condition=_condition,
    hold=Hold(seconds=60, fixes=3),
    clear=Clear(fixes=2),
    measure=measure_stop,
    object_of=which_stop,
    unit="s",
    gap_s=1800.0,
)
