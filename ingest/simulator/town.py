"""The illustrative town: where its roads and areas lie, in km east and north of its origin.

Shaped after the coast of Zhenhai, but invented: no line here is a road, an area or a notice of the police.
"""

from dataclasses import dataclass

from hazmat.geofences import FenceKind, RoadClass

Points = tuple[tuple[float, float], ...]

ORIGIN_LON, ORIGIN_LAT = 121.623, 29.986
NOTE = "illustrative, not the police's / 示例数据，非公安机关发布"


@dataclass(frozen=True, slots=True)
class Road:
    """A road: its line, lanes in each direction and what a tanker may drive on it."""

    road_id: str
    name: str
    line: Points
    designated: bool
    lanes: int
    limit_kmh: float
    road_class: RoadClass = RoadClass.OTHER
    permit: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """An area with its hours (None: always)."""

    area_id: str
    kind: FenceKind
    name: str
    ring: Points
    hours: str | None = None


_EXPRESSWAY = RoadClass.EXPRESSWAY

TRUNKS = (
    Road("road.haitian", "海天路（示例）",
         ((-16.9, 8.2), (-12.3, 7.3), (-7.6, 5.9), (-4.5, 4.4), (-2.1, 3.1), (-0.2, 2.0), (3.1, -0.6),
          (5.6, -2.6), (6.31, -3.22)), True, 3, 60, permit=True),
    Road("road.xiongzhen", "雄镇路（示例）",
         ((-12.2, -9.3), (-7.0, -6.4), (-3.9, -5.1), (-0.65, -4.2), (3.3, -3.6), (6.33, -3.2)),
         True, 2, 60, permit=True),
    Road("road.beihuan", "北环快速路（示例）",
         ((-2.09, 3.12), (-2.5, 1.5), (-3.0, -0.5), (-4.25, -5.35), (-5.25, -9.5)), True, 3, 60, permit=True),
    Road("road.ring", "绕城高速（示例）",
         ((-16.9, -3.5), (-12.9, -0.5), (-10.0, 0.8), (-5.8, 1.7), (-3.9, 1.6), (-2.0, 1.3), (0.3, 0.0),
          (3.3, -2.9), (4.5, -5.0), (5.6, -9.5)), True, 3, 80, _EXPRESSWAY),
)  # fmt: skip

# The first kilometre off a trunk road; the last stretch of each lies within its plant.
LAST_MILES = (
    Road(
        "road.a", "园区A进场路（示例）", ((-1.42, 2.69), (-1.1, 3.3), (-1.5, 4.3), (-2.2, 5.3)), True, 1, 40
    ),
    Road("road.b", "园区B进场路（示例）", ((0.99, 1.03), (1.4, 1.7), (2.4, 2.3)), True, 1, 40),
    Road(
        "road.wharf", "码头进场路（示例）", ((2.99, -0.54), (4.2, 0.1), (5.4, 0.1), (6.2, -0.5)), True, 1, 40
    ),
    Road("road.south", "南厂进场路（示例）", ((-8.6, -7.31), (-8.9, -6.3), (-9.0, -5.4)), True, 1, 40),
    Road("road.parking", "停车场进场路（示例）", ((-4.28, 4.29), (-4.6, 3.5), (-4.7, 3.0)), True, 1, 30),
)

OTHER_ROADS = (
    Road("road.bay", "杭州湾环线（示例）",
         ((-16.9, -6.2), (-14.6, -5.5), (-10.9, -4.4), (-8.4, -3.7), (-6.2, -2.6), (-3.6, -1.0), (-1.6, 0.2),
          (0.3, 1.3), (0.72, 1.31)), False, 2, 80, _EXPRESSWAY),
    Road("road.oldtown", "老城街（示例）", ((6.28, -3.21), (7.0, -3.6), (8.0, -4.0), (9.3, -4.6)),
         False, 1, 40),
)  # fmt: skip

