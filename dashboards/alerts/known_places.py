"""Where an alert is, in words: the fence it is about, else the road, else the area, by the fences of now."""

from datetime import datetime
from functools import lru_cache

from dashboards.context import Context
from dashboards.live.roads import Places
from hazmat.clock import to_ms
from hazmat.store.pool import Row

_HOUR_MS = 3_600_000
_TENANTS = 32  # enterprises whose own fences are kept; the authorities' are one of them


class KnownPlaces:
    """Roads and areas of one application, read anew with every registry and every hour."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._read = lru_cache(maxsize=_TENANTS)(self._of)

    def now(self, at: datetime, tenant: str | None) -> Places:
        """Return the places that a tenant (None: an authority) may see."""
        return self._read(self._context.live.scene.registry, to_ms(at) // _HOUR_MS, tenant)

    def _of(self, _registry: int, _hour: int, tenant: str | None) -> Places:
        return Places.of(self._context.doors.screens.fences(self._context.clock(), tenant))


def road_of(row: Row, places: Places) -> str:
    """Return the road of an alert's row, else its area; empty: not known."""
    if row["lon"] is None or row["lat"] is None:
        return ""
    road, area = places.at(row["lon"], row["lat"])
    return road or area
