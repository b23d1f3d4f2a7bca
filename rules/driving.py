"""Hours at the wheel: driving since the last rest, by night, and in the last 24 hours.

Each step between two fixes is parted into driving and standing by the way covered, not by who reported what:
a dead zone, late data or a long report interval neither adds a rest nor hides one. When a truck came to
stand between two fixes is reckoned from the way to the stop at the speed before it. Where that leaves a
doubt the rest is taken to be longer.
"""

from dataclasses import dataclass

import numpy as np

from hazmat.columns import NO_TIME, Floats, Ints, Mask, Rows, Times
from hazmat.position import Positions
from hazmat.registry import Registry
from rules.daytime import NIGHT, between_hours
from rules.limit_in_force import limit_in_force
from rules.memory_driving import DAY_HOURS, DrivingMemory
from rules.rounds import rounds
from rules.stops import STOPPED_KMH, STOPPED_WITHIN_M
from rules.track import Track

REST_MIN = 20.0  # 道路交通安全法实施条例 §62(7); the limit of rule fatigue
LEAVING_KMH = 10.0  # slower, a truck is creeping, or being put into its place
BLIND_S = 300.0  # in a longer step the way alone tells whether it drove
BLIND_KMH = 60.0  # at most, and straight, in a long silence: what is left of it may have been a stay
UNKNOWN_S = 7200.0  # in a longer silence it may have rested anywhere: it is held to have
DOUBT_MS = 750  # as far as beginning and end of a stay may be reckoned wrong: less than the second of the law
_STAY_ERRORS = 3  # errors of a fix, on top of the 30 m, before one that moves is elsewhere
_WANDER_M = 150.0  # so far may fixes between houses wander, though the receiver measures no speed
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Driving:
    """Aligned with the fixes, in milliseconds: driving since the last rest, by night of it, in the last 24 h;
    ``rested_ms``: how long the present stay has lasted.
    """

    driven_ms: Ints
    night_ms: Ints
    day_ms: Ints
    rested_ms: Ints


@dataclass(frozen=True, slots=True)
class _Law:
    """Aligned with the fixes, as in force: how long a rest is, and whether it is night."""

    rest_ms: Ints
    night: Mask


@dataclass(frozen=True, slots=True)
class _Steps:
    """Aligned with the fixes: the step to each from the one before. ``drive_ms`` of its ``span_ms`` it
    drove. ``told``: of a stay that ends with this step, that says when; else the way from the stay at
    ``leave_kmh`` does. ``slow``: the fix says that it stands. ``driving``: both ends say that it drives.
    ``jump``: an outlier of the receiver. ``blind``: too long to tell but by the way; ``unknown``: not even
    so.
    """

    span_ms: Ints
    drive_ms: Ints
    told: Mask
    leave_kmh: Floats
    within_m: Floats
    slow: Mask
    driving: Mask
    jump: Mask
    blind: Mask
    unknown: Mask


def _law(registry: Registry, times: Times) -> _Law:
    """What the limits of the rules fatigue and fatigue_night say at each time."""
    rest_min = limit_in_force(registry, "fatigue", "rest_min", REST_MIN, times)
    start, end = [
        limit_in_force(registry, "fatigue_night", name, hour, times) for name, hour in NIGHT.items()
    ]
    return _Law(np.round(rest_min * 60_000.0).astype(np.int64), between_hours(times, start, end))


def fold_driving(
    track: Track,
    positions: Positions,
    speed_kmh: Floats,
    accuracy_m: Floats,
    registry: Registry,
    memory: DrivingMemory,
) -> Driving:
    """Of fixes sorted by (slot, fix_time); ``memory`` is advanced in place."""
    fix_time = positions.fix_time
    law = _law(registry, fix_time)
    steps = _steps(track, fix_time, positions.speed_kmh, speed_kmh, accuracy_m)
    driven, night, day, rested = (np.zeros(len(fix_time), np.int64) for _ in range(4))
    for row in rounds(track.slot):
        slot = track.slot[row]
        rested[row], enough = _stay(track, fix_time, steps, law, row, memory)
        drive_ms = steps.drive_ms[row]
        memory.driven_ms[slot] = np.where(enough, 0, memory.driven_ms[slot]) + drive_ms
        memory.night_ms[slot] = np.where(enough, 0, memory.night_ms[slot]) + drive_ms * law.night[row]
        day[row] = _count_hours(fix_time[row].astype(np.int64), slot, drive_ms, memory)
        driven[row], night[row] = memory.driven_ms[slot], memory.night_ms[slot]
    return Driving(driven, night, day, rested)


