"""Batches into the real database: every column back, doubles, late fixes, ownership, lost replies."""

import dataclasses
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import psycopg
import pytest

from hazmat.alerts import AlertChange, AlertState, EndReason, Severity
from hazmat.journeys import JourneyChange, JourneyPhase
from hazmat.outcome import Outcome, Reject
from hazmat.partition import partition_of
from hazmat.position import COLUMN_TYPES, Positions
from hazmat.store.embedded import PostgresServer
from hazmat.store.errors import OwnershipLost, StoreFault, StoreUnavailable
from hazmat.store.flow import FlowStore
from hazmat.store.schema import migrate
from tests.store_samples import START, noise, outcome, positions

ALL = range(64)


def rows(dsn: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn) as connection:
        connection.execute("SET timezone TO 'UTC'")
        return connection.execute(query.encode()).fetchall()


def everything(dsn: str) -> list[list[tuple[Any, ...]]]:
    tables = (
        "positions",
        "last_known",
        "alerts",
        "journeys",
        "rejects",
        "progress",
        "checkpoints",
        "repairs",
    )
    return [rows(dsn, f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]


def alert(**changes: Any) -> AlertChange:
    first = AlertChange(
        alert_id="a1", vehicle_id="v1", rule_id="overspeed", object_id="road-1", severity=Severity.YELLOW,
        state=AlertState.FIRING, opened_at=START, fired_at=START + timedelta(seconds=30),
        last_hit_at=START + timedelta(seconds=30), resolved_at=None, end_reason=None, fixes=3,
        value=81.123456789, lon=121.7, lat=29.97,
        evidence={"limit": 80.0, "road": "泥螺\x00路", "n": float("nan"), "loaded": True},
    )  # fmt: skip
    return dataclasses.replace(first, **changes)


def reject(second: int = 0, raw: bytes = b'{"lon": "x"}') -> Reject:
    return Reject(
        START + timedelta(seconds=second), "hazmat/v1/v1/position", -1, "type", "lon", "\ud800 no \x00", raw
    )


def test_every_column_comes_back_as_it_was(any_database: str) -> None:
    batches = [noise(500, 700, second, seed=second) for second in range(3)]
    with FlowStore(any_database) as store:
        lease = store.take_over(ALL)
        for number, batch in enumerate(batches, 1):
            lease = store.commit(lease, number, batch)
        stored = list(store.positions_after(dict.fromkeys(ALL, 0)))
    assert len(stored) == 3
    for number, (batch, back) in enumerate(zip(batches, stored, strict=True), 1):
        for name in COLUMN_TYPES:
            wanted = getattr(batch.positions, name)
            if name == "message":
                wanted = np.full(500, number)
            assert getattr(back, name).dtype == COLUMN_TYPES[name]
            np.testing.assert_array_equal(getattr(back, name), wanted, err_msg=name)


def test_missing_values_are_null(any_database: str) -> None:
    fixes = positions(["v1", "v-with-a-long-name-of-32-letters"], [0, 1], lon=[np.nan, 121.7], load=[-1, 2])
    with FlowStore(any_database) as store:
        store.commit(store.take_over(ALL), 1, outcome(fixes, known=np.array([False, True])))
    found = rows(
        any_database, "SELECT vehicle_id, lon, load, alarm, speed_kmh, known FROM positions ORDER BY row_no"
    )
    assert found == [
        ("v1", None, None, None, None, False),
        ("v-with-a-long-name-of-32-letters", 121.7, 2, None, None, True),
    ]


def test_a_repeated_fix_is_stored_once_and_asks_for_nothing(any_database: str) -> None:
    first = positions(["v1", "v2"], [10, 10], speed_kmh=[50, 60])
    again = positions(["v1", "v1", "v2", "v2"], [10, 5, 10, 10], speed_kmh=[99, 40, 99, 98])
    with FlowStore(any_database) as store:
        lease = store.commit(store.take_over(ALL), 1, outcome(first))
        store.commit(lease, 2, outcome(again, late=[True, True, True, True]))
    kept = rows(
        any_database, "SELECT vehicle_id, speed_kmh, late, batch_no FROM positions ORDER BY 1, fix_time"
    )
    assert kept == [("v1", 40, True, 2), ("v1", 50, False, 1), ("v2", 60, False, 1)]
    late = START + timedelta(seconds=5)
    assert rows(any_database, "SELECT * FROM repairs") == [("v1", late, late + timedelta(milliseconds=200))]


def test_repairs_keep_the_earliest_late_fix(any_database: str) -> None:
    with FlowStore(any_database) as store:
        lease = store.take_over(ALL)
        for number, second in enumerate((20, 8, 12), 1):
            batch = outcome(positions(["v1"], [second]), late=[number > 1])
            lease = store.commit(lease, number, batch)
        assert [p.fix_time.tolist() for p in store.positions_after(dict.fromkeys(ALL, 0))] == [
            [datetime(2026, 3, 2, 0, 0, 20)]  # noqa: DTZ001  NumPy's own form
        ]
    first, asked = START + timedelta(seconds=8), START + timedelta(seconds=12.2)
    assert rows(any_database, "SELECT first_late, asked_at FROM repairs") == [(first, asked)]


def test_last_known_goes_forward_only(any_database: str) -> None:
    with FlowStore(any_database) as store:
        lease = store.take_over(ALL)
        lease = store.commit(lease, 1, outcome(positions(["v1", "v2"], [10, 10], speed_kmh=[50, 51])))
        lease = store.commit(lease, 2, outcome(positions(["v1", "v2"], [9, 11], speed_kmh=[60, 61])))
    kept = rows(
        any_database, "SELECT vehicle_id, speed_kmh, batch_no, phase, loaded FROM last_known ORDER BY 1"
    )
    assert kept == [("v1", 50, 1, 2, True), ("v2", 61, 2, 2, True)]


def test_an_alert_is_updated_but_its_evidence_stays(any_database: str) -> None:
    later = START + timedelta(minutes=5)
    end = alert(
        state=AlertState.RESOLVED, end_reason=EndReason.CLEARED, resolved_at=later, fixes=9,
        value=float("nan"), evidence={"other": 1}, fired_at=later, lon=1.0, lat=2.0, severity=Severity.RED,
    )  # fmt: skip
    trip = JourneyChange("j1", "v1", START, None, JourneyPhase.INBOUND)
    nothing = outcome(Positions.empty())
    with FlowStore(any_database) as store:
        lease = store.take_over(ALL)
        opened = dataclasses.replace(nothing, alerts=(alert(fixes=2), alert()), journeys=(trip,))
        lease = store.commit(lease, 1, opened)
        before = rows(any_database, "SELECT state, value, fixes, evidence FROM alerts")
        closed = dataclasses.replace(trip, exited_at=later, phase=JourneyPhase.OUTBOUND)
        store.commit(
            lease, 2, dataclasses.replace(nothing, alerts=(end,), journeys=(closed,), registry_version=8)
        )
    evidence = {"limit": 80.0, "road": "泥螺\ufffd路", "n": None, "loaded": True}
    assert before == [("firing", 81.123456789, 3, evidence)]
    columns = "state, severity, end_reason, resolved_at, fired_at, fixes, value, lon, lat, evidence"
    assert rows(any_database, f"SELECT {columns}, registry_version, batch_no FROM alerts") == [
        (
            "resolved",
            "red",
            "cleared",
            later,
            START + timedelta(seconds=30),
            9,
            None,
            121.7,
            29.97,
            evidence,
            8,
            2,
        )
    ]
    assert rows(any_database, "SELECT * FROM journeys") == [("j1", "v1", START, later, 3)]


def test_a_reject_that_comes_again_is_counted(any_database: str) -> None:
    nothing, long = outcome(Positions.empty()), b"\x00\xff" * 5000
    with FlowStore(any_database) as store:
        lease = store.commit(store.take_over(ALL), 1, nothing, [reject(), reject(1), reject(2, long)])
        store.commit(lease, 2, nothing, [reject(9)])
    found = rows(
        any_database, "SELECT times, received_at, last_received_at, raw, raw_size FROM rejects ORDER BY times"
    )
    second = START + timedelta(seconds=2)
    assert found == [
        (1, second, second, long[:4096], 10000),
        (3, START, START + timedelta(seconds=9), b'{"lon": "x"}', 12),
    ]
    assert rows(any_database, "SELECT DISTINCT detail FROM rejects") == [("\\ud800 no \ufffd",)]


def test_who_lost_a_partition_saves_nothing(any_database: str) -> None:
    batch = noise(300, 300, 0, seed=1)
    with FlowStore(any_database) as old, FlowStore(any_database) as new:
        lease = old.commit(old.take_over(ALL), 1, batch, [reject()], {3: b"memory"})
        newer = new.take_over([5])
        assert (newer.epoch, newer.batch_no) == ({5: 2}, {5: 1})
        before = everything(any_database)
        full = dataclasses.replace(noise(300, 300, 5, seed=2), alerts=(alert(),))
        with pytest.raises(OwnershipLost, match="batch 2"):
            old.commit(lease, 2, full, [reject(9)], {3: b"newer memory"})
        assert everything(any_database) == before
        others = [p for p in ALL if p != 5]
        mine = full.positions.take(partition_of(full.positions.vehicle_id) != 5)
        assert old.commit(lease, 2, outcome(mine)).batch_no == dict.fromkeys(others, 2) | {5: 1}
        assert new.checkpoints([3, 5]) == {3: (1, b"memory")}


def test_a_lease_must_cover_the_batch(any_database: str) -> None:
    with FlowStore(any_database) as store:
        lease = store.take_over([0])
        with pytest.raises(OwnershipLost, match="not in the lease"):
            store.commit(lease, 1, noise(100, 100, 0, seed=1))
        lease = store.commit(lease, 1, outcome(Positions.empty()))
        with pytest.raises(StoreFault, match="batch 1 comes after batch 1"):
            store.commit(lease, 1, outcome(Positions.empty()))
        with pytest.raises(StoreFault, match="0 to 63"):
            store.take_over([64])


@pytest.mark.parametrize(
    "batch", [noise(50, 50, 0, seed=1), outcome(Positions.empty())], ids=["fixes", "none"]
)
def test_a_commit_whose_reply_was_lost_is_not_done_twice(any_database: str, batch: Outcome) -> None:
    with FlowStore(any_database) as store:
        lease = store.take_over(ALL)
        assert not store.landed(lease, 1)
        after = store.commit(lease, 1, batch, [reject()])
        before = everything(any_database)
        assert store.landed(lease, 1)
        assert store.commit(lease, 1, batch, [reject()]) == after
        assert everything(any_database) == before
        store.commit(after, 2, batch, [reject()])
        assert rows(any_database, "SELECT times FROM rejects") == [(2,)]


def test_a_server_that_goes_away_is_retried_by_calling_again(any_database: str) -> None:
    with FlowStore(any_database) as store, psycopg.connect(any_database, autocommit=True) as other:
        lease = store.commit(store.take_over(ALL), 1, noise(50, 50, 0, seed=1))
        other.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        with pytest.raises(StoreUnavailable):
            store.commit(lease, 2, noise(50, 50, 1, seed=2))
        assert store.commit(lease, 2, noise(50, 50, 1, seed=2)).batch_no[0] in {0, 1, 2}
    assert rows(any_database, "SELECT batch_no, count(*) FROM positions GROUP BY 1 ORDER BY 1") == [
        (1, 50),
        (2, 50),
    ]


def test_no_server_and_a_read_only_one_are_unavailable(any_database: str) -> None:
    with (
        FlowStore("host=/nowhere dbname=hazmat") as store,
        pytest.raises(StoreUnavailable, match="no connection"),
    ):
        store.take_over(ALL)
    read_only = FlowStore(f"{any_database}&options=-c%20default_transaction_read_only%3Don")
    with read_only as store, pytest.raises(StoreUnavailable, match="read-only"):
        store.take_over(ALL)


def test_a_full_disk_is_waited_for(any_database: str) -> None:
    with FlowStore(any_database) as store, psycopg.connect(any_database, autocommit=True) as other:
        other.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$"
        )
        other.execute("CREATE TRIGGER full_disk BEFORE INSERT ON last_known EXECUTE FUNCTION refuse()")
        lease = store.take_over(ALL)
        before = everything(any_database)
        with pytest.raises(StoreUnavailable, match=r"disk is full.*could not extend file"):
            store.commit(lease, 1, noise(50, 50, 0, seed=1), [reject()])
        assert everything(any_database) == before
        other.execute("DROP TRIGGER full_disk ON last_known")
        store.commit(lease, 1, noise(50, 50, 0, seed=1), [reject()])
    assert rows(any_database, "SELECT count(*) FROM positions") == [(50,)]


