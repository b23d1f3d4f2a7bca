"""TimescaleDB is the real one, and who asks for a database gets a fresh migrated one of each kind."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from hazmat.store.embedded import PostgresServer
from tests.servers.timescale import SETTINGS, timescale_bin_dir


def _one(dsn: str, query: str) -> object:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


@pytest.fixture
def own_timescale(fresh_folder: Path, timescale_bin: Path) -> PostgresServer:
    return PostgresServer(fresh_folder / "timescale", timescale_bin, SETTINGS)


def test_hypertable_rows_outlive_a_kill(own_timescale: PostgresServer) -> None:
    with own_timescale as server:
        with psycopg.connect(server.dsn) as connection:
            connection.execute("CREATE EXTENSION timescaledb")
            connection.execute("CREATE TABLE fixes (at timestamptz NOT NULL, vehicle text NOT NULL)")
            connection.execute("SELECT create_hypertable('fixes', by_range('at'))")
            connection.execute("INSERT INTO fixes VALUES ('2026-01-01Z', 'a'), ('2026-03-01Z', 'b')")
        server.kill()
        server.start()
        assert _one(server.dsn, "SELECT count(*) FROM fixes") == 2
        assert _one(server.dsn, "SELECT count(*) FROM show_chunks('fixes')") == 2


def test_it_is_the_apache_edition(own_timescale: PostgresServer) -> None:
    with own_timescale as server, psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION timescaledb")
        assert _one(server.dsn, "SHOW timescaledb.license") == "apache"
        with pytest.raises(psycopg.errors.FeatureNotSupported):
            connection.execute("SELECT add_job('now', '1 day')")


def test_the_tree_is_made_once(timescale_bin: Path) -> None:
    made_at = (timescale_bin / "postgres").stat().st_mtime_ns
    assert timescale_bin_dir() == timescale_bin
    assert (timescale_bin / "postgres").stat().st_mtime_ns == made_at


@pytest.mark.parametrize("turn", ["first", "second"])
def test_each_test_has_a_database_of_its_own(any_database: str, turn: str) -> None:
    with psycopg.connect(any_database) as connection:
        connection.execute("CREATE TABLE of_this_test ()")  # fails on the second turn if it is the same


def test_the_migrated_schema_is_in_it(any_database: str) -> None:
    assert _one(any_database, "SELECT to_regclass('positions')") == "positions"


def test_the_parameter_timescaledb_means_timescaledb(timescale_database: str) -> None:
    assert _one(timescale_database, "SELECT extname FROM pg_extension WHERE extname = 'timescaledb'")
