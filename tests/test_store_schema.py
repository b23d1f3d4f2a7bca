"""Migrations, detected capability and the query files."""

import shutil
import threading
from pathlib import Path

import psycopg
import pytest

from hazmat.alerts import AlertState, Severity
from hazmat.documents import BlacklistKind
from hazmat.partition import PARTITIONS
from hazmat.position import COLUMN_TYPES
from hazmat.store import queries
from hazmat.store.capability import detect_at
from hazmat.store.errors import MigrationEdited, StoreFault, StoreUnavailable
from hazmat.store.position_rows import STAGED_COLUMNS, STORED_COLUMNS
from hazmat.store.queries import QueryFileError, load_queries
from hazmat.store.schema import MIGRATIONS_DIR, is_current, migrate

HYPER, PLAIN = (
    [path.stem for path in sorted(MIGRATIONS_DIR.glob("*.sql")) if other not in path.stem]
    for other in ("day_partitions", "hypertable")
)


@pytest.fixture(params=["postgres_template", "timescale_template"])
def bare_database(request: pytest.FixtureRequest) -> str:
    """Address of an empty database, not migrated."""
    server = request.getfixturevalue(request.param)
    name = f"bare_{request.node.name.split('[')[0]}"
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        connection.execute(f"CREATE DATABASE {name}".encode())
    address: str = server.dsn_of(name)
    return address


def test_every_migration_is_applied_once(bare_database: str) -> None:
    assert not is_current(bare_database)
    applied = migrate(bare_database)
    assert applied in (PLAIN, HYPER)
    assert migrate(bare_database) == []
    assert is_current(bare_database)


def test_several_processes_may_migrate_at_once(bare_database: str) -> None:
    applied: list[list[str]] = []
    threads = [threading.Thread(target=lambda: applied.append(migrate(bare_database))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(len, applied)) == [0, 0, 0, len(PLAIN)]


def test_an_edited_or_missing_migration_is_refused(bare_database: str, tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS_DIR, folder)
    migrate(bare_database, folder)
    file = folder / f"{PLAIN[-1]}.sql"
    text = file.read_text()
    file.write_text(text + "-- harmless?\n")
    with pytest.raises(MigrationEdited, match=f"{PLAIN[-1]} was edited"):
        migrate(bare_database, folder)
    file.unlink()
    with pytest.raises(MigrationEdited, match=f"{PLAIN[-1]}, which this program does not know"):
        migrate(bare_database, folder)
    file.write_text(text)
    (folder / "0099_gap.sql").write_text("SELECT 1")
    with pytest.raises(StoreFault, match="not numbered"):
        migrate(bare_database, folder)


def test_a_migration_that_fails_leaves_nothing(bare_database: str, tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS_DIR, folder)
    broken = folder / f"{int(PLAIN[-1][:4]) + 1:04}_broken.sql"
    broken.write_text("CREATE TABLE half_done (n integer); SELECT 1 / 0;")
    with pytest.raises(StoreFault, match="division by zero"):
        migrate(bare_database, folder)
    broken.write_text("CREATE TABLE half_done (n integer)")
    assert migrate(bare_database, folder) == [broken.stem]


def test_no_server_is_unavailable() -> None:
    with pytest.raises(StoreUnavailable, match="no connection"):
        migrate("host=/nowhere dbname=hazmat")


def test_plain_postgresql_is_recognised(postgres_database: str) -> None:
    found = detect_at(postgres_database)
    assert (found.edition, found.timescaledb_version, found.layout) == ("postgresql", None, "day_partitions")
    assert not found.can_hypertable
    assert "plpgsql" in found.installed


def test_timescaledb_is_recognised(timescale_database: str) -> None:
    found = detect_at(timescale_database)
    assert (found.edition, found.layout) == ("apache", "hypertable")
    assert found.timescaledb_version == found.installed["timescaledb"]
    assert "timescaledb" in found.preloaded
    assert found.can_hypertable


def test_the_schema_knows_what_the_code_knows(any_database: str) -> None:
    with psycopg.connect(any_database) as connection:
        table = {row[0] for row in connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'positions'"
        )}  # fmt: skip
        assert table == set(COLUMN_TYPES) - {"message"} | {"batch_no", "row_no", "late", "known"}
        assert (
            table
            == set(STORED_COLUMNS) | {"batch_no"}
            == set(STAGED_COLUMNS) - {"phase", "loaded"} | {"batch_no"}
        )
        progress = connection.execute(
            "SELECT array_agg(partition ORDER BY partition) FROM progress"
        ).fetchone()
        assert progress == (list(range(PARTITIONS)),)
        checks = " ".join(row[0] for row in connection.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c'"
        ))  # fmt: skip
    words = [*Severity, *BlacklistKind, AlertState.FIRING, AlertState.RESOLVED]
    assert all(f"'{word.value}'" in checks for word in words)


def test_every_query_file_can_be_read() -> None:
    files = [f.relative_to(queries.SQL_DIR).with_suffix("") for f in queries.SQL_DIR.rglob("*.sql")]
    for file in (file for file in files if file.parts[0] != "migrations"):
        assert list(load_queries(str(file)))


def test_query_files_keep_the_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "SQL_DIR", tmp_path)
    (tmp_path / "good.sql").write_text("-- name: one\n-- The number one.\nSELECT 1\n")
    assert load_queries("good")["one"] == b"-- The number one.\nSELECT 1"
    with pytest.raises(QueryFileError, match="no query named two"):
        load_queries("good")["two"]
    (tmp_path / "bare.sql").write_text("-- name: one\nSELECT 1\n")
    with pytest.raises(QueryFileError, match="one needs a line"):
        load_queries("bare")
    (tmp_path / "twice.sql").write_text("-- name: one\n-- One.\nSELECT 1\n-- name: one\n-- One.\nSELECT 1\n")
    with pytest.raises(QueryFileError, match="stands there twice"):
        load_queries("twice")