def test_a_take_over_waits_for_the_commit_in_progress(any_database: str) -> None:
    with (
        FlowStore(any_database) as old,
        FlowStore(any_database) as new,
        psycopg.connect(any_database) as slow,
    ):
        lease = old.take_over(ALL)
        slow.execute("LOCK TABLE rejects IN ACCESS EXCLUSIVE MODE")
        with ThreadPoolExecutor(2) as pool:
            saving = pool.submit(old.commit, lease, 1, noise(99, 99, 0, seed=1), [reject()])
            wait_for_lock(any_database, 1)
            taking = pool.submit(new.take_over, ALL)
            wait_for_lock(any_database, 2)
            slow.rollback()
            assert taking.result(10).batch_no == saving.result(10).batch_no
        with pytest.raises(OwnershipLost):
            old.commit(saving.result(), 2, noise(99, 99, 1, seed=2))


def wait_for_lock(dsn: str, waiting: int) -> None:
    deadline = time.monotonic() + 10
    query = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    while rows(dsn, query) != [(waiting,)]:
        assert time.monotonic() < deadline, "nobody waits"
        time.sleep(0.02)


def test_a_fix_that_the_table_refuses_is_a_fault_and_leaves_nothing(any_database: str) -> None:
    with FlowStore(any_database) as store:
        lease = store.take_over(ALL)
        bad = dataclasses.replace(noise(50, 50, 0, seed=1), alerts=(alert(fixes=0),))
        before = everything(any_database)
        with pytest.raises(StoreFault, match="alerts_fixes_check"):
            store.commit(lease, 1, bad)
        assert everything(any_database) == before
        store.commit(lease, 1, dataclasses.replace(bad, alerts=()))


