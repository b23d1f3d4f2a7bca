"""The rules about speed, rest and hours: each fires, and just below its limit it does not."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import shapely

from hazmat.alerts import AlertChange, AlertState
from hazmat.geofences import FenceKind
from hazmat.position import Positions
from hazmat.registry import Registry, World
from hazmat.rule_settings import RuleSetting
from rules.catalogue import CATALOGUE
from tests.fold import Fold, memory_rows
from tests.town import AGES_AGO, EXPRESSWAY_Y, NOON, SIDE_Y, TRUNK_Y, fence, lonlat, positions, town

ROAD_M = 9000.0


def drive(
    *legs: tuple[float, float],
    interval_s: float = 30.0,
    start_h: float = 12.0,
    turns: bool = False,
    **more: Any,
) -> Positions:
    """Legs of (km/h, minutes), eastward along the expressway and beyond, empty unless said otherwise.

    ``start_h``: local hour; ``turns``: to and fro on the expressway instead.
    """
    edges = np.cumsum([0.0, *(minutes * 60 for _, minutes in legs)])
    kmh = np.array([kmh for kmh, _ in legs])
    t_s = np.arange(0.0, edges[-1] + 0.001, interval_s)
    leg = np.minimum(np.searchsorted(edges, t_s, side="right") - 1, len(legs) - 1)
    before_m = np.concatenate([[0.0], np.cumsum(kmh / 3.6 * np.diff(edges))])
    way_m = before_m[leg] + kmh[leg] / 3.6 * (t_s - edges[leg])
    columns = {
        "t_s": t_s + (start_h - 12.0) * 3600,
        "x_m": np.abs((way_m + ROAD_M) % (2 * ROAD_M) - ROAD_M) if turns else way_m,
        "y_m": EXPRESSWAY_Y,
        "speed_kmh": kmh[leg],
        "load": 0,
    }
    return positions(**{**columns, **more})


def steady(kmh: Any, minutes: float = 3.0, **more: Any) -> Positions:
    """On the trunk road (limit 60) with these speeds."""
    rows = round(minutes * 6)
    speed = np.broadcast_to(np.asarray(kmh, float), rows)
    x_m = 1500 + np.cumsum(speed) / 0.36
    given = {"x_m": x_m % 7000, "y_m": TRUNK_Y, "speed_kmh": speed, "heading_deg": 90.0, "load": 0}
    return positions(t_s=np.arange(rows) * 10.0, **{**given, **more})


def found(messages: Positions, registry: Registry | None = None, *rules: str) -> list[AlertChange]:
    fold = Fold(registry or town()).feed(messages)
    return sorted(
        (a for a in fold.alerts.values() if not rules or a.rule_id in rules), key=lambda a: a.opened_at
    )


def rules_of(messages: Positions, registry: Registry | None = None) -> set[str]:
    conduct = {rule.id for rule in CATALOGUE.values() if rule.group == "conduct"}
    return {alert.rule_id for alert in found(messages, registry)} & conduct


def having(*settings: RuleSetting) -> Registry:
    world: World = town().world
    return Registry(replace(world, rule_settings=settings), 1)


def switched_on(rule_id: str, **limits: float) -> Registry:
    return having(RuleSetting(rule_id=rule_id, valid_from=AGES_AGO, enabled=True, limits=limits))


def minutes_of(alert: AlertChange) -> float:
    return (alert.fired_at - NOON) / timedelta(minutes=1)


@pytest.mark.parametrize(
    ("kmh", "rules"),
    [
        (54.0, set()),
        (57.0, {"speed_warning"}),
        (60.0, {"speed_warning"}),
        (61.0, {"speed_warning"}),  # within what a speed may err
        (62.0, {"overspeed"}),
        (71.9, {"overspeed"}),
        (73.0, {"overspeed", "overspeed_20"}),
        (89.9, {"overspeed", "overspeed_20"}),
        (91.0, {"overspeed", "overspeed_20", "overspeed_50"}),
    ],
)
def test_bands_of_speed(kmh: float, rules: set[str]) -> None:
    assert rules_of(steady(kmh)) == rules


def test_the_lower_limit_prevails_and_a_road_that_is_not_known_is_an_expressway() -> None:
    assert rules_of(steady(45.0, y_m=SIDE_Y)) == {"overspeed"}  # posted 40
    assert rules_of(steady(78.0, y_m=EXPRESSWAY_Y)) == {"speed_warning"}
    assert rules_of(steady(82.0, y_m=EXPRESSWAY_Y)) == {"overspeed"}
    assert rules_of(steady(78.0, y_m=3000.0)) == set()  # no warning either
    assert rules_of(steady(98.0, y_m=3000.0)) == {"overspeed", "overspeed_20"}


def test_where_the_place_is_in_doubt_the_higher_limit_counts() -> None:
    assert rules_of(steady(48.0, y_m=SIDE_Y)) == {"overspeed"}  # posted 40
    assert not rules_of(steady(48.0, y_m=SIDE_Y, x_m=3000.0))  # frozen coordinates
    axis = shapely.LineString(np.column_stack(lonlat(np.array([0.0, 10000.0]), np.array([TRUNK_Y - 25]))))
    frontage = fence("frontage", FenceKind.ROAD, axis, half_width_m=4.0, speed_limit_kmh=40.0)
    beside = town(fences=(*town().world.fences, frontage))
    assert not rules_of(steady(48.0, y_m=TRUNK_Y - 21, accuracy_m=5.0), beside)  # 9 m from the trunk's edge
    assert "overspeed" in rules_of(steady(48.0, y_m=TRUNK_Y - 21, accuracy_m=4.0), beside)


def test_noise_at_the_limit_is_no_overspeed() -> None:
    noise = np.random.default_rng(8).normal(0.0, 0.5, 3600)
    assert rules_of(steady(60.0 + noise[:1080], minutes=180)) == {"speed_warning"}
    fast = found(steady(64.0 + noise[:360], minutes=60), None, "overspeed")
    assert len(fast) == 1


@pytest.mark.parametrize(("fixes", "fires"), [(3, False), (4, True)])
def test_overspeed_must_last_thirty_seconds(fixes: int, fires: bool) -> None:
    speed = np.r_[np.full(6, 50.0), np.full(fixes, 68.0), np.full(6, 50.0)]
    assert ("overspeed" in rules_of(steady(speed, minutes=len(speed) / 6))) is fires


@pytest.mark.parametrize(("fixes", "fires"), [(1, False), (2, True)])
def test_grave_overspeed_must_last_ten_seconds(fixes: int, fires: bool) -> None:
    speed = np.r_[np.full(6, 50.0), np.full(fixes, 95.0), np.full(6, 50.0)]
    assert ("overspeed_50" in rules_of(steady(speed, minutes=len(speed) / 6))) is fires


def test_overspeed_clears_only_well_below() -> None:
    speed = np.r_[np.full(8, 74.0), np.full(8, 70.0), np.full(8, 58.0), np.full(8, 54.0)]
    alerts = {alert.rule_id: alert for alert in found(steady(speed, minutes=32 / 6))}
    assert alerts["overspeed_20"].resolved_at == NOON + timedelta(seconds=170)  # 67 and less
    assert alerts["overspeed"].resolved_at == NOON + timedelta(seconds=250)
    assert alerts["overspeed"].value == 74.0


def test_a_speed_reckoned_from_positions_must_be_beyond_what_they_may_err() -> None:
    unsaid: dict[str, Any] = {"speed_kmh": np.nan, "y_m": 3000.0}
    t_s = np.arange(20) * 10.0
    assert not rules_of(positions(t_s=t_s, x_m=84 / 3.6 * t_s, load=0, accuracy_m=10.0, **unsaid))
    fast = positions(t_s=t_s, x_m=90 / 3.6 * t_s, load=0, accuracy_m=10.0, **unsaid)
    assert rules_of(fast) == {"overspeed"}


def test_points_and_limit_stand_under_the_alert() -> None:
    said = {alert.rule_id: alert.evidence for alert in found(steady(73.0))}
    assert said["overspeed_20"]["speed_limit_kmh"] == 60.0
    assert said["overspeed_20"]["over_pct"] == pytest.approx(21.7)
    assert (said["overspeed_20"]["points"], said["overspeed"]["points"]) == (6.0, 1.0)
    assert found(steady(64.0), None, "overspeed")[0].evidence["points"] == 0.0  # under 10 %
    (fast,) = found(steady(84.0, y_m=EXPRESSWAY_Y), None, "overspeed")
    assert (fast.evidence["expressway"], fast.evidence["points"]) == (True, 6.0)


def test_a_driver_is_warned_once_on_his_way_up_and_down() -> None:
    speed = np.r_[np.full(6, 57.0), np.full(6, 66.0), np.full(6, 57.0), np.full(6, 50.0), np.full(6, 57.0)]
    warned = found(steady(speed, minutes=5), None, "speed_warning")
    assert [(alert.state, alert.severity) for alert in warned] == [(AlertState.RESOLVED, "blue")]
    assert CATALOGUE["speed_warning"].for_driver_only


_WARNED = {"fatigue_warning"}


@pytest.mark.parametrize(
    ("minutes", "rules"), [(209, set()), (212, _WARNED), (239, _WARNED), (241, {"fatigue", *_WARNED})]
)
def test_four_hours_at_the_wheel(minutes: float, rules: set[str]) -> None:
    assert rules_of(drive((70, minutes), (0, 2))) == rules


def test_fatigue_fires_at_four_hours_and_ends_with_a_rest() -> None:
    (alert,) = found(drive((70, 250), (0, 30)), None, "fatigue")
    assert minutes_of(alert) == pytest.approx(240, abs=0.6)
    assert alert.resolved_at is not None
    assert (alert.resolved_at - NOON) / timedelta(minutes=1) == pytest.approx(270, abs=0.6)
    assert alert.value == pytest.approx(250 / 60, abs=0.01)
    assert alert.evidence["driven_h"] == pytest.approx(4.0, abs=0.02)
    assert alert.evidence["points"] == 9.0


@pytest.mark.parametrize("interval_s", [10.0, 7.3, 60.0, 120.0])
@pytest.mark.parametrize(("rest_min", "rested"), [(20.0, True), (19 + 59 / 60, False)])
def test_a_rest_of_twenty_minutes_to_the_second(interval_s: float, rest_min: float, rested: bool) -> None:
    messages = drive((70, 130), (0, rest_min), (70, 120), interval_s=interval_s)
    assert ("fatigue" not in rules_of(messages)) is rested


@pytest.mark.parametrize("seed", range(3))
def test_poor_fixes_do_not_break_a_rest(seed: int) -> None:
    kmh = drive((70, 130), (0, 25), (70, 120)).speed_kmh
    rows, still = len(kmh), kmh == 0
    rng = np.random.default_rng(seed)
    error_m = rng.normal(0.0, 7.0, (2, rows)) * still
    error_m[:, rng.choice(np.flatnonzero(still), 4)] *= 5  # between houses
    way_m = np.concatenate([[0.0], np.cumsum(kmh[:-1] / 3.6 * 30)])
    measured = np.abs(kmh + rng.normal(0.0, 0.4, rows))
    track = {"x_m": way_m + error_m[0], "y_m": EXPRESSWAY_Y + error_m[1], "accuracy_m": 8.0}
    messages = positions(t_s=np.arange(rows) * 30.0, speed_kmh=measured, load=0, **track)
    assert "fatigue" not in rules_of(messages)


@pytest.mark.parametrize("kmh", [2.0, 4.0])
def test_creeping_in_a_queue_is_no_rest(kmh: float) -> None:
    assert "fatigue" in rules_of(drive((70, 130), (kmh, 30), (70, 112)))


def test_standing_at_lights_is_neither_rest_nor_driving() -> None:
    legs = [(70.0, 23.0), (0.0, 2.0)] * 10
    assert "fatigue" not in rules_of(drive(*legs))  # 3 h 50 min of driving
    assert "fatigue" in rules_of(drive(*legs, (70, 12)))


def without(messages: Positions, from_min: float, to_min: float) -> Positions:
    minute = (messages.fix_time - messages.fix_time[0]) / np.timedelta64(1, "m")
    return messages.take((minute < from_min) | (minute > to_min))


def test_a_dead_zone_on_the_way_is_driving_and_one_at_a_stop_is_rest() -> None:
    assert "fatigue" in rules_of(without(drive((70, 245)), 100, 150))
    stood = drive((70, 130), (0, 25), (70, 120))
    assert "fatigue" not in rules_of(without(stood, 129.9, 155.1))
    assert "fatigue" not in rules_of(without(stood, 129.4, 156.6))  # nor was its coming and going heard


def test_a_terminal_that_reports_seldom_hides_no_driving() -> None:
    assert "fatigue" in rules_of(drive((70, 260), interval_s=600.0))


def test_after_hours_of_silence_it_is_held_to_have_rested() -> None:
    before, after = drive((70, 200)), drive((70, 100), start_h=12 + 200 / 60 + 2.1)
    assert "fatigue" not in rules_of(Positions.concat([before, after]))


def test_two_hours_by_night() -> None:
    assert "fatigue_night" not in rules_of(drive((70, 119), (0, 2), start_h=22.0))
    assert "fatigue_night" in rules_of(drive((70, 122), start_h=22.0))
    assert "fatigue_night" not in rules_of(drive((70, 179), start_h=21.0))  # an hour of it by day
    assert "fatigue_night" in rules_of(drive((70, 182), start_h=21.0))
    assert "fatigue_night" not in rules_of(drive((70, 119), (0, 20), (70, 60), start_h=22.0))
    assert "fatigue_night" not in rules_of(drive((70, 110), (70, 60), start_h=4.2))  # the day begins


def test_eight_hours_in_a_day() -> None:
    shift = ((70.0, 155.0), (0.0, 25.0))
    assert "daily_driving" not in rules_of(drive(*shift * 3, (70, 13), (0, 2)))
    (alert,) = found(drive(*shift * 3, (70, 30)), None, "daily_driving")
    assert minutes_of(alert) == pytest.approx(540 + 15, abs=0.6)
    # 6 h, a night, 6 h: the first hours drop out after a day
    days = drive(*shift * 2, (70, 50), (0, 19.5 * 60), *shift * 2, (70, 50))
    assert "daily_driving" not in rules_of(days)
    assert "daily_driving" in rules_of(drive(*shift * 2, (70, 50), (0, 14 * 60), *shift * 2, (70, 50)))


def test_night_speed_and_barred_hours_are_off_unless_the_registry_switches_them_on() -> None:
    night = drive((75, 10), start_h=1.0, load=2, turns=True)
    assert not {"night_speed", "barred_hours"} & rules_of(night)
    assert "night_speed" in rules_of(night, switched_on("night_speed"))
    assert "barred_hours" in rules_of(night, switched_on("barred_hours"))
    slow = drive((63, 10), start_h=1.0, load=2, turns=True)
    assert "night_speed" not in rules_of(slow, switched_on("night_speed"))
    day = drive((75, 10), start_h=6.0, load=2, turns=True)
    assert not rules_of(day, switched_on("night_speed")) - {"speed_warning"}
    assert "barred_hours" not in rules_of(day, switched_on("barred_hours"))
    empty = drive((75, 10), start_h=1.0, turns=True)
    assert "barred_hours" not in rules_of(empty, switched_on("barred_hours"))
    short = drive((75, 4), start_h=6.0 - 1.9 / 60, load=2, turns=True)
    assert "barred_hours" not in rules_of(short, switched_on("barred_hours"))


def test_the_length_of_a_rest_is_a_limit_of_the_registry() -> None:
    longer = having(RuleSetting(rule_id="fatigue", valid_from=AGES_AGO, limits={"rest_min": 30.0}))
    messages = drive((70, 130), (0, 25), (70, 120))
    assert "fatigue" not in rules_of(messages)
    assert "fatigue" in rules_of(messages, longer)


def test_any_cut_gives_the_same_alerts_and_memory() -> None:
    messages = drive(
        (70, 100), (0, 15), (3, 12), (66, 140), (90, 4), (0, 21), (70, 20), start_h=20.0, interval_s=30.0
    )
    keep = np.random.default_rng(3).random(len(messages)) < 0.9
    keep[100:112] = keep[400:420] = False
    messages = messages.take(keep)
    whole = Fold(town()).feed(messages)
    assert {"overspeed", "fatigue", "fatigue_night"} <= {rule for _, rule in whole.fired()}
    for size in (1, 7):
        cut = Fold(town()).feed_cut(messages, range(0, len(messages), size))
        assert cut.alerts == whole.alerts
        assert memory_rows(cut.memory) == memory_rows(whole.memory)
