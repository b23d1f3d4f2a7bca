"""What goes wrong, told without telling too much: a page for people, JSON for programs, a number for both."""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from dashboards.accounts.resume import ask_again, ask_to_sign_in
from dashboards.fault_words import told_faults
from dashboards.gate import PasswordChangeNeeded, SignInNeeded, StaleForm
from dashboards.i18n import N_, language_of
from dashboards.page import PageMaker
from dashboards.request_log import ID_HEADER, request_id
from hazmat.store.errors import StoreUnavailable, ValueRefused

_log = logging.getLogger(__name__)
_TITLES = {
    401: N_("Please sign in"),
    403: N_("This is not open to your account"),
    404: N_("There is no such page"),
    405: N_("There is no such page"),
    413: N_("The upload is too large"),
    422: N_("Something in the request is not right"),
    429: N_("Too many requests; please wait a moment"),
    500: N_("Something failed on our side"),
    503: N_("The database does not answer just now"),
}
_OTHERWISE = N_("The request could not be answered")


class Errors:
    """Handlers of one application."""

    def __init__(self, page: PageMaker) -> None:
        self._page = page

    def install(self, app: FastAPI) -> None:
        """Take over all that is raised."""
        app.add_exception_handler(HTTPException, self._http)  # type: ignore[arg-type]
        app.add_exception_handler(RequestValidationError, self._invalid)  # type: ignore[arg-type]
        app.add_exception_handler(StoreUnavailable, self._unavailable)
        app.add_exception_handler(ValueRefused, self._refused)
        app.add_exception_handler(Exception, self._fault)

    async def _http(self, request: Request, error: HTTPException) -> Response:
        return await self._answer(
            request, error.status_code, str(error.detail), dict(error.headers or {}), error
        )

    async def _invalid(self, request: Request, error: RequestValidationError) -> Response:
        faults = [
            {"field": ".".join(map(str, fault["loc"])), "fault": fault["msg"]} for fault in error.errors()
        ]
        if wants_json(request):
            return JSONResponse({"detail": faults}, 422)
        language = language_of(request, getattr(request.state, "viewer", None))
        return await self._answer(request, 422, told_faults(error.errors(), language), {})

    async def _unavailable(self, request: Request, error: Exception) -> Response:
        _log.error("%s: %s", request.url.path, error)
        return await self._answer(request, 503, "the database does not answer", {"Retry-After": "2"})

    async def _refused(self, request: Request, error: Exception) -> Response:
        _log.warning("%s: %s", request.url.path, error)
        return await self._answer(request, 422, "a value is of no use: out of range, or not text", {})

    async def _fault(self, request: Request, error: Exception) -> Response:
        number = request_id(request)
        _log.error("fault %s at %s %s", number, request.method, request.url.path, exc_info=error)
        return await self._answer(request, 500, f"fault {number}; the log says more", {})

    async def _answer(
        self,
        request: Request,
        status: int,
        detail: str,
        headers: dict[str, str],
        error: Exception | None = None,
    ) -> Response:
        headers[ID_HEADER] = request_id(request)
        if wants_json(request):
            return JSONResponse({"detail": detail}, status, headers=headers)
        if isinstance(error, SignInNeeded):
            return await ask_to_sign_in(self._page, request)
        if isinstance(error, PasswordChangeNeeded):
            return RedirectResponse("/account", 303)
        if isinstance(error, StaleForm) and (page := await ask_again(self._page, request)):
            return page
        title = _TITLES.get(status, _OTHERWISE)
        values = {
            "title": title,
            "detail": detail,
            "status": status,
            "request_id": request_id(request),
            "stale": isinstance(error, StaleForm),
        }
        return self._page.render(request, "error.html", values, status, headers)


def wants_json(request: Request) -> bool:
    """Whether a program asks: our interface, or whoever prefers JSON."""
    return request.url.path.startswith("/api/") or "application/json" in request.headers.get("accept", "")
