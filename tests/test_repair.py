"""Repairs on a real database: late arrays, withdrawn and retrospective alerts, ids, crashes, gathering."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import psycopg
import pytest

from hazmat.alerts import AlertChange, AlertState
from hazmat.clock import from_time
from hazmat.position import Positions
from hazmat.registry import Registry
from hazmat.store.flow import FlowStore, Repairs
from ingest.asks import held_up_asks
from ingest.committer import without_fixes
from ingest.process import process
from ingest.recovery import ALL_PARTITIONS, checkpoint, remembered
from ingest.repair import Present
from ingest.repair_queue import FIXES_EACH, GATHER, RepairQueue
from rules.memory import Memory
from tests.fold import memory_rows
from tests.test_late_law import SILENCES, disturbed, reference
from tests.test_process_law import REGISTRY, UNTIL
from tests.town import NOON, SIDE_Y, positions, town

END = UNTIL + timedelta(hours=2)
TOWN = town(3)


class Running:
    """The flow's steps on a database, without broker and threads, so that a test can stop between any two."""

    def __init__(self, dsn: str, registry: Registry = TOWN, at: datetime = NOON) -> None:
        self.store = FlowStore(dsn)
        self.registry = registry
        self.at = at
        self.lease = self.store.take_over(ALL_PARTITIONS)
        self.number = max(self.lease.batch_no.values())
        found = remembered(self.store, self.lease, registry, at)
        self.memory: Memory = found.memory
        self.queue = RepairQueue(self.store)
        if found.alerts:
            self._commit(without_fixes(registry.version, found.alerts))

    def feed(self, fixes: Positions, at: datetime | None = None) -> "Running":
        self.at = at or from_time(fixes.received_at[-1])
        before = self.memory
        outcome, self.memory = process(fixes, self.registry, before, self.at)
        self.queue.snapshots.look(self.memory, self.at)
        asks = held_up_asks(outcome, before)
        self.queue.ask(outcome, asks)
        self._commit(outcome, {}, Repairs(asks))
        return self

    def repair(self, at: datetime | None = None, commit: bool = True) -> int:
        """All repairs that are due; how many."""
        self.at = at or self.at + GATHER
        done = 0
        while self.queue.due(self.at):
            found = self.queue.step(Present(self.memory, self.registry, self.at))
            if found is None:
                continue
            done += 1
            if not commit:
                return done
            self.memory = found.memory
            saved = without_fixes(self.registry.version, coverage=found.repaired.coverage)
            parts = checkpoint(found.memory, found.partitions)
            self._commit(saved, parts, Repairs(done=found.repaired))
        return done

    def _commit(self, outcome: Any, parts: Any = None, repairs: Repairs | None = None) -> None:
        self.number += 1
        done = repairs or Repairs()
        self.lease = self.store.commit(self.lease, self.number, outcome, (), parts or {}, done)


Start = Callable[..., Running]


@pytest.fixture
def start() -> Iterator[Start]:
    """Give a way to start flows, whose connections are closed at the end."""
    begun: list[Running] = []

    def begin(*given: Any, **more: Any) -> Running:
        begun.append(Running(*given, **more))
        return begun[-1]

    yield begin
    for each in begun:
        each.store.close()


def rows(dsn: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn) as connection:
        connection.execute("SET timezone TO 'UTC'")
        return connection.execute(query.encode()).fetchall()


def side_road(t_s: Any, kmh: Any = 30.0, **more: Any) -> Positions:
    """A truck going east on the side road (limit 40 km/h); its place follows from the time."""
    t_s = np.asarray(t_s, float)
    return positions(t_s=t_s, x_m=500 + t_s * 2.0, y_m=SIDE_Y, speed_kmh=kmh, heading_deg=90.0, **more)


def sent(fixes: Positions, second: float, message: int) -> Positions:
    """The same fixes in one message, received so many seconds after noon."""
    at = np.datetime64(NOON.replace(tzinfo=None), "ms") + np.timedelta64(round(second * 1000), "ms")
    return replace(fixes, received_at=np.full(len(fixes), at), message=np.full(len(fixes), message))


def alerts(dsn: str, rule: str) -> list[tuple[Any, ...]]:
    return rows(
        dsn,
        "SELECT alert_id, state, extract(epoch FROM opened_at)::int, end_reason, retrospective"
        f" FROM alerts WHERE rule_id = '{rule}' ORDER BY opened_at, alert_id",
    )


def second(t_s: float) -> int:
    return int(NOON.timestamp() + t_s)


