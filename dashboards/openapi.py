"""GET /api/openapi.json: our interface described by itself (OpenAPI 3.1), for programs with a token."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from dashboards.access import ROUTES
from dashboards.gate import GuardedRoute

_REFUSALS = {
    "401": "nobody is signed in",
    "403": "the account or token may not",
    "404": "there is none, or it is another's",
    "429": "too many requests; see Retry-After",
    "503": "the database does not answer; see Retry-After",
}


def openapi_router() -> APIRouter:
    """The route."""
    router = APIRouter(prefix="/api", route_class=GuardedRoute, include_in_schema=False)
    router.add_api_route("/openapi.json", _answer)
    return router


def _answer(request: Request) -> dict[str, Any]:
    """Return the description of all calls below /api."""
    return describe(request.app.routes)


def describe(routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """Return the description of these routes, each with its permission and with what the gate may answer."""
    found = get_openapi(title="hazmat", version="1", routes=routes)
    found.setdefault("components", {})["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": "hazmat_session"},
    }
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            access = ROUTES[f"{method.upper()} {path}"]
            operation["security"] = [{"token": []}, {"session": []}] if access.permission else []
            operation["x-permission"] = str(access.permission or "")
            for status, meaning in _REFUSALS.items():
                operation["responses"].setdefault(status, {"description": meaning})
    return found
