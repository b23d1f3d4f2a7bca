"""The benchmark's world: the sample town among as many fences as asked for, and trucks on their routes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import shapely
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from hazmat.clock import to_time
from hazmat.columns import ID_DTYPE
from hazmat.coordinates import to_lonlat, to_metres
from hazmat.geofences import FenceKind, Geofence, Lanes
from hazmat.position import COLUMN_TYPES, Load, Positions
from hazmat.registry import World
from ingest.simulator.world import PLANTS, make_world

# Fences keep their size, however many, and lie in a region of about 77 km x 66 km around the town.
REGION = (121.2, 29.6, 122.0, 30.2)
INTERVAL = timedelta(seconds=10)
_KINDS = (FenceKind.BARRED_AREA, FenceKind.ROAD, FenceKind.PLANT, FenceKind.DESIGNATED_ROAD)
_MEAN_SPEED_MS = 8.0
_NOISE_M = 4.0
_KEEPS_RIGHT_M = 5.6  # the middle of the second lane: trucks keep right
_BREACH_PERCENT = 2  # of the trucks have papers that are not in order: more than in life, for days on end


def world_with(fences: int, vehicles: int, at: datetime) -> World:
    """The sample world with this many fences: cut, or filled up with areas and roads at random places."""
    world = make_world(vehicles, 1, at, days=1, breach_percent=_BREACH_PERCENT)
    own = world.fences[:fences]
    rng = np.random.default_rng(fences)
    more = tuple(_fence(number, rng, at - timedelta(days=30)) for number in range(fences - len(own)))
    return replace(world, fences=(*own, *more))


def _fence(number: int, rng: np.random.Generator, since: datetime) -> Geofence:
    kind = _KINDS[number % len(_KINDS)]
    lon, lat = rng.uniform(REGION[:2], REGION[2:])
    (x,), (y,) = to_metres(np.array([lon]), np.array([lat]))
    area = kind in {FenceKind.BARRED_AREA, FenceKind.PLANT}
    shape = Point(x, y).buffer(rng.uniform(80, 250), quad_segs=4) if area else _road(x, y, rng)
    return Geofence(
        fence_id=f"bench.{number}", kind=kind, name=f"bench {number}", geometry=_lonlat(shape),
        valid_from=since, half_width_m=None if area else 12.0, lanes=None if area else Lanes(count=2),
        speed_limit_kmh=None if area else 60.0,
    )  # fmt: skip


def _road(x: float, y: float, rng: np.random.Generator) -> LineString:
    bearing = np.cumsum(rng.normal(0, 0.3, 8)) + rng.uniform(0, 2 * np.pi)
    step = rng.uniform(100, 400)
    return LineString(
        np.column_stack((x + np.cumsum(step * np.cos(bearing)), y + np.cumsum(step * np.sin(bearing))))
    )


def _lonlat(shape: BaseGeometry) -> BaseGeometry:
    return shapely.transform(shape, lambda c: np.column_stack(to_lonlat(c[:, 0], c[:, 1])))


class Traffic:
    """The trucks of a world, each to and fro on its waybill's route; a report of each every ten seconds."""

    def __init__(self, world: World, seed: int = 1) -> None:
        lines = {
            fence.fence_id: fence.geometry_m() for fence in world.fences if fence.kind is FenceKind.CORRIDOR
        }
        routes = {paper.vehicle_id: paper.route_id for paper in world.waybills}
        owners = [vehicle.vehicle_id for vehicle in world.vehicles if vehicle.vehicle_id in routes]
        rng = self._rng = np.random.default_rng(seed)
        loads_at_plant = {paper.vehicle_id: paper.origin in PLANTS for paper in world.waybills}
        self._ids = np.array(owners, ID_DTYPE)
        self._loaded_there = np.array([not loads_at_plant[owner] for owner in owners], bool)
        self._line = np.array([lines[routes[owner]] for owner in owners], object)
        self._length = shapely.length(self._line)
        self._along = rng.uniform(0, 2 * self._length)
        self._speed = rng.normal(_MEAN_SPEED_MS, 1.0, len(owners)).clip(4.0, 11.0)

    def rounds(self, start: datetime) -> Iterator[Positions]:
        """One report of every truck after the other, without end."""
        at = start
        while True:
            yield self._report(at)
            at += INTERVAL
            self._along += self._speed * INTERVAL.total_seconds()

    def _report(self, at: datetime) -> Positions:
        count = len(self._ids)
        turn = self._along % (2 * self._length)
        there = turn < self._length
        along = np.minimum(turn, 2 * self._length - turn)
        spot, ahead = (shapely.line_interpolate_point(self._line, along + step) for step in (0.0, 1.0))
        x, y = shapely.get_x(spot), shapely.get_y(spot)
        sense = np.where(there, 1.0, -1.0)
        east, north = (shapely.get_x(ahead) - x) * sense, (shapely.get_y(ahead) - y) * sense
        noise = self._rng.normal(0, _NOISE_M, (2, count))
        lon, lat = to_lonlat(x + _KEEPS_RIGHT_M * north + noise[0], y - _KEEPS_RIGHT_M * east + noise[1])
        columns = {name: _blank(name, count) for name in COLUMN_TYPES} | {
            "vehicle_id": self._ids,
            "fix_time": np.full(count, to_time(at)),
            "received_at": np.full(count, to_time(at)),
            "message": np.arange(count),
            "has_fix": np.ones(count, bool),
            "lon": lon,
            "lat": lat,
            "speed_kmh": self._speed * 3.6,
            "heading_deg": np.degrees(np.arctan2(east, north)) % 360.0,
            "accuracy_m": np.full(count, 8.0),
            "load": np.where(there == self._loaded_there, Load.FULL, Load.EMPTY),
        }
        return Positions(**columns)


def _blank(name: str, count: int) -> np.ndarray:
    dtype = COLUMN_TYPES[name]
    return np.full(count, -1 if dtype.kind == "i" else np.nan if dtype.kind == "f" else 0).astype(dtype)
