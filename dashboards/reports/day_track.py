"""A day's track in figures: distance, driving time, stops, what it touched. Whole columns; no screens."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import shapely

from dashboards.live.roads import shape_m
from hazmat.clock import from_time, seconds_between
from hazmat.columns import Floats, Mask, Rows, Times
from hazmat.coordinates import to_metres

STOP_S = 300.0  # a stop is told if it lasts longer
GAP_S = 300.0  # a hole in the track: nothing is said about what happened in it
STANDING_KMH = 3.0
_DRIFT_M = 100.0  # a standing terminal may seem to wander so far


@dataclass(frozen=True, slots=True, eq=False)
class DayTrack:
    """A vehicle's located fixes, oldest first; speed NaN where it is not known."""

    fix_time: Times
    lon: Floats
    lat: Floats
    speed_kmh: Floats

    def __len__(self) -> int:
        return len(self.lon)

    def steps(self) -> tuple[Floats, Floats]:
        """Return seconds and metres from each fix to the next; one less than fixes."""
        x_m, y_m = to_metres(self.lon, self.lat)
        return seconds_between(self.fix_time[:-1], self.fix_time[1:]), np.hypot(np.diff(x_m), np.diff(y_m))


@dataclass(frozen=True, slots=True)
class DayFigures:
    """Of the parts without holes: ``distance_km``, ``driving``; ``gaps`` is how many holes, ``lost`` their
    time together. ``max_speed_kmh`` NaN: no speed was reported."""

    fixes: int
    first: datetime
    last: datetime
    distance_km: float
    driving: timedelta
    max_speed_kmh: float
    gaps: int
    lost: timedelta


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a vehicle stood for more than ``STOP_S``."""

    start: datetime
    end: datetime
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Touched:
    """A fence in which fixes lie: since when first, how long in all."""

    name: str
    kind: str
    first: datetime
    spent: timedelta


def figures(track: DayTrack) -> DayFigures:
    """Return a track's figures; it has at least one fix."""
    seconds, metres = track.steps()
    seen = seconds <= GAP_S
    moving = seen & (metres > STANDING_KMH / 3.6 * seconds)
    known = track.speed_kmh[np.isfinite(track.speed_kmh)]
    return DayFigures(
        fixes=len(track),
        first=from_time(track.fix_time[0]),
        last=from_time(track.fix_time[-1]),
        distance_km=float(metres[moving].sum() / 1000),
        driving=timedelta(seconds=float(seconds[moving].sum())),
        max_speed_kmh=float(known.max()) if len(known) else float("nan"),
        gaps=int((~seen).sum()),
        lost=timedelta(seconds=float(seconds[~seen].sum())),
    )


def stops(track: DayTrack) -> list[Stop]:
    """Return the stops, in order: slow fixes that stay in one place, holes in which it stayed included."""
    slow = ~(track.speed_kmh > STANDING_KMH)
    _, metres = track.steps()
    joined = slow[:-1] & slow[1:] & (metres < _DRIFT_M)
    found = []
    for start, end in _runs(joined):  # few: a handful a day
        begun, over = from_time(track.fix_time[start]), from_time(track.fix_time[end])
        if (over - begun).total_seconds() > STOP_S:
            lon, lat = np.median(track.lon[start : end + 1]), np.median(track.lat[start : end + 1])
            found.append(Stop(begun, over, float(lon), float(lat)))
    return found


def _runs(joined: Mask) -> list[tuple[int, int]]:
    """First and last fix of each run of joined fixes."""
    edges = np.flatnonzero(np.diff(np.r_[False, joined, False]))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def touched(track: DayTrack, fences: str, kinds: frozenset[str]) -> list[Touched]:
    """Return the fences of these kinds (GeoJSON text) that the track was in, in order of the first fix."""
    features = [f for f in json.loads(fences)["features"] if f["properties"]["kind"] in kinds]
    tree = shapely.STRtree([shape_m(feature) for feature in features])
    points = shapely.points(*to_metres(track.lon, track.lat))
    fix, fence = tree.query(points, predicate="intersects")
    seconds, _ = track.steps()
    worth = np.append(np.where(seconds <= GAP_S, seconds, 0.0), 0.0)
    found = [
        _touched(track, features[row]["properties"], fix[fence == row], worth) for row in np.unique(fence)
    ]
    return sorted(found, key=lambda each: each.first)


def _touched(track: DayTrack, fence: dict[str, str], fixes: Rows, worth: Floats) -> Touched:
    spent = timedelta(seconds=float(worth[fixes].sum()))
    return Touched(fence["name"], fence["kind"], from_time(track.fix_time[fixes].min()), spent)
