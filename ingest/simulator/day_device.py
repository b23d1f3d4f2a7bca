"""Troubles of terminals on labelled days: alarm bits, frozen and leaping positions, jammed receivers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hazmat.columns import Floats, Mask
from ingest.simulator.day_drivers import Day

Columns = dict[str, NDArray[Any]]


class Trouble(StrEnum):
    """What a terminal does for a while; the words are those of the rules that must tell it."""

    POWER_CUT = "power_cut"
    ANTENNA_FAULT = "antenna_fault"
    FROZEN_POSITION = "frozen_position"
    IMPLAUSIBLE_SPEED = "implausible_speed"
    TWO_PLACES = "two_places"
    JAMMING = "jamming"
    SOS = "sos"
    COLLISION = "collision"
    ROLLOVER = "rollover"


@dataclass(frozen=True, slots=True)
class Spell:
    """A trouble from one moment to another (seconds since 1970); ``near_miss``: nothing may be told of it."""

    trouble: Trouble
    start: float
    end: float
    near_miss: bool


_BLINDING = (
    Trouble.FROZEN_POSITION,
    Trouble.IMPLAUSIBLE_SPEED,
    Trouble.TWO_PLACES,
    Trouble.JAMMING,
)
_BITS = {
    Trouble.POWER_CUT: 8, Trouble.ANTENNA_FAULT: 5, Trouble.SOS: 0, Trouble.COLLISION: 29,
    Trouble.ROLLOVER: 30,
}  # fmt: skip
# (seconds of a breach, seconds of its near miss; (0, 0): there is none)
_SPANS: dict[Trouble, tuple[tuple[float, float], tuple[float, float]]] = {
    Trouble.POWER_CUT: ((120.0, 600.0), (4.0, 18.0)),
    Trouble.ANTENNA_FAULT: ((120.0, 600.0), (4.0, 18.0)),
    Trouble.FROZEN_POSITION: ((480.0, 900.0), (60.0, 200.0)),
    Trouble.IMPLAUSIBLE_SPEED: ((200.0, 400.0), (15.0, 20.0)),
    Trouble.TWO_PLACES: ((400.0, 600.0), (0.0, 0.0)),
    Trouble.JAMMING: ((260.0, 500.0), (20.0, 80.0)),
    Trouble.SOS: ((60.0, 300.0), (0.0, 0.0)),
    Trouble.COLLISION: ((60.0, 300.0), (0.0, 0.0)),
    Trouble.ROLLOVER: ((60.0, 300.0), (0.0, 0.0)),
}
SHARE = 0.25  # of trucks
_SPELLS = 4
_LEAP_M, _METRES_A_DEGREE = 1500.0, 111_000.0
_APART_S = 2400.0


def spells(day: Day, dark: Mask, rng: np.random.Generator) -> list[Spell]:
    """The troubles of one truck's day, on the move at full speed; ``dark``: seconds in a tunnel."""
    if rng.random() >= SHARE:
        return []
    trouble = tuple(Trouble)[int(rng.integers(len(Trouble)))]
    found: list[Spell] = []
    for _ in range(_SPELLS):
        breach, miss = _SPANS[trouble]
        near_miss = bool(rng.random() < 0.5) and miss[1] > 0
        span = float(rng.uniform(*(miss if near_miss else breach)))
        spell = _place(trouble, span, near_miss, day, dark, found, rng)
        if spell:
            found.append(spell)
    return found


def _place(
    trouble: Trouble, span: float, near_miss: bool, day: Day, dark: Mask, taken: Sequence[Spell],
    rng: np.random.Generator,
) -> Spell | None:  # fmt: skip
    """Somewhere in the day where the truck drives all the time; None if chance finds no place."""
    motion = day.motion
    good = (motion.speed_kmh > 20.0) & motion.heard & ~dark & ~day.resting
    for _ in range(40):
        row = int(rng.integers(len(motion.at)))
        start = float(motion.at[row])
        rows = slice(row, int(np.searchsorted(motion.at, start + span + 30.0)))
        apart = all(abs(start - other.start) > _APART_S for other in taken)
        if apart and good[rows].mean() > 0.97 and motion.at[-1] > start + span + 300.0:
            return Spell(trouble, start, start + span, near_miss)
    return None


def unseen(day: Day, troubles: Sequence[Spell]) -> Mask:
    """Seconds on which the terminal's position says nothing of where the truck is."""
    blind = np.zeros(len(day.motion.at), bool)
    for spell in troubles:
        if spell.trouble in _BLINDING:
            blind |= (day.motion.at >= spell.start - 60.0) & (day.motion.at < spell.end + 60.0)
    return blind


def afflict(columns: Columns, at: Floats, troubles: Sequence[Spell], interval_s: float) -> Columns:
    """The columns of one truck's fixes (taken ``at``) with its troubles in them."""
    columns = {name: column.copy() for name, column in columns.items()}
    for spell in troubles:
        rows = np.flatnonzero((at >= spell.start) & (at < spell.end))
        if spell.trouble in _BITS:
            columns["alarm"][rows] |= 1 << _BITS[spell.trouble]
        elif len(rows):
            _EFFECTS[spell.trouble](columns, rows, interval_s)
    return columns


def _freeze(columns: Columns, rows: NDArray[np.intp], _: float) -> None:
    for name in ("lon", "lat"):
        columns[name][rows] = columns[name][rows[0]]


def _leap(columns: Columns, rows: NDArray[np.intp], interval_s: float) -> None:
    """Every sixth fix lies some kilometres away, each in another direction."""
    leaping = rows[:: max(1, round(60.0 / interval_s))]
    turn = np.arange(len(leaping)) * 2.4  # radians: no two alike
    away_deg = _LEAP_M * max(1.0, interval_s / 10.0) * (1 + 0.3 * np.arange(len(leaping))) / _METRES_A_DEGREE
    columns["lat"][leaping] += away_deg * np.cos(turn)
    columns["lon"][leaping] += away_deg * np.sin(turn)


def _double(columns: Columns, rows: NDArray[np.intp], interval_s: float) -> None:
    """Another truck under the same plate sends every second fix from a way of its own."""
    columns["lat"][rows[::2]] += 2 * _LEAP_M * max(1.0, interval_s / 10.0) / _METRES_A_DEGREE


def _jam(columns: Columns, rows: NDArray[np.intp], _: float) -> None:
    columns["has_fix"][rows] = False
    columns["satellites"][rows] = 0.0
    for name in ("lon", "lat"):
        columns[name][rows] = columns[name][rows[0]]


_EFFECTS: dict[Trouble, Callable[[Columns, NDArray[np.intp], float], None]] = {
    Trouble.FROZEN_POSITION: _freeze,
    Trouble.IMPLAUSIBLE_SPEED: _leap,
    Trouble.TWO_PLACES: _double,
    Trouble.JAMMING: _jam,
}
