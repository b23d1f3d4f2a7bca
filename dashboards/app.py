"""The web application, wired in plain sight: pages, API, live stream, static files."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from dashboards.api import Api
from dashboards.coverage import coverage_router
from dashboards.live import Clock, Live
from dashboards.pages import Pages
from dashboards.security import SecurityHeaders
from dashboards.vendor import leaflet_folder
from hazmat.store.errors import StoreUnavailable
from hazmat.store.screens import Screens

HERE = Path(__file__).parent


def create_app(store: Screens, clock: Clock) -> FastAPI:
    """Return the application that shows what ``store`` holds; it opens no connection before its start.

    ``app.state.live`` is the live stream: whoever stops the server calls its ``close`` first.
    """
    live = Live(store, clock)
    app = FastAPI(title="hazmat", docs_url=None, redoc_url=None, lifespan=lambda _: _running(live, store))
    app.state.live = live
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(SecurityHeaders)
    app.add_exception_handler(StoreUnavailable, _unavailable)
    app.include_router(Pages(store, HERE / "templates").router())
    app.include_router(Api(store, live, clock).router())
    app.include_router(coverage_router(store))
    app.add_api_route("/healthz", lambda: _health(live))
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.mount("/vendor/leaflet", StaticFiles(directory=leaflet_folder()), name="leaflet")
    return app


def _running(live: Live, store: Screens) -> AbstractAsyncContextManager[None]:
    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        ticker = asyncio.create_task(live.run(), name="ticker")
        yield
        live.close()
        ticker.cancel()
        with suppress(asyncio.CancelledError):
            await ticker
        store.close()

    return lifespan()


def _health(live: Live) -> JSONResponse:
    """Answer 200 while the stream runs and the store answers, else 503 with what is wrong."""
    scene = live.scene
    body = {"tick": live.tick, "database": scene.database, "fault": live.fault, "trucks": len(scene.fleet)}
    body["registry"] = scene.refusal  # empty: the flow judges by the newest
    return JSONResponse(body, 200 if scene.database and not live.fault else 503)


async def _unavailable(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, 503, headers={"Retry-After": "2"})
