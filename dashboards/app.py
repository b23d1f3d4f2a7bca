"""The web application, wired in plain sight: every part's router, behind one gate."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from fastapi import APIRouter, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from dashboards.accounts.account_routers import account_routers
from dashboards.admin.admin import admin_router
from dashboards.admin.coverage import coverage_router
from dashboards.admin.health import health_router
from dashboards.admin.metrics import Metrics, metrics_router
from dashboards.alerts.alert_pages import AlertPages
from dashboards.alerts.alert_search import AlertSearch
from dashboards.alerts.handling import HandlingRoutes
from dashboards.alerts.inbox import Inbox
from dashboards.context import Clock, Context
from dashboards.errors import Errors
from dashboards.files import VersionedFiles
from dashboards.gate import Gate
from dashboards.live.api import Api
from dashboards.live.live import Live
from dashboards.live.pages import Pages
from dashboards.live.playback import playback_routers
from dashboards.live.search import Finder
from dashboards.live.tiles import tiles_router
from dashboards.openapi import openapi_router
from dashboards.page import STATIC, PageMaker
from dashboards.portal import PortalPages
from dashboards.reports.reports import ReportPages
from dashboards.request_log import RequestLog
from dashboards.security import SecurityHeaders
from dashboards.styles import styles_router
from dashboards.texts import texts_router
from dashboards.vendor import leaflet_folder
from hazmat.settings import Settings
from hazmat.store.doors import Doors


def create_app(doors: Doors, clock: Clock, settings: Settings) -> FastAPI:
    """Return the application that shows what the database behind ``doors`` holds.

    It opens no connection before its start. ``app.state.live`` is the live stream: whoever stops the server
    calls its ``close`` first.
    """
    live = Live(doors.screens, clock)
    page = PageMaker()
    context = Context(doors, clock, live, settings, page)
    app = FastAPI(
        title="hazmat", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lambda _: _running(context)
    )
    app.state.live = live
    app.state.gate = Gate(doors, clock)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(SecurityHeaders)
    app.state.metrics = Metrics(context)
    app.add_middleware(RequestLog, metrics=app.state.metrics)
    Errors(page).install(app)
    for router in _routers(context):
        app.router.routes.extend(router.routes)
    app.mount("/static", VersionedFiles(STATIC), name="static")
    app.mount("/vendor/leaflet", StaticFiles(directory=leaflet_folder()), name="leaflet")
    return app


def _routers(context: Context) -> list[APIRouter]:
    """Every part of the site; each route of theirs stands in ``dashboards.access``."""
    return [
        *account_routers(context),
        Pages(context).router(),
        Api(context).router(),
        Finder(context).router(),
        coverage_router(context),
        texts_router(),
        tiles_router(context),
        openapi_router(),
        health_router(context),
        metrics_router(),
        admin_router(context),
        HandlingRoutes(context, alerts := AlertPages(context)).router(),
        alerts.router(),
        AlertSearch(context).router(),
        Inbox(context).router(),
        *playback_routers(context),
        ReportPages(context).router(),
        PortalPages(context).router(),
        styles_router(context),
    ]


def _running(context: Context) -> AbstractAsyncContextManager[None]:
    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        ticker = asyncio.create_task(context.live.run(), name="ticker")
        yield
        context.live.close()
        ticker.cancel()
        with suppress(asyncio.CancelledError):
            await ticker
        context.doors.close()

    return lifespan()
