"""In the district with a load, but not on a designated road."""

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.facts import Facts
from rules.rule import Clear, Hold, Receiver, Rule


def _condition(_: Positions, facts: Facts) -> Mask:
    return facts.loaded & facts.in_district & ~facts.roads.designated & ~facts.at_stop_place


def _measure(_: Positions, facts: Facts, rows: Rows) -> Floats:
    """Metres beyond the edge of the nearest designated road."""
    return facts.registry.fences.beyond_designated_m(facts.track.points[rows])


OFF_DESIGNATED_ROAD = Rule(
    id="off_designated_road",
    name_zh="偏离指定道路",
    name_en="Off the designated road",
    severity=Severity.ORANGE,
    basis="道路交通安全法 §48",
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRAFFIC_POLICE),
    condition=_condition,
    hold=Hold(seconds=60, fixes=3),
    clear=Clear(seconds=20, fixes=2),
    measure=_measure,
    unit="m",
)
