"""What the database server can do: plain PostgreSQL, TimescaleDB in its Apache edition, or the full one."""

from dataclasses import dataclass
from typing import Literal, cast

from hazmat.store.connection import Connection, connect
from hazmat.store.queries import load_queries

Edition = Literal["postgresql", "apache", "timescale"]
Layout = Literal["day_partitions", "hypertable"]


@dataclass(frozen=True, slots=True)
class Capability:
    """What was found. ``timescaledb_version`` is None while the extension is not created in this database.

    ``layout`` is how the table of positions is divided, None before the first migration; it stays as it was
    made, whatever the server learns later. ``available`` are extensions that could be created, by version.
    """

    server_version: str
    timescaledb_version: str | None
    edition: Edition
    preloaded: tuple[str, ...]
    installed: dict[str, str]
    available: dict[str, str]
    layout: Layout | None

    @property
    def can_hypertable(self) -> bool:
        """Whether TimescaleDB is there or can be created (without preload that would end the session)."""
        return self.timescaledb_version is not None or (
            "timescaledb" in self.preloaded and "timescaledb" in self.available
        )


def detect(connection: Connection) -> Capability:
    """Ask the server, over a connection that was opened after any CREATE EXTENSION."""
    queries = load_queries("capability")
    facts = connection.execute(queries["server"]).fetchone()
    assert facts is not None
    version, preloaded, licence, positions = cast(tuple[str, str | None, str | None, str | None], facts)
    found = connection.execute(queries["extensions"]).fetchall()
    rows = cast(list[tuple[str, str | None, str]], found)
    installed = {name: have for name, have, _ in rows if have is not None}
    timescaledb = installed.get("timescaledb")
    return Capability(
        server_version=version,
        timescaledb_version=timescaledb,
        edition="postgresql" if timescaledb is None else "timescale" if licence == "timescale" else "apache",
        preloaded=tuple(name.strip() for name in (preloaded or "").split(",") if name.strip()),
        installed=installed,
        available={name: could for name, _, could in rows},
        layout=_layout(connection, positions, timescaledb),
    )


def _layout(connection: Connection, positions: str | None, timescaledb: str | None) -> Layout | None:
    if positions is None:
        return None
    if positions == "p":
        return "day_partitions"
    if timescaledb and connection.execute(load_queries("capability")["is_hypertable"]).fetchone():
        return "hypertable"
    return None


def detect_at(dsn: str) -> Capability:
    """Ask the server at ``dsn`` over a connection of its own; psycopg's errors pass."""
    with connect(dsn) as connection:
        return detect(connection)
