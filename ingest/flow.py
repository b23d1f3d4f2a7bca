"""The loop: take, decode, process, commit, acknowledge. The stages stand in `_handle`, in order."""

import logging
import threading
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from hazmat.clock import now
from hazmat.outcome import Outcome, Reject
from hazmat.position import Positions
from hazmat.store.errors import OwnershipLost
from hazmat.store.flow import FlowStore, Lease
from ingest.batcher import Batcher, Source
from ingest.decode import decode
from ingest.delivery import Delivery
from ingest.patience import Stopped, persistently
from ingest.poison import PoisonedBatch, keep
from ingest.process import process
from ingest.recovery import ALL_PARTITIONS, checkpoint, remembered
from ingest.registry_watch import RegistryWatch
from ingest.stopwatch import Stopwatch
from rules.memory import Memory

log = logging.getLogger(__name__)

_TICK_SECONDS = 1.0
CHECKPOINT_SECONDS = 60.0


class Feed(Source, Protocol):
    """Deliveries, and where they are acknowledged."""

    @property
    def quiet(self) -> bool:
        """Connected, with nothing waiting."""

    def ack(self, deliveries: Iterable[Delivery]) -> None:
        """Acknowledge what was committed."""


class Flow:
    """One process's flow over all 64 partitions. Make it, `take_over`, then `run` until `stop` is set.

    `at` of a batch is when its last message was received; while none comes, a tick a second has the clock's.
    """

    def __init__(
        self, feed: Feed, store: FlowStore, registry: RegistryWatch, batcher: Batcher, stop: threading.Event
    ) -> None:
        self.feed = feed
        self.store = store
        self.registry = registry
        self.batcher = batcher
        self.stop = stop
        self.poisoned = Path("poisoned")
        self.stopwatch = Stopwatch()
        self._lease = Lease({}, {})
        self._batch_no = 0
        self._memory = Memory.empty()
        self._at: datetime | None = None
        self._messages = 0
        self._saved_at = time.monotonic()
        self._saved: Memory | None = None

    def take_over(self) -> None:
        """Own all partitions and remember what their last owner did; waits for it, or is Stopped."""
        self._lease, self._memory = persistently(self._take_over, self.stop)
        self._batch_no = max(self._lease.batch_no.values())

    def _take_over(self) -> tuple[Lease, Memory]:
        lease = self.store.take_over(ALL_PARTITIONS)
        return lease, remembered(self.store, lease, self.registry.registry)

    def run(self) -> None:
        """Until `stop` is set; then the batch in hand and a checkpoint are committed.

        OwnershipLost and PoisonedBatch leave the batch unacknowledged.
        """
        try:
            while not self.stop.is_set():
                with self.stopwatch.stage("wait"):
                    deliveries = self.batcher.next(_TICK_SECONDS)
                if deliveries:
                    self._handle(deliveries)
                elif self.feed.quiet:
                    self._tick(now())
            self._save_memory()
        except Stopped:
            log.warning("stopped while the database was away: the last batch stays unacknowledged")

    def _handle(self, deliveries: Sequence[Delivery]) -> None:
        messages = [delivery.message for delivery in deliveries]
        try:
            with self.stopwatch.stage("decode"):
                fixes, rejects = decode(messages, self._messages)
            with self.stopwatch.stage("process"):
                outcome, memory = self._process(fixes, messages[-1].received_at)
            self._commit(outcome, rejects, memory)
        except (Stopped, OwnershipLost):
            raise
        except Exception as error:
            path = keep(messages, self.poisoned)
            text = f"{len(messages)} messages, {messages[0].topic} to {messages[-1].topic}: kept in {path}"
            raise PoisonedBatch(text) from error
        with self.stopwatch.stage("ack"):
            self.feed.ack(deliveries)
        self._messages += len(messages)
        self._count(messages=len(messages), fixes=len(fixes), rejects=len(rejects))

    def _tick(self, at: datetime) -> None:
        """Let time pass for the rules that wait for what does not happen."""
        with self.stopwatch.stage("process"):
            outcome, memory = self._process(Positions.empty(), at)
        self._commit(outcome, [], memory)

    def _process(self, fixes: Positions, at: datetime) -> tuple[Outcome, Memory]:
        self._at = max(at, self._at or at)  # the wall clock may step back, the rules' time does not
        return process(fixes, self.registry.registry, self._memory, self._at)

    def _commit(self, outcome: Outcome, rejects: Sequence[Reject], memory: Memory) -> None:
        """Save the batch if it brings anything, and the memory with it when that is due."""
        due = time.monotonic() - self._saved_at >= CHECKPOINT_SECONDS and memory is not self._saved
        if due or brings_anything(outcome, rejects):
            with self.stopwatch.stage("checkpoint"):
                parts = checkpoint(memory) if due else {}
            number = self._batch_no + 1
            with self.stopwatch.stage("commit"):
                self._lease = persistently(
                    lambda: self.store.commit(self._lease, number, outcome, rejects, parts), self.stop
                )
            self._batch_no = number
        if due:
            self._saved_at, self._saved = time.monotonic(), memory
        self._memory = memory

    def _save_memory(self) -> None:
        self._saved_at = -CHECKPOINT_SECONDS
        self._tick(self._at or now())

    def _count(self, messages: int, fixes: int, rejects: int) -> None:
        self.stopwatch.batches += 1
        self.stopwatch.messages += messages
        self.stopwatch.fixes += fixes
        self.stopwatch.rejects += rejects


def brings_anything(outcome: Outcome, rejects: Sequence[Reject]) -> bool:
    """Whether there is anything to save."""
    return bool(len(outcome.positions) or outcome.alerts or outcome.journeys or rejects)
