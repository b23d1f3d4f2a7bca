"""`hazmat map`: the evidence map of one alert as a file."""

from __future__ import annotations

from pathlib import Path

from dashboards.reports.evidence import write_evidence_map
from hazmat.accounts import Language
from hazmat.cli.complaint import ConditionError
from hazmat.cli.database import database
from hazmat.settings import Settings


def write_map(settings: Settings, alert_id: str, out: Path, language: Language) -> int:
    """Write the evidence map of one alert as a single HTML file."""
    with database(settings) as dsn:
        try:
            write_evidence_map(dsn, alert_id, out, language)
        except LookupError as error:
            raise ConditionError(f"no alert {alert_id!r} in the database") from error
    print(f"wrote {out}")
    return 0
