"""A database that was filled before a release is brought to the present schema with all that is in it."""

import itertools
import shutil
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from hazmat.store.flow import FlowStore
from hazmat.store.schema import MIGRATIONS_DIR, migrate

FIRST_RELEASE = 4  # migrations
_numbers = itertools.count()
_FILLED = """
INSERT INTO alerts (alert_id, vehicle_id, rule_id, object_id, severity, state, opened_at, fired_at,
                    last_hit_at, resolved_at, end_reason, fixes, evidence, registry_version, batch_no)
VALUES ('a', 'T001', 'overspeed', '', 'red', 'firing', now(), now(), now(), NULL, NULL, 3, '{}', 1, 7),
       ('b', 'T001', 'silent', '', 'blue', 'resolved', now(), now(), now(), now(), 'cleared', 0, '{}', 1, 7);
INSERT INTO journeys VALUES ('j', 'T001', now(), NULL, 1);
INSERT INTO positions (vehicle_id, fix_time, received_at, batch_no, row_no, has_fix, late, known)
VALUES ('T001', '2026-11-20 04:00Z', '2026-11-20 04:00:01Z', 7, 0, true, false, true),
       ('T001', '2026-11-21 04:00Z', '2026-11-21 04:00:01Z', 7, 1, true, false, true);
INSERT INTO repairs VALUES ('T001', now(), now());
"""
_DAYS = """
CREATE TABLE positions_20261120 PARTITION OF positions
    FOR VALUES FROM ('2026-11-20 00:00Z') TO ('2026-11-21 00:00Z');
CREATE TABLE positions_20261121 PARTITION OF positions
    FOR VALUES FROM ('2026-11-21 00:00Z') TO ('2026-11-22 00:00Z');
"""


@pytest.fixture(params=["postgres_template", "timescale_template"])
def filled_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a database of the first release with rows in it."""
    server = request.getfixturevalue(request.param)
    name = f"filled_{next(_numbers)}"
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    dsn: str = server.dsn_of(name)
    for path in MIGRATIONS_DIR.glob("*.sql"):
        if int(path.name[:4]) <= FIRST_RELEASE:
            shutil.copy(path, tmp_path)
    plain = any("day_partitions" in each for each in migrate(dsn, tmp_path))
    with psycopg.connect(dsn) as connection:
        connection.execute(((_DAYS if plain else "") + _FILLED).encode())
    return dsn


def test_a_filled_database_is_upgraded_and_read(filled_database: str) -> None:
    assert migrate(filled_database)
    with FlowStore(filled_database) as store:
        (firing,) = store.firing()
        assert (firing.alert_id, firing.named_at, firing.retrospective) == ("a", firing.opened_at, False)
        asks = store.repairs()
        assert asks.vehicle_id.tolist() == [b"T001"]
        fixes = [len(part) for part in store.positions_after(dict.fromkeys(range(64), 0))]
        assert fixes == [2]
        after = asks.first_late.astype("datetime64[ms]") - 10**12
        assert {a.alert_id for a in store.standing(asks.vehicle_id, after)} == {"a", "b"}
        assert [j.journey_id for j in store.journeys(asks.vehicle_id, after)] == ["j"]
