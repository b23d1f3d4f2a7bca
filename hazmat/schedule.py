"""Daily hours and weekdays in Shanghai time, for fences and permits."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from hazmat.clock import local_day, local_minute, local_weekday
from hazmat.columns import Ints, Mask, Times

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
DAY_MINUTES = 24 * 60
_HOURS = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")


class Holidays(StrEnum):
    """How a schedule takes public holidays (法定节假日)."""

    TOO = "too"
    ONLY = "only"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Schedule:
    """From ``start_minute`` to before ``end_minute`` of the local day, across midnight if the end is not
    after the start.

    A window across midnight belongs to the weekday on which it began: Friday 22:00-06:00 lasts into Saturday.
    ``holidays``: whether it runs on public holidays too, on them alone, or not on them.
    """

    start_minute: int = 0
    end_minute: int = DAY_MINUTES
    weekdays: tuple[int, ...] = EVERY_DAY
    holidays: Holidays = Holidays.TOO

    @classmethod
    def parse(
        cls,
        hours: str | None,
        weekdays: tuple[int, ...] = EVERY_DAY,
        holidays: Holidays = Holidays.TOO,
    ) -> Self:
        """From ``"22:00-06:00"`` (None: all day) and ISO weekdays; anything else is a ValueError."""
        if not weekdays or not set(weekdays) <= set(EVERY_DAY):
            raise ValueError(f"weekdays must be of 1 (Monday) to 7, not {list(weekdays)}")
        if hours is None:
            return cls(weekdays=tuple(sorted(set(weekdays))), holidays=holidays)
        match = _HOURS.fullmatch(hours)
        if match is None:
            raise ValueError(f"hours must look like 22:00-06:00, not {hours!r}")
        start, end = (int(match[i]) * 60 + int(match[i + 1]) for i in (1, 3))
        if start >= DAY_MINUTES or end > DAY_MINUTES or start == end:
            raise ValueError(f"hours {hours!r} are no span of a day")
        return cls(start, end, tuple(sorted(set(weekdays))), holidays)

    @property
    def hours(self) -> str:
        """As ``parse`` reads it."""
        return "-".join(f"{m // 60:02d}:{m % 60:02d}" for m in (self.start_minute, self.end_minute))

    @property
    def weekday_bits(self) -> int:
        """Bit n set: ISO weekday n belongs."""
        return sum(1 << day for day in self.weekdays)


@dataclass(frozen=True, slots=True)
class Hours:
    """Schedules as columns, and the public holidays, as days counted from 1970-01-01, sorted."""

    start_minute: Ints
    end_minute: Ints
    weekday_bits: Ints
    only_holidays: Mask
    not_holidays: Mask
    holidays: Ints

    @classmethod
    def of(cls, schedules: Sequence[Schedule], holidays: Sequence[date] = ()) -> Self:
        """From a schedule a row; ``holidays`` are local days."""
        return cls(
            start_minute=np.array([each.start_minute for each in schedules], np.int64),
            end_minute=np.array([each.end_minute for each in schedules], np.int64),
            weekday_bits=np.array([each.weekday_bits for each in schedules], np.int64),
            only_holidays=np.array([each.holidays is Holidays.ONLY for each in schedules], bool),
            not_holidays=np.array([each.holidays is Holidays.NOT for each in schedules], bool),
            holidays=np.sort(np.array(list(holidays), "datetime64[D]").astype(np.int64)),
        )

    def run(self, row: NDArray[Any], times: Times) -> Mask:
        """Whether the schedule of each row runs at the time beside it."""
        runs = in_hours(times, self.start_minute[row], self.end_minute[row], self.weekday_bits[row])
        only, never = self.only_holidays[row], self.not_holidays[row]
        if only.any() or never.any():
            began = local_day(times) - _tail(
                local_minute(times), self.start_minute[row], self.end_minute[row]
            )
            holiday = np.isin(began, self.holidays)
            runs &= np.where(holiday, ~never, ~only)
        return runs


def in_hours(times: Times, start_minute: Ints, end_minute: Ints, weekday_bits: Ints) -> Mask:
    """Whether each time lies in the hours and weekdays beside it (columns of one length)."""
    minute, weekday = local_minute(times), local_weekday(times)
    tail = _tail(minute, start_minute, end_minute)
    began_on = (weekday - 1 - tail) % 7 + 1
    across = end_minute <= start_minute
    inside: Mask = tail | ((minute >= start_minute) & (across | (minute < end_minute)))
    runs: Mask = inside & ((weekday_bits >> began_on) & 1).astype(bool)
    return runs


def _tail(minute: Ints, start_minute: Ints, end_minute: Ints) -> Mask:
    """After midnight in a window that began the day before, to which it counts."""
    tail: Mask = (end_minute <= start_minute) & (minute < end_minute)
    return tail
