"""On a road or in an area that wants a permit, without one for this road, hour and class."""

from hazmat.alerts import Severity
from hazmat.columns import Mask
from hazmat.position import Positions
from rules.facts import Facts
from rules.places import HEADING_KMH
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording


def _condition(_: Positions, facts: Facts, __: Limits) -> Mask:
    places = facts.places
    asked = facts.known & facts.placed
    return ~places.barred & ~places.permitted & places.sure & asked[places.row]


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
    says=Wording(
        what_zh="在须持通行证的道路或区域内，没有在此时段、对此货物有效的通行证",
        what_en=(
            "on a road or in an area that wants a permit, without one for this road, hour, goods and load"
        ),
        ends_zh="驶离该道路或区域，或通行证生效",
        ends_en="it has left the road or area, or a permit covers it",
    ),
    pairs=lambda facts: facts.places,
    needs=(Need.GOOD_FIX, Need.VEHICLE),
    condition=_condition,
    hold=Hold(seconds=30, fixes=3, unbroken=False),
    clear=Clear(seconds=60, fixes=2, condition=_is_elsewhere),
    gap_s=1800.0,  # a terminal at rest reports seldom
)
