"""In the district with a load, but not on a designated road."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.facts import Facts
from rules.rule import Clear, Group, Hold, Limits, Receiver, Rule


def _condition(positions: Positions, facts: Facts, __: Limits) -> Mask:
    off = facts.loaded & facts.in_district & ~facts.roads.designated & ~facts.at_stop_place
    row = np.flatnonzero(off)
    off[row] = _any_designated(positions, facts, row)
    return off


def _any_designated(positions: Positions, facts: Facts, rows: Rows) -> Mask:
    """Whether any road was designated at all: without one nobody can be off it."""
    fences = facts.registry.fences
    some = np.zeros(len(rows), bool)
    for road in fences.designated:  # few are designated, and few fixes are off them
        some |= fences.in_force(np.full(len(rows), road), positions.fix_time[rows])
        if some.all():
            break
    return some


def _measure(_: Positions, facts: Facts, rows: Rows) -> Floats:
    """Metres beyond the edge of the nearest designated road."""
    return facts.registry.fences.beyond_designated_m(facts.track.points[rows])


OFF_DESIGNATED_ROAD = Rule[Facts](
    id="off_designated_road",
    name_zh="偏离指定道路",
    name_en="Off the designated road",
    group=Group.PLACE,
    severity=Severity.ORANGE,
    basis="道路交通安全法 §48",
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRAFFIC_POLICE),
    condition=_condition,
    hold=Hold(seconds=60, fixes=3),
    clear=Clear(seconds=20, fixes=2),
    measure=_measure,
    unit="m",
)
