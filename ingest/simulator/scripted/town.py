"""The scripted town: straight roads and square areas, in metres east and north of its south-west corner.

Invented, and 60 km from the town of the simulated fleet: whoever writes a case can see from its numbers
alone where a truck is. The district spans 2000 to 18000 both ways; what lies outside it is no designated
road's business.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString, box
from shapely.geometry.base import BaseGeometry

from hazmat.clock import SHANGHAI
from hazmat.columns import Floats
from hazmat.coordinates import to_lonlat, to_metres
from hazmat.geofences import FenceKind, Geofence, Lanes, RoadClass, TunnelCategory
from hazmat.schedule import Holidays, Schedule

NOTE = "illustrative, not the police's / 示例数据，非公安机关发布"
CORNER_LON, CORNER_LAT = 121.0, 29.5
SINCE = datetime(2025, 1, 1, tzinfo=SHANGHAI)
LANE_M = 3.75
SHOULDER_M = 5.0


@dataclass(frozen=True, slots=True)
class Road:
    """A road by its line in metres; trucks keep to the rightmost lane, which is the designated one."""

    road_id: str
    name: str
    points: tuple[tuple[float, float], ...]
    lanes: int = 1
    designated: bool = True
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def line(self) -> LineString:
        """Its middle, between the two directions."""
        return LineString(self.points)

    @property
    def half_width_m(self) -> float:
        """From the middle to beyond the hard shoulder."""
        return self.lanes * LANE_M + SHOULDER_M

    def lane_m(self, lane: int = 0) -> float:
        """How far right of the middle a lane runs, counted from the left; 0: the rightmost."""
        return ((lane or self.lanes) - 0.5) * LANE_M


_EXPRESSWAY = {"road_class": RoadClass.EXPRESSWAY}
ROADS = (
    Road("trunk", "镇中大道（示例）", ((0, 10000), (20000, 10000)), 3, more={"speed_limit_kmh": 60.0}),
    Road("street", "北街（示例）", ((0, 11500), (20000, 11500)), 2),
    Road("north", "北环路（示例）", ((0, 14000), (20000, 14000)), 2),
    Road("harbour", "港口路（示例）", ((14000, 10000), (14000, 17500)), 2, more={"permit_required": True}),
    Road("fork", "南岔路（示例）", ((8000, 10000), (12000, 9600))),
    Road("spur.a", "甲厂进场路（示例）", ((4000, 10000), (4000, 11000))),
    Road("spur.b", "乙厂进场路（示例）", ((16000, 10000), (16000, 11000))),
    Road("spur.park", "停车场进场路（示例）", ((10000, 10000), (10000, 11000))),
    Road("side", "旁街（示例）", ((6000, 2000), (6000, 18000)), designated=False,
         more={"speed_limit_kmh": 40.0}),
    Road("service", "辅路（示例）", ((2500, 10045), (17500, 10045)), designated=False,
         more={"speed_limit_kmh": 40.0}),
    Road("expressway", "沿海高速（示例）", ((0, 1000), (20000, 1000)), 3, designated=False, more=_EXPRESSWAY),
    Road("slow_expressway", "高速限速段（示例）", ((0, 600), (20000, 600)), 3, designated=False,
         more={**_EXPRESSWAY, "speed_limit_kmh": 60.0}),
    Road("county", "县道（示例）", ((0, 19000), (20000, 19000)), 2, designated=False),
    Road("fast", "快速路（示例）", ((0, 19500), (20000, 19500)), 2, designated=False,
         more={"speed_limit_kmh": 90.0}),
)  # fmt: skip
ROADS_BY_ID = {road.road_id: road for road in ROADS}


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle: west, south, east, north in metres."""

    area_id: str
    kind: FenceKind
    name: str
    west: float
    south: float
    east: float
    north: float
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def shape(self) -> BaseGeometry:
        """In metres from the corner."""
        return box(self.west, self.south, self.east, self.north)


