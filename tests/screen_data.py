"""Fills the real tables with what a few hundred trucks would have left there, without a broker."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import psycopg
import shapely
from psycopg import sql
from psycopg.types.json import Jsonb

from hazmat.alerts import alert_id
from hazmat.geofences import FenceKind, Geofence
from hazmat.registry import World
from ingest.simulator.world import make_world

_ROADS = (FenceKind.ROAD, FenceKind.DESIGNATED_ROAD)


def insert(connection: psycopg.Connection[Any], table: str, row: Mapping[str, Any]) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, row))
    marks = sql.SQL(", ").join(sql.Placeholder() * len(row))
    command = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(table), names, marks)
    connection.execute(command, list(row.values()))


def fill(dsn: str, vehicles: int, at: datetime, alerts: int = 12, seed: int = 7) -> World:
    """A town with this many trucks on its roads, and some open and ended alerts; returns the world."""
    world = make_world(vehicles, seed, at)
    rng = np.random.default_rng(seed)
    with psycopg.connect(dsn) as connection:
        save_world(connection, world)
        places = _places(world, vehicles, rng)
        for vehicle, (lon, lat, heading) in zip(world.vehicles, places, strict=True):
            speed = 0.0 if rng.random() < 0.2 else float(rng.uniform(20, 60))
            silent = (
                timedelta(minutes=40) if rng.random() < 0.03 else timedelta(seconds=float(rng.uniform(0, 15)))
            )
            put_last(connection, vehicle.vehicle_id, at - silent, lon, lat, speed, heading)
        _put_alerts(connection, world, places, at, alerts, rng)
    return world


def save_world(connection: psycopg.Connection[Any], world: World) -> None:
    for vehicle in world.vehicles:
        insert(connection, "vehicles", _plain(asdict(vehicle)))
    for paper in world.waybills:
        insert(connection, "waybills", _plain(asdict(paper)))
    for permit in world.permits:
        insert(connection, "permits", _plain(_flat_schedule(asdict(permit))))
    for fence in world.fences:
        put_fence(connection, fence)


def put_fence(connection: psycopg.Connection[Any], fence: Geofence) -> None:
    row = {field.name: getattr(fence, field.name) for field in fields(fence)}
    lanes = row.pop("lanes")
    row |= dict(zip(("start_minute", "end_minute", "weekdays"), _schedule(row.pop("schedule")), strict=True))
    row["geometry"] = Jsonb(json.loads(shapely.to_geojson(fence.geometry)))
    if lanes:
        row |= {"lane_count": lanes.count, "lane_width_m": lanes.width_m, "designated_lane": lanes.designated}
    insert(connection, "fences", _plain(row))


def put_last(
    connection: psycopg.Connection[Any],
    vehicle_id: str,
    at: datetime,
    lon: float,
    lat: float,
    speed_kmh: float = 40.0,
    heading_deg: float = 90.0,
) -> None:
    """A vehicle's last known place, and the last half hour of its track."""
    row = {
        "vehicle_id": vehicle_id, "fix_time": at, "received_at": at, "lon": lon, "lat": lat,
        "speed_kmh": speed_kmh, "heading_deg": heading_deg, "accuracy_m": 5.0, "batch_no": 1, "load": 2,
        "phase": 1, "has_fix": True, "loaded": True, "known": True,
    }  # fmt: skip
    connection.execute("DELETE FROM last_known WHERE vehicle_id = %s", [vehicle_id])
    insert(connection, "last_known", row)


def put_track(
    connection: psycopg.Connection[Any], vehicle_id: str, at: datetime, places: list[tuple[float, float]]
) -> None:
    """Fixes every 10 s, the last one at ``at``."""
    days = {(at - timedelta(seconds=10 * back)).date() for back in range(len(places))}
    for day in days:
        _make_day(connection, day.isoformat())
    for back, (lon, lat) in enumerate(reversed(places)):
        time = at - timedelta(seconds=10 * back)
        row = {
            "vehicle_id": vehicle_id, "fix_time": time, "received_at": time, "lon": lon, "lat": lat,
            "speed_kmh": 38.0, "heading_deg": 90.0, "batch_no": 1, "row_no": back, "load": 2,
            "has_fix": True, "late": False, "known": True,
        }  # fmt: skip
        insert(connection, "positions", row)


