"""Scores labelled cases: the real flow and the two-fix baseline over the same messages."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

from hazmat.alerts import AlertChange, AlertState
from hazmat.columns import Floats
from hazmat.position import Positions
from hazmat.registry import Registry
from ingest.decode import decode
from ingest.replay import Recording, read_recording, run
from ingest.scoring.baseline import baseline
from ingest.scoring.labels import LabelledCase
from ingest.scoring.matching import SLACK_S, Claim, Tally, match
from ingest.simulator.ground import Ground
from ingest.world import load_world


@dataclass(slots=True)
class Score:
    """What came of some cases, by rule; ``interval_s``: the report interval, the median of all."""

    ours: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    theirs: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    hours: float = 0.0
    cases: int = 0
    fixes: int = 0
    interval_s: float = 0.0
    settings: dict[str, str] = field(default_factory=dict)

    def add(self, ours: dict[str, Tally], theirs: dict[str, Tally], hours: float) -> None:
        """Count one more case."""
        for mine, more in ((self.ours, ours), (self.theirs, theirs)):
            for rule_id, tally in more.items():
                mine[rule_id].add(tally)
        self.hours += hours
        self.cases += 1


def claims_of(alerts: Iterable[AlertChange]) -> list[Claim]:
    """Alerts as they are scored, without those that a repair withdrew."""
    return [
        Claim(
            vehicle_id=alert.vehicle_id,
            rule_id=alert.rule_id,
            object_id=alert.object_id,
            opened=alert.opened_at.timestamp(),
            last=alert.last_hit_at.timestamp(),
            fired=alert.fired_at.timestamp(),
            counts_for_delay=not alert.retrospective,
        )
        for alert in alerts
        if alert.state is not AlertState.WITHDRAWN
    ]


@cache
def _world(folder: Path) -> tuple[Registry, Ground]:
    world = load_world(folder)
    return Registry(world), Ground(world)


def score_cases(cases: Sequence[LabelledCase], advance: Callable[[], None] = lambda: None) -> Score:
    """All cases, one after the other; ``advance`` is called after each."""
    score, steps = Score(), []
    for case in cases:
        recording = read_recording([case.track])
        positions, _ = decode(recording.messages)
        steps.append(_steps_s(positions))
        _score_case(case, recording, positions, score)
        score.fixes += len(positions)
        advance()
    every = np.concatenate(steps)
    score.interval_s = float(np.median(every)) if len(every) else float("nan")
    return score


def _score_case(case: LabelledCase, recording: Recording, positions: Positions, score: Score) -> None:
    registry, ground = _world(case.world)
    made = claims_of(run(recording, registry.world).alerts.values())
    last = max((m.received_at.timestamp() for m in recording.messages), default=0.0)
    until = recording.until.timestamp() if recording.until else last
    naive = baseline(positions, registry, ground, max(last, until))
    slack = max(SLACK_S, 2 * float(np.median(_steps_s(positions))) if len(positions) > 1 else 0.0)
    score.add(
        match(made, case.truths, case.ignore, slack),
        match(naive, case.truths, case.ignore, slack),
        case.hours or vehicle_hours(positions),
    )


def _steps_s(positions: Positions) -> Floats:
    """Seconds between the fixes of each vehicle, in order of time."""
    order = np.lexsort((positions.fix_time, positions.vehicle_id))
    at = positions.fix_time[order].astype(np.int64) / 1000.0
    same = positions.vehicle_id[order][1:] == positions.vehicle_id[order][:-1]
    return np.asarray(np.diff(at)[same], float)


def vehicle_hours(positions: Positions) -> float:
    """From each vehicle's first fix to its last."""
    return float(_steps_s(positions).sum()) / 3600
