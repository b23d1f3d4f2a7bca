"""The facts that an alert rests on, as they stood at the fix that made it fire."""

import math
from collections.abc import Mapping

import numpy as np

from hazmat.alerts import Fact
from hazmat.clock import from_time
from hazmat.position import Load, Positions
from hazmat.registry import Registry
from rules.catalogue import rule_table
from rules.changes import Evidence
from rules.facts import Facts
from rules.rule import Rule
from rules.signals import Signals


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


def rule_facts(registry: Registry, rule_id: str, time: np.datetime64) -> dict[str, Fact]:
    """The rule as it was in force: version, hold and limits."""
    rule = next(
        rule
        for rule, where in rule_table(registry).versions(rule_id, np.array([time]))
        if where is None or where[0]
    )
    return {
        "rule_version": rule.version,
        "registry_version": registry.version,
        **{f"limit_{name}": value for name, value in rule.limits.items()},
        **({"hold_s": rule.hold.seconds, "hold_fixes": rule.hold.fixes} if isinstance(rule, Rule) else {}),
    }


def evidence_of_fixes(positions: Positions, facts: Facts) -> Evidence:
    """JSON-able facts of one fix for one rule."""
    registry = facts.registry

    def at(row: int, rule_id: str, object_id: str) -> Mapping[str, Fact]:
        names = np.array([registry.fences.names.index.get(object_id, -1)])
        fence = registry.fences.versions_at(names, positions.fix_time[row : row + 1])
        listed = int(facts.listed[row])
        return {
            **rule_facts(registry, rule_id, positions.fix_time[row]),
            **_fix_facts(positions, row),
            "speed_kmh": _number(facts.speed_kmh[row]),
            "accuracy_m": _number(facts.accuracy_m[row]),
            "stopped_s": _number(facts.stopped_s[row]),
            "loaded": bool(facts.loaded[row]),
            **vehicle_facts(registry, int(facts.vehicle[row])),
            **_waybill_facts(registry, int(facts.waybill[row])),
            **_fence_facts(registry, "road", int(facts.roads.nearest[row])),
            **_fence_facts(registry, "fence", int(fence[0])),
            **({"listed": registry.world.blacklist[listed].reason} if listed >= 0 else {}),
        }

    return at


def evidence_of_messages(positions: Positions, signals: Signals) -> Evidence:
    """JSON-able facts of one message, which may have no fix, for one rule."""
    registry = signals.registry

    def at(row: int, rule_id: str, _: str) -> Mapping[str, Fact]:
        return {
            **rule_facts(registry, rule_id, positions.fix_time[row]),
            **_fix_facts(positions, row),
            "loaded": bool(signals.loaded[row]),
            "alarm": int(positions.alarm[row]),
            "status": int(positions.status[row]),
            **{name: _number(getattr(positions, name)[row]) for name in _TANK},
            **vehicle_facts(registry, int(signals.vehicle[row])),
            **_waybill_facts(registry, int(signals.waybill[row])),
        }

    return at


_TANK = ("tank_level_pct", "tank_temp_c", "tank_pressure_kpa", "valve_open")


def _fix_facts(positions: Positions, row: int) -> dict[str, Fact]:
    return {
        "fix_time": from_time(positions.fix_time[row]).isoformat(),
        "received_at": from_time(positions.received_at[row]).isoformat(),
        "has_fix": bool(positions.has_fix[row]),
        "lon": _place(positions.lon[row]),
        "lat": _place(positions.lat[row]),
        "speed_kmh": _number(positions.speed_kmh[row]),
        "heading_deg": _number(positions.heading_deg[row]),
        "accuracy_m": _number(positions.accuracy_m[row]),
        "load": Load(int(positions.load[row])).name.lower(),
    }


def _place(degrees: float) -> float | None:
    return None if math.isnan(degrees) else float(degrees)