def put_alert(  # noqa: PLR0917
    connection: psycopg.Connection[Any],
    vehicle_id: str,
    rule_id: str,
    severity: str,
    opened_at: datetime,
    lon: float,
    lat: float,
    object_id: str = "",
    value: float | None = None,
    resolved_at: datetime | None = None,
    evidence: Mapping[str, Any] | None = None,
) -> str:
    name = alert_id(vehicle_id, rule_id, object_id, opened_at)
    row = {
        "alert_id": name, "vehicle_id": vehicle_id, "rule_id": rule_id, "object_id": object_id,
        "severity": severity, "state": "resolved" if resolved_at else "firing", "opened_at": opened_at,
        "fired_at": opened_at + timedelta(seconds=30), "last_hit_at": opened_at + timedelta(seconds=90),
        "resolved_at": resolved_at, "end_reason": "cleared" if resolved_at else None,
        "fixes": 9, "value": value,
        "lon": lon, "lat": lat, "evidence": Jsonb(dict(evidence or {"speed_kmh": 71.0, "load": "full"})),
        "registry_version": 1, "batch_no": 1,
    }  # fmt: skip
    insert(connection, "alerts", row)
    return name


def along(fence: Geofence, start: float, end: float, count: int) -> list[tuple[float, float]]:
    """Places on a road from one share of its length to another."""
    points = [fence.geometry.interpolate(share, normalized=True) for share in np.linspace(start, end, count)]
    return [(point.x, point.y) for point in points]


def _places(world: World, count: int, rng: np.random.Generator) -> list[tuple[float, float, float]]:
    roads = [fence for fence in world.fences if fence.kind in _ROADS]
    weight = np.array([f.geometry.length * (6 if f.kind is FenceKind.DESIGNATED_ROAD else 1) for f in roads])
    found = []
    for road in rng.choice(len(roads), count, p=weight / weight.sum()):
        line, share = roads[road].geometry, float(rng.uniform(0, 0.99))
        here, there = (line.interpolate(s, normalized=True) for s in (share, share + 0.005))
        heading = float(np.degrees(np.arctan2((there.x - here.x) * 0.866, there.y - here.y)) % 360)
        found.append((here.x, here.y, heading))
    return found


def _put_alerts(
    connection: psycopg.Connection[Any],
    world: World,
    places: list[tuple[float, float, float]],
    at: datetime,
    count: int,
    rng: np.random.Generator,
) -> None:
    kinds = [
        ("barred_area", "red", "barred.oldtown", None), ("off_designated_road", "red", "road.haitian", 125.4),
        ("overspeed", "orange", "road.ring", 96.0), ("no_permit", "orange", "road.haitian", None),
        ("illegal_stop", "yellow", "", 1260.0), ("off_corridor", "yellow", "route.west.a", 210.0),
        ("silent", "blue", "", 900.0),
    ]  # fmt: skip
    for number in range(min(count, len(places))):
        rule, severity, fence, value = kinds[number % len(kinds)]
        lon, lat, _ = places[number]
        opened = at - timedelta(seconds=int(rng.uniform(60, 3000)))
        ended = opened + timedelta(minutes=2) if number % 4 == 3 else None
        vehicle = world.vehicles[number].vehicle_id
        put_alert(connection, vehicle, rule, severity, opened, lon, lat, fence, value, ended)


def _make_day(connection: psycopg.Connection[Any], day: str) -> None:
    partitioned = connection.execute(
        "SELECT relkind = 'p' FROM pg_class WHERE relname = 'positions'"
    ).fetchone()
    if partitioned and partitioned[0]:
        name = sql.Identifier(f"positions_{day.replace('-', '')}")
        start = sql.Literal(f"{day} 00:00:00+00")
        end = (datetime.fromisoformat(day) + timedelta(days=1)).strftime("%Y-%m-%d 00:00:00+00")
        command = "CREATE TABLE IF NOT EXISTS {} PARTITION OF positions FOR VALUES FROM ({}) TO ({})"
        connection.execute(sql.SQL(command).format(name, start, sql.Literal(end)))


def _flat_schedule(row: dict[str, Any]) -> dict[str, Any]:
    schedule = row.pop("schedule")
    return row | {name: schedule[name] for name in ("start_minute", "end_minute", "weekdays")}


def _schedule(schedule: Any) -> tuple[int, int, tuple[int, ...]]:
    return schedule.start_minute, schedule.end_minute, schedule.weekdays


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in row.items()}
