"""The law over all rules: the scripted cases, in which every rule fires, cut, doubled, restarted and late."""

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hazmat.alerts import AlertChange
from hazmat.clock import from_time
from hazmat.position import Positions
from hazmat.registry import Registry
from ingest.decode import decode
from ingest.replay import read_recording
from ingest.wire import memory_from_bytes, memory_to_bytes
from ingest.world import load_world
from rules.catalogue import CATALOGUE, SIGNAL_RULES, TIMER_RULES, TOGETHER_RULES
from rules.memory import Memory
from tests.fold import Fold, memory_rows

FOLDER = Path(__file__).parent.parent / "sample_tracks" / "scripted"
# These ask when messages came: silences, ticks, and clocks that are wrong or stand while messages come.
OF_ARRIVAL = {rule.id for rule in (*TIMER_RULES, *TOGETHER_RULES)} | {"frozen_clock", "clock_wrong"}
quick = settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@cache
def registry() -> Registry:
    return Registry(load_world(FOLDER / "world"), 1)


@cache
def messages() -> Positions:
    recording = read_recording(sorted(FOLDER.glob("*/track.ndjson")))
    return decode(recording.messages, 0)[0]


@cache
def undisturbed() -> Fold:
    return Fold(registry()).feed(messages()).feed(Positions.empty(), until())


def until() -> datetime:
    return from_time(messages().received_at.max()) + timedelta(days=4)


@cache
def in_time() -> list[AlertChange]:
    """What stands at the end where no message is late but those that the cases mean to be."""
    return Fold(registry()).feed(messages()).repair().feed(Positions.empty(), until()).standing()


def told(fold: Fold) -> dict[str, str]:
    return {key: str(alert) for key, alert in fold.alerts.items()}


def same(fold: Fold, other: Fold) -> None:
    assert told(fold) == told(other)
    assert memory_rows(fold.memory) == memory_rows(other.memory)


def test_every_rule_fires_in_these_tracks() -> None:
    fired = {alert.rule_id for alert in undisturbed().alerts.values()}
    assert fired == set(CATALOGUE) - {rule.id for rule in TOGETHER_RULES}  # those have their own law


@given(seed=st.integers(0, 2**32 - 1))
@quick
def test_any_cut_gives_the_same(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = len(messages())
    cuts = sorted(set(rng.integers(0, rows, int(rng.integers(2, 60))).tolist()))
    same(Fold(registry()).feed_cut(messages(), cuts).feed(Positions.empty(), until()), undisturbed())


def test_fix_by_fix_gives_the_same_on_the_busiest_stretch() -> None:
    some = messages().take(np.arange(700))
    whole = Fold(registry()).feed(some)
    same(Fold(registry()).feed_cut(some, list(range(1, len(some)))), whole)


@given(seed=st.integers(0, 2**32 - 1))
@quick
def test_double_delivery_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = int(messages().message[-1]) + 1
    again = np.flatnonzero(rng.random(count) < 0.2)
    place = np.concatenate([np.arange(count) * 1.0, again + rng.integers(1, 40, len(again)) + 0.5])
    delivered = np.concatenate([np.arange(count), again])[np.argsort(place, kind="stable")]
    rows_of = np.split(np.arange(len(messages())), np.searchsorted(messages().message, np.arange(1, count)))
    rows = [rows_of[number] for number in delivered]
    doubled = messages().take(np.concatenate(rows))
    columns = doubled.columns() | {
        "message": np.repeat(np.arange(len(rows)), [len(part) for part in rows]),
        "received_at": np.maximum.accumulate(doubled.received_at),
    }
    fold = Fold(registry()).feed_cut(Positions(**columns), list(range(500, len(doubled), 500)))
    same(fold.feed(Positions.empty(), until()), undisturbed())


@given(data=st.data())
@quick
def test_a_restart_from_a_checkpoint_gives_the_same(data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(messages()) - 1))
    cut = int(np.searchsorted(messages().message, messages().message[at]))
    first = Fold(registry())
    if cut:
        first.feed(messages().take(np.arange(cut)))
    saved = [memory_to_bytes(part) for part in first.memory.split().values()]
    again = Fold(registry(), Memory.merge([memory_from_bytes(part) for part in saved]))
    again.alerts = first.alerts
    again.feed(messages().take(np.arange(cut, len(messages()))))
    same(again.feed(Positions.empty(), until()), undisturbed())


def outline(alerts: list[AlertChange]) -> list[tuple[object, ...]]:
    """What must come out the same however late a fix came; silences and ticks go by arrival."""
    return sorted(
        (a.vehicle_id, a.rule_id, a.object_id, a.opened_at, a.fired_at, a.state.value, str(a.resolved_at),
         a.fixes, str(a.value))
        for a in alerts
        if a.rule_id not in OF_ARRIVAL
    )  # fmt: skip


@given(seed=st.integers(0, 2**32 - 1), share=st.sampled_from([0.02, 0.3]))
@quick
def test_messages_hours_late_and_shuffled_end_the_same_after_repair(seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    fixes = messages()
    count = int(fixes.message[-1]) + 1
    delay_s = np.where(rng.random(count) < share, rng.uniform(1.0, 5 * 3600.0, count), 0.0)
    arrival = fixes.received_at + (delay_s[fixes.message] * 1000).astype("timedelta64[ms]")
    order = np.lexsort((fixes.message, arrival))
    began = np.append(True, np.diff(fixes.message[order]) != 0)
    late = Positions(
        **fixes.take(order).columns() | {"received_at": arrival[order], "message": np.cumsum(began) - 1}
    )
    fold = Fold(registry()).feed_cut(late, list(range(400, len(late), 400))).repair()
    fold.feed(Positions.empty(), until()).repair()
    assert outline(fold.standing()) == outline(in_time())


@pytest.mark.parametrize("rule", SIGNAL_RULES, ids=lambda rule: rule.id)
def test_a_rule_about_terminals_has_no_fence_in_its_hands(rule: object) -> None:
    assert getattr(rule, "pairs", None) is None
