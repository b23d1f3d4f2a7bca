"""Trips of one truck: from place to place, with red lights, a queue at the plant, and its breach."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from shapely.geometry import Point

from hazmat.columns import Floats
from ingest.simulator import town
from ingest.simulator.breaches import BreachKind
from ingest.simulator.detours import WITH_DETOUR, detour
from ingest.simulator.motion import STEP_M, Path, Timetable, path_of, timetable
from ingest.simulator.roads import area_m, clean_way, network

_RED_LIGHT_SHARE = 0.25
_RED_LIGHT_S = (8.0, 70.0)
_FREE_OF_BRIDGE_M = 350.0
_QUEUE_STEP_M = 30.0
_QUEUE_WAIT_S = (5.0, 35.0)
_BAY_M = 250.0  # trucks load, unload and park along the last stretch of a way
_BESIDE_M = 25.0
_FADE_M = 100.0
_CRUISE = (0.84, 0.95)  # of the limit
_SPEEDING = 1.27
_ILLEGAL_STOP_S = 900.0
_BRIDGE_STOP_S = 240.0
_SILENT_S = 960.0
_STOPS = (BreachKind.ILLEGAL_STOP, BreachKind.STOP_ON_NO_STOP)  # who passes no bridge stops elsewhere
_BREACH_PART = (0.45, 0.7)  # of the way


@dataclass(frozen=True, slots=True)
class Trip:
    """A truck's way between two places; moments are seconds since 1970.

    ``shift_m``: (east, north) from the lane to where it stands at first, ``beside_m``: to the right of
    the lane where it stands at last; both fade over 100 m. ``silent``: its terminal is dead from, to.
    """

    path: Path
    table: Timetable
    departs: float
    shift_m: tuple[float, float]
    beside_m: float
    silent: tuple[float, float] = (np.inf, np.inf)

    @property
    def arrives(self) -> float:
        """When it stands at the end."""
        return self.departs + self.table.duration_s

    def at(self, moment: float) -> tuple[float, float, float, float]:
        """(x in metres, y in metres, heading in degrees, speed in m/s), without any error."""
        along, speed = self.table.at(moment - self.departs)
        row, part = divmod(along / STEP_M, 1.0)
        here, there = int(row), min(int(row) + 1, len(self.path.x_m) - 1)
        path = self.path
        east = (1 - part) * path.east[here] + part * path.east[there]
        north = (1 - part) * path.north[here] + part * path.north[there]
        first, last = self._fading(along)
        x = (1 - part) * path.x_m[here] + part * path.x_m[there] + first * self.shift_m[0]
        y = (1 - part) * path.y_m[here] + part * path.y_m[there] + first * self.shift_m[1]
        x, y = x + last * self.beside_m * north, y - last * self.beside_m * east
        return float(x), float(y), float(np.degrees(np.arctan2(east, north))) % 360.0, speed

    def _fading(self, along: float) -> tuple[float, float]:
        """(share of the start's shift, share of the end's), 1 at the end itself, 0 from 100 m on."""
        start, end = float(self.table.along_m[0]), float(self.table.along_m[-1])
        return max(0.0, 1 - (along - start) / _FADE_M), max(0.0, 1 - (end - along) / _FADE_M)


@cache
def _clean_path(start: str, end: str) -> Path:
    return path_of(clean_way(start, end))


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a truck stands at a place: metres before the end of the way, metres beside it."""

    place: str
    back_m: float
    beside_m: float


def a_spot(place: str, rng: np.random.Generator) -> Spot:
    """Some spot at a place."""
    return Spot(place, float(rng.uniform(20.0, _BAY_M)), float(rng.uniform(5.0, _BESIDE_M)))