def test_positions_after_goes_by_partition_and_in_order(any_database: str) -> None:
    batches = [noise(400, 400, second, seed=second) for second in range(4)]
    with FlowStore(any_database) as store:
        lease = store.take_over(ALL)
        for number, batch in enumerate(batches, 1):
            lease = store.commit(lease, number * 10, batch)
        wanted = {0: 20, 1: 0, 2: 40}
        found = Positions.concat(list(store.positions_after(wanted)))
        assert list(store.positions_after({})) == []
        assert list(store.positions_after({0: 40, 1: 40})) == []
    expected = []
    for number, batch in enumerate(batches, 1):
        partition = partition_of(batch.positions.vehicle_id)
        mine = np.isin(partition, [0, 1]) & ((partition == 1) | (number > 2))
        expected.append(dataclasses.replace(batch.positions, message=np.full(400, number * 10)).take(mine))
    for name, column in Positions.concat(expected).columns().items():
        np.testing.assert_array_equal(getattr(found, name), column, err_msg=name)


def test_days_begin_at_midnight_utc(postgres_database: str) -> None:
    fixes = positions(["v1", "v1"], [-0.001, 0])
    with FlowStore(postgres_database) as store, FlowStore(postgres_database) as other:
        lease = store.commit(store.take_over(ALL), 1, outcome(fixes))
        other.commit(lease, 2, outcome(positions(["v2"], [-0.001])))
    found = rows(
        postgres_database, "SELECT tableoid::regclass::text, vehicle_id FROM positions ORDER BY 1, 2"
    )
    assert found == [("positions_20260301", "v1"), ("positions_20260301", "v2"), ("positions_20260302", "v1")]


