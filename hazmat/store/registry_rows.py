"""The registry's dataclasses to and from rows of their tables: a schedule and lanes are columns there."""

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from hazmat.documents import BlacklistEntry, BlacklistKind, Permit, Vehicle, Waybill
from hazmat.geofences import Direction, FenceKind, Geofence, Lanes, RoadClass
from hazmat.schedule import Schedule

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
    row: Row = {}
    for field in fields(item):  # type: ignore[arg-type]
        value = getattr(item, field.name)
        if isinstance(value, Schedule):
            row |= {"start_minute": value.start_minute, "end_minute": value.end_minute}
            row["weekdays"] = list(value.weekdays)
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
    return Permit(**_tuples(row), schedule=schedule)


def blacklist_entry(row: Row) -> BlacklistEntry:
    """From a row of `blacklist`."""
    return BlacklistEntry(**row | {"kind": BlacklistKind(row["kind"])})


def fence(row: Row) -> Geofence:
    """From a row of `fences`, its geometry as GeoJSON text."""
    schedule, lanes = _take_schedule(row), _take_lanes(row)
    enums = {name: kind(row[name]) for name, kind in _ENUMS.items()}
    shape = {"geometry": shapely.from_geojson(row["geometry"])}
    return Geofence(**_tuples(row) | enums | shape, schedule=schedule, lanes=lanes)


def _tuples(row: Row) -> Row:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}


def _take_schedule(row: Row) -> Schedule:
    start, end, weekdays = (row.pop(name) for name in ("start_minute", "end_minute", "weekdays"))
    return Schedule(start, end, tuple(weekdays))


def _take_lanes(row: Row) -> Lanes | None:
    count, width_m, designated = (row.pop(name) for name in ("lane_count", "lane_width_m", "designated_lane"))
    return None if count is None else Lanes(count=count, width_m=width_m, designated=designated)
