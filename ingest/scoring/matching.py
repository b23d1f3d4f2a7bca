"""Alerts against truths: found, missed, false, repeated, marginal. docs/labels.md says what each is."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ingest.scoring.labels import Truth

SLACK_S = 30.0  # an alert may begin a few fixes after a short breach ended, and end a few before it began


@dataclass(frozen=True, slots=True)
class Claim:
    """An alert as it is scored: from its first to its last hit, and when it fired; seconds since 1970.

    ``counts_for_delay`` is false for what only a repair of late data found: it was no live warning.
    """

    vehicle_id: str
    rule_id: str
    object_id: str
    opened: float
    last: float
    fired: float
    counts_for_delay: bool = True


@dataclass(slots=True)
class Tally:
    """Counts of one rule. ``delays_s``: from the true start to the first alert, for each one found."""

    labelled: int = 0
    found: int = 0
    missed: list[Truth] = field(default_factory=list)
    false: list[Claim] = field(default_factory=list)
    repeated: int = 0
    marginal: int = 0
    marginal_alerts: int = 0
    delays_s: list[float] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Found of labelled; NaN where none was labelled."""
        return self.found / self.labelled if self.labelled else float("nan")

    @property
    def precision(self) -> float:
        """Right of all alerts that were right or false; NaN where there were none."""
        right = self.found + self.repeated
        return right / (right + len(self.false)) if right + len(self.false) else float("nan")

    def add(self, other: "Tally") -> None:
        """Count the other's too."""
        for name in ("labelled", "found", "repeated", "marginal", "marginal_alerts"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("missed", "false", "delays_s"):
            getattr(self, name).extend(getattr(other, name))


def match(
    claims: Iterable[Claim],
    truths: Iterable[Truth],
    ignore: frozenset[str] = frozenset(),
    slack_s: float = SLACK_S,
) -> dict[str, Tally]:
    """The tally of each rule that has a claim or a truth.

    A claim belongs to the truths of its vehicle, rule and object that it overlaps in time; one claim may
    find several truths, and a second claim on a truth is repeated, neither found again nor false.
    """
    by_key: dict[tuple[str, str], tuple[list[Claim], list[Truth]]] = defaultdict(lambda: ([], []))
    for claim in claims:
        by_key[claim.rule_id, claim.vehicle_id][0].append(claim)
    for truth in truths:
        by_key[truth.rule_id, truth.vehicle_id][1].append(truth)
    tallies: dict[str, Tally] = {}
    for (rule_id, _), (made, real) in sorted(by_key.items()):
        if rule_id not in ignore:
            tallies.setdefault(rule_id, Tally()).add(_match_one(made, real, slack_s))
    return tallies


def _match_one(claims: Sequence[Claim], truths: Sequence[Truth], slack_s: float) -> Tally:
    """Of one vehicle and rule: few of each, so that loops may be plain."""
    tally = Tally(labelled=sum(not t.marginal for t in truths), marginal=sum(t.marginal for t in truths))
    first: dict[Truth, Claim] = {}
    for claim in sorted(claims, key=lambda claim: (claim.fired, claim.object_id)):
        fitting = [truth for truth in truths if _fits(claim, truth, slack_s)]
        sure = [truth for truth in fitting if not truth.marginal]
        if not fitting:
            tally.false.append(claim)
        elif not sure:
            tally.marginal_alerts += 1
        elif all(truth in first for truth in sure):
            tally.repeated += 1
        for truth in sure:
            first.setdefault(truth, claim)
    tally.found = len(first)
    tally.missed = [truth for truth in truths if not truth.marginal and truth not in first]
    tally.delays_s = [max(c.fired - t.start, 0.0) for t, c in first.items() if c.counts_for_delay]
    return tally


def _fits(claim: Claim, truth: Truth, slack_s: float) -> bool:
    if truth.object_id and truth.object_id != claim.object_id:
        return False
    return claim.opened <= truth.end + slack_s and claim.last >= truth.start - slack_s
