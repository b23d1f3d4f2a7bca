"""Commits one batch while the next is being judged: on a thread of its own, one at a time, in order."""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from hazmat.alerts import AlertChange
from hazmat.coverage import JourneyCoverage
from hazmat.outcome import LastKnown, Outcome, Reject
from hazmat.position import Positions
from hazmat.store.errors import OwnershipLost
from hazmat.store.flow import FlowStore, Lease, Repairs
from ingest.delivery import Delivery, Feed
from ingest.patience import Stopped, persistently
from ingest.poison import poisoned
from ingest.stopwatch import Stopwatch


@dataclass(frozen=True, slots=True)
class Work:
    """One batch, judged, or one repair: what to save, and what to acknowledge then."""

    outcome: Outcome
    rejects: Sequence[Reject]
    checkpoint: Mapping[int, bytes]
    deliveries: Sequence[Delivery] = ()
    repairs: Repairs = field(default_factory=Repairs)


class Committer:
    """Saves and acknowledges what it is given. What a commit raises, the next `submit` or `settle` raises.

    After an error nothing more is committed: a later batch rests on the memory that this one left.
    """

    def __init__(self, store: FlowStore, feed: Feed, stop: threading.Event, stopwatch: Stopwatch) -> None:
        self.poisoned = Path("poisoned")
        self._store = store
        self._feed = feed
        self._stop = stop
        self._stopwatch = stopwatch
        self._lease = Lease({}, {})
        self._batch_no = 0
        self._running: Future[None] | None = None
        self._worker = ThreadPoolExecutor(1, "commit")

    def begin(self, lease: Lease) -> None:
        """Commit under this lease from now on."""
        self._lease = lease
        self._batch_no = max(lease.batch_no.values())

    def submit(self, work: Work) -> None:
        """Commit this batch as soon as the one before is done; waits for that."""
        self.settle()
        self._running = self._worker.submit(self._do, work)

    def settle(self) -> None:
        """Wait until nothing is being committed. OwnershipLost, PoisonedBatch, Stopped: it is not."""
        if self._running is not None:
            self._running.result()
        self._running = None

    def close(self) -> None:
        """End the thread when its batch is done."""
        self._worker.shutdown()

    def _do(self, work: Work) -> None:
        try:
            with self._stopwatch.stage("commit"):
                self._commit(work)
        except (Stopped, OwnershipLost):
            raise
        except Exception as error:
            raise poisoned([each.message for each in work.deliveries], self.poisoned) from error
        with self._stopwatch.stage("ack"):
            self._feed.ack(work.deliveries)

    def _commit(self, work: Work) -> None:
        if not (brings_anything(work.outcome, work.rejects) or work.checkpoint or work.repairs.done):
            return
        number = self._batch_no + 1

        def commit() -> Lease:
            return self._store.commit(
                self._lease, number, work.outcome, work.rejects, work.checkpoint, work.repairs
            )

        self._lease = persistently(commit, self._stop)
        self._batch_no = number


def brings_anything(outcome: Outcome, rejects: Sequence[Reject]) -> bool:
    """Whether there is anything to save."""
    return bool(len(outcome.positions) or outcome.alerts or outcome.journeys or rejects)


def without_fixes(
    registry_version: int, alerts: Sequence[AlertChange] = (), coverage: Sequence[JourneyCoverage] = ()
) -> Outcome:
    """What is saved like a batch, but rests on no new fix."""
    none = np.empty(0, np.intp)
    return Outcome(
        positions=Positions.empty(),
        late=none > 0,
        known=none > 0,
        last_known=LastKnown(none, none.astype(np.int64), none > 0),
        alerts=tuple(alerts),
        journeys=(),
        repeated=0,
        registry_version=registry_version,
        coverage=tuple(coverage),
    )