_K = FenceKind
_TUNNEL_D = {"tunnel_category": TunnelCategory.D}
AREAS = (
    Area("district", _K.DISTRICT, "示例镇", 2000, 2000, 18000, 18000),
    Area("plant.a", _K.PLANT, "甲化工厂（示例）", 3800, 10300, 4200, 10900),
    Area("plant.b", _K.PLANT, "乙化工厂（示例）", 15800, 10300, 16200, 10900),
    Area("park.main", _K.PARKING, "危化品停车场（示例）", 9800, 10300, 10200, 10900, {"capacity": 3}),
    Area("service_area", _K.SERVICE_AREA, "服务区（示例）", 12500, 9850, 12900, 9960),
    Area("bridge", _K.NO_STOP, "大桥（示例）", 13200, 9950, 13500, 10050),
    Area("school", _K.SENSITIVE, "示例小学", 5000, 11600, 5200, 11800,
         {"schedule": Schedule.parse("07:00-17:00", (1, 2, 3, 4, 5))}),
    Area("barred.old_town", _K.BARRED_AREA, "老城禁行区（示例）", 7000, 11200, 8000, 12000),
    Area("barred.market", _K.BARRED_AREA, "集市限时区（示例）", 9000, 11400, 9400, 11600,
         {"schedule": Schedule.parse("07:00-09:00")}),
    Area("barred.gas", _K.BARRED_AREA, "禁运毒气区（示例）", 11000, 11400, 11400, 11600,
         {"hazard_classes": ("2.1", "2.3")}),
    Area("barred.night", _K.BARRED_AREA, "夜间禁行区（示例）", 13000, 11400, 13400, 11600,
         {"schedule": Schedule.parse("22:00-06:00")}),
    Area("barred.weekend", _K.BARRED_AREA, "周末禁行区（示例）", 15000, 11400, 15400, 11600,
         {"schedule": Schedule.parse(None, (6, 7))}),
    Area("barred.workday", _K.BARRED_AREA, "节假日除外禁行区（示例）", 16500, 11400, 16900, 11600,
         {"schedule": Schedule.parse(None, (1, 2, 3, 4, 5), Holidays.NOT)}),
    Area("barred.narrow", _K.BARRED_AREA, "窄禁行带（示例）", 17300, 11400, 17360, 11600),
    Area("tunnel.barred", _K.TUNNEL, "东山隧道（示例）", 8000, 13950, 9000, 14050, _TUNNEL_D),
    Area("tunnel.open", _K.TUNNEL, "西山隧道（示例）", 12000, 13950, 15500, 14050,
         {"tunnel_category": TunnelCategory.A}),
)  # fmt: skip
CORRIDORS = (
    Road("route.trunk", "镇中大道线（示例）", ((0, 10000), (20000, 10000))),
    Road("route.bent", "折线路线（示例）", ((0, 10000), (14000, 10000), (14000, 17000))),
)
CORRIDOR_HALF_WIDTH_M = {"route.trunk": 200.0, "route.bent": 50.0}


def lonlat(x_m: Floats, y_m: Floats) -> tuple[Floats, Floats]:
    """WGS-84 degrees of metres from the corner."""
    east, north = _corner()
    return to_lonlat(np.asarray(x_m, float) + east, np.asarray(y_m, float) + north)


@cache
def _corner() -> tuple[float, float]:
    x_m, y_m = to_metres(np.array([CORNER_LON]), np.array([CORNER_LAT]))
    return round(float(x_m[0])), round(float(y_m[0]))


@cache
def town_fences() -> tuple[Geofence, ...]:
    """All fences of the scripted town, WGS-84, valid since 2025."""
    areas = [_fence(a.area_id, a.kind, a.name, a.shape, **a.more) for a in AREAS]
    corridors = [
        _fence(r.road_id, _K.CORRIDOR, r.name, r.line, half_width_m=CORRIDOR_HALF_WIDTH_M[r.road_id])
        for r in CORRIDORS
    ]
    return (*areas, *map(_road, ROADS), *corridors)


def _road(road: Road) -> Geofence:
    kind = _K.DESIGNATED_ROAD if road.designated else _K.ROAD
    lanes = Lanes(count=road.lanes, width_m=LANE_M, designated=road.lanes if road.designated else 0)
    width = road.half_width_m
    return _fence(road.road_id, kind, road.name, road.line, half_width_m=width, lanes=lanes, **road.more)


def _fence(fence_id: str, kind: FenceKind, name: str, shape_m: BaseGeometry, **more: Any) -> Geofence:
    shape = shapely.transform(shape_m, lambda c: np.round(np.column_stack(lonlat(c[:, 0], c[:, 1])), 7))
    return Geofence(fence_id=fence_id, kind=kind, name=name, geometry=shape, valid_from=SINCE, **more)
