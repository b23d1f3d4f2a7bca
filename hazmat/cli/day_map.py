"""`hazmat day-map`: the day map of one vehicle as a file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from dashboards.reports.day_map import write_day_map
from hazmat.accounts import Language
from hazmat.cli.complaint import ConditionError
from hazmat.cli.database import database
from hazmat.settings import Settings


def write_day(settings: Settings, vehicle: str, day: date, out: Path, language: Language) -> int:
    """Write the day map of a vehicle, named by id or plate, as a single HTML file."""
    with database(settings) as dsn:
        try:
            write_day_map(dsn, vehicle, day, out, language)
        except LookupError as error:
            raise ConditionError(f"no vehicle, or not only one, is called {vehicle!r}") from error
    print(f"wrote {out}")
    return 0
