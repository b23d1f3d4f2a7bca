"""A small made-up town for tests of the rules: everything in metres from its corner, north up."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import shapely

from hazmat.columns import Floats
from hazmat.coordinates import to_lonlat, to_metres
from hazmat.documents import BlacklistEntry, BlacklistKind, Permit, Vehicle, Waybill
from hazmat.geofences import FenceKind, Geofence, RoadClass
from hazmat.position import COLUMN_TYPES, Positions
from hazmat.registry import Registry, World
from hazmat.schedule import Schedule

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai, a Friday
AGES_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_CORNER = np.array([to_metres(np.array([121.6]), np.array([29.9]))]).reshape(2)


def lonlat(x_m: Floats, y_m: Floats) -> tuple[Floats, Floats]:
    x_m, y_m = np.broadcast_arrays(np.asarray(x_m, float), np.asarray(y_m, float))
    return to_lonlat(x_m + _CORNER[0], y_m + _CORNER[1])


def _box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    corners = np.array([(west, south), (east, south), (east, north), (west, north)], float)
    return shapely.Polygon(np.column_stack(lonlat(corners[:, 0], corners[:, 1])))


def _line(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString(np.column_stack(lonlat(*np.array(points, float).T)))


def fence(fence_id: str, kind: FenceKind, geometry: shapely.Geometry, **more: Any) -> Geofence:
    given = {"name": fence_id, "valid_from": AGES_AGO, **more}
    return Geofence(fence_id=fence_id, kind=kind, geometry=geometry, **given)


TRUNK_Y, SIDE_Y, EXPRESSWAY_Y = 5000.0, 6000.0, 4000.0
SCHOOL_RUN = Schedule.parse("07:00-09:00")
FENCES = (
    fence("district", FenceKind.DISTRICT, _box(1000, 0, 9000, 10000)),
    fence(
        "trunk",
        FenceKind.DESIGNATED_ROAD,
        _line((0, TRUNK_Y), (10000, TRUNK_Y)),
        half_width_m=12.0,
        permit_required=False,
    ),
    fence(
        "side", FenceKind.ROAD, _line((0, SIDE_Y), (10000, SIDE_Y)), half_width_m=6.0, speed_limit_kmh=40.0
    ),
    fence(
        "expressway",
        FenceKind.ROAD,
        _line((0, EXPRESSWAY_Y), (10000, EXPRESSWAY_Y)),
        half_width_m=15.0,
        road_class=RoadClass.EXPRESSWAY,
    ),
    fence("route", FenceKind.CORRIDOR, _line((0, TRUNK_Y), (10000, TRUNK_Y)), half_width_m=50.0),
    fence("plant", FenceKind.PLANT, _box(7000, 4800, 7600, 5200)),
    fence("bridge", FenceKind.NO_STOP, _box(3000, 4950, 3200, 5050)),
    fence("school", FenceKind.BARRED_AREA, _box(4000, 4970, 4100, 5030), schedule=SCHOOL_RUN),
    fence("old_town", FenceKind.BARRED_AREA, _box(5000, 6100, 6000, 7000)),
    fence(
        "gate_road", FenceKind.ROAD, _line((2000, 0), (2000, 4900)), half_width_m=8.0, permit_required=True
    ),
)


def vehicle(number: int, **more: Any) -> Vehicle:
    given = {"carrier_id": f"C{number % 3}", "carrier_name": "甬海化运（示例）", "hazard_classes": ("3", "8")}
    return Vehicle(vehicle_id=f"T{number:03d}", plate=f"浙B{number:05d}", **{**given, **more})


def waybill(number: int, **more: Any) -> Waybill:
    given: dict[str, object] = {
        "waybill_no": f"W{number:03d}",
        "vehicle_id": f"T{number:03d}",
        "plate": f"浙B{number:05d}",
        "carrier_id": f"C{number % 3}",
        "driver_id": f"D{number:03d}",
        "driver_name": "驾驶员",
        "escort_id": f"E{number:03d}",
        "escort_name": "押运员",
        "un_no": "UN1203",
        "goods_name": "汽油",
        "hazard_class": "3",
        "quantity_t": 20.0,
        "consignor": "甲",
        "consignee": "乙",
        "origin": "石化园区",
        "destination": "码头",
        "valid_from": NOON - timedelta(hours=6),
        "valid_to": NOON + timedelta(hours=12),
    }
    return Waybill(**{**given, **more})


def permit(number: int, *roads: str, **more: Any) -> Permit:
    given = {"valid_from": AGES_AGO, "valid_to": NOON + timedelta(days=30)}
    return Permit(permit_no=f"P{number:03d}", vehicle_id=f"T{number:03d}", roads=roads, **{**given, **more})


def blacklist(subject: str, kind: BlacklistKind) -> BlacklistEntry:
    return BlacklistEntry(
        entry_id=f"B-{subject}", kind=kind, subject_id=subject, reason="示例", valid_from=AGES_AGO
    )


def town(
    vehicles: int = 1,
    waybills: tuple[Waybill, ...] | None = None,
    permits: tuple[Permit, ...] = (),
    entries: tuple[BlacklistEntry, ...] = (),
    fences: tuple[Geofence, ...] = FENCES,
) -> Registry:
    papers = tuple(waybill(n) for n in range(vehicles)) if waybills is None else waybills
    return Registry(World(tuple(vehicle(n) for n in range(vehicles)), papers, permits, entries, fences), 1)


def positions(**columns: Any) -> Positions:
    """Fixes from any columns; the others are missing. ``x_m``, ``y_m`` (from the corner) give lon and lat;
    ``t_s`` seconds after noon give fix_time and, a second later, received_at."""
    rows = len(np.atleast_1d(columns["t_s"]))
    moment = np.datetime64(NOON.replace(tzinfo=None), "ms") + (
        np.atleast_1d(np.asarray(columns.pop("t_s"), float)) * 1000
    ).astype("timedelta64[ms]")
    lon, lat = lonlat(columns.pop("x_m", 0.0), columns.pop("y_m", TRUNK_Y))
    given = {
        "vehicle_id": b"T000",
        "fix_time": moment,
        "received_at": moment + np.timedelta64(1000, "ms"),
        "message": np.arange(rows),
        "has_fix": True,
        "lon": lon,
        "lat": lat,
        "accuracy_m": 5.0,
        "load": 2,
        **columns,
    }
    blank = {
        name: np.full(rows, np.nan if t.kind == "f" else -1, t)
        for name, t in COLUMN_TYPES.items()
        if t.kind in "fi"
    }
    for name, value in given.items():
        blank[name] = np.broadcast_to(np.asarray(value, COLUMN_TYPES[name]), rows).copy()
    return Positions(**blank)