def _steps(
    track: Track, fix_time: Times, reported_kmh: Floats, speed_kmh: Floats, accuracy_m: Floats
) -> _Steps:
    first = np.isnat(track.before_at)
    span_ms = np.where(first, 0, (fix_time - track.before_at).astype(np.int64))
    before_kmh = np.where(np.isnan(track.before_kmh), speed_kmh, track.before_kmh)
    moved, moves = before_kmh >= STOPPED_KMH, speed_kmh >= STOPPED_KMH  # NaN compares false
    blind = span_ms > BLIND_S * 1000
    unknown = span_ms > UNKNOWN_S * 1000
    way_kmh = np.where(blind, BLIND_KMH, np.fmax(before_kmh, speed_kmh))
    part = track.step_m * 3600.0 / np.maximum(way_kmh, STOPPED_KMH)  # ms, NaN at the very first
    whole = ~blind & moved & moves
    none = first | unknown | (~blind & ~moved & ~moves)
    drive = np.select([none, whole], [0.0, span_ms], np.fmin(part, span_ms))
    jump = ~first & ~blind & ~track.joined
    idle = ~blind & (track.before_kmh < STOPPED_KMH) & (reported_kmh < STOPPED_KMH)
    return _Steps(
        span_ms=span_ms,
        drive_ms=np.round(np.where(jump, np.where(moved & moves, span_ms, 0.0), drive)).astype(np.int64),
        told=blind | (~moved & moves),
        leave_kmh=np.fmax(speed_kmh, LEAVING_KMH),
        within_m=np.where(idle, _WANDER_M, STOPPED_WITHIN_M + _STAY_ERRORS * accuracy_m),
        slow=~moves,
        driving=~blind & (track.before_kmh >= LEAVING_KMH) & (reported_kmh >= LEAVING_KMH),
        jump=jump,
        blind=blind,
        unknown=unknown,
    )


def _stay(
    track: Track, fix_time: Times, steps: _Steps, law: _Law, row: Rows, memory: DrivingMemory
) -> tuple[Ints, Mask]:
    """(milliseconds of the present stay, whether it or the one that ends here was a rest)."""
    slot, now = track.slot[row], fix_time[row]
    since = memory.rest_since[slot]
    stood = ~np.isnat(since)
    away_m = np.hypot(track.x_m[row] - memory.rest_x_m[slot], track.y_m[row] - memory.rest_y_m[slot])
    goes_on = stood & (((away_m <= steps.within_m[row]) & ~steps.driving[row]) | steps.jump[row])
    blind, still_ms = steps.blind[row], steps.span_ms[row] - steps.drive_ms[row]
    leaving_ms = np.where(steps.told[row], steps.drive_ms[row], _ms(away_m / steps.leave_kmh[row] * 3600.0))
    stands = goes_on & (steps.slow[row] | steps.jump[row])
    until = np.where(stands, now, now - leaving_ms.astype("timedelta64[ms]"))
    lasted_ms = np.where(stood, (until - since).astype(np.int64), still_ms * blind)
    rested = steps.unknown[row] | (lasted_ms + DOUBT_MS >= law.rest_ms[row])
    begins = ~goes_on & steps.slow[row] & ~steps.jump[row]
    memory.rest_x_m[slot] = np.where(begins, track.x_m[row], memory.rest_x_m[slot])
    memory.rest_y_m[slot] = np.where(begins, track.y_m[row], memory.rest_y_m[slot])
    since = np.where(goes_on, since, np.where(begins, now - still_ms.astype("timedelta64[ms]"), NO_TIME))
    memory.rest_since[slot] = since
    stays = ~np.isnat(since)
    present_ms = np.where(stays, (now - since).astype(np.int64), 0)
    return present_ms, rested


def _count_hours(now_ms: Ints, slot: Rows, drive_ms: Ints, memory: DrivingMemory) -> Ints:
    """Driving in the last 24 hours. Of the hour a day ago only the part still within them is counted."""
    hour = now_ms // HOUR_MS
    _forget_hours(hour, slot, memory)
    memory.hours[slot, hour % DAY_HOURS] += drive_ms
    memory.day_ms[slot] += drive_ms
    oldest = memory.hours[slot, (hour + 1) % DAY_HOURS]
    return memory.day_ms[slot] - oldest * (now_ms % HOUR_MS) // HOUR_MS


def _forget_hours(hour: Ints, slot: Rows, memory: DrivingMemory) -> None:
    """Take out the hours of the clock that are more than a day ago."""
    turned = np.flatnonzero(hour != memory.hour[slot])
    mine, hour = slot[turned], hour[turned]
    if not len(mine):
        return
    ahead = (np.arange(DAY_HOURS) - memory.hour[mine][:, None] - 1) % DAY_HOURS
    stale = ahead < (hour - memory.hour[mine])[:, None]
    hours = memory.hours[mine]
    memory.day_ms[mine] -= np.where(stale, hours, 0).sum(axis=1)
    memory.hours[mine] = np.where(stale, 0, hours)
    memory.hour[mine] = hour


def _ms(milliseconds: Floats) -> Ints:
    return np.round(np.nan_to_num(milliseconds)).astype(np.int64)
