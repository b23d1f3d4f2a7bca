"""GET /healthz: whether this server does its work."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from dashboards.context import Context
from dashboards.gate import GuardedRoute


def health_router(context: Context) -> APIRouter:
    """The route."""

    def health() -> JSONResponse:
        """Answer 200 while the stream runs and the store answers, else 503 with what is wrong."""
        live = context.live
        scene = live.scene
        body = {"tick": live.tick, "database": scene.database, "fault": live.fault}
        body |= {"trucks": len(scene.fleet), "registry": scene.refusal}  # empty: judged by the newest
        return JSONResponse(body, 200 if scene.database and not live.fault else 503)

    router = APIRouter(include_in_schema=False, route_class=GuardedRoute)
    router.add_api_route("/healthz", health)
    return router
