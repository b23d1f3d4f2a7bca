"""The fences of the labelled days' town, WGS-84, and a corridor for each way that a waybill may name."""

from datetime import datetime
from functools import cache

import numpy as np
import shapely
from shapely.geometry import LineString, Point, box
from shapely.geometry.base import BaseGeometry

from hazmat.clock import SHANGHAI
from hazmat.columns import Floats
from hazmat.coordinates import to_lonlat
from hazmat.geofences import FenceKind, Geofence, Lanes
from hazmat.schedule import Schedule
from ingest.simulator import day_town as town
from ingest.simulator.day_drivers import tasks
from ingest.simulator.day_ways import clean_way
from ingest.simulator.roads import line_of
from ingest.simulator.town import Road
from ingest.simulator.world import LANE_M, half_width_m

SINCE = datetime(2025, 1, 1, tzinfo=SHANGHAI)
CORRIDOR_HALF_WIDTH_M = 60.0
_DECK_M = 60.0  # either side of the axis: nobody stands beside a bridge
_PORTAL_M = 25.0


@cache
def day_fences() -> tuple[Geofence, ...]:
    """All fences, valid since 2025."""
    zones = [_zone(zone) for zone in town.ZONES]
    gates = [_gate(gate, town.metres((at,))[0]) for gate, at in town.GATES.items()]
    roads = [_road(road, line) for road, line in town.network().roads]
    ways = [pair for base, plant in tasks() for pair in ((base, plant), (plant, base))]
    return (*zones, *gates, *_parts(), *roads, *(_corridor(*way) for way in ways))


def route_id(start: str, end: str) -> str:
    """Corridor from one place to another, in the sense of the trip."""
    return f"way.{start.split('.')[1]}.{end.split('.')[1]}"


def _fence(fence_id: str, kind: FenceKind, name: str, shape_m: BaseGeometry, **rest: object) -> Geofence:
    shape = shapely.transform(shape_m, lambda c: np.round(np.column_stack(to_lonlat(c[:, 0], c[:, 1])), 7))
    return Geofence(fence_id=fence_id, kind=kind, name=name, geometry=shape, valid_from=SINCE, **rest)  # type: ignore[arg-type]


def _gate(gate_id: str, at_m: Floats) -> Geofence:
    return _fence(gate_id, FenceKind.PARKING, "卡口外停车场（示例）", Point(at_m).buffer(town.GATE_M, 4))


def _zone(zone: town.Zone) -> Geofence:
    west, south, east, north = zone.box
    corners = town.metres(((west, south), (east, north)))
    shape = box(*corners[0], *corners[1])
    return _fence(zone.fence_id, zone.kind, zone.name, shape, schedule=Schedule.parse(zone.hours))


def _parts() -> list[Geofence]:
    """Tunnels, the bridge, the service area, and the barred area that begins beside a designated road."""
    tunnels = [
        _part(part, FenceKind.TUNNEL, _band(part, _PORTAL_M), tunnel_category=category)
        for part, category in town.TUNNELS
    ]
    service = town.strip_m(town.SERVICE_AREA, town.SERVICE_AREA_M)
    barred = town.strip_m(town.BARRED_BESIDE, town.BARRED_BESIDE_M)
    return [
        *tunnels,
        _part(town.BRIDGE, FenceKind.NO_STOP, _band(town.BRIDGE, _DECK_M)),
        _part(town.SERVICE_AREA, FenceKind.SERVICE_AREA, service),
        _part(town.BARRED_BESIDE, FenceKind.BARRED_AREA, barred),
    ]


def _part(part: town.Part, kind: FenceKind, shape_m: BaseGeometry, **rest: object) -> Geofence:
    return _fence(part.fence_id, kind, part.name, shape_m, **rest)


def _band(part: town.Part, half_m: float) -> BaseGeometry:
    return town.part_m(part).buffer(half_m, cap_style="flat")


def _road(road: Road, line: LineString) -> Geofence:
    kind = FenceKind.DESIGNATED_ROAD if road.designated else FenceKind.ROAD
    lanes = Lanes(count=road.lanes, width_m=LANE_M, designated=road.lanes if road.designated else 0)
    return _fence(
        road.road_id, kind, road.name, line.simplify(0.2), half_width_m=half_width_m(road), lanes=lanes,
        road_class=road.road_class, speed_limit_kmh=road.limit_kmh, permit_required=road.permit,
    )  # fmt: skip


def _corridor(start: str, end: str) -> Geofence:
    line = line_of(clean_way(start, end)).simplify(1.0)
    name = f"{start}—{end}"
    return _fence(route_id(start, end), FenceKind.CORRIDOR, name, line, half_width_m=CORRIDOR_HALF_WIDTH_M)
