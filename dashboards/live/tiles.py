"""GET /tiles/{z}/{x}/{y}: tiles of the server in the settings, asked for by us and kept on disk."""

import logging
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path
from fastapi.responses import Response

from dashboards.context import Clock, Context
from dashboards.gate import GuardedRoute
from dashboards.live.tile_cache import Kept, TileCache
from dashboards.live.tile_source import AwayError, NoTileError, TileError, TileSource
from hazmat.settings import Settings

DEEPEST = 22
_BROWSER_SECONDS = 24 * 3600
_AWAY = timedelta(seconds=5)
_log = logging.getLogger(__name__)
Level = Annotated[int, Path(ge=0, le=DEEPEST)]
Place = Annotated[int, Path(ge=0, lt=2**DEEPEST)]


class Tiles:
    """The way of a tile: from the disk; from the server if that is too old; an old one if it is away."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._source = TileSource(settings.tile_url) if settings.tile_url else None
        self._cache = TileCache(settings.data_dir / "tiles", settings.tile_url or "", clock)
        self._clock = clock
        self._away_until = clock()

    async def tile(self, z: Level, x: Place, y: Place) -> Response:
        """Return a map tile; 404 where there is none, 502 while the tile server gives none."""
        if x >= 1 << z or y >= 1 << z:
            raise HTTPException(422, f"x and y: level {z} has {1 << z} tiles each way")
        if self._source is None:
            raise HTTPException(404, "no tile server is set")
        kept = await self._cache.get(z, x, y)
        if kept is None or not kept.fresh:
            kept = await self._renewed(self._source, z, x, y, kept)
        if not kept.image:
            raise HTTPException(404, "no such tile")
        kept_by_browser = {"Cache-Control": f"private, max-age={_BROWSER_SECONDS}"}
        # an image is compressed already; the name of an encoding keeps the middleware from trying
        headers = kept_by_browser | {"Content-Encoding": "identity"}
        return Response(kept.image, media_type=kept.media_type, headers=headers)

    async def _renewed(self, source: TileSource, z: int, x: int, y: int, old: Kept | None) -> Kept:
        try:
            return await self._cache.put(z, x, y, await self._fetch(source, z, x, y))
        except TileError as error:
            if old is None:
                raise HTTPException(502, "the tile server gives no tile", {"Retry-After": "30"}) from error
            return old

    async def _fetch(self, source: TileSource, z: int, x: int, y: int) -> bytes:
        if self._clock() < self._away_until:
            raise AwayError("away a moment ago")
        try:
            return await source.fetch(z, x, y)
        except NoTileError:
            return b""
        except TileError as error:
            if isinstance(error, AwayError):  # a whole screen of tiles does not wait for it one by one
                self._away_until = self._clock() + _AWAY
            _log.warning("the tile server gives no tile %d/%d/%d: %s", z, x, y, error)
            raise


def tiles_router(context: Context) -> APIRouter:
    """The route."""
    router = APIRouter(route_class=GuardedRoute, include_in_schema=False)
    router.add_api_route("/tiles/{z}/{x}/{y}", Tiles(context.settings, context.clock).tile)
    return router
