"""The rules' memory at a start: last checkpoint, then the stored fixes since, by the same code, muted."""

import logging
from collections.abc import Mapping
from datetime import timedelta

from hazmat.clock import from_time, now, to_time
from hazmat.partition import PARTITIONS
from hazmat.registry import Registry
from hazmat.store.flow import FlowStore, Lease
from ingest.judge import judge
from ingest.wire import UnknownMemoryVersionError, memory_from_bytes, memory_to_bytes
from rules.memory import Memory

log = logging.getLogger(__name__)

ALL_PARTITIONS = tuple(range(PARTITIONS))
LOOK_BACK = timedelta(hours=24)
_BATCHES_LOOKED_BACK = 10 * 24 * 3600  # ten a second: a batch is closed after a tenth of a second


def remembered(store: FlowStore, lease: Lease, registry: Registry) -> Memory:
    """The memory as the last committed batch left it. Without a readable checkpoint a day of fixes is read.

    Raises what the store raises; what the rules find again is not told again.
    """
    memory, after = _last_checkpoint(store, lease)
    since = to_time(now() - LOOK_BACK)
    batches = 0
    for fixes in store.positions_after(after):
        if len(fixes) and fixes.received_at.max() >= since:
            memory = judge(fixes, registry, memory, from_time(fixes.received_at.max()))[1]
            batches += 1
    log.info("memory of %d vehicles, %d batches read again", len(memory.hashes), batches)
    return memory


def checkpoint(memory: Memory) -> dict[int, bytes]:
    """The memory as bytes, one part a partition."""
    return {partition: memory_to_bytes(part) for partition, part in memory.split().items()}


def _last_checkpoint(store: FlowStore, lease: Lease) -> tuple[Memory, Mapping[int, int]]:
    """The checkpointed memory, and for each partition the last batch that is in it."""
    floor = max(0, max(lease.batch_no.values()) - _BATCHES_LOOKED_BACK)
    after = dict.fromkeys(lease.epoch, floor)
    parts: list[Memory] = []
    unread: list[int] = []
    reason = ""
    for partition, (batch_no, content) in store.checkpoints(list(lease.epoch)).items():
        try:
            parts.append(memory_from_bytes(content))
        except UnknownMemoryVersionError as error:
            unread.append(partition)
            reason = str(error)
        else:
            after[partition] = batch_no
    if unread:
        log.warning("%d checkpoints cannot be read (%s): fixes are read again", len(unread), reason)
    return Memory.merge(parts), after
