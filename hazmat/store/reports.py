"""What the reports read: a day's waybills, where alerts opened over a span, the newest alerts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hazmat.store.pool import Pool, Row
from hazmat.store.queries import load_queries

MOST_ALERTS = 100_000
_QUERIES = load_queries("reports")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertScope:
    """Whose alerts: of one carrier (None: all), of some rules (None: all), never of ``unseen`` ones."""

    carrier_id: str | None
    rules: Sequence[str] | None
    unseen: Sequence[str]

    def values(self) -> dict[str, object]:
        """As the queries take it."""
        rules = None if self.rules is None else list(self.rules)
        return {"carrier": self.carrier_id, "rules": rules, "unseen": list(self.unseen)}


class Reports:
    """The door for reports. All may raise StoreUnavailable."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def vehicle(self, name: str) -> Row | None:
        """Return the one vehicle of this id or plate; None: there is none, or several bear the plate."""
        found = self._pool.rows(_QUERIES["vehicle"], name=name)
        return found[0] if len(found) == 1 else None

    def waybills(self, vehicle_id: str, start: datetime, end: datetime) -> list[Row]:
        """Return the waybills of a vehicle in force in a span (``end`` exclusive), oldest first."""
        return self._pool.rows(_QUERIES["waybills"], id=vehicle_id, start=start, end=end)

    def alert_places(
        self, start: datetime, end: datetime, scope: AlertScope, level: str | None = None
    ) -> list[Row]:
        """Return rule, level, place and fence of the alerts opened in a span, at most ``MOST_ALERTS``."""
        values = scope.values() | {"start": start, "end": end, "level": level, "rows": MOST_ALERTS}
        return self._pool.rows(_QUERIES["alert_places"], **values)

    def recent(self, scope: AlertScope) -> list[Row]:
        """Return the newest alerts with plate."""
        return self._pool.rows(_QUERIES["recent"], **scope.values())
