"""The registry's dataclasses to and from rows of their tables: a schedule and lanes are columns there."""

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from hazmat.documents import (
    BlacklistEntry,
    BlacklistKind,
    Carrier,
    Permit,
    PermitKind,
    PermitState,
    Person,
    SafetyCode,
    Vehicle,
    Waybill,
)
from hazmat.geofences import Direction, FenceKind, Geofence, Lanes, RoadClass, TunnelCategory
from hazmat.rule_settings import RuleSetting
from hazmat.schedule import Holidays, Schedule

Row = dict[str, Any]
_ENUMS = {"kind": FenceKind, "direction": Direction, "road_class": RoadClass}


def to_json(items: Sequence[object]) -> str:
    """The rows of these vehicles, papers or fences as a JSON array for `json_populate_recordset`.

    A number that is not finite is a ValueError that names the row.
    """
    rows = []
    for number, item in enumerate(items):
        try:
            rows.append(json.dumps(_columns(item), allow_nan=False, default=_plain))
        except ValueError as error:
            raise ValueError(f"row {number}, {item!r}: {error}") from error
    return f"[{','.join(rows)}]"


def _columns(item: object) -> Row:
    if isinstance(item, date):
        return {"day": item.isoformat()}
    row: Row = {}
    for field in fields(item):  # type: ignore[arg-type]
        value = getattr(item, field.name)
        if isinstance(value, Schedule):
            row |= {"start_minute": value.start_minute, "end_minute": value.end_minute}
            row |= {"weekdays": list(value.weekdays), "holidays": value.holidays}
        elif field.name == "lanes":
            row |= _lane_columns(value)
        else:
            row[field.name] = value
    return row


def _lane_columns(lanes: Lanes | None) -> Row:
    if lanes is None:
        return {}
    return {"lane_count": lanes.count, "lane_width_m": lanes.width_m, "designated_lane": lanes.designated}


def _plain(value: object) -> object:
    if isinstance(value, BaseGeometry):
        return json.loads(shapely.to_geojson(value))
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"time without zone: {value.isoformat()}")
        return value.isoformat()
    raise TypeError(f"no column holds a {type(value).__name__}")


def vehicle(row: Row) -> Vehicle:
    """From a row of `vehicles`."""
    return Vehicle(**_tuples(row))


def waybill(row: Row) -> Waybill:
    """From a row of `waybills`."""
    return Waybill(**row)


def permit(row: Row) -> Permit:
    """From a row of `permits`."""
    schedule = _take_schedule(row)
    enums = {"kind": PermitKind(row["kind"]), "state": PermitState(row["state"])}
    return Permit(**_tuples(row) | enums, schedule=schedule)


def blacklist_entry(row: Row) -> BlacklistEntry:
    """From a row of `blacklist`."""
    return BlacklistEntry(**row | {"kind": BlacklistKind(row["kind"])})


def person(row: Row) -> Person:
    """From a row of `people`."""
    return Person(**_tuples(row) | {"code": SafetyCode(row["code"])})


def carrier(row: Row) -> Carrier:
    """From a row of `carriers`."""
    return Carrier(**_tuples(row))


def rule_setting(row: Row) -> RuleSetting:
    """From a row of `rule_settings`; ValueError if a limit is no number."""
    limits = {name: _limit(row["rule_id"], name, value) for name, value in row["limits"].items()}
    return RuleSetting(**row | {"limits": limits})


def _limit(rule_id: str, name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"rule_settings ({rule_id}): limits: {name} is no number: {value!r}")  # noqa: TRY004
    return float(value)


def holiday(row: Row) -> date:
    """From a row of `holidays`."""
    day: date = row["day"]
    return day


def fence(row: Row) -> Geofence:
    """From a row of `fences`, its geometry as GeoJSON text; ValueError if that is none."""
    schedule, lanes = _take_schedule(row), _take_lanes(row)
    category = row["tunnel_category"]
    enums: Row = {name: kind(row[name]) for name, kind in _ENUMS.items()}
    enums["tunnel_category"] = None if category is None else TunnelCategory(category)
    shape = {"geometry": _geometry(row["fence_id"], row["geometry"])}
    return Geofence(**_tuples(row) | enums | shape, schedule=schedule, lanes=lanes)


def _geometry(fence_id: str, text: str) -> BaseGeometry:
    try:
        shape: BaseGeometry = shapely.from_geojson(text)
    except shapely.errors.ShapelyError as error:
        raise ValueError(f"fences ({fence_id}): geometry: {error}") from error
    return shape


def _tuples(row: Row) -> Row:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}


def _take_schedule(row: Row) -> Schedule:
    start, end, weekdays = (row.pop(name) for name in ("start_minute", "end_minute", "weekdays"))
    return Schedule(start, end, tuple(weekdays), Holidays(row.pop("holidays")))


def _take_lanes(row: Row) -> Lanes | None:
    count, width_m, designated = (row.pop(name) for name in ("lane_count", "lane_width_m", "designated_lane"))
    return None if count is None else Lanes(count=count, width_m=width_m, designated=designated)
