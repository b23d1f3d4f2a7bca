"""The facts that an alert rests on, as they stood at the fix that made it fire."""

import math
from collections.abc import Mapping

import numpy as np

from hazmat.alerts import Fact
from hazmat.clock import from_time
from hazmat.position import Load, Positions
from hazmat.registry import Registry
from rules.facts import Facts
from rules.rule import Rule


def vehicle_facts(registry: Registry, index: int) -> dict[str, Fact]:
    """Plate and carrier of a vehicle index; a vehicle that is not registered is said to be so."""
    if index < 0:
        return {"registered": False}
    vehicle = registry.world.vehicles[index]
    return {
        "registered": True,
        "plate": vehicle.plate,
        "plate_colour": vehicle.plate_colour,
        "carrier_id": vehicle.carrier_id,
        "carrier": vehicle.carrier_name,
    }


def _waybill_facts(registry: Registry, index: int) -> dict[str, Fact]:
    if index < 0:
        return {"waybill_no": None}
    paper = registry.world.waybills[index]
    return {
        "waybill_no": paper.waybill_no,
        "un_no": paper.un_no,
        "goods": paper.goods_name,
        "hazard_class": paper.hazard_class,
        "driver_id": paper.driver_id,
        "route_id": paper.route_id or None,
    }


def _fence_facts(registry: Registry, name: str, fence: int) -> dict[str, Fact]:
    if fence < 0:
        return {}
    version = registry.fences.fences[fence]
    return {
        f"{name}_id": version.fence_id,
        f"{name}_name": version.name,
        f"{name}_valid_from": version.valid_from.isoformat(),
        f"{name}_hours": version.schedule.hours,
    }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(float(value), 2)


def build_evidence(
    positions: Positions, facts: Facts, row: int, rule: Rule, object_id: str
) -> Mapping[str, Fact]:
    """JSON-able facts of one fix for one rule."""
    registry = facts.registry
    fence = registry.fences.versions_at(
        np.array([registry.fences.names.index.get(object_id, -1)]), positions.fix_time[row : row + 1]
    )
    listed = int(facts.listed[row])
    return {
        "rule_version": rule.version,
        "registry_version": registry.version,
        "hold_s": rule.hold.seconds,
        "hold_fixes": rule.hold.fixes,
        "fix_time": from_time(positions.fix_time[row]).isoformat(),
        "received_at": from_time(positions.received_at[row]).isoformat(),
        "lon": float(positions.lon[row]),
        "lat": float(positions.lat[row]),
        "speed_kmh": _number(facts.speed_kmh[row]),
        "heading_deg": _number(positions.heading_deg[row]),
        "accuracy_m": _number(facts.accuracy_m[row]),
        "stopped_s": _number(facts.stopped_s[row]),
        "load": Load(int(positions.load[row])).name.lower(),
        "loaded": bool(facts.loaded[row]),
        **vehicle_facts(registry, int(facts.vehicle[row])),
        **_waybill_facts(registry, int(facts.waybill[row])),
        **_fence_facts(registry, "road", int(facts.roads.nearest[row])),
        **_fence_facts(registry, "fence", int(fence[0])),
        **({"listed": registry.world.blacklist[listed].reason} if listed >= 0 else {}),
    }
