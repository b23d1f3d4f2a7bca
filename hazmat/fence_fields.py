"""Fields of a fence as plain JSON values: how each is read, checked and written."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

from hazmat.documents import HAZARD_CLASSES
from hazmat.geofences import Direction, FenceKind, Geofence, Lanes, RoadClass, TunnelCategory
from hazmat.schedule import DAY_MINUTES, EVERY_DAY, Holidays, Schedule

_Choice = TypeVar("_Choice", bound=Enum)
_ID = re.compile(r"[A-Za-z0-9._-]{1,32}")
_LANES = {"count", "width_m", "designated"}


def is_number(value: object) -> bool:
    """Whether a JSON value is a finite number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def choice(kind: type[_Choice]) -> Callable[[object], _Choice]:
    """A reader for one of an enumeration's values."""

    def read(value: object) -> _Choice:
        names = [member.value for member in kind]
        if value not in names:
            raise ValueError(f"must be one of {', '.join(names)}, not {value!r}")
        return kind(value)

    return read


def read_id(value: object) -> str:
    """An id of up to 32 ASCII letters, digits, dots, dashes and underscores; else ValueError."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ValueError(f"must be 1 to 32 of A-Z a-z 0-9 . _ -, not {value!r}")
    return value


def read_time(value: object) -> datetime:
    """A time from ISO 8601 with offset; else ValueError."""
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise ValueError(f"must be an ISO 8601 time with offset, not {value!r}")
    return time


def read_classes(value: object) -> tuple[str, ...]:
    """A list of hazard classes; else ValueError."""
    if not isinstance(value, list | tuple):
        raise ValueError(f"must be a list of hazard classes, not {value!r}")  # noqa: TRY004 - bad input is data
    unknown = [name for name in value if name not in HAZARD_CLASSES]
    if unknown:
        raise ValueError(f"unknown hazard class {unknown}")
    return tuple(value)


def read_schedule(hours: object, weekdays: object, holidays: object = None) -> Schedule:
    """From "22:00-06:00", a list of ISO weekdays, "too", "only" or "not"; None: always. Else ValueError."""
    if hours is not None and not isinstance(hours, str):
        raise ValueError(f"hours must look like 22:00-06:00, not {hours!r}")
    if weekdays is not None and not isinstance(weekdays, list | tuple):
        raise ValueError(f"weekdays must be a list of 1 to 7, not {weekdays!r}")
    if not all(type(day) is int for day in weekdays or ()):
        raise ValueError(f"weekdays must be a list of 1 to 7, not {weekdays!r}")
    on_holidays = Holidays.TOO if holidays is None else choice(Holidays)(holidays)
    return Schedule.parse(hours, EVERY_DAY if weekdays is None else tuple(weekdays), on_holidays)


def write_schedule(schedule: Schedule) -> dict[str, Any]:
    """``hours``, ``weekdays``, ``holidays`` as ``read_schedule`` reads them; nothing for always."""
    values: dict[str, Any] = {}
    if (schedule.start_minute, schedule.end_minute) != (0, DAY_MINUTES):
        values["hours"] = schedule.hours
    if schedule.weekdays != EVERY_DAY:
        values["weekdays"] = list(schedule.weekdays)
    if schedule.holidays is not Holidays.TOO:
        values["holidays"] = schedule.holidays.value
    return values


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"must be a text, not {value!r}")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {value!r}")  # noqa: TRY004
    return value


def _positive(value: object) -> float:
    if not is_number(value) or not float(str(value)) > 0:
        raise ValueError(f"must be a number greater than 0, not {value!r}")
    return float(str(value))


def _count(value: object) -> int:
    if type(value) is not int or value < 1:
        raise ValueError(f"must be a whole number greater than 0, not {value!r}")
    return value


def _lanes(value: object) -> Lanes:
    if not isinstance(value, Mapping) or not {"count"} <= value.keys() <= _LANES:
        raise ValueError("must hold count, and may hold width_m and designated")
    count, designated = value["count"], value.get("designated", 0)
    if type(count) is not int or not 1 <= count <= 10:
        raise ValueError(f"count must be 1 to 10, not {count!r}")
    if type(designated) is not int or not 0 <= designated <= count:
        raise ValueError(f"designated must be a lane from 1 to count, or 0 for any, not {designated!r}")
    return Lanes(count=count, width_m=_positive(value.get("width_m", 3.75)), designated=designated)


READERS: dict[str, Callable[[object], Any]] = {
    "fence_id": read_id,
    "kind": choice(FenceKind),
    "name": _text,
    "valid_from": read_time,
    "valid_to": read_time,
    "hazard_classes": read_classes,
    "loaded_only": _flag,
    "permit_required": _flag,
    "half_width_m": _positive,
    "lanes": _lanes,
    "direction": choice(Direction),
    "road_class": choice(RoadClass),
    "speed_limit_kmh": _positive,
    "tunnel_category": choice(TunnelCategory),
    "capacity": _count,
}
_ALWAYS = ("fence_id", "kind", "name", "valid_from")
_USUAL = {"hazard_classes": (), "loaded_only": False, "permit_required": False, "direction": Direction.BOTH,
          "road_class": RoadClass.OTHER}  # fmt: skip


def write_properties(fence: Geofence) -> dict[str, Any]:
    """The properties of a fence as JSON values, as the readers read them; what is usual is left out."""
    values = {name: getattr(fence, name) for name in READERS}
    kept = {
        name: _plain(value)
        for name, value in values.items()
        if name in _ALWAYS or (value is not None and value != _USUAL.get(name))
    }
    return {**kept, **write_schedule(fence.schedule)}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Lanes):
        return {"count": value.count, "width_m": value.width_m, "designated": value.designated}
    return list(value) if isinstance(value, tuple) else value
