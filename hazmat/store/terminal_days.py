"""Each terminal's day in figures, reckoned from the fixes: too much work for a page, so it is done ahead."""

from datetime import UTC, datetime, time, timedelta

from hazmat.clock import SHANGHAI
from hazmat.store.connection import connect
from hazmat.store.errors import door
from hazmat.store.queries import load_queries

_YESTERDAY_TOO_H = 2  # so long after midnight fixes of the day before still come in


def reckon_terminals(dsn: str, at: datetime, kept_days: int = 90) -> None:
    """Write the figures of the local day of ``at``, early in it those of the day before too.

    Older ones than ``kept_days`` are forgotten. Raises StoreUnavailable.
    """
    local = at.astimezone(SHANGHAI)
    days = [local.date()]
    if local.hour < _YESTERDAY_TOO_H:
        days.append(local.date() - timedelta(days=1))
    queries = load_queries("administration")
    with door(), connect(dsn) as connection:
        for day in days:
            start = datetime.combine(day, time(), SHANGHAI).astimezone(UTC)
            values = {"day": day, "start": start, "stop": start + timedelta(days=1), "at": at}
            connection.execute(queries["reckon_terminals"], values)
        before = local.date() - timedelta(days=kept_days)
        connection.execute(queries["forget_terminal_days"], {"day": before})
