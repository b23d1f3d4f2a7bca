"""Around every request: an id for log and answer, a line in the access log, a count for Prometheus."""

import logging
import re
import secrets
import time
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards.access import FILES, ROUTES
from dashboards.admin.metrics import Metrics
from hazmat.logs import begin_request

ID_HEADER = "X-Request-ID"
_log = logging.getLogger("dashboards.requests")
_GIVEN = re.compile(r"[A-Za-z0-9-]{8,64}")
_STREAMS = frozenset({"GET /api/live/stream"})
_NO_ANSWER = 499  # the client left before there was one, as nginx counts it


class RequestLog:
    """ASGI middleware, the outermost of ours. Queries and cookies are not logged: they may hold secrets."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name, began, status = _id_of(scope), time.perf_counter(), _NO_ANSWER
        scope.setdefault("state", {})["request_id"] = name
        begin_request(name)

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[ID_HEADER] = name
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception:
            status = 500  # the page about it is made further out
            raise
        finally:
            self._tell(scope, status, time.perf_counter() - began)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        method, route = scope["method"], route_of(scope)
        lasting = f"{method} {route}" in _STREAMS
        self._metrics.count(
            method if route != "other" else "any", route, status, None if lasting else seconds
        )
        client, path = scope.get("client"), quote(scope["path"])  # a line end in it begins no line of ours
        _log.info(
            "%s %s %d %.1f ms", method, path, status, seconds * 1000,
            extra={
                "method": method, "path": path, "route": route, "status": status,
                "duration_ms": round(seconds * 1000, 1), "address": client[0] if client else "",
            },
        )  # fmt: skip


def request_id(request: Request) -> str:
    """The id under which the log tells of a request."""
    return str(request.state.request_id)


def route_of(scope: Scope) -> str:
    """The route as declared, a folder of files, or ``other``: never what the client made up."""
    path = getattr(scope.get("route"), "path", None)
    if path is not None and f"{scope['method']} {path}" in ROUTES:
        return str(path)
    asked = str(scope["path"])
    return next((folder for folder in sorted(FILES) if asked.startswith(f"{folder}/")), "other")


def _id_of(scope: Scope) -> str:
    """The id that a reverse proxy gave, if it is one, else a new one."""
    given = Headers(scope=scope).get(ID_HEADER, "")
    return given if _GIVEN.fullmatch(given) else secrets.token_hex(8)
