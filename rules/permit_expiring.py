"""The pass that covers this road or area ends within some days: a notice, once a pass."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import ID_DTYPE, Ids, Mask, Rows
from hazmat.position import Positions
from rules.carriage import PAPER_GAP_S, PAPER_HOLD
from rules.facts import Facts
from rules.rule import Clear, Group, Limits, Need, Receiver, Rule, Wording

_DAY_S = 86_400.0


def _condition(positions: Positions, facts: Facts, limits: Limits) -> Mask:
    places, ends = facts.places, facts.registry.permit_table.valid_to
    expiring = places.permitted & places.sure & facts.moving[places.row]
    pair = np.flatnonzero(expiring)
    left = ends[places.permit[pair]] - positions.fix_time[places.row[pair]]
    expiring[pair] = left <= np.timedelta64(round(limits["days"] * _DAY_S * 1000), "ms")
    return np.asarray(expiring, bool)


def _permit(facts: Facts, pairs: Rows) -> Ids:
    permits = facts.registry.world.permits
    rows = facts.places.permit[pairs].tolist()
    return np.array([permits[row].permit_no.encode() for row in rows], ID_DTYPE)


def _elsewhere(_: Positions, facts: Facts, __: Limits) -> Mask:
    gated = np.zeros(len(facts.moving), bool)
    gated[facts.places.row] = True
    return facts.moving & ~gated


PERMIT_EXPIRING = Rule[Facts](
    id="permit_expiring",
    name_zh="通行证即将到期",
    name_en="Pass about to expire",
    group=Group.DOCUMENTS,
    severity=Severity.BLUE,
    basis="危险化学品安全管理条例 §49, §50",
    receivers=(Receiver.DRIVER, Receiver.CARRIER),
    says=Wording(
        what_zh="正在使用的通行证将在 {days} 天内到期，提醒续办",
        what_en="the permit in use ends within {days} days",
        ends_zh="换用新证，或驶离须持证的道路",
        ends_en="a new permit is in force, or it has left the road",
    ),
    limits={"days": 7.0},
    pairs=lambda facts: facts.places,
    condition=_condition,
    hold=PAPER_HOLD,
    clear=Clear(fixes=2, condition=_elsewhere),
    gap_s=PAPER_GAP_S,
    cool_down_s=_DAY_S,
    object_of=_permit,
    needs=(Need.VEHICLE,),
)