def test_a_blind_hour_sent_behind_a_live_fix_ends_as_if_it_had_come_in_time(
    any_database: str, start: Start
) -> None:
    run = start(any_database)
    run.feed(side_road(np.arange(0, 301, 10.0)))
    run.feed(side_road([3910.0]))
    assert [row[1] for row in alerts(any_database, "silent")] == ["resolved"]
    assert alerts(any_database, "overspeed") == []
    fast = side_road(np.arange(1500, 1801, 10.0), 70.0)
    slow = [side_road(np.arange(a, b, 10.0)) for a, b in ((310, 1500), (1810, 3910))]
    array = Positions.concat([slow[1], fast, slow[0]])
    run.feed(sent(array, 3912, 99))
    assert run.repair() == 1
    ((_, state, _, reason, _),) = alerts(any_database, "silent")
    assert (state, reason) == ("withdrawn", "repaired")
    ((_, state, opened, reason, retrospective),) = alerts(any_database, "overspeed")
    assert (state, opened, reason, retrospective) == ("resolved", second(1500), "cleared", True)
    assert rows(any_database, "SELECT count(*) FROM repairs") == [(0,)]
    note = rows(any_database, "SELECT note -> 0 ->> 'state' FROM alerts WHERE rule_id = 'silent'")
    assert note == [("resolved",)]
    parts = [side_road(np.arange(0, 310, 10.0)), slow[0], fast, slow[1], side_road([3910.0])]
    in_time = Positions.concat(parts)
    in_time = replace(in_time, message=np.arange(len(in_time)))
    ours, theirs = memory_rows(run.memory), memory_rows(process(in_time, TOWN, Memory.empty(), run.at)[1])
    assert [name for name in theirs if ours[name] != theirs[name]] == []


def test_an_alert_that_late_fixes_move_keeps_its_id(any_database: str, start: Start) -> None:
    run = start(any_database)
    fast = np.arange(60, 301, 10.0)
    on_time = np.concatenate([np.arange(0, 60, 10.0), fast[5:]])
    run.feed(side_road(on_time, np.where(on_time < 60, 30.0, 70.0)))
    ((name, state, opened, _, _),) = alerts(any_database, "overspeed")
    assert (state, opened) == ("firing", second(110))
    run.feed(sent(side_road(fast[:5], 70.0), 305, 99)).repair()
    ((again, state, opened, _, retrospective),) = alerts(any_database, "overspeed")
    assert (again, state, opened, retrospective) == (name, "firing", second(60), False)
    run.feed(side_road(np.arange(310, 400, 10.0), 30.0))
    ((again, state, opened, reason, _),) = alerts(any_database, "overspeed")
    assert (again, state, opened, reason) == (name, "resolved", second(60), "cleared")


def test_two_alerts_with_late_fixes_between_become_one(any_database: str, start: Start) -> None:
    run = start(any_database)
    run.feed(side_road(np.arange(0, 100, 10.0), 70.0))
    run.feed(side_road(np.arange(500, 700, 10.0), 70.0))
    before = alerts(any_database, "overspeed")
    assert [row[1] for row in before] == ["resolved", "firing"]
    run.feed(sent(side_road(np.arange(100, 500, 10.0), 70.0), 701, 99)).repair()
    first, other = alerts(any_database, "overspeed")
    assert (first[0], first[1]) == (before[0][0], "firing")
    assert (other[0], other[1], other[3]) == (before[1][0], "withdrawn", "merged")
    run.feed(side_road(np.arange(700, 800, 10.0), 30.0))
    assert [row[1] for row in alerts(any_database, "overspeed")] == ["resolved", "withdrawn"]


def test_a_withdrawn_alert_that_is_found_again_stands_again(any_database: str, start: Start) -> None:
    run = start(any_database)
    times = np.arange(0, 200, 20.0)
    run.feed(side_road(times, 70.0))
    ((name, *_),) = alerts(any_database, "overspeed")
    run.feed(sent(side_road(np.arange(10, 190, 20.0), 30.0), 201, 99)).repair()
    assert [row[:2] for row in alerts(any_database, "overspeed")] == [(name, "withdrawn")]
    run.feed(side_road(np.arange(200, 320, 10.0), 70.0))
    assert sorted(row[1] for row in alerts(any_database, "overspeed")) == ["firing", "withdrawn"]


def test_a_crash_before_the_commit_of_a_repair_forgets_nothing(postgres_database: str, start: Start) -> None:
    run = start(postgres_database)
    run.feed(side_road(np.arange(0, 301, 10.0)))
    run.feed(side_road([1500.0]))
    run.feed(sent(side_road(np.arange(310, 900, 10.0), 70.0), 1502, 99))
    assert run.repair(commit=False) == 1
    again = start(postgres_database, at=run.at)  # the other is dead: its memory and its repair are lost
    assert alerts(postgres_database, "overspeed") == []
    assert again.repair() == 1
    assert [row[1] for row in alerts(postgres_database, "overspeed")] == ["resolved"]
    third = start(postgres_database, at=again.at)
    assert memory_rows(third.memory) == memory_rows(again.memory)
    assert third.repair() == 0


def test_late_fixes_are_gathered_and_none_is_lost(postgres_database: str, start: Start) -> None:
    run = start(postgres_database)
    run.feed(side_road(np.arange(0, 301, 10.0)))
    run.repair(run.at)
    run.feed(sent(side_road([5.0]), 302, 50))
    assert run.repair(NOON + timedelta(seconds=303)) == 0
    run.feed(sent(side_road([7.0]), 304, 51))
    found = run.queue.step(Present(run.memory, TOWN, NOON + timedelta(seconds=310)))
    assert found is not None
    run.feed(sent(side_road([3.0]), 311, 52))
    run._commit(without_fixes(1), {}, Repairs(done=found.repaired))
    assert rows(postgres_database, "SELECT count(*) FROM repairs") == [(1,)]


