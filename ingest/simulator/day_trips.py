"""One trip of the labelled days as columns, a row a second: the deed bends way, speed or stops."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely

from hazmat.columns import Floats, Mask
from ingest.simulator import day_town as town
from ingest.simulator.day_deeds import Deed
from ingest.simulator.day_ways import Stretch, clean_way, other_way, over, with_return
from ingest.simulator.motion import STEP_M, Path, Timetable, path_of, timetable
from ingest.simulator.roads import Piece, line_of

_CRUISE = (0.84, 0.97)  # of the limit
_RED_LIGHT_SHARE, _RED_LIGHT_S = 0.25, (8.0, 70.0)
_QUEUE_S, _QUEUE_M = (5.0, 35.0), 30.0
_FAST_M, _JAM_M = 3000.0, 500.0
_BAY_M = 120.0  # trucks stand along the last stretch of a way
_FADE_M = 60.0
_ASIDE_M = {Deed.SERVICE_LONG: 40.0, Deed.SERVICE_SHORT: 40.0}


@dataclass(frozen=True, slots=True)
class Motion:
    """True motion, a row a second: seconds since 1970, metres (EPSG:32651), degrees, km/h.

    ``heard``: the terminal works.
    """

    at: Floats
    x_m: Floats
    y_m: Floats
    heading_deg: Floats
    speed_kmh: Floats
    heard: Mask


def make_trip(
    start: str, end: str, departs: float, deed: Deed, span: float, rng: np.random.Generator
) -> Motion:
    """From place to place; ``span`` as the deed's plan says. A deed without a place on the way is left."""
    path = path_of(_way(start, end, deed, span, rng))
    first = int(rng.uniform(1.0, _BAY_M) // STEP_M)
    last = len(path.x_m) - 1 - int(rng.uniform(1.0, _BAY_M) // STEP_M)
    spot = _spot(path, deed, first, last, rng)
    allowed = _allowed(path, deed, span, spot, rng)
    stops = _chance_stops(path, last, rng)
    if deed in (Deed.SPEED, Deed.SPEED_20, Deed.SPEED_50):
        stops = {row: wait for row, wait in stops.items() if allowed[row] <= path.limit_ms[row]}
    table = timetable(path, first, last, allowed, _apart(_deed_stops(deed, span, spot, rng), stops))
    aside_m = _ASIDE_M.get(deed, 0.0) if spot >= 0 else 0.0
    motion = _second_by_second(path, table, departs, spot, aside_m)
    return _silenced(motion, deed, span, rng)


def _way(start: str, end: str, deed: Deed, span: float, rng: np.random.Generator) -> Sequence[Piece]:
    if deed in _OVER:
        stretches = _OVER[deed]
        return over(start, end, stretches[int(rng.integers(len(stretches)))])
    if deed is Deed.OTHER_WAY:
        return other_way(start, end)
    way = clean_way(start, end)
    if deed in (Deed.BACK_FAR, Deed.BACK_NEAR):
        return with_return(way, span + float(rng.uniform(0.25, 0.6)) * (line_of(way).length - span), span)
    return way


_SIDE_STREETS = (
    Stretch("day.street_e", (17.0, 4.0), (17.0, 9.0)),
    Stretch("day.street_w", (2.0, 6.1), (2.0, 9.0)),
    Stretch("day.street_x", (9.0, 8.9), (12.6, 8.8)),
    Stretch("day.street_s", (4.0, 4.0), (12.6, 4.0)),
    Stretch("day.street_s", (17.0, 4.0), (20.0, 4.1)),
)
_SCHOOL = Stretch("day.street_m", (7.0, 6.0), (7.0, 9.1))
_BRIDGE = Stretch("day.north", (9.0, 12.2), (12.6, 12.0))
_SERVICE = Stretch("day.express", (12.6, 1.5), (17.0, 1.3), one_way=True)
_OVER: dict[Deed, tuple[Stretch, ...]] = {
    Deed.SIDE_STREET: _SIDE_STREETS,
    Deed.SCHOOL_LONG: (_SCHOOL,),
    Deed.SCHOOL_SHORT: (_SCHOOL,),
    Deed.SERVICE_ROAD: (Stretch("day.service", (15.2, 6.2), (19.4, 6.3)),),
    Deed.FRONTAGE: (Stretch("day.frontage", (5.0, 1.8), (11.0, 1.7)),),
    Deed.TUNNEL: (Stretch("day.hill", (9.0, 5.6), (9.0, 12.2)),),
    Deed.OLD_TOWN: (Stretch("day.street_m", (7.0, 9.1), (7.0, 12.3)),),
    Deed.MARKET: (Stretch("day.street_x", (17.0, 9.0), (20.1, 9.2)),),
    Deed.BRIDGE_LONG: (_BRIDGE,),
    Deed.BRIDGE_SHORT: (_BRIDGE,),
    Deed.SERVICE_LONG: (_SERVICE,),
    Deed.SERVICE_SHORT: (_SERVICE,),
}
_NEAR_SPOT_M = 60.0


@cache
def _spots() -> dict[Deed, Floats]:
    """Where a deed is done, if its way leads there."""
    school = town.metres(((7.07, 7.6),))[0]
    bridge, service = (
        shapely.get_coordinates(town.part_m(part).interpolate(0.5, normalized=True))[0]
        for part in (town.BRIDGE, town.SERVICE_AREA)
    )
    return {
        Deed.SCHOOL_LONG: school, Deed.SCHOOL_SHORT: school, Deed.BRIDGE_LONG: bridge,
        Deed.BRIDGE_SHORT: bridge, Deed.SERVICE_LONG: service, Deed.SERVICE_SHORT: service,
    }  # fmt: skip


def _spot(path: Path, deed: Deed, first: int, last: int, rng: np.random.Generator) -> int:
    """Row at which the deed is done; -1 where the way does not lead there."""
    if deed in _spots():
        return _row_near(path, _spots()[deed], _NEAR_SPOT_M)
    return int(first + rng.uniform(0.35, 0.75) * (last - first))


def _row_near(path: Path, point: Floats, within_m: float) -> int:
    away = np.hypot(path.x_m - point[0], path.y_m - point[1])
    row = int(np.argmin(away))
    return row if away[row] <= within_m else -1


def _allowed(path: Path, deed: Deed, span: float, spot: int, rng: np.random.Generator) -> Floats:
    allowed = path.limit_ms * float(rng.uniform(*_CRUISE))
    rows = np.abs(np.arange(len(allowed)) - spot) * STEP_M
    if deed is Deed.SPEED_NEAR:
        allowed = path.limit_ms * span
    elif deed in (Deed.SPEED, Deed.SPEED_20, Deed.SPEED_50):
        allowed = np.where(rows < _FAST_M / 2, path.limit_ms * span, allowed)
    elif deed is Deed.JAM:
        allowed = np.where(rows < _JAM_M / 2, span, allowed)
    return np.asarray(allowed, float)


def _chance_stops(path: Path, last: int, rng: np.random.Generator) -> dict[int, float]:
    """Red lights, and stop and go before the end."""
    red = path.junctions[rng.random(len(path.junctions)) < _RED_LIGHT_SHARE]
    stops = {int(row) - 2: float(rng.uniform(*_RED_LIGHT_S)) for row in red if row > 2}
    queue = [last - int((40 + k * _QUEUE_M) // STEP_M) for k in range(int(rng.integers(0, 6)))]
    return stops | {row: float(rng.uniform(*_QUEUE_S)) for row in queue}


def _apart(wanted: dict[int, float], chance: dict[int, float]) -> dict[int, float]:
    """All stops that are wanted, and those of chance that are no neighbours of another."""
    kept = dict(wanted)
    for row, wait in sorted(chance.items()):
        if all(abs(row - other) > 2 for other in kept):
            kept[row] = wait
    return kept


def _deed_stops(deed: Deed, span: float, spot: int, rng: np.random.Generator) -> dict[int, float]:
    if spot < 0:
        return {}
    if deed is Deed.JAM:
        rows = [spot - 25 + 6 * nth for nth in range(8)]
        return {row: float(rng.uniform(15.0, 55.0)) for row in rows}
    return {spot: span} if deed in _STOPPING else {}


_STOPPING = frozenset(
    {Deed.STOP_LONG, Deed.STOP_SHORT, Deed.BRIDGE_LONG, Deed.BRIDGE_SHORT, Deed.SERVICE_LONG,
     Deed.SERVICE_SHORT, Deed.SCHOOL_LONG, Deed.SCHOOL_SHORT}
)  # fmt: skip


def _second_by_second(path: Path, table: Timetable, departs: float, spot: int, aside_m: float) -> Motion:
    at = np.arange(0.0, np.ceil(table.duration_s))
    along = np.interp(at, table.seconds, table.along_m)
    row = along / STEP_M
    rows = np.arange(len(path.x_m))
    east, north = np.interp(row, rows, path.east), np.interp(row, rows, path.north)
    away = np.maximum(0.0, 1 - np.abs(row - spot) * STEP_M / _FADE_M) * aside_m
    return Motion(
        at=departs + at,
        x_m=np.interp(row, rows, path.x_m) + away * north,
        y_m=np.interp(row, rows, path.y_m) - away * east,
        heading_deg=np.degrees(np.arctan2(east, north)) % 360.0,
        speed_kmh=np.interp(at, table.seconds, table.speed_ms) * 3.6,
        heard=np.ones(len(at), bool),
    )


def _silenced(motion: Motion, deed: Deed, span: float, rng: np.random.Generator) -> Motion:
    """The terminal dies on the move."""
    moving = np.flatnonzero(motion.speed_kmh > 20.0)
    if deed in (Deed.SILENT, Deed.SILENT_SHORT) and len(moving):
        since = motion.at[moving[int(rng.uniform(0.2, 0.6) * len(moving))]]
        motion.heard[(motion.at >= since) & (motion.at < since + span)] = False
    return motion
