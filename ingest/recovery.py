"""The rules' memory at a start: last checkpoint, then the stored fixes since, by the same code, muted."""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import numpy as np

from hazmat.alerts import AlertChange
from hazmat.clock import from_time, to_time
from hazmat.partition import PARTITIONS, partition_of
from hazmat.registry import Registry
from hazmat.store.flow import FlowStore, Lease
from ingest.judge import judge
from ingest.rebuild import Rebuilt, agreed, fold_again
from ingest.snapshots import part_of
from ingest.wire import UnknownMemoryVersionError, memory_from_bytes, memory_to_bytes
from rules.lapses import untold
from rules.memory import Memory

log = logging.getLogger(__name__)

ALL_PARTITIONS = tuple(range(PARTITIONS))
LOOK_BACK = timedelta(hours=30)  # the longest memory of a rule is a day of driving
_SAVED_WITHIN = np.timedelta64(600_000, "ms")  # the whole memory is saved each minute, or a little later
AHEAD = timedelta(minutes=2)  # a clock may be so far ahead of its receipt, and is believed


def remembered(store: FlowStore, lease: Lease, registry: Registry, at: datetime) -> Rebuilt:
    """The memory as the last committed batch left it. Without a readable checkpoint 30 h of fixes are read.

    Raises what the store raises; what the rules find again is not told again. ``at``: now; open alerts of
    which a memory read anew knows nothing end then.
    """
    memory, after = _last_checkpoint(store, lease)
    unread = sorted(set(lease.epoch) - set(after))
    rebuilt = _read_again(store, unread, registry, at) if unread else Rebuilt(Memory.empty())
    memory = Memory.merge([memory, rebuilt.memory])
    oldest = to_time(at - LOOK_BACK)
    ticked = _ticked(memory, after)
    batches = 0
    for fixes in store.positions_after(after):
        if len(fixes) and fixes.received_at.max() >= oldest:
            since = fixes.received_at.min() if np.isnat(ticked) else ticked
            ticked = np.fmax(ticked, fixes.received_at.max())
            memory = judge(fixes, registry, memory, from_time(ticked), since=from_time(since))[1]
            batches += 1
    log.info("memory of %d vehicles, %d batches read again", len(memory.hashes), batches)
    return Rebuilt(untold(memory), rebuilt.alerts)


def _ticked(memory: Memory, after: Mapping[int, int]) -> np.datetime64:
    """Until when all parts of the memory know of what was found among several vehicles; NaT: of nothing.

    A repair or a silence saves its own partitions at once: what ticks found since in the others is in no
    checkpoint, and those ticks have to be judged again.
    """
    first = min(after.values(), default=0)
    behind = np.array([number for number, batch_no in after.items() if batch_no == first], np.uint64)
    received = memory.vehicles.last_received
    heard = received[np.isin(memory.hashes % np.uint64(PARTITIONS), behind)]
    nothing = np.datetime64("NaT", "ms")
    last, newest = (np.fmax.reduce(each, initial=nothing) for each in (heard, received))
    ticked: np.datetime64 = np.maximum(last, newest - _SAVED_WITHIN)  # NaT if one is
    return ticked


def checkpoint(memory: Memory, partitions: Iterable[int] = ALL_PARTITIONS) -> dict[int, bytes]:
    """The memory as bytes, one part a partition."""
    wanted = set(partitions)
    if wanted == set(ALL_PARTITIONS):
        return {partition: memory_to_bytes(part) for partition, part in memory.split().items()}
    of = memory.hashes % np.uint64(PARTITIONS)
    return {number: memory_to_bytes(part_of(memory, of == np.uint64(number))) for number in sorted(wanted)}


def partitions_of(alerts: Iterable[AlertChange]) -> tuple[int, ...]:
    """Partitions of the vehicles of some alerts."""
    names = np.array([alert.vehicle_id.encode() for alert in alerts], "S32")
    return tuple(np.unique(partition_of(names)).tolist())


def _read_again(store: FlowStore, unread: list[int], registry: Registry, at: datetime) -> Rebuilt:
    parts = store.fixes_between(unread, at - LOOK_BACK, at + AHEAD)
    scratch = fold_again((fixes for fixes, _ in parts), registry)
    waiting = {name.decode() for name in store.repairs(PARTITIONS * 1000).vehicle_id.tolist()}
    firing = [each for each in store.firing() if partitions_of([each])[0] in unread]
    rebuilt = agreed(scratch, [each for each in firing if each.vehicle_id not in waiting], at)
    told = tuple(each for each in rebuilt.alerts if each.vehicle_id not in waiting)
    log.info("fixes of 30 h read again: memory of %d vehicles, %d alerts change",
             len(rebuilt.memory.hashes), len(told))  # fmt: skip
    return Rebuilt(rebuilt.memory, told)


def _last_checkpoint(store: FlowStore, lease: Lease) -> tuple[Memory, Mapping[int, int]]:
    """The checkpointed memory, and for each partition that is in it the last batch that is."""
    after: dict[int, int] = {}
    parts: list[Memory] = []
    reason, unread = "", 0
    for partition, (batch_no, content) in store.checkpoints(list(lease.epoch)).items():
        try:
            parts.append(memory_from_bytes(content))
        except UnknownMemoryVersionError as error:
            reason, unread = str(error), unread + 1
        else:
            after[partition] = batch_no
    if unread:
        log.warning("%d checkpoints cannot be read (%s): fixes are read again", unread, reason)
    return Memory.merge(parts), after
