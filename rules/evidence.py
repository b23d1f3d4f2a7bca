"""The facts that an alert rests on, as they stood at the fix that made it fire."""

import math
from collections.abc import Mapping

import numpy as np

from hazmat.alerts import Fact
from hazmat.clock import from_time
from hazmat.coordinates import to_lonlat
from hazmat.position import Load, Positions
from hazmat.registry import Registry
from rules.catalogue import rule_table
from rules.changes import Evidence
from rules.conduct_facts import conduct_facts
from rules.document_facts import document_facts
from rules.facts import Facts
from rules.hazards import hazard_facts
from rules.rule import AnyRule, Definition, Group, Rule, TogetherRule
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


def rule_in_force(registry: Registry, rule_id: str, time: np.datetime64) -> Definition:
    """The rule with the numbers that it had then."""
    return next(
        rule
        for rule, where in rule_table(registry).versions(rule_id, np.array([time]))
        if where is None or where[0]
    )


def rule_facts(registry: Registry, rule_id: str, time: np.datetime64) -> dict[str, Fact]:
    """The rule as it was in force: version, hold and limits."""
    rule = rule_in_force(registry, rule_id, time)
    return {
        "rule_version": rule.version,
        "registry_version": registry.version,
        **{f"limit_{name}": value for name, value in rule.limits.items()},
        **(_held(rule) if isinstance(rule, Rule | TogetherRule) else {}),
    }


def _held(rule: AnyRule | TogetherRule) -> dict[str, Fact]:
    return {"hold_s": rule.hold.seconds, "hold_fixes": rule.hold.fixes}


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
            **conduct_facts(rule_in_force(registry, rule_id, positions.fix_time[row]), facts, row),
            **({"listed": registry.world.blacklist[listed].reason} if listed >= 0 else {}),
            **document_facts(rule_id, object_id, positions, facts, row),
        }

    return at


def evidence_of_messages(positions: Positions, signals: Signals) -> Evidence:
    """JSON-able facts of one message, which may have no fix, for one rule."""
    registry = signals.registry

    def at(row: int, rule_id: str, _: str) -> Mapping[str, Fact]:
        vehicle, waybill, time = int(signals.vehicle[row]), int(signals.waybill[row]), positions.fix_time[row]
        urgent = rule_in_force(registry, rule_id, time).group in _URGENT
        return {
            **rule_facts(registry, rule_id, time),
            **_fix_facts(positions, row),
            "loaded": bool(signals.loaded[row]),
            "alarm": int(positions.alarm[row]),
            "status": int(positions.status[row]),
            **{name: _number(getattr(positions, name)[row]) for name in _TANK},
            **vehicle_facts(registry, vehicle),
            **_waybill_facts(registry, waybill),
            **({**_last_place(signals, row), **_tank_facts(signals, row)} if urgent else {}),
            **(hazard_facts(registry, vehicle, waybill, time) if urgent else {}),
        }

    return at


_URGENT = (Group.EMERGENCY, Group.LOAD)
_TANK = ("tank_level_pct", "tank_temp_c", "tank_pressure_kpa", "valve_open")


def _last_place(signals: Signals, row: int) -> dict[str, Fact]:
    """Where the last usable fix was: help is sent there if this message has none."""
    lon, lat = to_lonlat(signals.x_m[row : row + 1], signals.y_m[row : row + 1])
    known = not math.isnan(signals.x_m[row])
    return {"last_lon": _place(lon[0]) if known else None, "last_lat": _place(lat[0]) if known else None}


def _tank_facts(signals: Signals, row: int) -> dict[str, Fact]:
    tank = signals.tank
    return {
        "load_t": _number(tank.load_t[row]),
        "approved_load_t": _number(tank.approved_t[row]),
        "lost_pct": _number(tank.lost_pct[row]),
        "per_10_min_c": _number(tank.per_10_min_c[row]),
        "set_pressure_kpa": _number(tank.set_pressure_kpa[row]),
        "tank_temp_min_c": _number(tank.min_c[row]),
        "tank_temp_max_c": _number(tank.max_c[row]),
    }


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
