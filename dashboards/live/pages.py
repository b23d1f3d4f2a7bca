"""The live map's page and an alert's evidence map."""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from dashboards.context import Context, viewer_of
from dashboards.gate import GuardedRoute
from dashboards.i18n import language_of
from dashboards.live.api import AlertId
from dashboards.live.basemap import basemap
from dashboards.reports.evidence import evidence_map, evidence_policy


class Pages:
    """The pages of one application."""

    def __init__(self, context: Context) -> None:
        self._screens = context.doors.screens
        self._page = context.page
        self._settings = context.settings

    def router(self) -> APIRouter:
        """Return their routes."""
        router = APIRouter(
            default_response_class=HTMLResponse, include_in_schema=False, route_class=GuardedRoute
        )
        router.add_api_route("/live", self.live_map)
        router.add_api_route("/alerts/{alert_id}/map", self.evidence)
        return router

    def live_map(self, request: Request) -> Response:
        """Return the live map."""
        return self._page.render(request, "live.html", {"base": basemap(self._settings)})

    def evidence(self, request: Request, alert_id: AlertId) -> Response:
        """Return an alert's evidence map, the same file that ``hazmat map`` writes."""
        try:
            viewer = viewer_of(request)
            page = evidence_map(self._screens, alert_id, language_of(request, viewer), viewer)
        except LookupError as error:
            raise HTTPException(404, str(error)) from error
        return HTMLResponse(page, headers={"Content-Security-Policy": evidence_policy(page)})
