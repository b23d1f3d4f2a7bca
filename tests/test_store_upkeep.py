"""Retention and days made ahead."""

from datetime import timedelta

import psycopg
import pytest

from hazmat.store.days import day_name
from hazmat.store.flow import FlowStore
from hazmat.store.upkeep import prepare_days, retain
from tests.store_samples import START, outcome, positions
from tests.test_store_flow import ALL, alert, rows

DAY_SECONDS = 86400


def test_positions_past_their_time_go_and_alerts_stay(any_database: str) -> None:
    seconds = [0, DAY_SECONDS - 0.001, DAY_SECONDS, 3 * DAY_SECONDS]
    with FlowStore(any_database) as store:
        store.commit(store.take_over(ALL), 1, outcome(positions(["v1"] * 4, seconds), alerts=(alert(),)))
    at = START + timedelta(days=91)
    assert retain(any_database, at - timedelta(milliseconds=1)) == []
    assert len(retain(any_database, at)) == 1
    assert retain(any_database, at) == []
    assert rows(any_database, "SELECT count(*), min(fix_time) FROM positions") == [
        (2, START + timedelta(days=1))
    ]
    assert len(retain(any_database, at, days=1)) == 2
    assert rows(any_database, "SELECT count(*) FROM alerts") == [(1,)]


def test_a_store_goes_on_after_retention(any_database: str) -> None:
    with FlowStore(any_database) as store:
        lease = store.commit(store.take_over(ALL), 1, outcome(positions(["v1"], [0])))
        retain(any_database, START + timedelta(days=200))
        store.commit(lease, 2, outcome(positions(["v1"], [100 * DAY_SECONDS])))
    assert rows(any_database, "SELECT batch_no FROM positions") == [(2,)]


def test_a_naive_time_is_refused(any_database: str) -> None:
    with pytest.raises(ValueError, match="without zone"):
        retain(any_database, START.replace(tzinfo=None))


def test_days_are_made_ahead(postgres_database: str) -> None:
    prepare_days(postgres_database, START)
    prepare_days(postgres_database, START + timedelta(days=1), ahead=1)
    wanted = [(day_name((START + timedelta(days=day)).date()),) for day in range(3)]
    query = (
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'positions'::regclass ORDER BY 1"
    )
    assert rows(postgres_database, query) == wanted


def test_timescaledb_needs_no_days(timescale_database: str) -> None:
    prepare_days(timescale_database, START)
    assert rows(timescale_database, "SELECT count(*) FROM timescaledb_information.chunks") == [(0,)]


def test_a_retention_cut_short_is_finished(postgres_database: str) -> None:
    prepare_days(postgres_database, START, ahead=1)
    # A reader in an open transaction makes the detaching wait; it is cancelled, and stays pending.
    with (
        psycopg.connect(postgres_database) as reader,
        psycopg.connect(postgres_database, autocommit=True) as other,
    ):
        reader.execute("SELECT count(*) FROM positions")
        other.execute("SET statement_timeout = 300")
        with pytest.raises(psycopg.errors.QueryCanceled):
            other.execute("ALTER TABLE positions DETACH PARTITION positions_20260302 CONCURRENTLY")
    assert retain(postgres_database, START + timedelta(days=91)) == ["positions_20260302"]
    assert retain(postgres_database, START + timedelta(days=92)) == ["positions_20260303"]