def make_trip(
    start: Spot, end: Spot, departs: float, rng: np.random.Generator, breach: BreachKind | None = None,
    stands_m: tuple[float, float] | None = None,
) -> Trip:  # fmt: skip
    """A trip with chance's stops on it, and the breach if one is wanted, from where the truck stands."""
    path = _path(start.place, end.place, breach, rng)
    first = int(start.back_m // STEP_M)
    last = len(path.x_m) - 1 - int(end.back_m // STEP_M)
    stops = _red_lights(path, rng) | _queue(path, end, rng)
    allowed = path.limit_ms * rng.uniform(*_CRUISE)
    middle = int(rng.uniform(*_BREACH_PART) * len(path.x_m))
    if breach is BreachKind.OVERSPEED:
        allowed = _speeding(path, allowed, middle)
        stops = {row: wait for row, wait in stops.items() if allowed[row] <= path.limit_ms[row]}
    stops |= _breach_stop(path, breach, middle)
    table = timetable(path, first, last, allowed, stops)
    x_m, y_m = stands_m or (path.x_m[first], path.y_m[first])
    shift = float(x_m - path.x_m[first]), float(y_m - path.y_m[first])
    trip = Trip(path, table, departs, shift, end.beside_m)
    return _silenced(trip, middle) if breach is BreachKind.SILENT else trip


def _path(start: str, end: str, breach: BreachKind | None, rng: np.random.Generator) -> Path:
    if breach in WITH_DETOUR:
        return path_of(detour(breach, start, end, rng))
    return _clean_path(start, end)


def _red_lights(path: Path, rng: np.random.Generator) -> dict[int, float]:
    red = path.junctions[rng.random(len(path.junctions)) < _RED_LIGHT_SHARE]
    red = red[np.abs(red - _bridge_row(path, -(10**6))) > _FREE_OF_BRIDGE_M / STEP_M]
    return {int(row) - 2: float(rng.uniform(*_RED_LIGHT_S)) for row in red if row > 2}


def _queue(path: Path, end: Spot, rng: np.random.Generator) -> dict[int, float]:
    """Stop and go before a plant's gate: one place of the queue after the other."""
    gate = _gate_row(path, end.place)
    places = int(rng.integers(0, 6)) if gate else 0
    rows = [gate - int(k * _QUEUE_STEP_M // STEP_M) for k in range(places)]
    return {row: float(rng.uniform(*_QUEUE_WAIT_S)) for row in rows if row > 0}


def _gate_row(path: Path, place: str) -> int:
    """Row where a path enters its plant for good, 0 if it ends at no plant."""
    plant = next((area_m(p) for p in town.PLANTS if p.area_id == place), None)
    if plant is None:
        return 0
    row = len(path.x_m) - 1
    while row and plant.contains(Point(path.x_m[row], path.y_m[row])):
        row -= 1
    return row


def _speeding(path: Path, allowed: Floats, middle: int) -> Floats:
    """Too fast over four kilometres of the way."""
    rows = np.arange(len(allowed))
    fast = (np.abs(rows - middle) < 2000 / STEP_M) & path.designated
    return np.where(fast, path.limit_ms * _SPEEDING, allowed)


def _breach_stop(path: Path, breach: BreachKind | None, middle: int) -> dict[int, float]:
    bridge = _bridge_row(path, -1) if breach is BreachKind.STOP_ON_NO_STOP else -1
    if bridge >= 0:
        return {bridge: _BRIDGE_STOP_S}
    return {middle: _ILLEGAL_STOP_S} if breach in _STOPS else {}


def _bridge_row(path: Path, otherwise: int) -> int:
    """Row in the middle of the bridge; another one if the path does not lead over it."""
    _, _, road_id, start_km, end_km = town.BRIDGE
    middle = network().lines[road_id].interpolate((start_km + end_km) * 500)
    away = np.hypot(path.x_m - middle.x, path.y_m - middle.y)
    return int(np.argmin(away)) if away.min() < 20 else otherwise


def _silenced(trip: Trip, middle: int) -> Trip:
    """The terminal dies on the move."""
    since = float(np.interp(middle * STEP_M, trip.table.along_m, trip.table.seconds)) + trip.departs
    return replace(trip, silent=(since, since + _SILENT_S))
