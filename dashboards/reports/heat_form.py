"""The form of the heat map: what was filled in, what is wrong with it, the span that it asks for."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query

from dashboards.i18n import N_
from dashboards.reports.heat_map import LEVELS, Span
from hazmat.clock import SHANGHAI

MOST_DAYS = 366
DAYS = 7  # shown when no day is named
_FIRST, _LAST = date(2000, 1, 1), date(2100, 1, 1)
Text = Annotated[str, Query(max_length=60)]


@dataclass(frozen=True, slots=True)
class HeatForm:
    """The fields as texts; days as 2026-03-15, level and rule empty: all."""

    first: str
    last: str
    level: str = ""
    rule: str = ""

    def faults(self) -> dict[str, str]:
        """What is wrong, by field, as texts of the catalogues; an unknown rule has no alerts."""
        faults = {field: N_("This is no day") for field, text in self._days() if day_of(text) is None}
        if self.level not in {"", *LEVELS}:
            faults["level"] = N_("This is none of the choices")
        first, last = day_of(self.first), day_of(self.last)
        if first and last and first > last:
            faults["to"] = N_("The last day is before the first")
        elif first and last and last - first >= timedelta(days=MOST_DAYS):
            faults["to"] = N_("At most 366 days fit into one map")
        return faults

    def span(self) -> Span:
        """Return what is asked for; both days are included and are Beijing days. ValueError: has faults."""
        first, last = date.fromisoformat(self.first), date.fromisoformat(self.last)
        return Span(_midnight(first), _midnight(last + timedelta(days=1)), self.rule, self.level)

    def query(self) -> str:
        """Return the form as the query of an address."""
        named = {"from": self.first, "to": self.last, "level": self.level, "rule": self.rule}
        return urlencode({name: text for name, text in named.items() if text})

    def _days(self) -> tuple[tuple[str, str], ...]:
        return ("from", self.first), ("to", self.last)


def filled(first: str, last: str, level: str, rule: str, today: date) -> HeatForm:
    """Return the form with the days that were left out: up to today, a week long."""
    end = last or today.isoformat()
    start = first or ((day_of(end) or today) - timedelta(days=DAYS - 1)).isoformat()
    return HeatForm(start, end, level, rule)


def day_of(text: str) -> date | None:
    """Return the day that a text names, between 2000 and 2100; None: it names none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _FIRST <= day <= _LAST else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
