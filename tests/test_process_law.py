"""The law of process(): any cut into batches, doubles, groupings and restarts give the same result."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hazmat.documents import BlacklistKind
from hazmat.partition import PARTITIONS, partition_of
from hazmat.position import Positions
from hazmat.registry import Registry
from ingest.wire import memory_from_bytes, memory_to_bytes
from rules.memory import Memory
from tests.fold import Fold, memory_rows
from tests.town import NOON, blacklist, permit, positions, town, waybill

VEHICLES = 25
UNTIL = NOON + timedelta(hours=2)


def registry() -> Registry:
    papers = tuple(
        waybill(n, route_id="route" if n % 2 else "", hazard_class="3" if n % 7 else "2.3")
        for n in range(VEHICLES)
        if n % 6
    )
    entries = (blacklist("T004", BlacklistKind.VEHICLE), blacklist("D009", BlacklistKind.DRIVER))
    return town(VEHICLES, papers, (permit(3, "old_town", "gate_road"),), entries)


REGISTRY = registry()


def drive(seed: int, steps: int) -> Positions:
    """Trucks wandering through the town: stops, speeding, silences, lost fixes, late and buffered messages.

    A buffered stretch comes as one message, its fixes out of order; ``message`` counts messages.
    """
    rng = np.random.default_rng(seed)
    parts = []
    for number in range(VEHICLES + 2):  # the last two are not registered
        step_s = np.where(rng.random(steps) < 0.02, 700.0, rng.choice([5.0, 10.0, 20.0], steps))
        t_s = np.cumsum(step_s) + rng.random()
        speed = np.repeat(rng.choice([0.0, 20.0, 50.0, 90.0], steps // 8 + 1), 8)[:steps]
        x_m = 500 + rng.uniform(0, 5000) + np.cumsum(speed / 3.6 * np.minimum(step_s, 20.0))
        y_m = rng.choice([2500.0, 4000.0, 5000.0, 6000.0, 6500.0]) + np.cumsum(rng.normal(0, 6, steps))
        parts.append(
            positions(
                t_s=t_s, x_m=x_m, y_m=y_m, vehicle_id=f"T{number:03d}".encode(),
                speed_kmh=np.where(rng.random(steps) < 0.05, np.nan, speed),
                heading_deg=np.where(rng.random(steps) < 0.05, np.nan, 90.0),
                accuracy_m=rng.choice([np.nan, 3.0, 15.0], steps),
                load=rng.choice([-1, 2, 2, 0], p=[0.3, 0.3, 0.3, 0.1], size=steps),
                has_fix=rng.random(steps) > 0.03,
            )
        )  # fmt: skip
    fixes = Positions.concat(parts)
    arrival = fixes.received_at + (rng.random(len(fixes)) < 0.05) * np.timedelta64(90, "s")  # some are late
    message = np.arange(len(fixes))
    for start in rng.integers(0, steps, VEHICLES) + steps * np.arange(VEHICLES):
        stop = min(start + 6, (start // steps + 1) * steps)
        arrival[start:stop], message[start:stop] = arrival[start:stop].max(), start
    order = np.lexsort((rng.random(len(fixes)), message, arrival))
    fixes = fixes.take(order)
    began = np.append(True, np.diff(message[order]) != 0)
    columns = fixes.columns() | {"received_at": arrival[order], "message": np.cumsum(began) - 1}
    return Positions(**columns)


def begin_of(messages: Positions, row: int) -> int:
    """First row of the message that holds the row: a message is never cut."""
    return int(np.searchsorted(messages.message, messages.message[row])) if row < len(messages) else row


def undisturbed(messages: Positions) -> Fold:
    return Fold(REGISTRY).feed(messages).feed(Positions.empty(), UNTIL)


def texts(found: dict[Any, Any]) -> dict[Any, str]:
    """As text, in which a missing number (NaN) equals itself."""
    return {key: repr(value) for key, value in found.items()}


def same(one: Fold, other: Fold) -> None:
    assert texts(one.alerts) == texts(other.alerts)
    assert one.journeys == other.journeys
    assert texts(one.positions) == texts(other.positions)
    assert memory_rows(one.memory) == memory_rows(other.memory)


def test_the_drive_has_something_to_find() -> None:
    found = undisturbed(drive(1, 120))
    assert {rule for _, rule in found.fired()} >= {
        "overspeed", "off_designated_road", "off_corridor", "no_waybill", "waybill_mismatch", "blacklisted",
        "silent", "barred_area",
    }  # fmt: skip
    assert found.journeys
    assert any(late for _, _, late in found.positions.values())


@pytest.mark.parametrize("size", [1, 17, 400])
def test_batches_of_any_size_give_the_same(size: int) -> None:
    messages = drive(2, 60)
    cuts = list(range(size, len(messages), size))
    same(Fold(REGISTRY).feed_cut(messages, cuts).feed(Positions.empty(), UNTIL), undisturbed(messages))


@given(seed=st.integers(0, 2**32 - 1), data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_cut_and_any_ticks_between_give_the_same(seed: int, data: st.DataObject) -> None:
    messages = drive(seed, 24)
    drawn = data.draw(st.lists(st.integers(0, len(messages)), max_size=12))
    cuts = sorted({begin_of(messages, row) for row in drawn})
    fold = Fold(REGISTRY)
    for start, stop in zip([0, *cuts], [*cuts, len(messages)], strict=True):
        part = messages.take(np.arange(start, stop))
        if len(part):
            fold.feed(part)
        if stop < len(messages) and stop > 0:  # a tick just before the next message
            fold.feed(Positions.empty(), messages.received_at[stop].item().replace(tzinfo=NOON.tzinfo))
    same(fold.feed(Positions.empty(), UNTIL), undisturbed(messages))


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_double_delivery_changes_nothing(seed: int) -> None:
    messages = drive(seed, 24)
    rng = np.random.default_rng(seed)
    count = int(messages.message[-1]) + 1
    again = np.flatnonzero(rng.random(count) < 0.3)
    # a message comes again some time after its first delivery
    place = np.concatenate([np.arange(count) * 1.0, again + rng.integers(1, 60, len(again)) + 0.5])
    delivered = np.concatenate([np.arange(count), again])[np.argsort(place, kind="stable")]
    rows = [np.flatnonzero(messages.message == number) for number in delivered]
    doubled = messages.take(np.concatenate(rows))
    columns = doubled.columns() | {
        "message": np.repeat(np.arange(len(rows)), [len(row) for row in rows]),
        "received_at": np.maximum.accumulate(doubled.received_at),
    }
    cuts = list(range(50, len(doubled), 50))
    fold = Fold(REGISTRY).feed_cut(Positions(**columns), cuts).feed(Positions.empty(), UNTIL)
    same(fold, undisturbed(messages))


@given(seed=st.integers(0, 2**32 - 1), groups=st.lists(st.integers(0, 3), min_size=64, max_size=64))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_partitions_in_any_grouping_give_the_same(seed: int, groups: list[int]) -> None:
    messages = drive(seed, 24)
    group = np.array(groups)[partition_of(messages.vehicle_id)]
    whole = Fold(REGISTRY)
    parts: list[Memory] = []
    for number in range(4):
        fold = Fold(REGISTRY)
        mine = messages.take(group == number)
        fold.feed_cut(mine, list(range(40, len(mine), 40))).feed(Positions.empty(), UNTIL)
        whole.alerts |= fold.alerts
        whole.journeys |= fold.journeys
        whole.positions |= fold.positions
        parts.append(fold.memory)
    whole.memory = Memory.merge(parts)
    same(whole, undisturbed(messages))


@given(seed=st.integers(0, 2**32 - 1), data=st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_restart_from_a_checkpoint_and_stored_fixes_gives_the_same(seed: int, data: st.DataObject) -> None:
    messages = drive(seed, 24)
    saved_at = begin_of(messages, data.draw(st.integers(0, len(messages))))
    killed_at = begin_of(messages, data.draw(st.integers(saved_at, len(messages))))
    first = Fold(REGISTRY).feed_cut(messages.take(np.arange(saved_at)), list(range(30, saved_at, 30)))
    checkpoint = {number: memory_to_bytes(part) for number, part in first.memory.split().items()}
    assert len(checkpoint) == PARTITIONS
    first.judged.clear()
    between = messages.take(np.arange(saved_at, killed_at))
    first.feed_cut(between, list(range(30, len(between), 30)))
    again = Fold(REGISTRY, Memory.merge([memory_from_bytes(part) for part in checkpoint.values()]))
    again.alerts, again.journeys, again.positions = first.alerts, first.journeys, first.positions
    for stored in first.judged:  # muted: what it finds was saved already
        muted = Fold(REGISTRY, again.memory)
        if len(stored):
            again.memory = muted.feed(stored).memory
    rest = messages.take(np.arange(killed_at, len(messages)))
    same(
        again.feed_cut(rest, list(range(30, len(rest), 30))).feed(Positions.empty(), UNTIL),
        undisturbed(messages),
    )
