"""What the pages of administration ask: state of the system, rejects, terminals, fences."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Literal, cast

from hazmat.store.capability import Capability, detect
from hazmat.store.pool import Connection, Pool, Row
from hazmat.store.queries import load_queries
from hazmat.store.schema import has_all_migrations

_QUERIES = load_queries("administration")
TerminalOrder = Literal["worst", "seen", "leaps", "clock", "plate"]
FenceOrder = Literal["name", "kind", "since", "limit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectFilter:
    """Which refused payloads; empty fields and None: any. ``text`` is looked for in topic and payload."""

    reason: str = ""
    field: str = ""
    text: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalFilter:
    """Whose terminals, of which local day (from ``start`` to ``stop``), in which order."""

    day: date
    start: datetime
    stop: datetime
    carrier_id: str = ""
    text: str = ""
    order: TerminalOrder = "worst"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of a list and how long the whole is."""

    rows: list[Row]
    total: int


class Administration:
    """The door; all may raise StoreUnavailable."""

    def __init__(self, reading: Pool) -> None:
        self._pool = reading

    def server(self) -> Row:
        """Version, ``bytes``, ``connections`` and ``most_connections`` of the database."""
        return self._one("server")

    def capability(self) -> Capability:
        """What the server can do, and how the table of positions is divided."""
        return self._pool.ask(detect)

    def migrations(self) -> Row:
        """``count`` of migrations, ``name`` of the last and when it was applied."""
        return self._one("migrations")

    def is_current(self) -> bool:
        """Whether the database has every migration."""
        return self._pool.ask(has_all_migrations)

    def progress(self) -> Row:
        """The last ``batch_no`` stored, when it was (``committed_at``), ``partitions`` stored to."""
        return self._one("progress")

    def rate(self, at: datetime, batch_no: int) -> Row:
        """``fixes`` received in the minute before a moment; ``lag_s`` of the batch: reception to storing."""
        return self._one("rate", at=at, batch_no=batch_no)

    def heard(self, since: datetime) -> Row:
        """When any terminal was last heard (``received_at``), and how many since a moment."""
        return self._one("heard", since=since)

    def repairs(self) -> Row:
        """How many repairs are ``waiting``, and ``since`` when the first."""
        return self._one("repairs")

    def checkpoints(self) -> Row:
        """``count``, ``oldest`` and ``bytes`` of the checkpoints."""
        return self._one("checkpoints")

    def oldest_day(self) -> date | None:
        """The first UTC day of positions that is kept."""

        def oldest(connection: Connection) -> date | None:
            chunks = detect(connection).layout == "hypertable"
            found = connection.execute(_QUERIES["oldest_chunk" if chunks else "oldest_partition"]).fetchone()
            return cast("date | None", found[0]) if found else None

        return self._pool.ask(oldest)

    def registry(self) -> Row:
        """``version`` of the reference data, ``changed_at``, and the flow's ``refusal`` (empty: none)."""
        return self._one("registry")

    def open_alerts(self) -> dict[str, int]:
        """How many alerts are open, by level."""
        return {row["severity"]: int(row["count"]) for row in self._pool.rows(_QUERIES["alert_counts"])}

    def reject_counts(self) -> list[Row]:
        """By ``reason``: different ``payloads``, ``times`` with repetitions, the ``last`` one's moment."""
        return self._pool.rows(_QUERIES["reject_counts"])

    def rejects(self, wanted: RejectFilter, rows: int, skip: int = 0) -> Found:
        """Refused payloads, newest first, without their content."""
        return self._page("reject_list", rows, skip, **asdict(wanted))

    def reject_fields(self) -> list[str]:
        """The fields that payloads were refused for."""
        return [row["field"] for row in self._pool.rows(_QUERIES["reject_fields"])]

    def reject(self, reject_id: str) -> Row | None:
        """One refused payload with its content; None if there is none."""
        return self._pool.row(_QUERIES["reject"], reject_id=reject_id)

    def online(self, since: datetime) -> list[Row]:
        """Vehicles ``registered`` and ``heard`` since a moment, by carrier, the worst first."""
        return self._pool.rows(_QUERIES["online"], since=since)

    def terminals(self, wanted: TerminalFilter, device_rules: list[str], rows: int, skip: int = 0) -> Found:
        """Registered vehicles with their terminals' figures of a day; ``alerts``: those of these rules."""
        return self._page("terminals", rows, skip, device_rules=device_rules, **asdict(wanted))

    def terminal_day(self, day: date) -> Row:
        """A day of the whole fleet: ``vehicles``, ``hours`` driven, share ``complete``, ``reckoned_at``."""
        return self._one("terminal_day", day=day)

    def strangers(self, rows: int) -> Found:
        """Vehicles that report and are not registered, the last heard first."""
        return self._page("strangers", rows, 0)

    def fences(
        self, at: datetime, kind: str, text: str, order: FenceOrder, rows: int, skip: int = 0
    ) -> Found:
        """Fences, each in its version in force at a moment or else its last, GeoJSON as text."""
        return self._page("fences", rows, skip, at=at, kind=kind, text=text, order=order)

    def fence_kinds(self) -> dict[str, int]:
        """How many fences there are of each kind."""
        return {row["kind"]: int(row["count"]) for row in self._pool.rows(_QUERIES["fence_kinds"])}

    def _one(self, name: str, **values: object) -> Row:
        row = self._pool.row(_QUERIES[name], **values)
        assert row is not None, f"{name} always has a row"
        return row

    def _page(self, name: str, rows: int, skip: int, **values: Any) -> Found:
        found = self._pool.rows(_QUERIES[name], rows=rows, skip=skip, **values)
        return Found(rows=found, total=int(found[0]["total"]) if found else 0)
