"""Batches into a database in trouble: lost ownership, lost replies, full disks, kills; days and chunks."""

import dataclasses
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import numpy as np
import psycopg
import pytest

from hazmat.outcome import Outcome
from hazmat.partition import partition_of
from hazmat.position import Positions
from hazmat.store.embedded import PostgresServer
from hazmat.store.errors import OwnershipLost, StoreFault, StoreUnavailable
from hazmat.store.flow import FlowStore
from hazmat.store.schema import migrate
from tests.store_samples import noise, outcome, positions
from tests.test_store_flow import ALL, alert, everything, reject, rows


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


def test_an_alert_that_the_table_refuses_is_a_fault_and_leaves_nothing(any_database: str) -> None:
    with FlowStore(any_database) as store:
        lease = store.take_over(ALL)
        bad = dataclasses.replace(noise(50, 50, 0, seed=1), alerts=(alert(fixes=-1),))
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
