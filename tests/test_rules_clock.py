"""Clocks of terminals that stand or are wrong; and the law of process() over all that terminals do oddly."""

from typing import Any

import numpy as np
import pytest

from hazmat.clock import from_time
from hazmat.position import Positions
from tests.fold import Fold, memory_rows
from tests.test_rules_device import T, after, changed, drive, found, last_of, rules, texts
from tests.town import town


def with_clock(said_s: Any, came_s: Any, **more: Any) -> Positions:
    """Messages as they came, with the time that the device said; each has driven a little further."""
    came_s = np.asarray(came_s, float)
    messages = drive(came_s, mileage_km=1000 + came_s / 80.0, **more)
    said = messages.fix_time + ((np.asarray(said_s, float) - came_s) * 1000).astype("timedelta64[ms]")
    return changed(messages, fix_time=said)


def test_frozen_clock() -> None:
    row = np.arange(30)
    said = np.where((row >= 5) & (row < 17), 50.0, row * 10.0)
    alerts = found(with_clock(said, row * 10.0))
    assert [alert.rule_id for alert in alerts] == ["frozen_clock"]
    assert (alerts[0].opened_at, alerts[0].fired_at) == (after(61), after(121))
    assert alerts[0].resolved_at == after(180)
    shorter = np.where((row >= 5) & (row < 12), 50.0, row * 10.0)  # 50 s
    assert rules(with_clock(shorter, row * 10.0)) == []
    seldom = np.where((row >= 5) & (row < 9), 5 * 30.0, row * 30.0)  # four messages
    assert rules(with_clock(seldom, row * 30.0)) == []


def test_a_message_that_comes_again_and_again_is_no_frozen_clock() -> None:
    once = with_clock(T, T)
    again = Positions.concat([once.take(np.array([29]))] * 12)
    again = changed(again, received_at=again.received_at + np.arange(1, 13) * np.timedelta64(10, "s"))
    assert rules(changed(Positions.concat([once, again]), message=np.arange(42))) == []


def test_twins_within_one_second_of_the_clock_are_one_message() -> None:
    t_s = np.repeat(T, 2)
    twins = changed(with_clock(t_s, t_s), alarm=np.tile([0, 1 << 16], 30))
    fold = Fold(town()).feed(twins)
    assert len(fold.positions) == 30
    assert np.isnan(Positions.concat(fold.judged).clock_off_s).all()


def with_off(off_s: float, rows: Any) -> Positions:
    """Signs of life, as decode makes them of fixes whose time was refused."""
    messages = with_clock(T, T)
    wrong = np.isin(np.arange(30), rows)
    return changed(
        messages,
        fix_time=np.where(wrong, messages.received_at, messages.fix_time),
        has_fix=~wrong,
        clock_off_s=np.where(wrong, off_s, np.nan),
    )


@pytest.mark.parametrize("off_s", [120.0, 86400.0, -22 * 365 * 86400.0])
def test_clock_wrong(off_s: float) -> None:
    (alert,) = found(with_off(off_s, range(10, 20)))
    assert (alert.rule_id, alert.value) == ("clock_wrong", abs(off_s))
    assert (alert.opened_at, alert.fired_at) == (after(101), after(111))
    assert alert.resolved_at == after(210)
    assert rules(with_off(off_s, [10])) == []  # once, at a start from cold


def test_signs_of_life_move_nothing_and_break_the_silence() -> None:
    fold = Fold(town()).feed(with_off(86400.0, range(20, 30)))
    assert [bool(known) for known in fold.judged[0].has_fix] == [True] * 20 + [False] * 10
    moved = Fold(town()).feed(with_off(86400.0, range(20, 30)).take(np.arange(20)))
    assert fold.memory.vehicles.x_m.tolist() == moved.memory.vehicles.x_m.tolist()
    fold.feed(Positions.empty(), after(291 + 599))
    assert "silent" not in {rule for _, rule in fold.fired()}


def lively() -> Positions:
    """Everything at once: leaps, two places, a clock that stands and one that is wrong, no fix, alarms."""
    row = np.arange(90)
    frozen, wrong = (row >= 20) & (row < 34), (row >= 50) & (row < 58)
    messages = with_clock(np.where(frozen, 200.0, row * 10.0 + np.where(row > 60, 1200.0, 0.0)), row * 10.0)
    messages = changed(
        messages,
        received_at=np.where(
            row > 60, messages.received_at + np.timedelta64(1200, "s"), messages.received_at
        ),
        has_fix=((row < 36) | (row > 48)) & ~wrong,
        lon=messages.lon + np.where(row > 60, 0.04, 0.0),
        alarm=np.where((row > 5) & (row < 15), 1 << 8, 0),
        lat=messages.lat + np.where((row > 65) & (row % 2 == 0), 0.03, 0.0),
    )
    return changed(
        messages,
        fix_time=np.where(wrong, messages.received_at, messages.fix_time),
        clock_off_s=np.where(wrong, -7e8, np.nan),
    )


def whole(messages: Positions) -> Fold:
    return Fold(town()).feed(messages).feed(Positions.empty(), last_of(messages))


def test_there_is_something_to_judge() -> None:
    wanted = {"frozen_clock", "clock_wrong", "jamming", "power_cut", "two_places", "offline_displacement"}
    assert {rule for _, rule in whole(lively()).fired()} >= wanted | {"silent"}


@pytest.mark.parametrize("size", [1, 7, 32])
def test_any_cut_gives_the_same(size: int) -> None:
    messages = lively()
    cut = Fold(town()).feed_cut(messages, list(range(size, len(messages), size)))
    same(cut.feed(Positions.empty(), last_of(messages)), whole(messages))


@pytest.mark.parametrize("later_s", [3, 31, 61])
def test_messages_that_come_twice_change_nothing(later_s: int) -> None:
    messages = lively()
    again = messages.take(np.arange(0, len(messages), 3))
    again = changed(again, received_at=again.received_at + np.timedelta64(later_s, "s"))
    # what came twice is a sign of life at the time at which it came first
    both = Positions.concat([messages, again])
    both = changed(both.take(np.argsort(both.received_at, kind="stable")), message=np.arange(len(both)))
    last = from_time(both.received_at.max())
    twice = Fold(town()).feed_cut(both, list(range(11, len(both), 11))).feed(Positions.empty(), last)
    same(twice, Fold(town()).feed(messages).feed(Positions.empty(), last))


def test_the_memory_can_be_made_again_of_what_was_stored() -> None:
    messages = lively()
    cut = Fold(town()).feed_cut(messages, list(range(9, len(messages), 9)))
    again = Fold(town())
    for stored in cut.judged:  # each batch as one message
        again.feed(changed(stored, message=np.zeros(len(stored), np.int64)))
    assert memory_rows(again.memory) == memory_rows(cut.memory)


def same(one: Fold, other: Fold) -> None:
    assert texts(one) == texts(other)
    assert memory_rows(one.memory) == memory_rows(other.memory)
