"""Unusual stops, and the law of the rules about several vehicles: no cut changes what they find."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboards.alerts.evidence_labels import LABELS
from hazmat.clock import from_time
from hazmat.position import Positions
from hazmat.registry import Registry
from hazmat.rule_settings import RuleSetting
from ingest.wire import memory_from_bytes, memory_to_bytes
from rules.memory import Memory
from rules.neighbours import neighbours
from tests.convoy import (
    FAR_SIDE_Y,
    NAMES,
    Judged,
    classes,
    crowd,
    following,
    found,
    merged,
    rules_of,
    same,
    town_with_park,
    truck,
)  # fmt: skip
from tests.town import AGES_AGO, NOON, TRUNK_Y, town


def stands_on_trunk(passers: int, seconds: float = 420.0, **more: Any) -> Positions:
    """One stands from the start, others pass it eastward at 54 km/h, a minute apart."""
    t_s = np.arange(0.0, seconds + 1, 10.0)
    arrives = np.array([-40.0, -30.0, -20.0, -10.0])
    stands = truck(
        0,
        np.r_[arrives, t_s],
        x_m=np.r_[2000 + arrives * 10, np.full(len(t_s), 2000.0)],
        speed_kmh=np.r_[np.full(4, 36.0), np.zeros(len(t_s))],
        heading_deg=np.r_[np.full(4, 90.0), np.zeros(len(t_s))],
    )
    given = {"speed_kmh": 54.0, "heading_deg": 90.0, "y_m": TRUNK_Y + 4.0, "load": 0, **more}
    others = [truck(n, t_s + 3 * n, x_m=1000 - 900 * n + 15.0 * t_s, **given) for n in range(1, passers + 1)]
    return merged(stands, *others)


def test_an_unusual_stop_is_one_that_others_pass() -> None:
    (alert,) = found(stands_on_trunk(2), town(3))
    assert (alert.rule_id, alert.vehicle_id) == ("unusual_stop", "T000")
    assert timedelta(seconds=300) <= alert.fired_at - NOON <= timedelta(seconds=331)
    assert (alert.evidence["passed"], alert.evidence["passed_by"]) == (2, "浙B00001, 浙B00002")


@pytest.mark.parametrize(
    "messages",
    [
        stands_on_trunk(1),
        stands_on_trunk(3, seconds=290.0),
        stands_on_trunk(3, speed_kmh=15.0),  # the same queue
        stands_on_trunk(3, y_m=TRUNK_Y + 110.0),  # another road
        merged(
            stands_on_trunk(0),  # the other carriageway flows
            *(truck(n, np.arange(0, 421.0, 10), x_m=3000 + 900 * n - 15.0 * np.arange(0, 421.0, 10),
                    speed_kmh=54.0, heading_deg=270.0) for n in (1, 2, 3)),
        ),
    ],
    ids=["one passer", "too short", "queue", "other road", "other way"],
)  # fmt: skip
def test_not_an_unusual_stop(messages: Positions) -> None:
    assert rules_of(messages, town(4)) == []


def test_the_registry_changes_and_switches_off() -> None:
    setting = RuleSetting(rule_id="too_close", valid_from=AGES_AGO, limits={"apart_m": 30.0})
    for changed, rules in (
        (setting, []),
        (replace(setting, limits={}, enabled=False), []),
        (replace(setting, limits={}, hold_s=60.0, hold_fixes=3), ["too_close"]),
    ):
        registry = Registry(replace(town(2).world, rule_settings=(changed,)), 1)
        assert rules_of(following(40.0, 140.0), registry) == rules


def busy(seed: int, steps: int = 90) -> Positions:
    """Trucks in and around the town that stand, creep and drive together, with gaps."""
    rng = np.random.default_rng(seed)
    tracks = []
    for number in range(14):
        t_s = np.cumsum(np.where(rng.random(steps) < 0.03, 90.0, 10.0)) + rng.random()
        speed = np.repeat(rng.choice([0.0, 15.0, 45.0], steps // 15 + 1), 15)[:steps]
        speed = np.where(number < 7, 0.0, speed)
        x_m = 2000 + 30.0 * (number % 7) + np.cumsum(speed / 3.6 * 10) + rng.normal(0, 3, steps)
        y_m = np.where(number < 7, FAR_SIDE_Y, TRUNK_Y) + rng.normal(0, 3, steps)
        more = {"speed_kmh": speed, "heading_deg": 90.0, "has_fix": rng.random(steps) > 0.03}
        tracks.append(truck(number, t_s, x_m=x_m, y_m=y_m, **more))
    return merged(*tracks)


REGISTRY = classes(*("3", "5.1", "2.3") * 4, "3", "8")
UNTIL = NOON + timedelta(hours=1)


def whole(messages: Positions) -> Judged:
    return Judged(REGISTRY).feed(messages).feed(Positions.empty(), UNTIL)


def test_every_fact_under_their_alerts_has_a_label() -> None:
    alerts = [
        *found(following(40.0), town(2)),
        *found(stands_on_trunk(2), town(3)),
        *found(crowd(6), town(6)),
    ]
    alerts += [*found(crowd(4, x_m=7300.0, y_m=5000.0), town_with_park(4, 3)), *whole(busy(1)).together()]
    assert {alert.rule_id for alert in alerts} == NAMES
    facts = {name for alert in alerts for name in alert.evidence if not name.startswith("limit_")}
    assert facts <= set(LABELS)


def test_the_busy_hour_has_something_to_find() -> None:
    rules = {alert.rule_id for alert in whole(busy(1)).together()}
    assert rules >= {"gathering", "incompatible_parked"}


@pytest.mark.parametrize("size", [1, 7, 200])
def test_batches_of_any_size_give_the_same(size: int) -> None:
    messages = busy(2, 40)
    cut = Judged(REGISTRY).feed_cut(messages, list(range(size, len(messages), size)))
    same(cut.feed(Positions.empty(), UNTIL), whole(messages))


@given(seed=st.integers(0, 2**32 - 1), data=st.data())
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_cut_with_a_restart_gives_the_same(seed: int, data: st.DataObject) -> None:
    """After the restart nobody remembers which tick was the last: those judged twice change nothing."""
    messages = busy(seed, 30)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(messages)), min_size=1, max_size=6)))
    first = Judged(REGISTRY).feed_cut(messages.take(np.arange(cuts[-1])), cuts[:-1]) if cuts[-1] else None
    again = Judged(REGISTRY)
    if first is not None:
        idle = from_time(messages.received_at[min(cuts[-1], len(messages) - 1)])
        first.feed(Positions.empty(), idle)
        parts = [memory_from_bytes(memory_to_bytes(part)) for part in first.memory.split().values()]
        again = Judged(REGISTRY, Memory.merge(parts))
        again.alerts = first.alerts
    rest = messages.take(np.arange(cuts[-1], len(messages)))
    same((again.feed(rest) if len(rest) else again).feed(Positions.empty(), UNTIL), whole(messages))


def test_neighbours_are_all_pairs_within_reach_once() -> None:
    rng = np.random.default_rng(3)
    x_m, y_m = rng.uniform(-500, 500, (2, 300))
    one, other = neighbours(x_m, y_m, 60.0)
    pairs = {(min(p), max(p)) for p in zip(one.tolist(), other.tolist(), strict=True)}
    apart = np.hypot(x_m[:, None] - x_m, y_m[:, None] - y_m)
    wanted = {(a, b) for a, b in zip(*np.nonzero(apart <= 60), strict=True) if a < b}
    assert len(one) == len(pairs)
    assert pairs == wanted
    assert len(neighbours(np.empty(0), np.empty(0), 60.0)[0]) == 0