def test_a_late_fix_that_comes_while_its_vehicle_is_repaired_asks_again(
    postgres_database: str, start: Start
) -> None:
    """Even if it is received at the same moment as those before it, or the wall clock has stepped back."""
    run = start(postgres_database)
    run.feed(side_road(np.arange(0, 2 * FIXES_EACH * 10, 10.0)))
    run.repair()
    run.feed(sent(side_road([5.0]), 6002, 5000))
    present = Present(run.memory, TOWN, NOON + timedelta(seconds=6010))
    assert run.queue.step(present) is None
    assert run.queue.running
    run.feed(sent(side_road([7.0]), 6002, 5001))
    while (found := run.queue.step(present)) is None:
        pass
    run._commit(without_fixes(1), {}, Repairs(done=found.repaired))
    assert rows(postgres_database, "SELECT count(*) FROM repairs") == [(1,)]
    assert run.repair(NOON + timedelta(seconds=6020)) == 1
    assert rows(postgres_database, "SELECT count(*) FROM repairs") == [(0,)]


def test_without_readable_checkpoints_fixes_are_read_by_their_time(any_database: str, start: Start) -> None:
    run = start(any_database)
    run.feed(side_road(np.arange(0, 301, 10.0), 70.0)).feed(side_road([900.0], 30.0))
    run.feed(sent(side_road(np.arange(310, 890, 10.0), 70.0), 902, 99)).repair()
    run._commit(without_fixes(1), checkpoint(run.memory))
    with psycopg.connect(any_database) as connection:
        connection.execute("UPDATE checkpoints SET content = 'of another version'")
    stood = alerts(any_database, "overspeed")
    again = start(any_database, at=run.at)
    ours, theirs = memory_rows(again.memory), memory_rows(run.memory)
    assert [name for name in theirs if ours[name] != theirs[name]] == []
    assert alerts(any_database, "overspeed") == stood


def test_an_open_alert_that_the_present_rules_do_not_know_ends_and_says_so(
    postgres_database: str, start: Start
) -> None:
    run = start(postgres_database)
    fast = side_road(np.arange(0, 301, 10.0), 70.0)
    run.feed(fast)
    ((known, *_),) = alerts(postgres_database, "overspeed")
    (firing,) = [each for each in run.store.firing() if each.alert_id == known]
    unknown = replace(firing, alert_id="f" * 32, object_id="a road that was", vehicle_id="T002")
    run._commit(without_fixes(1, [unknown]))
    again = start(postgres_database, at=run.at)
    query = (
        "SELECT alert_id, state, end_reason, resolved_at FROM alerts WHERE rule_id = 'overspeed' ORDER BY 1"
    )
    ended = ("f" * 32, "resolved", "rules_changed", run.at)
    assert rows(postgres_database, query) == [(known, "firing", None, None), ended]
    again.feed(side_road(np.arange(310, 400, 10.0)))
    assert [row[1] for row in alerts(postgres_database, "overspeed")] == ["resolved", "resolved"]


def test_any_order_of_arrival_leaves_the_same_in_the_database(postgres_database: str, start: Start) -> None:
    messages = disturbed(11, 24)
    wanted = reference(messages)
    run = start(postgres_database, REGISTRY)
    for number, row in enumerate(range(0, len(messages), 60)):
        begin, stop = (_whole(messages, each) for each in (row, min(row + 60, len(messages))))
        if stop > begin:
            run.feed(messages.take(np.arange(begin, stop)))
        if number % 3 == 2:
            run.repair()
        if number == 5:
            run = start(postgres_database, REGISTRY, run.at)
    run.feed(Positions.empty(), END).repair(END + GATHER)
    standing = [each for each in _stored(run.store) if each.state is not AlertState.WITHDRAWN]
    assert _told(standing) == _told(wanted.standing())
    query = "SELECT journey_id FROM journeys WHERE withdrawn_at IS NULL ORDER BY 1"
    journeys = rows(postgres_database, query)
    assert [name for (name,) in journeys] == sorted(wanted.kept.found_journeys)


def _whole(messages: Positions, row: int) -> int:
    if row >= len(messages):
        return row
    return int(np.searchsorted(messages.message, messages.message[row]))


def _stored(store: FlowStore) -> list[AlertChange]:
    names = np.array([f"T{number:03d}".encode() for number in range(40)], "S32")
    return store.standing(names, np.zeros(40, "datetime64[ms]"))


def _told(found: list[AlertChange]) -> list[tuple[Any, ...]]:
    key: Callable[[AlertChange], tuple[Any, ...]] = lambda a: (  # noqa: E731
        a.vehicle_id, a.rule_id, a.object_id, a.opened_at, a.state.value,
        None if a.rule_id in SILENCES else (a.fired_at, a.resolved_at, a.fixes, repr(a.value)),
    )  # fmt: skip
    return sorted(map(key, found), key=repr)
