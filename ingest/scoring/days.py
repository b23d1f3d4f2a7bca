"""Scores labelled days made on the fly: their fixes go as columns through the flow, without JSON between.

Decoding is scored with the sample cases; here it would only cost time. What follows decoding is the same.
"""

from collections.abc import Callable, Iterator

import numpy as np

from hazmat.alerts import AlertChange
from hazmat.clock import from_time
from hazmat.position import Positions
from hazmat.registry import Registry
from ingest.kept import Kept
from ingest.process import process
from ingest.repair import Present, Repair
from ingest.scoring.baseline import baseline
from ingest.scoring.catalogue import known_rules
from ingest.scoring.labels import Truth
from ingest.scoring.matching import match
from ingest.scoring.score import Score, claims_of
from ingest.simulator.day_truth import Breach
from ingest.simulator.days import DaySettings, LabelledDay, labelled_days
from ingest.simulator.ground import Ground
from ingest.snapshots import Snapshots
from rules.memory import Memory

BATCH_FIXES = 20_000
_REPAIRED_EACH = 500  # fixes of each truck that are judged again, at a time


def score_days(settings: DaySettings, advance: Callable[[float], None] = lambda _: None) -> Score:
    """All parts, one after the other; ``advance`` is told each part's vehicle-hours."""
    score = Score(interval_s=settings.air.interval_s)
    score.settings = {
        "simulated": "labelled days",
        "seed": str(settings.seed),
        "error_m": f"{settings.air.error_m:g}",
    }
    for part in labelled_days(settings):
        _score_part(part, score, 2 * settings.air.interval_s)
        advance(part.hours)
    return score


def _score_part(part: LabelledDay, score: Score, slack_s: float) -> None:
    registry, ground = Registry(part.world), Ground(part.world)
    made = claims_of(judge(part.positions, registry, part.until).values())
    naive = baseline(part.positions, registry, ground, part.until)
    truths = [_truth(breach) for breach in part.breaches]
    ignore = frozenset(known_rules() & UNLABELLED)
    slack = max(30.0, slack_s)
    score.add(match(made, truths, ignore, slack), match(naive, truths, ignore, slack), part.hours)
    score.fixes += len(part.positions)


# Nobody says of a simulated day when these should be told: pre-warnings, and what several trucks do together.
UNLABELLED = frozenset({"lane_suspected", "unusual_stop", "too_close", "gathering", "park_full",
                        "incompatible_parked", "long_stay", "fatigue_night", "night_speed", "permit_expiring",
                        "barred_area_ahead", "tunnel_ahead", "corridor_edge", "speed_warning",
                        "fatigue_warning"})  # fmt: skip


def _truth(breach: Breach) -> Truth:
    return Truth(
        breach.vehicle_id, breach.rule_id, breach.object_id, breach.start, breach.end, breach.marginal
    )


def judge(positions: Positions, registry: Registry, until: float) -> dict[str, AlertChange]:
    """The alerts of fixes in the order of arrival, as they stood at ``until`` (seconds since 1970), by id.

    Late fixes are repaired at the end, as in a replay. What several trucks do together is not judged.
    """
    kept, memory = Kept(), Memory.empty()
    for batch in _batches(positions):
        outcome, after = process(batch, registry, memory, from_time(batch.received_at.max()))
        kept.keep(outcome, memory)
        memory = after
    end = np.datetime64(round(until * 1000), "ms")
    at = from_time(max(positions.received_at.max(), end) if len(positions) else end)
    outcome, after = process(Positions.empty(), registry, memory, at)
    kept.keep(outcome, memory)
    _repair(kept, Present(after, registry, at))
    return kept.alerts


def _repair(kept: Kept, present: Present) -> None:
    if len(kept.asks):
        repair = Repair(kept.asks, kept, Snapshots(), look_back=None)
        while not repair.step(present.registry, _REPAIRED_EACH):
            pass
        kept.repaired(repair.finish(present)[0])


def _batches(positions: Positions) -> Iterator[Positions]:
    """Whole messages, about ``BATCH_FIXES`` fixes at a time."""
    row, rows = 0, len(positions)
    while row < rows:
        last = positions.message[min(row + BATCH_FIXES, rows) - 1]
        end = int(np.searchsorted(positions.message, last, side="right"))
        yield positions.take(np.arange(row, end))
        row = end
