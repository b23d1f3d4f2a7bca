"""应查尽查 as a number: of the trips that were seen, how many each rule could check, and what it lacked."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

CHECKED_SHARE = 0.8  # of a trip's messages that must meet a rule's every need for it to have checked the trip


@dataclass(frozen=True, slots=True)
class JourneyCoverage:
    """What was known on a journey: of how many of its ``messages`` each need of the rules was met.

    ``gate``: fence id of the road on which it entered, empty if none was near. ``day``: the local day
    (Asia/Shanghai) of the entry. ``held``: count by need.
    """

    journey_id: str
    vehicle_id: str
    gate: str
    day: date
    messages: int
    held: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class TripGroup:
    """So many trips of one gate and day on which the same needs were met; ``gate`` is a fence id."""

    day: date
    gate: str
    gate_name: str
    met: frozenset[str]
    trips: int


@dataclass(frozen=True, slots=True)
class RuleCoverage:
    """Of ``seen`` trips a rule ``checked`` so many; ``lacking``: on how many each need was not met.

    A trip may lack several things: the numbers may add up to more than the trips that were not checked.
    """

    rule_id: str
    seen: int
    checked: int
    lacking: Mapping[str, int]

    @property
    def share(self) -> float:
        """Part of the trips that were checked, 0 to 1; NaN if none was seen."""
        return self.checked / self.seen if self.seen else float("nan")


def rule_coverage(
    groups: Iterable[TripGroup], needs: Mapping[str, Collection[str]]
) -> tuple[RuleCoverage, ...]:
    """One a rule, in the order of ``needs`` (by rule id: without these a trip is not checked)."""
    groups = tuple(groups)
    seen = sum(group.trips for group in groups)
    return tuple(_of_rule(rule_id, groups, frozenset(wanted), seen) for rule_id, wanted in needs.items())


def _of_rule(rule_id: str, groups: tuple[TripGroup, ...], needs: frozenset[str], seen: int) -> RuleCoverage:
    lacking: Counter[str] = Counter()
    checked = 0
    for group in groups:
        missing = needs - group.met
        checked += 0 if missing else group.trips
        lacking.update(dict.fromkeys(missing, group.trips))
    return RuleCoverage(rule_id, seen, checked, dict(sorted(lacking.items(), key=lambda e: (-e[1], e[0]))))


def by_gate(groups: Iterable[TripGroup]) -> dict[str, tuple[TripGroup, ...]]:
    """The groups of each gate, the busiest gate first; the empty name stands for an unknown one."""
    gates: dict[str, list[TripGroup]] = {}
    for group in groups:
        gates.setdefault(group.gate, []).append(group)
    busiest = sorted(gates, key=lambda gate: (-sum(group.trips for group in gates[gate]), gate))
    return {gate: tuple(gates[gate]) for gate in busiest}
