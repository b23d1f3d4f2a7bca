"""The lane estimate: calibrated, silent where it cannot know, the same in any cut."""

import numpy as np
import pytest

from hazmat.clock import from_time
from hazmat.position import Positions
from ingest.scoring.lanes import drive_lanes, lane_registry, score_lanes
from tests.fold import Fold, memory_rows

SEED = 7101  # no number in rules/lanes.py was chosen on it


def by_arrival(fixes: Positions) -> Positions:
    ordered = fixes.take(np.lexsort((fixes.vehicle_id, fixes.received_at)))
    return Positions(**ordered.columns() | {"message": np.arange(len(ordered))})


@pytest.mark.parametrize(("error_m", "low"), [(1.0, 0.93), (2.5, 0.93), (5.0, 0.91)])
def test_a_stated_95_percent_is_right_about_95_times_in_100(error_m: float, low: float) -> None:
    score = score_lanes(error_m, 250, SEED)
    assert score.stated_fixes > 400
    assert low <= score.right
    assert score.false <= score.km / 1000 * 1.5


def test_at_one_metre_it_finds_those_who_leave_their_lane_and_at_five_it_keeps_quiet() -> None:
    good, poor = score_lanes(1.0, 150, SEED + 1), score_lanes(5.0, 150, SEED + 1)
    assert good.found >= 0.93 * good.episodes > 0
    assert good.false <= 1 + good.km / 1000
    assert poor.found < 0.4 * poor.episodes


def test_any_cut_gives_the_same_beliefs() -> None:
    fixes, _, _ = drive_lanes(2.5, 12, SEED + 2, 10.0)
    fixes = by_arrival(fixes.take(fixes.fix_time < fixes.fix_time[0] + np.timedelta64(1500, "s")))
    registry = lane_registry(12)
    whole = Fold(registry).feed(fixes)
    assert {change.rule_id for change in whole.alerts.values()} >= {"lane_suspected"}
    for step in (1, 7, 100):
        cut = Fold(registry).feed_cut(fixes, list(range(step, len(fixes), step)))
        cut.feed(Positions.empty(), from_time(fixes.received_at[-1]))
        assert memory_rows(cut.memory) == memory_rows(whole.memory)
        found = [{key: str(change) for key, change in fold.alerts.items()} for fold in (cut, whole)]
        assert found[0] == found[1]  # as text: a value that is missing is NaN
