"""Inside a barred area, or inside a timed one in its hours, without a permit that names it."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Mask, Rows
from hazmat.position import Positions
from rules.facts import Facts
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording


def _condition(_: Positions, facts: Facts, __: Limits) -> Mask:
    places = facts.places
    parked = facts.at_stop_place & facts.standing  # hours may begin over a truck that rests where it may
    return places.barred & ~places.permitted & (places.sure | places.crossed) & ~parked[places.row]


def _surely_out(_: Positions, facts: Facts, __: Limits) -> Mask:
    """Further out of every barred area than the fix may err."""
    places, out = facts.places, np.ones(len(facts.route), bool)
    out[places.row[places.barred & ~places.permitted & ~places.crossed]] = False
    return out


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
    says=Wording(
        "在生效时段内位于禁行区内（深度大于定位误差）或穿越禁行区，且无通行证",
        "inside a barred area in its hours by more than the error, or driven through it, without a permit",
        "驶离禁行区且超出定位误差，或禁行时段结束",
        "it is outside by more than the fix may err, or the hours are over",
    ),
    pairs=lambda facts: facts.places,
    condition=_condition,
    hold=Hold(fixes=2),
    clear=Clear(seconds=20, fixes=2, condition=_surely_out),
    at_once=_crossed,
    gap_s=1800.0,  # a terminal at rest reports seldom
    jt808=20,
    jt809=0x0004,
    needs=(Need.GOOD_FIX,),
)
