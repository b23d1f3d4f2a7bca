"""The loop: take, decode, process, commit, acknowledge. The stages stand in `_handle`, in order."""

import logging
import threading
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from hazmat.alerts import AlertState
from hazmat.clock import now
from hazmat.outcome import Outcome
from hazmat.position import Positions
from hazmat.store.flow import FlowStore, Lease, Repairs
from ingest.asks import held_up_asks
from ingest.batcher import Batcher
from ingest.committer import Committer, Work, without_fixes
from ingest.decode import decode
from ingest.delivery import Delivery, Feed
from ingest.judge import judge
from ingest.patience import Stopped, persistently
from ingest.poison import poisoned
from ingest.rebuild import Rebuilt
from ingest.recovery import ALL_PARTITIONS, checkpoint, partitions_of, remembered
from ingest.registry_watch import RegistryWatch
from ingest.repair import Present
from ingest.repair_queue import RepairQueue
from ingest.stopwatch import Stopwatch
from rules.catalogue import TIMER_RULES
from rules.memory import Memory

log = logging.getLogger(__name__)

_TICK_SECONDS = 1.0
CHECKPOINT_SECONDS = 60.0
_TIMERS = frozenset(rule.id for rule in TIMER_RULES)


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
        self.stopwatch = Stopwatch()
        self.committer = Committer(store, feed, stop, self.stopwatch)
        self._memory = Memory.empty()  # after the last judged batch, which may not be committed yet
        self.repairs = RepairQueue(store)
        self._at: datetime | None = None
        self._messages = 0
        self._saved_at = time.monotonic()
        self._saved: Memory | None = None

    @property
    def poisoned(self) -> Path:
        """Where a batch is kept on which our code failed."""
        return self.committer.poisoned

    @poisoned.setter
    def poisoned(self, folder: Path) -> None:
        self.committer.poisoned = folder

    def take_over(self) -> None:
        """Own all partitions and remember what their last owner did; waits for it, or is Stopped."""
        lease, found = persistently(self._take_over, self.stop)
        self._memory = found.memory
        self.committer.begin(lease)
        if found.alerts:
            version = self.registry.registry.version
            self.committer.submit(Work(without_fixes(version, found.alerts), (), checkpoint(found.memory)))

    def _take_over(self) -> tuple[Lease, Rebuilt]:
        lease = self.store.take_over(ALL_PARTITIONS)
        return lease, remembered(self.store, lease, self.registry.registry, now())

    def run(self) -> None:
        """Until `stop` is set; then the batch in hand and a checkpoint are committed.

        OwnershipLost and PoisonedBatch leave the batch unacknowledged.
        """
        try:
            while not self.stop.is_set():
                with self.stopwatch.stage("wait"):
                    deliveries = self.batcher.next(0.0 if self.repairs.running else _TICK_SECONDS)
                if deliveries:
                    self._handle(deliveries)
                else:
                    self.committer.settle()  # so that what it raises is not kept waiting
                    if self.feed.quiet:
                        self._tick(now())
                self._repair()
            self._save_memory()
        except Stopped:
            log.warning("stopped while the database was away: the last batch stays unacknowledged")
        finally:
            self.committer.close()

    def _handle(self, deliveries: Sequence[Delivery]) -> None:
        messages = [delivery.message for delivery in deliveries]
        before = self._memory
        try:
            with self.stopwatch.stage("decode"):
                fixes, rejects = decode(messages, self._messages)
            with self.stopwatch.stage("process"):
                outcome, self._memory = self._process(fixes, messages[-1].received_at)
            asks = held_up_asks(outcome, before)
        except Exception as error:
            self.committer.settle()  # the batch before is good
            raise poisoned(messages, self.committer.poisoned) from error
        self.repairs.ask(outcome, asks)
        self.committer.submit(Work(outcome, rejects, self._checkpoint(outcome), deliveries, Repairs(asks)))
        self._messages += len(messages)
        self.stopwatch.count(messages=len(messages), fixes=len(fixes), rejects=len(rejects))

    def _tick(self, at: datetime) -> None:
        """Let time pass for the rules that wait for what does not happen."""
        with self.stopwatch.stage("process"):
            outcome, self._memory = self._process(Positions.empty(), at)
        self.committer.submit(Work(outcome, (), self._checkpoint(outcome)))

    def _process(self, fixes: Positions, at: datetime) -> tuple[Outcome, Memory]:
        since, self._at = self._at, max(at, self._at or at)  # the wall clock may step back, ours does not
        heard = self.feed.listening_since
        outcome, memory = judge(fixes, self.registry.registry, self._memory, self._at, heard, since)
        self.repairs.snapshots.look(memory, self._at)
        return outcome, memory

    def _repair(self) -> None:
        """Judge tracks with late fixes again: a bounded part, between batches, on what is stored by now."""
        if self._at is None or not self.repairs.due(self._at):
            return
        self.committer.settle()
        registry = self.registry.registry
        present = Present(self._memory, registry, self._at, self.feed.listening_since)
        with self.stopwatch.stage("repair"):
            done = persistently(lambda: self.repairs.step(present), self.stop)
        if done is not None:
            self._memory = done.memory
            saved = without_fixes(registry.version, coverage=done.repaired.coverage)
            parts = checkpoint(done.memory, done.partitions)
            self.committer.submit(Work(saved, (), parts, repairs=Repairs(done=done.repaired)))

    def _checkpoint(self, outcome: Outcome) -> dict[int, bytes]:
        """The memory when it is due, and at once the part that knows of a silence that is told."""
        told = [a for a in outcome.alerts if a.rule_id in _TIMERS and a.state is AlertState.FIRING]
        return self._checkpoint_if_due() or checkpoint(self._memory, partitions_of(told))

    def _checkpoint_if_due(self) -> dict[int, bytes]:
        if time.monotonic() - self._saved_at < CHECKPOINT_SECONDS or self._memory is self._saved:
            return {}
        self._saved_at, self._saved = time.monotonic(), self._memory
        with self.stopwatch.stage("checkpoint"):
            return checkpoint(self._memory)

    def _save_memory(self) -> None:
        self._saved_at = -CHECKPOINT_SECONDS
        self._tick(self._at or now())
        self.committer.settle()
