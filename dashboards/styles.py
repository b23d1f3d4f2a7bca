"""/styles: the living style page, which shows every component in both themes. Its data are examples."""

from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response

from dashboards.context import Context
from dashboards.gate import GuardedRoute
from dashboards.i18n import N_

PLATES = (
    (N_("Zhe B·K4269"), "yellow"), (N_("Zhe B·12345"), "blue"), (N_("Zhe B·D88888"), "green"),
    (N_("Zhe B·F00001"), "yellow-green"), (N_("WJ Zhe·0012"), "white"), (N_("Shi 014578"), "black"),
    (N_("Terminal 000981"), ""),
)  # fmt: skip
# The longest that occur.
GOODS = N_("Chlorodifluoromethane and chloropentafluoroethane mixture, refrigerant gas R 502")
NAME = N_("Ningbo Zhenhai Petrochemical Hazardous Chemicals Road Transport Joint Venture (example)")


def styles_router(context: Context) -> APIRouter:
    """The route."""

    def styles(request: Request, sort: str = "plate", page: int = 2) -> Response:
        """Return the style page."""
        at = context.clock()
        rows = [{"plate": plate, "colour": colour, "at": at} for plate, colour in PLATES[:4]]
        values = {
            "plates": PLATES, "goods": GOODS, "long_name": NAME, "rows": rows, "sort": sort, "page": page,
            "at": at, "soon": at + timedelta(minutes=12), "over": at - timedelta(hours=30),
        }  # fmt: skip
        return context.page.render(request, "styles.html", values)

    router = APIRouter(include_in_schema=False, route_class=GuardedRoute)
    router.add_api_route("/styles", styles)
    return router
