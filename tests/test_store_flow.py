"""Batches into the real database: every column back, doubles, late fixes, ownership, lost replies."""

import dataclasses
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import psycopg

from hazmat.alerts import AlertChange, AlertState, EndReason, Severity
from hazmat.journeys import JourneyChange, JourneyPhase
from hazmat.outcome import Reject
from hazmat.position import COLUMN_TYPES, Positions
from hazmat.store.flow import FlowStore
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
        named_at=START,
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
    assert rows(any_database, "SELECT * FROM journeys") == [("j1", "v1", START, later, 3, None)]


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
