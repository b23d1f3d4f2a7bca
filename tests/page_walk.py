"""Every page for people in the declared table of routes, with an account that may open it."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

from dashboards.access import ROUTES
from hazmat.accounts import GRANTS, Role
from tests.page_town import Town

# What answers with something else than a page, and pages in answer to a form alone.
_NO_PAGE = (
    "/api/", "/tiles/", "/texts/", "/metrics", "/healthz", "/readyz", "/audit.csv",
    "/alerts/{alert_id}/photos/",
)  # fmt: skip
_ORDER = (
    Role.CONTROL_ROOM, Role.ENTERPRISE, Role.ADMINISTRATOR, Role.AUDITOR, Role.OFFICER, Role.INSPECTOR,
)  # fmt: skip
_ROLES = {"/inbox": Role.OFFICER, "/alerts": Role.OFFICER, "/alerts/{alert_id}": Role.OFFICER}
_QUERIES = {"/reports/heat": "?from={day}&to={day}", "/vehicles/{vehicle_id}/day": "?day={day}"}
_LEADS_ON = "/"  # answers with the way to another page


@dataclass(frozen=True)
class Page:
    """A page by the path of its route, and who opens it; None: nobody is signed in."""

    path: str
    role: Role | None

    @property
    def name(self) -> str:
        """A file's name: what stands in the path, one of many in the singular."""
        return re.sub(r"s/\{\w+\}", "", self.path).strip("/").replace("/", "-")


def path_of(page: Page, town: Town, day: str) -> str:
    """The page's address in a town."""
    text: str = page.path + _QUERIES.get(page.path, "")
    return text.format(**asdict(town), day=day)


def _pages() -> tuple[Page, ...]:
    found = []
    for route, access in ROUTES.items():
        method, _, path = route.partition(" ")
        if method != "GET" or path == _LEADS_ON or path.startswith(_NO_PAGE):
            continue
        role = None
        if access.permission is not None:
            able = (role for role in _ORDER if access.permission in GRANTS[role])
            role = _ROLES.get(path) or next(able)
        found.append(Page(path, role))
    return tuple(found)


PAGES = _pages()
