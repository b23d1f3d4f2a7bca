"""Rules about several vehicles at once: they fire, near misses do not, and no cut changes what they find."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboards.evidence_labels import LABELS
from dashboards.explain_texts import EN_LABELS
from hazmat.alerts import AlertChange, AlertState
from hazmat.clock import from_time
from hazmat.documents import HAZARD_CLASSES
from hazmat.geofences import FenceKind, Geofence
from hazmat.position import Positions
from hazmat.registry import Registry
from hazmat.rule_settings import RuleSetting
from ingest.judge import judge
from ingest.wire import memory_from_bytes, memory_to_bytes
from rules.incompatible import incompatible
from rules.memory import Memory
from rules.neighbours import neighbours
from rules.together import TOGETHER_IDS
from tests.fold import memory_rows
from tests.town import AGES_AGO, FENCES, NOON, TRUNK_Y, positions, town, waybill

NAMES = {name.decode() for name in TOGETHER_IDS.tolist()}
FAR_SIDE_Y = 9000.0  # where no road is
AREA = next(each for each in FENCES if each.fence_id == "plant")


class Judged:
    """Keeps what judge() hands out, and the moment up to which it has judged."""

    def __init__(self, registry: Registry, memory: Memory | None = None) -> None:
        self.registry = registry
        self.memory = memory or Memory.empty()
        self.alerts: dict[str, AlertChange] = {}
        self.since: datetime | None = None

    def feed(self, batch: Positions, at: datetime | None = None) -> "Judged":
        at = at or from_time(batch.received_at[-1])
        outcome, self.memory = judge(batch, self.registry, self.memory, at, None, self.since)
        self.since = at
        for change in outcome.alerts:
            self.alerts[change.alert_id] = change.after(self.alerts.get(change.alert_id))
        return self

    def feed_cut(self, messages: Positions, cuts: Sequence[int]) -> "Judged":
        for start, stop in zip([0, *cuts], [*cuts, len(messages)], strict=True):
            if stop > start:
                self.feed(messages.take(np.arange(start, stop)))
        return self

    def together(self) -> list[AlertChange]:
        found = [change for change in self.alerts.values() if change.rule_id in NAMES]
        return sorted(found, key=lambda change: (change.opened_at, change.vehicle_id, change.object_id))


def truck(number: int, t_s: Any, **columns: Any) -> Positions:
    return positions(t_s=t_s, vehicle_id=f"T{number:03d}".encode(), **columns)


def merged(*tracks: Positions) -> Positions:
    """Messages of several trucks in the order in which they arrived."""
    fixes = Positions.concat(tracks)
    order = np.lexsort((fixes.vehicle_id, fixes.received_at))
    return Positions(**fixes.take(order).columns() | {"message": np.arange(len(fixes))})


def found(messages: Positions, registry: Registry, until_s: float = 0.0) -> list[AlertChange]:
    judged = Judged(registry).feed(messages)
    if until_s:
        judged.feed(Positions.empty(), NOON + timedelta(seconds=until_s))
    return judged.together()


def rules_of(messages: Positions, registry: Registry) -> list[str]:
    return [change.rule_id for change in found(messages, registry)]


def following(
    apart_m: float, seconds: float = 300.0, kmh: float = 36.0, step_s: float = 10.0, **second: Any
) -> Positions:
    """Two trucks eastward on the trunk road; the second one, ahead, reports out of step with the first."""
    t_s = np.arange(0.0, seconds + 1, step_s)
    offset = 4.0 if step_s > 4 else 0.0
    given = {"speed_kmh": kmh, "heading_deg": 90.0, "y_m": TRUNK_Y}
    ahead = 1500 + apart_m + kmh / 3.6 * (t_s + offset)
    return merged(
        truck(0, t_s, x_m=1500 + kmh / 3.6 * t_s, **given),
        truck(1, t_s + offset, **{"x_m": ahead, **given, **second}),
    )


def with_tunnel(registry: Registry) -> Registry:
    tunnel = replace(
        AREA, fence_id="tunnel", kind=FenceKind.TUNNEL, geometry=AREA.geometry.envelope.buffer(0.05)
    )
    return Registry(replace(registry.world, fences=(*registry.world.fences, tunnel)), 1)


def test_two_too_close_are_told_once_with_their_distance() -> None:
    (alert,) = found(following(49.0), town(2))
    assert (alert.rule_id, alert.vehicle_id, alert.object_id) == ("too_close", "T000", "T001")
    assert alert.fired_at - alert.opened_at == timedelta(seconds=120)
    assert alert.value == pytest.approx(1.0, abs=0.1)
    assert alert.evidence["apart_m"] == pytest.approx(49.0, abs=0.1)
    assert alert.evidence["other_plate"] == "浙B00001"
    assert alert.evidence["limit_apart_m"] == 50.0


@pytest.mark.parametrize("step_s", [1.0, 10.0, 25.0])
def test_near_and_not_near_at_any_interval(step_s: float) -> None:
    assert rules_of(following(49.0, 400, step_s=step_s), town(2)) == ["too_close"]
    assert rules_of(following(51.0, 400, step_s=step_s), town(2)) == []


def test_too_close_wants_two_minutes() -> None:
    """From a tick to 119 s and 121 s after it: the fix at the end is far away again."""
    for seconds, rules in ((119.0, []), (121.0, ["too_close"])):
        t_s = np.arange(26.0, 300.0)  # received a second later: the tick at 30 s sees what was at 28 s
        away = np.where((t_s >= 28) & (t_s < 28 + seconds), 40.0, 140.0)
        x_m = 1500 + 10.0 * t_s
        same = {"speed_kmh": 36.0, "heading_deg": 90.0, "y_m": TRUNK_Y}
        both = merged(truck(0, t_s, x_m=x_m, **same), truck(1, t_s, x_m=x_m + away, **same))
        assert rules_of(both, town(2)) == rules, seconds


@pytest.mark.parametrize(
    "miss",
    [
        {"load": 0},
        {"heading_deg": 270.0, "x_m": 1549.0 - 10.0 * np.arange(31.0) * 10},
        {"y_m": TRUNK_Y + 60.0},
    ],
)
def test_not_too_close(miss: dict[str, Any]) -> None:
    assert rules_of(following(20.0, **miss), town(2)) == []


def test_opposite_ways_are_not_too_close_however_long_they_are_near() -> None:
    """Not a way to drive, but proof that it is the direction that decides."""
    t_s = np.arange(0.0, 301.0, 10.0)
    wiggle = np.where(np.arange(31) % 2, 5.0, 0.0)  # too short a step to tell a course
    one = truck(0, t_s, x_m=2000 + wiggle, speed_kmh=30.0, heading_deg=90.0, y_m=TRUNK_Y)
    for heading, rules in ((120.0, ["too_close"]), (140.0, []), (270.0, [])):
        other = truck(1, t_s, x_m=2020 + wiggle, speed_kmh=30.0, heading_deg=heading, y_m=TRUNK_Y)
        assert rules_of(merged(one, other), town(2)) == rules


def test_a_queue_is_not_too_close() -> None:
    assert rules_of(following(20.0, kmh=18.0), town(2)) == []
    t_s = np.arange(0.0, 601.0, 10.0)
    stop_and_go = np.where(np.arange(61) % 9 < 4, 25.0, 5.0)  # 40 s on, 50 s off
    x_m = 1500 + np.cumsum(stop_and_go / 3.6 * 10)
    same = {"speed_kmh": stop_and_go, "heading_deg": 90.0, "y_m": TRUNK_Y}
    assert (
        rules_of(merged(truck(0, t_s, x_m=x_m, **same), truck(1, t_s, x_m=x_m + 20, **same)), town(2)) == []
    )


def test_in_a_tunnel_the_distance_is_twice_as_long() -> None:
    for apart_m, rules in ((51.0, ["too_close"]), (99.0, ["too_close"]), (101.0, [])):
        assert rules_of(following(apart_m), with_tunnel(town(2))) == rules
    (alert,) = found(following(90.0), with_tunnel(town(2)))
    assert alert.evidence["in_tunnel"] is True


def test_too_close_clears_and_cools_down() -> None:
    t_s = np.arange(0.0, 1500.0, 10.0)
    x_m = 1500 + 4.0 * t_s
    near = (t_s < 300) | ((t_s >= 500) & (t_s < 800))
    away = np.where(near, 40.0, 150.0)
    same = {"speed_kmh": 25.0, "heading_deg": 90.0, "y_m": TRUNK_Y}
    both = merged(truck(0, t_s, x_m=x_m, **same), truck(1, t_s, x_m=x_m + away, **same))
    (alert,) = found(both, town(2))
    assert alert.state is AlertState.RESOLVED
    assert alert.resolved_at is not None
    assert timedelta(seconds=60) <= alert.resolved_at - alert.last_hit_at <= timedelta(seconds=120)


def test_a_pair_that_falls_silent_ends_by_a_gap() -> None:
    (alert,) = found(following(40.0), town(2), until_s=1500)
    assert (alert.state, alert.end_reason) == (AlertState.RESOLVED, "gap")
    assert alert.resolved_at is not None
    assert alert.resolved_at - NOON < timedelta(seconds=450)


def parked(number: int, seconds: float, x_m: float, y_m: float = FAR_SIDE_Y, **more: Any) -> Positions:
    t_s = np.arange(0.0, seconds + 1, 30.0) + number % 20
    return truck(number, t_s, **{"x_m": x_m, "y_m": y_m, "speed_kmh": 0.0, **more})


def crowd(count: int, seconds: float = 700.0, apart_m: float = 20.0, **more: Any) -> Positions:
    return merged(*(parked(n, seconds, **{"x_m": 2000 + apart_m * n, **more}) for n in range(count)))


def test_a_gathering_is_one_alert_with_its_members() -> None:
    (alert,) = found(crowd(6), town(6))
    assert (alert.rule_id, alert.vehicle_id, alert.value) == ("gathering", "T000", 6.0)
    assert alert.fired_at - alert.opened_at == timedelta(seconds=600)
    assert alert.evidence["count"] == 6
    assert str(alert.evidence["members"]).count("浙B") == 6


@pytest.mark.parametrize(
    ("count", "more"),
    [
        (5, {}),
        (6, {"seconds": 590.0}),
        (6, {"load": 0}),
        (6, {"apart_m": 160.0}),  # nobody has five others within 300 m
        (6, {"speed_kmh": 30.0}),  # traffic
    ],
)
def test_not_a_gathering(count: int, more: dict[str, Any]) -> None:
    assert rules_of(crowd(count, **more), town(6)) == []


def test_trucks_at_rest_that_report_seldom_still_gather() -> None:
    seldom = [
        truck(n, np.arange(0.0, 2401.0, 300.0) + 7 * n, x_m=2000 + 20 * n, y_m=FAR_SIDE_Y, speed_kmh=0.0)
        for n in range(6)
    ]
    (alert,) = found(merged(*seldom), town(6))
    assert alert.state is AlertState.FIRING
    (alert,) = found(merged(*seldom), town(6), until_s=2400 + 3600)
    assert alert.state is AlertState.RESOLVED


def test_a_gathering_in_a_plant_is_none() -> None:
    inside = merged(*(parked(n, 700, 7100 + 20 * n, 5000.0) for n in range(8)))
    assert rules_of(inside, town(8)) == []


def test_a_gathering_stays_the_same_alert_when_its_members_change() -> None:
    """The first one leaves, two others come: the alert keeps its vehicle and its place."""
    stay = [parked(n, 1500, 2000 + 20 * n) for n in range(1, 7)]
    leaves = parked(0, 900, 2000)
    gone = truck(0, np.array([960.0]), x_m=4000.0, y_m=FAR_SIDE_Y, speed_kmh=0.0)
    late = [parked(n, 1500, 2100 + 20 * n).take(np.arange(20, 51)) for n in (7, 8)]
    judged = Judged(town(9)).feed(merged(*stay, leaves, gone, *late))
    (alert,) = judged.together()
    assert (alert.vehicle_id, alert.state, alert.value) == ("T000", AlertState.FIRING, 9.0)


def test_two_gatherings_apart_are_two() -> None:
    both = merged(crowd(6), *(parked(n, 700, 5000 + 20.0 * n) for n in range(6, 12)))
    assert [alert.vehicle_id for alert in found(both, town(12))] == ["T000", "T006"]


def park(capacity: int | None) -> Geofence:
    return replace(AREA, fence_id="park", kind=FenceKind.PARKING, name="停车场", capacity=capacity)


def town_with_park(vehicles: int, capacity: int | None) -> Registry:
    others = (each for each in FENCES if each.fence_id != "plant")
    return town(vehicles, fences=(*others, park(capacity)))


def test_a_park_over_its_capacity() -> None:
    inside = merged(*(parked(n, 700, 7100 + 60 * n, 5000.0, load=n % 3) for n in range(4)))
    (alert,) = found(inside, town_with_park(4, 3))
    assert (alert.rule_id, alert.object_id, alert.vehicle_id, alert.value) == (
        "park_full",
        "park",
        "T000",
        4.0,
    )
    assert (alert.evidence["capacity"], alert.evidence["count"]) == (3, 4)
    assert rules_of(inside, town_with_park(4, 4)) == []
    assert rules_of(inside, town_with_park(4, None)) == []


def test_a_park_is_not_full_of_trucks_that_drive_through_or_stay_outside() -> None:
    t_s = np.arange(0.0, 701.0, 30.0)
    through = truck(3, t_s, x_m=7100 + t_s / 2, y_m=5000.0, speed_kmh=30.0)
    outside = parked(4, 700, 7100, 5400.0)
    inside = [parked(n, 700, 7100 + 60 * n, 5000.0) for n in range(3)]
    assert rules_of(merged(*inside, through, outside), town_with_park(5, 3)) == []


def classes(*names: str) -> Registry:
    papers = tuple(waybill(n, hazard_class=name) for n, name in enumerate(names))
    return town(len(names), papers)


def test_incompatible_goods_side_by_side() -> None:
    def pair(apart_m: float = 49.0, seconds: float = 400.0, **second: Any) -> Positions:
        one = parked(0, seconds, 7100, FAR_SIDE_Y)
        return merged(one, parked(1, seconds, 7100 + apart_m, **{"y_m": FAR_SIDE_Y, **second}))

    (alert,) = found(pair(), classes("3", "5.1"))
    assert (alert.rule_id, alert.vehicle_id, alert.object_id) == ("incompatible_parked", "T000", "T001")
    assert alert.fired_at - alert.opened_at == timedelta(seconds=300)
    assert (alert.evidence["hazard_class"], alert.evidence["other_hazard_class"]) == ("3", "5.1")
    assert rules_of(pair(), classes("3", "8")) == []
    for miss in ({"apart_m": 51.0}, {"seconds": 290.0}, {"load": 0}):
        assert rules_of(pair(**miss), classes("3", "5.1")) == []


def test_bays_of_a_plant_are_its_own_affair_and_a_park_is_not() -> None:
    pair = merged(parked(0, 400, 7100, 5000.0), parked(1, 400, 7130, 5000.0))
    assert rules_of(pair, classes("3", "5.1")) == []
    fences = tuple(park(None) if each.fence_id == "plant" else each for each in FENCES)
    as_park = Registry(replace(classes("3", "5.1").world, fences=fences), 1)
    assert rules_of(pair, as_park) == ["incompatible_parked"]


def test_the_table_of_classes_reads_the_same_both_ways() -> None:
    number = np.arange(len(HAZARD_CLASSES))
    one, other = np.meshgrid(number, number)
    table = incompatible(one.ravel(), other.ravel()).reshape(one.shape)
    np.testing.assert_array_equal(table, table.T)
    assert not table.diagonal().any()
    assert not incompatible(np.array([-1, 9]), np.array([13, -1])).any()
    bad = {(HAZARD_CLASSES[a], HAZARD_CLASSES[b]) for a, b in zip(*np.nonzero(table), strict=True)}
    assert ("3", "5.1") in bad
    assert ("4.3", "8") in bad
    assert ("3", "9") not in bad


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


def same(one: Judged, other: Judged) -> None:
    assert {k: repr(v) for k, v in one.alerts.items()} == {k: repr(v) for k, v in other.alerts.items()}
    assert memory_rows(one.memory) == memory_rows(other.memory)


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
    shown = facts - {"rule_version", "registry_version", "hold_s", "hold_fixes", "lon", "lat"}
    assert shown <= set(EN_LABELS)


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