DISTRICT = Area("district", FenceKind.DISTRICT, "镇海（示例）辖区",
    ((-14.8, 9.2), (-8.0, 8.9), (-4.2, 8.4), (-2.5, 7.4), (0.5, 5.2), (4.2, 2.5), (6.5, 0.7), (8.6, -1.5),
     (10.3, -3.2), (10.0, -5.6), (7.4, -7.3), (2.0, -7.8), (-4.0, -8.0), (-9.5, -7.9), (-14.6, -7.6),
     (-15.3, -2.0)))  # fmt: skip

PLANTS = (
    Area("plant.a", FenceKind.PLANT, "石化园区A区（示例）",
         ((-4.1, 6.7), (-2.5, 6.2), (-1.4, 5.6), (-0.1, 4.1), (-1.1, 3.6), (-2.7, 4.1), (-3.5, 5.3))),
    Area("plant.b", FenceKind.PLANT, "石化园区B区（示例）",
         ((0.0, 3.9), (3.4, 2.8), (3.55, 1.45), (2.9, 0.75), (1.3, 1.3), (-0.55, 2.7))),
    Area("plant.wharf", FenceKind.PLANT, "液体化工码头（示例）",
         ((4.6, 0.8), (5.4, 1.0), (7.5, -0.8), (6.7, -1.3), (4.5, -0.2))),
    Area("plant.south", FenceKind.PLANT, "南部精细化工厂（示例）",
         ((-9.6, -6.2), (-8.4, -6.3), (-8.2, -5.2), (-8.8, -4.9), (-9.7, -5.1))),
)  # fmt: skip

PARKINGS = (
    Area("parking.hazmat", FenceKind.PARKING, "危化品停车场（示例）",
         ((-5.1, 3.5), (-4.5, 3.6), (-4.2, 3.2), (-4.4, 2.8), (-5.0, 2.8))),
)  # fmt: skip

BARRED = (
    Area("barred.oldtown", FenceKind.BARRED_AREA, "禁行区·老城居住区（示例）",
         ((6.8, -3.3), (7.2, -2.8), (8.1, -3.1), (8.9, -3.7), (9.5, -4.5), (8.4, -5.2), (7.2, -4.9))),
    Area("barred.school", FenceKind.BARRED_AREA, "禁行区·学校医院片区（示例）",
         ((-7.6, -1.95), (-6.5, -2.2), (-5.6, -3.2), (-5.7, -4.1), (-6.4, -4.2), (-6.9, -5.0), (-7.9, -3.8),
          (-8.3, -2.3))),
    Area("barred.townhall", FenceKind.BARRED_AREA, "限时区·镇政府（示例）",
         ((-1.65, -5.2), (-0.6, -5.1), (0.2, -5.7), (0.65, -6.6), (0.3, -7.2), (-0.55, -7.3), (-1.2, -6.9),
          (-2.0, -5.9)), hours="07:00-19:00"),
)  # fmt: skip

# Beyond the district's edge, where trunk roads come in: id, name, the end of the road.
GATES = (
    ("gate.west", "西卡口外停车场（示例）", (-16.9, 8.2)),
    ("gate.southwest", "西南卡口外停车场（示例）", (-12.2, -9.3)),
    ("gate.south", "南卡口外停车场（示例）", (-5.25, -9.5)),
    ("gate.ringwest", "绕城西卡口外停车场（示例）", (-16.9, -3.5)),
    ("gate.ringeast", "绕城东卡口外停车场（示例）", (5.6, -9.5)),
)

BRIDGE = (
    "nostop.bridge",
    "中河大桥（示例）",
    "road.beihuan",
    3.6,
    4.1,
)  # from km to km along the road's line

_BEARING_DEG = -25.0  # of the ordinary grid, along the coast
GRID_ALONG_KM = (-6.9, -5.5, -4.2, -2.9, -1.5, -0.2, 1.2, 2.5, 3.9, 5.3, 6.6)
GRID_ACROSS_KM = (-14.5, -12.6, -10.8, -8.9, -7.2, -5.6, -3.9, -2.3, -0.5, 1.4, 3.3, 5.1, 7.0, 8.8)
GRID_BEARING_DEG = _BEARING_DEG
