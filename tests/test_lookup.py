"""Ids, partitions, timelines and hours as columns."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from hazmat.clock import SHANGHAI, from_time, local_minute, local_weekday, to_ms, to_time
from hazmat.columns import Mask
from hazmat.lookup import Edges, Keys, Links, Timeline
from hazmat.partition import partition_of, stable_hash
from hazmat.schedule import Holidays, Hours, Schedule, in_hours

FRIDAY = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", 0xCBF29CE484222325),
        (b"a", 0xAF63DC4C8601EC8C),
        (b"foobar", 0x85944171F73967E8),
        (b"ZB-K4269", 0x69679FD2CE56D52E),
    ],
)
def test_the_hash_has_fixed_vectors(text: bytes, expected: int) -> None:
    assert int(stable_hash(np.array([text], "S32"))[0]) == expected


def test_partitions_are_spread_and_stable() -> None:
    ids = np.array([f"ZB{n:05d}".encode() for n in range(6400)], "S32")
    counts = np.bincount(partition_of(ids), minlength=64)
    assert counts.min() > 50
    assert counts.max() < 170
    assert partition_of(ids[:4]).tolist() == [stable_hash(ids[:4])[n] % 64 for n in range(4)]


def test_keys_find_what_they_have() -> None:
    keys = Keys.of(["b", "a", "b"])
    assert keys.find(np.array([b"a", b"b", b"c", b""], "S32")).tolist() == [1, 0, -1, -1]
    assert Keys.of([]).find(np.array([b"a"], "S32")).tolist() == [-1]


def test_links_expand_one_to_many() -> None:
    links = Links.of(np.array([1, 0, 1, -1]), 3)
    row, item = links.expand(np.array([1, -1, 2, 0, 1]))
    assert list(zip(row.tolist(), item.tolist(), strict=True)) == [(0, 0), (0, 2), (3, 1), (4, 0), (4, 2)]


def test_of_overlapping_papers_the_latest_to_begin_is_in_force() -> None:
    def at(hours: float) -> datetime:
        return FRIDAY + timedelta(hours=hours)

    timeline = Timeline.of(
        np.array([0, 0, 1, -1]), [(at(0), at(10)), (at(2), at(4)), (at(0), None), (at(0), None)]
    )
    moments = np.array([to_time(at(h)) for h in (-1, 0, 2, 3.9, 4, 10, 99)])
    assert timeline.at(np.zeros(7, np.int64), moments).tolist() == [-1, 0, 1, 1, 0, -1, -1]
    assert timeline.at(np.array([1, 2, -1]), moments[[6, 1, 1]]).tolist() == [2, -1, -1]


def runs(schedule: Schedule, *local_hours: float) -> Mask:
    """At hours after the Friday's local midnight."""
    midnight = FRIDAY - timedelta(hours=8)
    times = np.array([to_time(midnight + timedelta(hours=hour)) for hour in local_hours])
    rows = np.ones(len(times), np.int64)
    return in_hours(
        times, rows * schedule.start_minute, rows * schedule.end_minute, rows * schedule.weekday_bits
    )


def test_hours_within_a_day() -> None:
    assert runs(Schedule.parse("07:00-09:00"), 6.99, 7, 8.99, 9).tolist() == [False, True, True, False]
    assert runs(Schedule(), 0, 12, 23.99).all()


def test_hours_across_midnight_belong_to_the_day_on_which_they_began() -> None:
    friday_night = Schedule.parse("22:00-06:00", (5,))
    assert runs(friday_night, 1, 21.9, 22, 24, 29.9, 30, 46).tolist() == [
        False, False, True, True, True, False, False,
    ]  # fmt: skip


def test_schedules_round_trip_and_refuse_nonsense() -> None:
    assert Schedule.parse("22:00-06:00").hours == "22:00-06:00"
    for bad in ("25:00-06:00", "7-9", "07:00-07:00", "24:00-06:00"):
        with pytest.raises(ValueError, match="hours"):
            Schedule.parse(bad)
    with pytest.raises(ValueError, match="weekdays"):
        Schedule.parse(None, (0,))


def test_local_time() -> None:
    times = np.array([to_time(FRIDAY + timedelta(hours=hour)) for hour in (0, 15.99, 16)])
    assert local_minute(times).tolist() == [480, 1439, 0]
    assert local_weekday(times).tolist() == [5, 5, 6]


def test_times_without_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="without zone"):
        to_ms(datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="NaT"):
        from_time(np.datetime64("NaT", "ms"))


def test_holidays_alone_or_left_out() -> None:
    holiday = FRIDAY.astimezone(SHANGHAI).date()
    midnight = FRIDAY - timedelta(hours=8)
    hours = Hours.of(
        [Schedule(), Schedule(holidays=Holidays.ONLY), Schedule(holidays=Holidays.NOT),
         Schedule(1320, 360, holidays=Holidays.ONLY), Schedule(1320, 360, (6,), Holidays.ONLY)],
        [holiday],
    )  # fmt: skip
    runs = {
        at: hours.run(np.arange(5), np.full(5, to_time(midnight + timedelta(hours=at)))).tolist()
        for at in (-0.1, 0, 5, 23, 24.1, 29, 30)
    }
    assert runs == {
        -0.1: [True, False, True, False, False],
        0: [True, True, False, False, False],  # the night before belongs to Thursday
        5: [True, True, False, False, False],
        23: [True, True, False, True, False],
        24.1: [True, False, True, True, False],
        29: [True, False, True, True, False],
        30: [True, False, True, False, False],
    }


def test_a_thousand_papers_of_one_vehicle_are_laid_out_in_time() -> None:
    hour = timedelta(hours=1)
    spans = [(FRIDAY + n * hour, FRIDAY + (n + 500 - n % 7 * 60) * hour) for n in range(1000)]
    timeline = Timeline.of(np.zeros(1000, np.int64), spans)
    moments = [FRIDAY + timedelta(hours=h) for h in np.linspace(-1, 1600, 400)]
    expected = [
        max((n for n, (start, end) in enumerate(spans) if start <= at < end), default=-1) for at in moments
    ]
    found = timeline.at(np.zeros(400, np.int64), np.array([to_time(at) for at in moments]))
    assert found.tolist() == expected


def test_edges_tell_how_long_ago_and_how_soon() -> None:
    def at(hours: float) -> np.datetime64:
        return to_time(FRIDAY + timedelta(hours=hours))

    start, end = np.array([at(0), at(5), at(0)]), np.array([at(2), at(6), at(9)])
    edges = Edges.of(np.array([0, 0, -1]), start, end)
    times = np.array([at(-1), at(2), at(4), at(5), at(7)])
    owner = np.zeros(5, np.int64)
    hour = 3600_000
    assert edges.since_end_ms(owner, times).tolist() == [-1, 0, 2 * hour, 3 * hour, hour]
    assert edges.until_start_ms(owner, times).tolist() == [hour, 3 * hour, hour, -1, -1]
    assert edges.since_end_ms(owner - 1, times).tolist() == [-1] * 5
    assert edges.until_start_ms(owner + 1, times).tolist() == [-1] * 5
