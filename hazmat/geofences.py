"""Geofences: areas, corridors and roads with lanes, each with its hours, weekdays, classes and validity."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from hazmat.coordinates import to_metres
from hazmat.schedule import Schedule


class FenceKind(StrEnum):
    """What a fence is for. The last three are lines with a width, the others areas."""

    DISTRICT = "district"  # 辖区: its edge opens and closes journeys
    BARRED_AREA = "barred_area"  # 禁行区 / 限时区: not to be entered in its hours without a permit naming it
    PLANT = "plant"  # 化工园区, 装卸点: loading and unloading; stopping is allowed
    PARKING = "parking"  # 危化品停车场: stopping is allowed
    SERVICE_AREA = "service_area"  # 服务区: a rest is allowed, not a long one
    NO_STOP = "no_stop"  # 禁停区段: bridge, tunnel, bend
    TUNNEL = "tunnel"  # 隧道、特大桥: barred by tunnel category; a tunnel hides the sky
    SENSITIVE = "sensitive"  # 敏感点: school, hospital, water source
    ROAD = "road"  # 道路: for its speed limit
    DESIGNATED_ROAD = "designated_road"  # 指定道路, with lanes
    CORRIDOR = "corridor"  # 路线走廊 of a waybill


LINE_KINDS = frozenset({FenceKind.ROAD, FenceKind.DESIGNATED_ROAD, FenceKind.CORRIDOR})
STOP_KINDS = frozenset({FenceKind.PLANT, FenceKind.PARKING, FenceKind.SERVICE_AREA})


class RoadClass(StrEnum):
    """Class of road as 危险货物道路运输安全管理办法 §46 tells them apart."""

    EXPRESSWAY = "expressway"
    OTHER = "other"


class TunnelCategory(StrEnum):
    """Restriction category of a tunnel or bridge (ADR 1.9.5.2): A bars nothing, E nearly all."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"


class Direction(StrEnum):
    """In which sense of its line a road may be used."""

    FORWARD = "forward"
    BACKWARD = "backward"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """Lanes of a designated road in one direction, counted from the left (1) in the sense of travel."""

    count: int
    width_m: float = 3.75
    designated: int = 0  # 0: any lane


@dataclass(frozen=True, slots=True, kw_only=True)
class Geofence:
    """One version of a fence. ``geometry`` is WGS-84 (lon, lat): a polygon, or a line with ``half_width_m``.

    ``hazard_classes`` empty means all; ``loaded_only``: empty vehicles may pass; ``permit_required``: only
    with a permit that names the fence. ``valid_to`` is exclusive, None is for ever. ``capacity`` of a park,
    in vehicles.
    """

    fence_id: str
    kind: FenceKind
    name: str
    geometry: BaseGeometry
    valid_from: datetime
    valid_to: datetime | None = None
    schedule: Schedule = field(default_factory=Schedule)
    hazard_classes: tuple[str, ...] = ()
    loaded_only: bool = False
    permit_required: bool = False
    half_width_m: float | None = None
    lanes: Lanes | None = None
    direction: Direction = Direction.BOTH
    road_class: RoadClass = RoadClass.OTHER
    speed_limit_kmh: float | None = None
    tunnel_category: TunnelCategory | None = None
    capacity: int | None = None

    @property
    def is_line(self) -> bool:
        """Whether the fence is a line with a width."""
        return self.kind in LINE_KINDS

    def geometry_m(self) -> BaseGeometry:
        """The geometry in metres (EPSG:32651)."""
        return shapely.transform(self.geometry, lambda c: np.column_stack(to_metres(c[:, 0], c[:, 1])))
