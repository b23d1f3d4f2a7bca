"""GET /healthz and /readyz: for whoever starts, watches or balances us. Words only, nothing of the inside."""

from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from dashboards.context import Context
from dashboards.gate import GuardedRoute
from hazmat.clock import to_ms
from hazmat.store.errors import StoreError

STALE = timedelta(seconds=60)  # the flow commits at least once a second, also when no terminal reports
_STILL_MS = 10_000  # a look into the store is due every second


def health_router(context: Context) -> APIRouter:
    """The routes."""

    def health() -> JSONResponse:
        """Answer 200 while the stream runs and the store answers, else 503; costs nothing."""
        good = context.live.scene.database and not context.live.fault
        return JSONResponse({"status": "ok" if good else "failing"}, 200 if good else 503)

    def ready() -> JSONResponse:
        """Answer 200 if everything that people rely on works, else 503 with a word for each fault."""
        faults = _faults(context)
        return JSONResponse(
            {"status": "failing" if faults else "ok", "faults": faults}, 503 if faults else 200
        )

    router = APIRouter(include_in_schema=False, route_class=GuardedRoute)
    router.add_api_route("/healthz", health)
    router.add_api_route("/readyz", ready)
    return router


def _faults(context: Context) -> list[str]:
    at, live, faults = context.clock(), context.live, []
    if live.fault or to_ms(at) - live.scene.at_ms > _STILL_MS:
        faults.append("stream")
    door = context.doors.administration
    try:
        if not door.is_current():
            return [*faults, "migrations"]
        committed = door.progress()["committed_at"]
    except StoreError:
        return [*faults, "database"]
    if committed is None or at - committed > STALE:
        faults.append("ingest")
    return faults
