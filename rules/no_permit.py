"""On a road or in an area that wants a permit, without one for this road, hour and class."""

from hazmat.alerts import Severity
from hazmat.columns import Mask
from hazmat.position import Positions
from rules.facts import Facts
from rules.places import HEADING_KMH
from rules.rule import Clear, Group, Hold, Limits, Receiver, Rule


def _condition(_: Positions, facts: Facts, __: Limits) -> Mask:
    places = facts.places
    return ~places.barred & ~places.permitted & places.sure & facts.known[places.row]


def _is_elsewhere(_: Positions, facts: Facts, __: Limits) -> Mask:
    """Crawling in a queue, or near a road that wants a permit, neither proves nor disproves being on it."""
    fences, nearest = facts.registry.fences, facts.roads.nearest
    doubtful = nearest >= 0
    doubtful[doubtful] = fences.permit_required[nearest[doubtful]]
    elsewhere = facts.roads.surely | ((facts.speed_kmh >= HEADING_KMH) & ~doubtful)
    return elsewhere | facts.at_stop_place


NO_PERMIT = Rule[Facts](
    id="no_permit",
    name_zh="无有效通行证",
    name_en="No valid permit for this road and hour",
    group=Group.DOCUMENTS,
    severity=Severity.RED,
    basis="危险化学品安全管理条例 §49, §50",
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRAFFIC_POLICE),
    pairs=lambda facts: facts.places,
    condition=_condition,
    hold=Hold(seconds=30, fixes=3, unbroken=False),
    clear=Clear(seconds=60, fixes=2, condition=_is_elsewhere),
)
