"""Drives through the town of the tests, with more places in it, and what place rules say of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from hazmat.alerts import AlertChange
from hazmat.documents import Waybill
from hazmat.geofences import FenceKind, Geofence, TunnelCategory
from hazmat.position import Positions
from hazmat.registry import Registry
from hazmat.schedule import Schedule
from tests.fold import Fold, memory_rows
from tests.town import FENCES, TRUNK_Y, fence, lonlat, positions, town, waybill


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    corners = np.array([(west, south), (east, south), (east, north), (west, north)], float)
    return shapely.Polygon(np.column_stack(lonlat(corners[:, 0], corners[:, 1])))


def line(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString(np.column_stack(lonlat(*np.array(points, float).T)))


TUNNEL_D = fence(
    "tunnel", FenceKind.TUNNEL, box(5000, 4990, 6000, 5010), tunnel_category=TunnelCategory.D
)  # as narrow as the road that leads through it
MORE = (
    fence("gate", FenceKind.PARKING, box(100, 4950, 200, 5050)),
    TUNNEL_D,
    fence("street", FenceKind.ROAD, line((5500, 4000), (5500, 6050)), half_width_m=6.0),  # over the tunnel
    fence("clinic", FenceKind.SENSITIVE, box(2500, 5100, 2600, 5200), schedule=Schedule.parse("08:00-20:00")),
    fence("services", FenceKind.SERVICE_AREA, box(8000, 5020, 8300, 5120)),
    fence("market", FenceKind.BARRED_AREA, box(8600, 4980, 8800, 5020)),
)
ROUTED = {"route_id": "route", "origin": "gate", "destination": "plant"}


def place_town(*papers: Waybill, fences: Sequence[Geofence] = (), **more: Any) -> Registry:
    given = papers or (waybill(0),)
    return town(1, given, fences=(*FENCES, *MORE, *fences), **more)


def drive(x_m: Any, y_m: Any = TRUNK_Y, step_s: float = 10.0, **more: Any) -> Positions:
    """Fixes one after the other; speed and heading as the way between them says, unless given."""
    x_m, y_m = np.broadcast_arrays(np.asarray(x_m, float), np.asarray(y_m, float))
    east, north = np.gradient(x_m) if len(x_m) > 1 else x_m * 0, np.gradient(y_m) if len(y_m) > 1 else y_m * 0
    way: dict[str, Any] = {
        "speed_kmh": np.hypot(east, north) / step_s * 3.6,
        "heading_deg": np.degrees(np.arctan2(east, north)) % 360,
    }
    return positions(t_s=np.arange(len(x_m)) * step_s, x_m=x_m, y_m=y_m, **{**way, **more})


def along(start: float, stop: float, kmh: float = 50.0, step_s: float = 10.0) -> np.ndarray[Any, Any]:
    step = kmh / 3.6 * step_s
    return np.arange(start, stop, step if stop > start else -step)


def same(x_m: float, fixes: int) -> np.ndarray[Any, Any]:
    return np.full(fixes, x_m)


def told(messages: Positions, registry: Registry, *rules: str) -> list[AlertChange]:
    """Alerts of these rules; the same in one piece, fix by fix (long: by threes) and by sevens."""
    whole = Fold(registry).feed(messages)
    for size in (1 if len(messages) <= 40 else 3, 7):
        cut = Fold(registry).feed_cut(messages, list(range(size, len(messages), size)))
        assert memory_rows(cut.memory) == memory_rows(whole.memory)
        assert repr(sorted(cut.alerts.items())) == repr(sorted(whole.alerts.items()))
    found = sorted(whole.alerts.values(), key=lambda change: change.opened_at)
    return [change for change in found if change.rule_id in rules]
