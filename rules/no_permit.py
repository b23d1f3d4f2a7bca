"""On a road or in an area that wants a permit, without one for this road, hour and class."""

from hazmat.alerts import Severity
from hazmat.columns import Mask
from hazmat.position import Positions
from rules.facts import Facts
from rules.rule import Clear, Hold, Receiver, Rule, Subject


def _condition(_: Positions, facts: Facts) -> Mask:
    places = facts.places
    return ~places.barred & ~places.permitted & places.sure & facts.known[places.row]


NO_PERMIT = Rule(
    id="no_permit",
    name_zh="无有效通行证",
    name_en="No valid permit for this road and hour",
    severity=Severity.RED,
    basis="危险化学品安全管理条例 §49, §50",
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRAFFIC_POLICE),
    subject=Subject.PLACES,
    condition=_condition,
    hold=Hold(seconds=30, fixes=3),
    clear=Clear(seconds=60, fixes=2),
)
