"""A loaded tanker standing outside plants, parks and service areas for too long."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import ID_DTYPE, Floats, Ids, Mask, Rows
from hazmat.position import Positions
from rules.facts import Facts
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording


def _condition(positions: Positions, facts: Facts, limits: Limits) -> Mask:
    elsewhere = facts.loaded & facts.standing & ~facts.at_stop_place & ~facts.no_stop
    return elsewhere & at_rest(positions, limits)


def at_rest(positions: Positions, limits: Limits) -> Mask:
    """Not still rolling to a halt, or off again: a stop lasts from the first fix at rest to the last."""
    return ~(positions.speed_kmh > limits["rest_kmh"])  # not reported, NaN, compares false


def _moved_on(_: Positions, facts: Facts, __: Limits) -> Mask:
    """Moving, or in a place where it may stand; an echo onto a bridge next to it does not begin it anew."""
    return ~facts.standing | ~facts.loaded | facts.at_stop_place


def measure_stop(_: Positions, facts: Facts, rows: Rows) -> Floats:
    """Seconds that the vehicle has been standing."""
    return facts.stopped_s[rows]


def which_stop(facts: Facts, rows: Rows) -> Ids:
    """When the stop began: each stop is its own episode, so that creeping in a queue adds up to none."""
    return np.datetime_as_string(facts.stop_since[rows], unit="s", timezone="UTC").astype(ID_DTYPE)


ILLEGAL_STOP = Rule[Facts](
    id="illegal_stop",
    name_zh="违规停车",
    name_en="Stopped where a loaded tanker may not",
    group=Group.PLACE,
    severity=Severity.YELLOW,
    basis="危险化学品安全管理条例 §48; 道路交通安全法实施条例 §63",
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRAFFIC_POLICE),
    says=Wording(
        "重车在厂区、停车场和服务区以外停车",
        "loaded and standing outside plants, parks and service areas",
        "车辆驶离或进入允许停车的场所",
        "it moves on, or is where it may stand",
    ),
    condition=_condition,
    hold=Hold(seconds=600, fixes=3, unbroken=False),
    clear=Clear(fixes=2, condition=_moved_on),
    measure=measure_stop,
    object_of=which_stop,
    unit="s",
    gap_s=1800.0,  # a terminal at rest reports seldom
    jt808=19,
    jt809=0xA001,
    needs=(Need.GOOD_FIX, Need.LOAD, Need.SPEED),
    limits={"rest_kmh": 1.0},
)