def test_a_day_dropped_behind_our_back_is_made_again(postgres_database: str) -> None:
    with FlowStore(postgres_database) as store:
        lease = store.commit(store.take_over(ALL), 1, outcome(positions(["v1"], [0])))
        with psycopg.connect(postgres_database) as connection:
            connection.execute("DROP TABLE positions_20260302")
        with pytest.raises(StoreUnavailable, match="dropped a moment ago"):
            store.commit(lease, 2, outcome(positions(["v1"], [1])))
        store.commit(lease, 2, outcome(positions(["v1"], [1])))
    assert rows(postgres_database, "SELECT batch_no FROM positions") == [(2,)]


def test_a_chunk_is_a_utc_day(timescale_database: str) -> None:
    with FlowStore(timescale_database) as store:
        store.commit(store.take_over(ALL), 1, outcome(positions(["v1", "v1", "v1"], [-0.001, 0, 86399.999])))
    chunks = rows(
        timescale_database,
        "SELECT range_start, range_end FROM timescaledb_information.chunks ORDER BY range_start",
    )
    days = [datetime(2026, 3, day, tzinfo=UTC) for day in (1, 2, 3)]
    assert chunks == [(days[0], days[1]), (days[1], days[2])]


def test_a_commit_survives_kill_of_the_server(fresh_folder: Any) -> None:
    with PostgresServer(fresh_folder / "pg") as server:
        migrate(server.dsn)
        with FlowStore(server.dsn) as store:
            lease = store.commit(store.take_over(ALL), 1, noise(200, 200, 0, seed=1))
            server.kill()
            server.start()  # returns when the last child of the killed one is gone
            with pytest.raises(StoreUnavailable):
                store.commit(lease, 2, noise(200, 200, 1, seed=2))
            store.commit(lease, 2, noise(200, 200, 1, seed=2))
        assert rows(server.dsn, "SELECT count(*) FROM positions") == [(400,)]
