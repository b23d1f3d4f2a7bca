"""The town of the labelled days: invented, made to hold every place where simple logic goes wrong.

In km east and north of a corner. A trunk road with a tunnel, a roundabout and a service road 20 m beside
it; an expressway with a frontage road of another limit; a bridge, a service area, schools, barred areas close
to designated roads, streets between houses where receivers err. The sample tracks' town stays as it is.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.ops import substring

from hazmat.columns import Floats
from hazmat.coordinates import to_metres
from hazmat.geofences import FenceKind, RoadClass, TunnelCategory
from ingest.simulator.roads import Network, rounded
from ingest.simulator.town import Points, Road

CORNER_LON, CORNER_LAT = 121.35, 29.55
NOTE = "illustrative, not the police's / 示例数据，非公安机关发布"
_EXPRESSWAY = RoadClass.EXPRESSWAY
BESIDE_M = 20.0
ROUNDABOUT, ROUNDABOUT_M = (20.0, 6.3), 40.0

_TRUNK_WEST: Points = ((0, 6), (5, 6.3), (9, 5.6), (12, 5.7), (15, 6.2), (17.5, 6.3), (19.96, 6.3))
ROADS = (
    Road("day.trunk_west", "示例大道西段", _TRUNK_WEST, True, 2, 60, permit=True),
    Road("day.trunk_east", "示例大道东段", ((20.04, 6.3), (22, 6.1), (24, 6.0)), True, 2, 60, permit=True),
    Road("day.north", "示例北环", ((0, 12), (6, 12.3), (12, 12.0), (18, 12.4), (24, 12)), True, 2, 60),
    Road("day.west", "示例西路", ((4, 0.5), (4.1, 4), (3.8, 8), (4, 14)), True, 2, 60),
    Road("day.middle", "示例中路", ((12.6, 0.5), (12.5, 3), (12.8, 6), (12.6, 9), (12.5, 13)), True, 1, 50),
    Road("day.east_south", "示例东路南段", ((19.8, 0.5), (20, 3), (20, 6.26)), True, 2, 60),
    Road("day.east_north", "示例东路北段", ((20, 6.34), (20.1, 9), (20, 13)), True, 2, 60),
    Road("day.express", "示例高速", ((0, 1.5), (8, 2.0), (16, 1.2), (24, 2.0)), True, 3, 80, _EXPRESSWAY),
    Road("day.hill", "示例隧道路", ((9, 5), (8.9, 7), (9.1, 9), (9, 13)), True, 1, 50),
    Road("day.to_north", "北厂进场路（示例）", ((6, 12.0), (6, 13), (6.1, 13.6)), True, 1, 40),
    Road("day.to_upper", "东北厂进场路（示例）", ((16, 12.0), (16, 13), (16.1, 13.6)), True, 1, 40),
    Road("day.to_south", "南厂进场路（示例）", ((10.5, 6.0), (10.5, 4.6), (10.6, 3.9)), True, 1, 40),
    Road("day.to_park", "停车场进场路（示例）", ((14.5, 5.8), (14.5, 7.2), (14.6, 7.6)), True, 1, 30),
    Road("day.street_w", "旁街一（示例）", ((2, 5.5), (2.1, 9), (2, 12.6)), False, 1, 40),
    Road("day.street_m", "旁街二（示例）", ((7, 5.5), (7.1, 9), (7, 12.8)), False, 1, 40),
    Road("day.street_e", "旁街三（示例）", ((17, 0.8), (17.1, 4), (17, 9), (17.2, 12.8)), False, 1, 40),
    Road("day.street_x", "横街（示例）", ((1.5, 9), (7, 9.1), (12, 8.8), (20.5, 9.2)), False, 2, 50),
    Road("day.street_s", "南街（示例）", ((3.5, 4), (8, 4.2), (14, 3.9), (20.5, 4.1)), False, 2, 50),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Zone:
    """A rectangle in km (west, south, east, north) with what its fence says."""

    fence_id: str
    kind: FenceKind
    name: str
    box: tuple[float, float, float, float]
    hours: str | None = None


_K = FenceKind
ZONES = (
    Zone("day.district", _K.DISTRICT, "示例镇", (0.8, 0.9, 23.2, 14.2)),
    Zone("plant.north", _K.PLANT, "北厂（示例）", (5.7, 12.9, 6.4, 13.9)),
    Zone("plant.upper", _K.PLANT, "东北厂（示例）", (15.7, 12.95, 16.4, 13.9)),
    Zone("plant.south", _K.PLANT, "南厂（示例）", (10.2, 3.6, 10.9, 4.75)),
    Zone("park.town", _K.PARKING, "危化品停车场（示例）", (14.2, 7.0, 14.9, 7.8)),
    Zone("barred.old", _K.BARRED_AREA, "老城禁行区（示例）", (6.3, 9.8, 7.8, 11.2)),
    Zone("barred.market", _K.BARRED_AREA, "集市限时区（示例）", (17.6, 8.7, 18.9, 9.6), "07:00-19:00"),
    Zone("site.school", _K.SENSITIVE, "示例小学", (7.15, 7.5, 7.3, 7.7), "06:00-22:00"),
    Zone("site.hospital", _K.SENSITIVE, "示例医院", (2.15, 10.0, 2.35, 10.2)),
    Zone("site.water", _K.SENSITIVE, "示例水源地", (17.2, 6.45, 17.5, 6.6)),
)  # fmt: skip
PLANTS = ("plant.north", "plant.upper", "plant.south")
GATES = {
    "gate.west": (0.0, 6.0), "gate.east": (24.0, 6.0), "gate.northwest": (0.0, 12.0),
    "gate.northeast": (24.0, 12.0), "gate.expresswest": (0.0, 1.5), "gate.expresseast": (24.0, 2.0),
}  # fmt: skip
ENDS = {
    "plant.north": (6.1, 13.6), "plant.upper": (16.1, 13.6), "plant.south": (10.6, 3.9),
    "park.town": (14.6, 7.6), **GATES,
}  # fmt: skip
GATE_M = 320.0


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a road, from km to km of its line, and the fence that lies there (or the road beside it)."""

    fence_id: str
    name: str
    road_id: str
    start_km: float
    end_km: float


