"""The illustrative town as fences, and a fleet with waybills and permits that are in order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from hazmat.clock import SHANGHAI
from hazmat.columns import ID_DTYPE
from hazmat.coordinates import to_lonlat
from hazmat.documents import Permit, PermitKind, Vehicle, Waybill
from hazmat.geofences import FenceKind, Geofence, Lanes
from hazmat.goods import find_goods
from hazmat.partition import stable_hash
from hazmat.registry import World
from hazmat.rule_settings import RuleSetting
from hazmat.schedule import Schedule
from ingest.simulator import town
from ingest.simulator.breaches import some_breaches, spoil
from ingest.simulator.goods import CARRIERS, CONSIGNORS, FAMILY_NAMES, GIVEN_NAMES, GOODS
from ingest.simulator.roads import area_m, clean_way, line_of, metres, network
from ingest.simulator.town import Area, Road

LANE_M = 3.75
CORRIDOR_HALF_WIDTH_M = 60.0
PERMIT_ROADS = tuple(road.road_id for road in town.TRUNKS if road.permit)
PLANTS = tuple(plant.area_id for plant in town.PLANTS)
BASES = (*(gate_id for gate_id, _, _ in town.GATES), *(lot.area_id for lot in town.PARKINGS))
_SINCE = datetime(2025, 1, 1, tzinfo=SHANGHAI)
_HOUR = timedelta(hours=1)
# The fleet has one waybill a day for all its trips, so this rule would tell of every truck.
SETTINGS = (RuleSetting(rule_id="waybill_reused", valid_from=_SINCE, enabled=False, note="示例车队每天一单"),)
_PERMIT_DAYS = 30  # beyond its waybills': a permit that ends within days is a case of its own


@dataclass(frozen=True, slots=True)
class Task:
    """What a vehicle does all day: base to plant and back, loaded one way; ``goods`` is a row of GOODS."""

    base: str
    plant: str
    loads_at_plant: bool
    goods: int

    @property
    def route_id(self) -> str:
        """Corridor of its waybills."""
        return route_id(self.base, self.plant)


def task_of(vehicle_id: str) -> Task:
    """The task of a vehicle: follows from its id alone, so that documents and motion agree."""
    bits = int(stable_hash(np.array([vehicle_id], ID_DTYPE))[0]) >> 8
    bits, base = divmod(bits, len(BASES))
    bits, plant = divmod(bits, len(PLANTS))
    bits, goods = divmod(bits, len(GOODS))
    return Task(BASES[base], PLANTS[plant], bits % 3 > 0, goods)


def route_id(base: str, plant: str) -> str:
    """Id of the corridor between two places."""
    return f"route.{base.removeprefix('gate.')}.{plant.removeprefix('plant.')}"


def make_world(vehicles: int, seed: int, at: datetime, days: int = 7, breach_percent: int = 12) -> World:
    """The town with this many vehicles; their papers are valid from 12 h before ``at`` for ``days``.

    The papers of a few are spoiled, so that a demo has something to show: ``breach_percent`` as in
    ``some_breaches``, which the simulator asks too; 0 for a world in order.
    """
    rng = np.random.default_rng([seed, 1])
    fleet = tuple(_vehicle(plate, rng) for plate in _plates(vehicles, rng))
    waybills = tuple(w for vehicle in fleet for w in _waybills(vehicle, at - 12 * _HOUR, days, rng))
    permits = tuple(p for n, v in enumerate(fleet, 1401) for p in _permits(n, v, at - 12 * _HOUR, days))
    world = World(
        vehicles=fleet, waybills=waybills, permits=permits, fences=town_fences(), rule_settings=SETTINGS
    )
    return spoil(world, some_breaches([vehicle.vehicle_id for vehicle in fleet], at, breach_percent))


@cache
def town_fences() -> tuple[Geofence, ...]:
    """All fences of the town, WGS-84, valid since 2025."""
    areas = (town.DISTRICT, *town.PLANTS, *town.PARKINGS, *town.BARRED)
    ends = [_fence(gate_id, FenceKind.PARKING, name, _gate_m(point)) for gate_id, name, point in town.GATES]
    corridors = [_corridor(base, plant) for base in BASES for plant in PLANTS]
    roads = [_road(road, line) for road, line in network().roads]
    return (*map(_area, areas), *ends, _bridge(), *roads, *corridors)


def _fence(fence_id: str, kind: FenceKind, name: str, shape_m: BaseGeometry, **rest: object) -> Geofence:
    shape = shapely.transform(shape_m, lambda c: np.round(np.column_stack(to_lonlat(c[:, 0], c[:, 1])), 7))
    return Geofence(fence_id=fence_id, kind=kind, name=name, geometry=shape, valid_from=_SINCE, **rest)  # type: ignore[arg-type]


def _area(area: Area) -> Geofence:
    return _fence(area.area_id, area.kind, area.name, area_m(area), schedule=Schedule.parse(area.hours))


def _gate_m(point: tuple[float, float]) -> Polygon:
    return Point(metres((point,))[0]).buffer(320, quad_segs=3)


def _bridge() -> Geofence:
    fence_id, name, road_id, start_km, end_km = town.BRIDGE
    deck = substring(network().lines[road_id], start_km * 1000, end_km * 1000).buffer(25, cap_style="flat")
    return _fence(fence_id, FenceKind.NO_STOP, name, deck.simplify(0.5))


def _road(road: Road, line: LineString) -> Geofence:
    kind = FenceKind.DESIGNATED_ROAD if road.designated else FenceKind.ROAD
    lanes = Lanes(count=road.lanes, width_m=LANE_M, designated=road.lanes if road.designated else 0)
    return _fence(
        road.road_id, kind, road.name, line.simplify(0.2), half_width_m=half_width_m(road), lanes=lanes,
        road_class=road.road_class, speed_limit_kmh=road.limit_kmh, permit_required=road.permit,
    )  # fmt: skip


def half_width_m(road: Road) -> float:
    """From the middle of a road with lanes both ways to beyond its hard shoulder."""
    return road.lanes * LANE_M + 5.0


def _corridor(base: str, plant: str) -> Geofence:
    names = {a.area_id: a.name for a in (*town.PLANTS, *town.PARKINGS)} | {
        i: name for i, name, _ in town.GATES
    }
    line = line_of(clean_way(base, plant)).simplify(1.0)
    name = f"{names[base]}—{names[plant]}"
    return _fence(route_id(base, plant), FenceKind.CORRIDOR, name, line, half_width_m=CORRIDOR_HALF_WIDTH_M)


def _plates(count: int, rng: np.random.Generator) -> list[str]:
    numbers = rng.choice(20 * 10_000, size=count, replace=False)
    return [f"浙B{'ABCDEFGHJKLMNPQRSTUV'[number // 10_000]}{number % 10_000:04d}" for number in numbers]


def _vehicle(plate: str, rng: np.random.Generator) -> Vehicle:
    vehicle_id = plate[1:]
    carrier_id, carrier_name = CARRIERS[int(rng.integers(len(CARRIERS)))]
    un_no, _, hazard_class = GOODS[task_of(vehicle_id).goods]
    return Vehicle(
        vehicle_id=vehicle_id, plate=plate, carrier_id=carrier_id, carrier_name=carrier_name,
        tank_no=f"T{int(rng.integers(10**6)):06d}", hazard_classes=(hazard_class,), tank_media=(un_no,),
    )  # fmt: skip


def _person(rng: np.random.Generator) -> tuple[str, str]:
    family, given = rng.integers(len(FAMILY_NAMES)), rng.integers(len(GIVEN_NAMES), size=2)
    return f"P{int(rng.integers(10**7)):07d}", FAMILY_NAMES[family] + "".join(GIVEN_NAMES[g] for g in given)


def _waybills(vehicle: Vehicle, start: datetime, days: int, rng: np.random.Generator) -> Sequence[Waybill]:
    task = task_of(vehicle.vehicle_id)
    un_no, goods_name, hazard_class = GOODS[task.goods]
    driver_id, driver_name = _person(rng)
    escort_id, escort_name = _person(rng)
    ends = (task.plant, task.base) if task.loads_at_plant else (task.base, task.plant)
    quantity_t = round(float(rng.uniform(18, 30)), 1)
    consignor, consignee = rng.choice(CONSIGNORS, size=2, replace=False)
    starts = [start + timedelta(days=day) for day in range(days)]
    return [
        Waybill(
            waybill_no=f"ZH{begin.astimezone(UTC):%Y%m%d}{vehicle.vehicle_id}", vehicle_id=vehicle.vehicle_id,
            plate=vehicle.plate, carrier_id=vehicle.carrier_id, driver_id=driver_id, driver_name=driver_name,
            escort_id=escort_id, escort_name=escort_name, un_no=un_no, goods_name=goods_name,
            hazard_class=hazard_class, quantity_t=quantity_t, consignor=str(consignor),
            consignee=str(consignee), origin=ends[0], destination=ends[1], route_id=task.route_id,
            valid_from=begin, valid_to=begin + timedelta(days=1),
        )
        for begin in starts
    ]  # fmt: skip


def _permits(number: int, vehicle: Vehicle, start: datetime, days: int) -> Iterator[Permit]:
    """For the roads that want one, and for acutely toxic goods."""
    permit = Permit(
        permit_no=f"危通{start.year}-{number}", vehicle_id=vehicle.vehicle_id, roads=PERMIT_ROADS,
        valid_from=start, valid_to=start + timedelta(days=days + _PERMIT_DAYS),
    )  # fmt: skip
    yield permit
    goods = find_goods(GOODS[task_of(vehicle.vehicle_id).goods][0])
    if goods is not None and goods.acutely_toxic:
        yield replace(permit, permit_no=f"剧毒{start.year}-{number}", kind=PermitKind.TOXIC, roads=())
