"""The list of all alerts that a viewer may see: search, sort, pages; works without script."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from dashboards.alerts.known_places import KnownPlaces, road_of
from dashboards.alerts.photos import clean_text
from dashboards.alerts.rule_names import rule_names
from dashboards.context import Context, viewer_of
from dashboards.gate import GuardedRoute, rules_for
from dashboards.i18n import N_, language_of, words
from hazmat.clock import SHANGHAI
from hazmat.store.alert_list import Scope, Search

ROWS = 50
DAYS = 7  # searched when no day is named
_MOST_PAGES = 10_000
_STATES = {"firing": N_("Going on"), "resolved": N_("Ended"), "withdrawn": N_("Withdrawn")}
_LEVELS = {"red": N_("red"), "orange": N_("orange"), "yellow": N_("yellow"), "blue": N_("blue")}
_SORTS = {
    "newest": N_("Newest first"),
    "oldest": N_("Oldest first"),
    "level": N_("Gravest first"),
    "plate": N_("By plate"),
}
_CHOICES = (_LEVELS, _STATES, _SORTS)
Text = Annotated[str, Query(max_length=100)]
Page = Annotated[int, Query(ge=1, le=_MOST_PAGES)]


@dataclass(frozen=True, slots=True)
class Asked:
    """The search form as it was filled in."""

    start: str = ""
    end: str = ""
    level: str = ""
    rule: str = ""
    state: str = ""
    plate: str = ""
    carrier: str = ""
    sort: str = "newest"


class AlertSearch:
    """The search of one application."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._places = KnownPlaces(context)

    def router(self) -> APIRouter:
        """Return its route."""
        router = APIRouter(include_in_schema=False, route_class=GuardedRoute)
        router.add_api_route("/alerts", self.page)
        return router

    def page(  # noqa: PLR0913, PLR0917 -- one parameter for each field of the form
        self, request: Request, start: Text = "", end: Text = "", level: Text = "", rule: Text = "",
        state: Text = "", plate: Text = "", carrier: Text = "", sort: Text = "newest", page: Page = 1,
    ) -> Response:  # fmt: skip
        """Return a page of the alerts searched for; a field that is wrong says so and is left out."""
        viewer = viewer_of(request)
        asked = Asked(*map(clean_text, (start, end, level, rule, state, plate, carrier, sort)))
        faults = faults_of(asked)
        at = self._context.clock()
        search = search_of(asked, faults, at)
        scope = Scope(tenant=viewer.tenant, rules=rules_for(viewer))
        found = self._context.doors.alert_list.search(scope, search, ROWS, (page - 1) * ROWS)
        total = int(found[0]["total"]) if found else 0
        say = words(language_of(request, viewer))
        names = rule_names(say.language)
        places = self._places.now(at, viewer.tenant)
        values = {
            "rows": [{**row, "place": row["object_name"] or road_of(row, places)} for row in found],
            "asked": asked, "faults": faults, "search": search, "names": names,
            "last_day": search.end - timedelta(days=1), "page": page, "pages": -(-total // ROWS),
            "total": total, "address": _address(asked), "states": _STATES,
            "choices": [[(i, say.gettext(text)) for i, text in each.items()] for each in _CHOICES],
            "rules": [(i, names[i].name) for i in names if scope.rules is None or i in scope.rules],
        }  # fmt: skip
        return self._context.page.render(request, "alerts.html", values, 422 if faults else 200)


def faults_of(asked: Asked) -> dict[str, str]:
    """What is wrong with a search, by field, as texts of the catalogues."""
    faults = {name: N_("This is no day") for name in ("start", "end") if not _is_day(getattr(asked, name))}
    choices: dict[str, set[str]] = {"level": set(_LEVELS), "state": set(_STATES), "sort": set(_SORTS)}
    for name, known in choices.items():
        if getattr(asked, name) not in known | {""}:
            faults[name] = N_("This is none of the choices")
    if not faults and asked.start and asked.end and asked.start > asked.end:
        faults["end"] = N_("The last day is before the first")
    return faults


def search_of(asked: Asked, faults: dict[str, str], at: datetime) -> Search:
    """What to ask the store; days are Beijing days, of wrong fields nothing is taken."""
    good = {name: text for name, text in asdict(asked).items() if name not in faults}
    today = at.astimezone(SHANGHAI).date()
    last = date.fromisoformat(good["end"]) if good.get("end") else today
    first = date.fromisoformat(good["start"]) if good.get("start") else last - timedelta(days=DAYS - 1)
    plate = asked.plate.upper().replace("·", "").replace(" ", "")
    kept = {name: good.get(name, "") for name in ("level", "rule", "state", "carrier")}
    return Search(
        start=datetime.combine(first, time.min, SHANGHAI),
        end=datetime.combine(last + timedelta(days=1), time.min, SHANGHAI),
        plate=plate,
        sort=good.get("sort") or "newest",
        **kept,
    )


def _is_day(text: str) -> bool:
    try:
        return not text or date(1970, 1, 1) <= date.fromisoformat(text) < date(9000, 1, 1)
    except ValueError:
        return False


def _address(asked: Asked) -> str:
    """The search as the query of a link."""
    return urlencode({name: text for name, text in asdict(asked).items() if text})
