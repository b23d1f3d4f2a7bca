"""A start after a crash, on a real database, remembers what ticks had found among several vehicles."""

from datetime import timedelta

import numpy as np

from hazmat.clock import from_time
from hazmat.partition import partition_of
from hazmat.position import Positions
from hazmat.store.flow import FlowStore
from ingest.committer import without_fixes
from ingest.judge import judge
from ingest.recovery import ALL_PARTITIONS, checkpoint, remembered
from rules.memory import Memory
from tests.convoy import FAR_SIDE_Y, following, merged, truck
from tests.fold import memory_rows
from tests.town import NOON, town

TOWN = town(3)


def by_ten_seconds(messages: Positions) -> list[Positions]:
    nth = (messages.received_at - messages.received_at[0]) // np.timedelta64(10, "s")
    return [messages.take(np.flatnonzero(nth == number)) for number in range(int(nth.max()) + 1)]


def test_a_part_of_the_memory_saved_alone_hides_no_tick_from_the_rest(postgres_database: str) -> None:
    """The memory is saved whole while two are too close, a third one's part of it later; then a crash."""
    far = truck(2, np.arange(0.0, 301.0, 10.0), y_m=FAR_SIDE_Y)
    memory, since = Memory.empty(), None
    third = partition_of(far.vehicle_id[:1]).tolist()
    with FlowStore(postgres_database) as store:
        lease = store.take_over(ALL_PARTITIONS)
        for number, batch in enumerate(by_ten_seconds(merged(following(30.0), far))[:17], 1):
            at = from_time(batch.received_at[-1])
            outcome, memory = judge(batch, TOWN, memory, at, None, since)
            since = at
            lease = store.commit(lease, number, outcome, (), checkpoint(memory) if number == 5 else {})
        saved = without_fixes(TOWN.version)
        store.commit(lease, number + 1, saved, (), checkpoint(memory, third))
        assert [each.rule_id for each in store.firing()] == ["too_close"]
        again = remembered(store, store.take_over(ALL_PARTITIONS), TOWN, NOON + timedelta(seconds=170))
    assert (
        memory_rows(again.memory)["VehicleMemory.last_time"] == memory_rows(memory)["VehicleMemory.last_time"]
    )
    open_now, open_then = ({n: c for n, c in memory_rows(each).items() if n.startswith("Episodes.")}
                           for each in (again.memory, memory))  # fmt: skip
    assert open_now == open_then
