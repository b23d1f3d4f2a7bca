"""What people do about an alert from its page, the inbox or the live list."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from dashboards.api import AlertId
from dashboards.context import Context, viewer_of
from dashboards.errors import wants_json
from dashboards.gate import GuardedRoute
from dashboards.sign_in import own_path
from hazmat.clock import to_ms
from hazmat.store.handling import Deed

Then = Annotated[str, Form(max_length=2000)]


class HandlingRoutes:
    """The actions of one application. A form is led back to ``then``, a program gets JSON."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._handling = context.doors.handling

    def router(self) -> APIRouter:
        """Return their routes."""
        router = APIRouter(prefix="/alerts/{alert_id}", include_in_schema=False, route_class=GuardedRoute)
        router.add_api_route("/acknowledge", self.acknowledge, methods=["POST"])
        return router

    def acknowledge(self, request: Request, alert_id: AlertId, then: Then = "") -> Response:
        """Note that somebody has seen the alert; the first one stays."""
        first = self._handling.acknowledge(self._deed(request, alert_id))
        done = {"acknowledged": to_ms(first.at), "by": first.name}
        return self._done(request, alert_id, then, done)

    def _deed(self, request: Request, alert_id: str, text: str = "", draft_key: str | None = None) -> Deed:
        account_id = viewer_of(request).account.account_id
        at = self._context.clock()
        return Deed(alert_id=alert_id, account_id=account_id, at=at, text=text, draft_key=draft_key)

    def _done(self, request: Request, alert_id: str, then: str, done: dict[str, object]) -> Response:
        if wants_json(request):
            return JSONResponse(done, headers={"Cache-Control": "no-store"})
        return RedirectResponse(own_path(then) if then else f"/alerts/{alert_id}", 303)
