"""Inside a barred area, or inside a timed one in its hours, without a permit that names it."""

from hazmat.alerts import Severity
from hazmat.columns import Mask, Rows
from hazmat.position import Positions
from rules.facts import Facts
from rules.rule import Clear, Group, Hold, Limits, Receiver, Rule


def _condition(_: Positions, facts: Facts, __: Limits) -> Mask:
    places = facts.places
    parked = facts.at_stop_place & facts.standing  # hours may begin over a truck that rests where it may
    return places.barred & ~places.permitted & (places.sure | places.crossed) & ~parked[places.row]


def _crossed(facts: Facts, pairs: Rows) -> Mask:
    return facts.places.crossed[pairs]


BARRED_AREA = Rule[Facts](
    id="barred_area",
    name_zh="闯入禁行区",
    name_en="Inside a barred area or in barred hours",
    group=Group.PLACE,
    severity=Severity.RED,
    basis="危险化学品安全管理条例 §49; 危险货物道路运输安全管理办法 §49",
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRAFFIC_POLICE, Receiver.EMERGENCY),
    pairs=lambda facts: facts.places,
    condition=_condition,
    hold=Hold(fixes=2),
    clear=Clear(seconds=20, fixes=2),
    at_once=_crossed,
)
