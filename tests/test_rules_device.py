"""Rules about terminals: each fires, keeps still just below each limit, clears, and knows no batches."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from hazmat.alerts import AlertChange, AlertState, Severity
from hazmat.clock import from_time
from hazmat.geofences import FenceKind
from hazmat.position import Positions
from hazmat.registry import Registry
from tests.fold import Fold
from tests.town import FENCES, NOON, TRUNK_Y, _box, fence, positions, town

TUNNEL = fence("tunnel", FenceKind.TUNNEL, _box(4000, TRUNK_Y - 20, 5500, TRUNK_Y + 20))
DEVICE = {
    "silent", "silent_loaded", "offline_three_days", "offline_displacement", "implausible_speed",
    "frozen_position", "frozen_clock", "two_places", "power_cut", "antenna_fault", "jamming", "clock_wrong",
}  # fmt: skip


def drive(t_s: Any, speed_kmh: float = 45.0, **more: Any) -> Positions:
    """Along the trunk road, empty; a message a time."""
    t_s = np.asarray(t_s, float)
    given = {"x_m": 1000 + t_s * speed_kmh / 3.6, "speed_kmh": speed_kmh, "heading_deg": 90.0, "load": 0}
    return positions(t_s=t_s, **{**given, "alarm": 0, "status": 3, **more})


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def changed(messages: Positions, **columns: Any) -> Positions:
    return Positions(**messages.columns() | columns)


def found(messages: Positions, registry: Registry | None = None, until_s: float = 0.0) -> list[AlertChange]:
    """Alerts of the device rules, by their opening."""
    fold = Fold(registry or town()).feed(messages).feed(Positions.empty(), last_of(messages, until_s))
    alerts = sorted(fold.alerts.values(), key=lambda change: change.opened_at)
    return [alert for alert in alerts if alert.rule_id in DEVICE]


def last_of(messages: Positions, until_s: float = 0.0) -> datetime:
    return max(after(until_s), from_time(messages.received_at.max()))


def texts(fold: Fold) -> list[str]:
    """Alerts as text, in which a missing number (NaN) equals itself."""
    return sorted(map(repr, fold.alerts.values()))


def rules(messages: Positions, registry: Registry | None = None, until_s: float = 0.0) -> list[str]:
    return [alert.rule_id for alert in found(messages, registry, until_s)]


T = np.arange(30) * 10.0


def test_a_drive_in_order_raises_nothing() -> None:
    assert rules(drive(T)) == []


# silence


def test_silence_in_a_tunnel_may_last_a_quarter_of_an_hour_longer() -> None:
    into = drive(np.arange(20) * 10.0)  # the last fix at x = 3375, 625 m before the tunnel
    registry = town(fences=(*FENCES, TUNNEL))
    assert rules(into, until_s=190 + 602) == ["silent"]
    assert rules(into, registry, 190 + 1500) == []
    (alert,) = found(into, registry, 190 + 1502)
    assert alert.fired_at == after(191 + 1500)
    out = Positions.concat([into, changed(drive([1500.0], x_m=6000.0), message=np.array([20]))])
    assert "silent" not in rules(out, registry)


@pytest.mark.parametrize(
    ("more", "silent_s", "wanted"),
    [
        ({"load": 2}, 3602, ["silent_loaded"]),
        ({"load": 2}, 3599, []),
        ({"load": 0}, 3602, []),
        ({"load": 2, "x_m": 7300.0}, 3602, []),  # in the plant
    ],
)
def test_silent_loaded(more: dict[str, Any], silent_s: float, wanted: list[str]) -> None:
    assert rules(drive(T, 0.0, **more), until_s=290 + silent_s) == wanted


def test_three_days_offline_even_though_we_were_restarted_meanwhile() -> None:
    day = 86400.0
    parked = drive(T, 0.0)
    assert rules(parked, until_s=290 + 3 * day + 2) == ["offline_three_days"]
    assert rules(parked, until_s=290 + 3 * day) == []
    assert rules(changed(parked, vehicle_id=np.full(30, b"STRANGER", "S32")), until_s=4 * day) == []
    fold = Fold(town()).feed(parked)
    fold.feed(Positions.empty(), after(3 * day + 500), listening_since=after(3 * day))
    assert fold.alerts == {}
    fold.feed(Positions.empty(), after(3 * day + 3601), listening_since=after(3 * day))
    assert fold.fired() == [("T000", "offline_three_days")]


def test_a_told_silence_ends_with_the_next_message() -> None:
    fold = Fold(town()).feed(drive(T, 0.0)).feed(Positions.empty(), after(3 * 86400.0 + 300))
    fold.feed(changed(drive([3 * 86400.0 + 600], 0.0), message=np.array([30])))
    (alert,) = fold.alerts.values()
    assert (alert.state, alert.resolved_at) == (AlertState.RESOLVED, after(3 * 86400.0 + 601))


def test_offline_displacement() -> None:
    def back(silent_s: float, moved_m: float) -> Positions:
        x_m = np.r_[np.full(10, 1500.0), np.full(10, 1500.0 + moved_m)]
        return drive(np.r_[T[:10], 90 + silent_s + T[:10]], 0.0, x_m=x_m)

    (alert,) = found(back(660, 3000))
    assert (alert.rule_id, alert.opened_at) == ("offline_displacement", after(750))
    assert alert.value == pytest.approx(2990, abs=1)
    assert alert.resolved_at == after(760)
    assert rules(back(595, 3000)) == []
    assert rules(back(660, 1990)) == []
    assert rules(back(660, 2005)) == []  # less than the two fixes may err
    lively = back(660, 3000)
    lively = changed(lively, has_fix=np.arange(20) != 10)  # the first message after it has no fix yet
    assert rules(lively) == ["offline_displacement"]


def test_messages_without_a_fix_are_no_silence() -> None:
    t_s = np.arange(0, 1200.0, 60.0)
    row = np.arange(len(t_s))
    has_fix = (row < 2) | (row > 16)
    x_m = np.where(row > 16, 6000.0, 1500.0)
    assert rules(drive(t_s, 0.0, x_m=x_m, has_fix=has_fix)) == []


# leaps


def leaping(at: list[int], by_m: float, rows: int = 150) -> Positions:
    """A truck that crawls, and leaps away at some of its fixes, each time further."""
    leaps = np.isin(np.arange(rows), at).cumsum()
    return drive(np.arange(rows) * 10.0, 3.6, x_m=1000 + np.arange(rows) * 10.0 + leaps * by_m)


def test_three_leaps_within_ten_minutes() -> None:
    (alert,) = found(leaping([5, 35, 65], 2000.0))
    assert (alert.rule_id, alert.opened_at) == ("implausible_speed", after(650))
    assert alert.value == pytest.approx(723.6, abs=1)
    assert alert.resolved_at == after(1260)
    assert rules(leaping([5, 35], 2000.0)) == []
    assert rules(leaping([5, 35, 66], 2000.0)) == []  # in 610 s
    assert rules(leaping([5, 35, 65], 410.0)) == []  # 151 km/h, but for what the fixes may err
    assert rules(leaping([5, 35, 65], 425.0)) == ["implausible_speed"]


def test_echoes_between_houses_are_no_leaps() -> None:
    t_s = np.arange(120) * 1.0
    x_m = 1000 + 12.5 * t_s + np.where(np.arange(120) % 20 == 7, 250.0, 0.0)  # 900 km/h and back
    assert rules(drive(t_s, x_m=x_m)) == []


def two(apart_m: float, swaps: int = 20, rows: int = 30) -> Positions:
    """Two trucks under one plate; from some fix on but one of them goes on."""
    row = np.arange(rows)
    other = (row % 2 == 1) & (row <= swaps)
    return drive(row * 10.0, x_m=1000 + row * 100.0, y_m=np.where(other, TRUNK_Y + apart_m, TRUNK_Y))


def test_one_plate_at_two_places() -> None:
    (alert,) = found(two(3000.0))
    assert (alert.rule_id, alert.severity) == ("two_places", Severity.RED)
    assert alert.opened_at == after(30)  # there, back, there again
    assert alert.state is AlertState.FIRING
    (ended,) = found(two(3000.0, rows=100))
    assert ended.resolved_at == after(810)
    assert rules(two(900.0)) == []
    assert rules(two(3000.0, swaps=1)) == []  # there and back: an outlier


def test_outliers_to_several_places_are_no_second_truck() -> None:
    row = np.arange(40)
    y_m = np.full(40, TRUNK_Y)
    y_m[[5, 15, 25]] = TRUNK_Y - np.array([2000.0, 3500.0, 5000.0])
    assert rules(drive(row * 10.0, y_m=y_m)) == ["implausible_speed"]


def test_frozen_position() -> None:
    frozen: dict[str, Any] = {"x_m": 2000.0, "speed_kmh": 45.0}
    t_s = np.arange(34) * 10.0
    (alert,) = found(drive(t_s, **frozen))
    assert (alert.rule_id, alert.fired_at) == ("frozen_position", after(310))
    assert rules(drive(t_s[:31], **frozen)) == []
    assert rules(drive(t_s, **{**frozen, "speed_kmh": 10.0})) == []
    x_m = 2000.0 + np.where(np.arange(34) == 20, 0.01, 0.0)
    assert rules(drive(t_s, **{**frozen, "x_m": x_m})) == []
    seldom = np.arange(9) * 60.0
    assert rules(drive(seldom, **frozen)) == []  # nine fixes
    assert rules(drive(np.arange(10) * 60.0, **frozen)) == ["frozen_position"]


def test_a_frozen_position_thaws() -> None:
    row = np.arange(60)
    (alert,) = found(drive(row * 10.0, x_m=np.where(row < 40, 2000.0, 2000 + (row - 39) * 125.0)))
    assert alert.resolved_at == after(400)


# tampering


def with_alarm(bit: int, rows: int, step_s: float = 10.0) -> Positions:
    alarm = np.where((np.arange(60) >= 3) & (np.arange(60) < 3 + rows), 1 << bit, 0)
    return drive(np.arange(60) * step_s, alarm=alarm)


@pytest.mark.parametrize(
    ("bit", "wanted"),
    [(7, "power_cut"), (8, "power_cut"), (4, "antenna_fault"), (5, "antenna_fault"), (6, "antenna_fault")],
)
def test_bits_held_for_half_a_minute(bit: int, wanted: str) -> None:
    (alert,) = found(with_alarm(bit, 40))
    assert (alert.rule_id, alert.fixes) == (wanted, 40)
    assert (alert.fired_at, alert.resolved_at) == (after(60), after(440))
    assert rules(with_alarm(bit, 3)) == []  # 20 s
    assert rules(with_alarm(9, 40)) == []  # the screen


def test_a_terminal_without_an_alarm_word_says_nothing_of_its_power() -> None:
    assert rules(drive(T, alarm=-1)) == []
    seldom = with_alarm(8, 40)
    seldom = changed(seldom, alarm=np.where(np.arange(60) % 2 == 1, -1, seldom.alarm))
    (alert,) = found(seldom)
    assert alert.fixes == 20  # the word is in every second message only


def lost(rows: Any, **more: Any) -> Positions:
    return drive(np.arange(60) * 10.0, has_fix=~np.isin(np.arange(60), rows), **more)


def test_jamming() -> None:
    (alert,) = found(lost(range(10, 40)))
    assert (alert.rule_id, alert.opened_at, alert.fired_at) == ("jamming", after(100), after(220))
    assert alert.resolved_at == after(410)
    assert alert.value == 300.0
    assert rules(lost(range(10, 22))) == []  # 110 s
    assert rules(lost(range(10, 40), speed_kmh=8.0)) == []
    by_odometer = lost(range(10, 40), mileage_km=1000 + np.arange(60) * 0.1)
    no_speed = np.full(60, np.nan)
    assert rules(changed(by_odometer, speed_kmh=no_speed)) == ["jamming"]
    crawling = changed(by_odometer, speed_kmh=no_speed, mileage_km=1000 + np.arange(60) * 0.01)
    assert rules(crawling) == []
    no_stars = changed(drive(np.arange(60) * 10.0), satellites=np.where(np.arange(60) < 10, 12.0, 0.0))
    assert rules(no_stars) == ["jamming"]


def test_no_fix_in_a_tunnel_is_no_jamming_for_a_quarter_of_an_hour() -> None:
    registry = town(fences=(*FENCES, TUNNEL))
    t_s = np.arange(140) * 10.0
    through = drive(t_s, 20.0, has_fix=(np.arange(140) < 45) | (np.arange(140) > 130))
    assert rules(through) == ["jamming"]
    assert rules(through, registry) == []
    for_good = drive(np.arange(160) * 10.0, 20.0, has_fix=np.arange(160) < 45)
    assert rules(for_good, registry) == ["jamming"]
