"""More vehicles in a park for dangerous goods than it may hold."""

import numpy as np
import shapely

from hazmat.alerts import Fact, Severity
from hazmat.columns import ID_DTYPE, Rows
from hazmat.geofences import FenceKind
from rules.rule import Group, Hits, Hold, Limits, Need, Receiver, TogetherRule, Wording
from rules.scene import Scene


def _condition(scene: Scene, limits: Limits) -> Hits:
    fences, memory = scene.registry.fences, scene.vehicles
    rows, fence = _parked(scene, limits)
    count = np.bincount(fence, minlength=len(fences.fences))
    full = [park for park in np.flatnonzero(count).tolist() if count[park] > (_capacity(scene, park))]
    open_ = scene.open_of(PARK_FULL.id)
    named = dict(zip(open_.object_id.tolist(), open_.vehicle_id, strict=True))
    vehicles = []
    for park in full:  # few; the alert stays with the vehicle that it began with
        inside = rows[fence == park]
        first = inside[np.argmin(memory.vehicle_id[inside])]
        known = named.get(bytes(fences.ids[park]))
        vehicles.append(first if known is None else scene.rows_of(np.array([known], ID_DTYPE))[0])
    value = count[full].astype(float)
    return Hits(np.array(vehicles, np.intp), fences.ids[full], value, np.zeros(len(full), bool))


def _parked(scene: Scene, limits: Limits) -> tuple[Rows, Rows]:
    """(vehicle, park) of every vehicle that stands or creeps in a park in force."""
    fences, memory = scene.registry.fences, scene.vehicles
    rows = np.flatnonzero(memory.at_stop_place & scene.stands_or_creeps(limits))
    x_m, y_m = memory.x_m[rows], memory.y_m[rows]
    nth, fence = fences.areas(shapely.points(x_m, y_m), x_m, y_m)
    park = fences.kinds(fence, FenceKind.PARKING) & fences.in_force(fence, scene.times(len(fence)))
    return rows[nth[park]], fence[park]


def _capacity(scene: Scene, park: int) -> float:
    capacity = scene.registry.fences.fences[park].capacity
    return np.inf if capacity is None else capacity


def _evidence(scene: Scene, _: int, object_id: str, limits: Limits) -> dict[str, Fact]:
    fences = scene.registry.fences
    rows, fence = _parked(scene, limits)
    there = fences.ids[fence] == object_id.encode()
    park = fences.fences[int(fence[there][0])]
    return {
        "park": park.name,
        "capacity": park.capacity,
        "count": int(there.sum()),
        "members": scene.names(rows[there]),
    }


PARK_FULL = TogetherRule(
    id="park_full",
    name_zh="停车场超容",
    name_en="Park over its capacity",
    group=Group.TOGETHER,
    severity=Severity.YELLOW,
    basis="危险化学品安全管理条例 §48; 停车场核定容量",
    says=Wording(
        "停车场内车辆数超过核定容量",
        "more vehicles stand in a park than it may hold",
        "车辆数回到核定容量以内",
        "no more are left than it may hold",
    ),
    receivers=(Receiver.TRAFFIC_POLICE, Receiver.TRANSPORT, Receiver.EMERGENCY),
    limits={"up_to_kmh": 20.0, "fresh_s": 1800.0, "creeping_fresh_s": 120.0},
    condition=_condition,
    evidence=_evidence,
    hold=Hold(seconds=600, fixes=10),
    clear_s=120.0,
    unit="vehicles",
    needs=(Need.SPEED,),
)
