"""/admin/fences: the geofences with what holds in them, each linked to its place on the live map."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import shapely
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from dashboards.admin.admin_lists import ROWS, pager
from dashboards.admin.admin_words import FENCE_KINDS
from dashboards.context import Context
from dashboards.gate import GuardedRoute
from dashboards.i18n import N_
from hazmat.coordinates import to_metres
from hazmat.store.administration import FenceOrder
from hazmat.store.pool import Row

_ZOOM_SPANS = ((0.003, 17), (0.01, 15), (0.05, 13), (0.2, 12), (360.0, 10))  # degrees that fit, zoom
_ALL_DAY = 1440
ORDERS: dict[FenceOrder, str] = {
    "name": N_("by name"),
    "kind": N_("by kind"),
    "since": N_("newest first"),
    "limit": N_("by speed limit"),
}
_WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


@dataclass(frozen=True, slots=True)
class Size:
    """How large a fence is; ``length_m`` 0: an area. ``place``: the live map's address of it."""

    length_m: float
    area_m2: float
    place: str


def fences_router(context: Context) -> APIRouter:
    """The page."""

    def overview(
        request: Request,
        kind: Annotated[str, Query(max_length=32)] = "",
        q: Annotated[str, Query(max_length=100)] = "",
        order: FenceOrder = "name",
        page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    ) -> Response:
        """Fences in the version in force, or the last one."""
        door, text = context.doors.administration, q.strip().replace("\0", "")
        found = door.fences(context.clock(), kind, text, order, ROWS, (page - 1) * ROWS)
        values = {
            "rows": [(row, size_of(str(row["geometry"])), _hours(row)) for row in found.rows],
            "pager": pager(request, page, found.total),
            "kinds": door.fence_kinds(),
            "kind_names": FENCE_KINDS,
            "weekdays": _WEEKDAYS,
            "asked": {"kind": kind, "q": q, "order": order},
            "orders": ORDERS,
        }
        return context.page.render(request, "admin_fences.html", values)

    router = APIRouter(prefix="/admin/fences", include_in_schema=False, route_class=GuardedRoute)
    router.add_api_route("", overview)
    return router


def size_of(geometry: str) -> Size:
    """The size of a GeoJSON geometry on the ground, and where it lies."""
    shape = shapely.from_geojson(geometry)
    flat = shapely.transform(shape, _on_plane)
    west, south, east, north = shape.bounds
    zoom = next(zoom for span, zoom in _ZOOM_SPANS if max(east - west, north - south) <= span)
    lon, lat = (west + east) / 2, (south + north) / 2
    line = "Line" in shape.geom_type
    return Size(flat.length if line else 0.0, 0.0 if line else flat.area, f"/live#{zoom}/{lat:.5f}/{lon:.5f}")


def _on_plane(points: Any) -> Any:
    return np.column_stack(to_metres(points[:, 0], points[:, 1]))


def _hours(row: Row) -> Mapping[str, Any]:
    """When a fence holds: ``span`` empty for the whole day, ``days`` empty for every day."""
    start, end, days = row["start_minute"], row["end_minute"], list(row["weekdays"])
    whole = start == 0 and end == _ALL_DAY
    clock = f"{start // 60:02}:{start % 60:02}–{end // 60:02}:{end % 60:02}"
    return {"span": "" if whole else clock, "days": days if len(days) < 7 else []}
