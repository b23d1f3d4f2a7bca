"""How a loaded tanker moves along a way: slower in bends, gently up to speed, stopping where it must."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hazmat.columns import Floats, Mask, Rows
from hazmat.geofences import RoadClass
from ingest.simulator.roads import Piece, line_of

STEP_M = 10.0
ACCELERATION_MS2 = 0.5
BRAKING_MS2 = 0.7
_SIDEWAYS_MS2 = 1.0  # more and a half-full tank begins to slosh
_SLOWEST_MS = 2.5
LANE_M = 3.75


@dataclass(frozen=True, slots=True)
class Path:
    """A way as points every 10 m: metres, unit heading, the speeds that road and bends allow.

    ``x_m``, ``y_m`` lie in the rightmost lane. ``junctions`` are rows where a red light may stop a truck.
    """

    x_m: Floats
    y_m: Floats
    east: Floats
    north: Floats
    limit_ms: Floats
    bend_ms: Floats
    designated: Mask
    junctions: Rows

    @property
    def length_m(self) -> float:
        """Length along the middle of the road."""
        return (len(self.x_m) - 1) * STEP_M


def path_of(pieces: Sequence[Piece]) -> Path:
    """The path along these pieces of road."""
    line = line_of(pieces)
    along = np.arange(0.0, float(line.length), STEP_M)
    corners = np.asarray(line.coords)
    at = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))])
    x, y = (np.interp(along, at, corners[:, axis]) for axis in (0, 1))
    ends = np.cumsum([piece.length_m for piece in pieces])
    of_piece = np.minimum(np.searchsorted(ends, along, side="right"), len(pieces) - 1)
    east, north, bend = _heading(x, y)
    lanes = np.array([piece.road.lanes for piece in pieces], float)[of_piece]
    right = _smooth((lanes - 0.5) * LANE_M)
    return Path(
        x_m=x + right * north,
        y_m=y - right * east,
        east=east,
        north=north,
        limit_ms=np.array([piece.road.limit_kmh for piece in pieces])[of_piece] / 3.6,
        bend_ms=bend,
        designated=np.array([piece.road.designated for piece in pieces])[of_piece],
        junctions=_junctions(pieces, ends),
    )


def _heading(x: Floats, y: Floats) -> tuple[Floats, Floats, Floats]:
    """Unit heading over 20 m, and the speed that each bend allows."""
    east, north = np.gradient(_smooth(x)), np.gradient(_smooth(y))
    size = np.hypot(east, north)
    turn = np.abs(np.gradient(np.unwrap(np.arctan2(east, north)))) / STEP_M
    bend = np.sqrt(_SIDEWAYS_MS2 / np.maximum(turn, 1e-4))
    return east / size, north / size, np.maximum(bend, _SLOWEST_MS)


def _smooth(values: Floats) -> Floats:
    padded = np.concatenate([values[:1], values, values[-1:]])
    smooth: Floats = (padded[:-2] + padded[1:-1] + padded[2:]) / 3
    if len(values) > 1:
        smooth[0], smooth[-1] = values[0], values[-1]
    return smooth


def _junctions(pieces: Sequence[Piece], ends: Floats) -> Rows:
    slow = [
        end
        for end, before, after in zip(ends[:-1], pieces[:-1], pieces[1:], strict=True)
        if RoadClass.EXPRESSWAY not in (before.road.road_class, after.road.road_class)
    ]
    return np.unique(np.array(slow) // STEP_M).astype(np.intp)


@dataclass(frozen=True, slots=True)
class Timetable:
    """When a truck is where on its path: seconds since departure, metres, metres a second."""

    seconds: NDArray[np.float32]
    along_m: NDArray[np.float32]
    speed_ms: NDArray[np.float32]

    @property
    def duration_s(self) -> float:
        """From departure to standing at the end."""
        return float(self.seconds[-1])

    def at(self, seconds: float) -> tuple[float, float]:
        """(metres along the path, speed in m/s); standing before departure and after arrival."""
        along = float(np.interp(seconds, self.seconds, self.along_m))
        return along, float(np.interp(seconds, self.seconds, self.speed_ms))


def timetable(path: Path, first: int, last: int, allowed_ms: Floats, stops: dict[int, float]) -> Timetable:
    """From one row of a path to another, at most ``allowed_ms`` (one a row), with stops (row: seconds)."""
    rows = np.arange(first, last + 1)
    stops = {row: wait for row, wait in stops.items() if first < row < last}
    cap = np.minimum(allowed_ms, path.bend_ms)[rows]
    cap[[0, -1]] = 0.0
    cap[np.array(list(stops), np.intp) - first] = 0.0
    along = rows * STEP_M
    speed = np.sqrt(_reachable(_reachable(cap**2, ACCELERATION_MS2)[::-1], BRAKING_MS2)[::-1])
    steps = 2 * STEP_M / (speed[1:] + speed[:-1])
    moment = np.concatenate([[0.0], np.cumsum(steps)])
    again = np.ones(len(rows), np.intp)
    wait = np.zeros(len(rows))
    for row, seconds in stops.items():
        again[row - first], wait[row - first] = 2, seconds
    arrive = moment + np.cumsum(wait) - wait
    moments = np.repeat(arrive, again)
    moments[np.cumsum(again) - 1] += wait
    knots = (moments, np.repeat(along, again), np.repeat(speed, again))
    return Timetable(*(knot.astype(np.float32) for knot in knots))


def _reachable(squared: Floats, rate_ms2: float) -> Floats:
    """Squared speeds that can be reached from the rows before, gaining ``rate_ms2`` at most."""
    gain = 2 * rate_ms2 * STEP_M * np.arange(len(squared))
    reached: Floats = np.minimum.accumulate(squared - gain) + gain
    return reached