TUNNELS = (
    (Part("tunnel.trunk", "示例大道隧道", "day.trunk_west", 7.2, 8.6), TunnelCategory.A),
    (Part("tunnel.hill", "示例山隧道", "day.hill", 4.3, 5.5), TunnelCategory.C),
)
BRIDGE = Part("nostop.bridge", "示例大桥", "day.north", 10.4, 11.0)
CANYONS = (
    Part("canyon.trunk", "", "day.trunk_west", 2.2, 3.6),
    Part("canyon.middle", "", "day.middle", 6.5, 7.7),
    Part("canyon.street", "", "day.street_x", 3.0, 8.0),
)
SERVICE_ROAD = Part("day.service", "示例大道辅路", "day.trunk_west", 15.2, 19.4)
FRONTAGE = Part("day.frontage", "高速辅道（示例）", "day.express", 5.0, 11.0)
FRONTAGE_BESIDE_M = 40.0
SERVICE_AREA = Part("service.express", "示例服务区", "day.express", 13.6, 14.3)
SERVICE_AREA_M = (12.0, 90.0)  # from and to, right of the axis
BARRED_BESIDE = Part("barred.beside", "路旁禁行区（示例）", "day.east_north", 2.6, 4.6)
BARRED_BESIDE_M = (26.0, 500.0)


@cache
def _corner() -> tuple[float, float]:
    x_m, y_m = to_metres(np.array([CORNER_LON]), np.array([CORNER_LAT]))
    return round(float(x_m[0])), round(float(y_m[0]))


def metres(points: Points) -> Floats:
    """(n, 2) metres (EPSG:32651) of points in km from the corner."""
    moved: Floats = np.asarray(points, float) * 1000.0 + np.array(_corner())
    return moved


@cache
def network() -> Network:
    """All roads of the town with their lines in metres; the same each time."""
    plain = [(road, LineString(rounded(metres(road.line)))) for road in ROADS]
    lines = {road.road_id: line for road, line in plain}
    beside = [
        (_beside(SERVICE_ROAD, 1, 40, designated=False), _parallel(lines, SERVICE_ROAD, BESIDE_M)),
        (_beside(FRONTAGE, 1, 60, designated=True), _parallel(lines, FRONTAGE, FRONTAGE_BESIDE_M)),
    ]
    circle = Road("day.roundabout", "示例环岛", (), True, 1, 40)
    return Network((*plain, *beside, (circle, _circle())))


def _beside(part: Part, lanes: int, limit_kmh: float, *, designated: bool) -> Road:
    return Road(part.fence_id, part.name, (), designated, lanes, limit_kmh)


def _parallel(lines: dict[str, LineString], part: Part, away_m: float) -> LineString:
    """To the left of a part of a road, leading into it at both ends."""
    line = lines[part.road_id]
    start_m, end_m = part.start_km * 1000, part.end_km * 1000
    inner = substring(line, start_m + 120, end_m - 120).offset_curve(away_m)
    # the ends cross the road, so that noding finds a junction
    first, last = (shapely.get_coordinates(_across(line, at_m)) for at_m in (start_m, end_m))
    return LineString(np.vstack([first, shapely.get_coordinates(inner), last]))


def _across(line: LineString, at_m: float) -> Point:
    """A point a little right of the road."""
    here, there = line.interpolate(at_m), line.interpolate(at_m + 5.0)
    east, north = (there.x - here.x) / 5.0, (there.y - here.y) / 5.0
    return Point(here.x + 0.5 * north, here.y - 0.5 * east)


def _circle() -> LineString:
    x_m, y_m = metres((ROUNDABOUT,))[0]
    angle = np.radians(np.arange(0.0, 361.0, 15.0))
    return LineString(
        np.column_stack([x_m + ROUNDABOUT_M * np.cos(angle), y_m + ROUNDABOUT_M * np.sin(angle)])
    )


def part_m(part: Part) -> LineString:
    """A part of a road's line in metres."""
    return substring(network().lines[part.road_id], part.start_km * 1000, part.end_km * 1000)


def strip_m(part: Part, beside_m: tuple[float, float]) -> Polygon:
    """The strip right of a part of a road, from so many metres of its axis to so many."""
    near, far = (part_m(part).offset_curve(-away) for away in beside_m)
    return Polygon(np.vstack([shapely.get_coordinates(near), shapely.get_coordinates(far)[::-1]]))


@cache
def canyons() -> Polygon:
    """Where houses stand so close that receivers err by far more than they say."""
    shape = shapely.union_all([part_m(part).buffer(60) for part in CANYONS])
    shapely.prepare(shape)
    return shape


@cache
def dark() -> Polygon:
    """Where no receiver sees the sky: the tunnels."""
    shape = shapely.union_all([part_m(part).buffer(30) for part, _ in TUNNELS])
    shapely.prepare(shape)
    return shape
