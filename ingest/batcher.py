"""Cuts the stream into batches: by count or by time, whichever comes first; a message is never cut."""

import time
from collections.abc import Sequence

from ingest.delivery import Delivery, Source


class Batcher:
    """Collects until `rows` fixes are there, or the first message has waited for `seconds`."""

    def __init__(self, source: Source, rows: int, seconds: float) -> None:
        self.source = source
        self.rows = rows
        self.seconds = seconds

    def next(self, patience: float) -> list[Delivery]:
        """The next batch, in order of arrival; empty if no message comes within `patience` seconds."""
        batch = self.source.take(self.rows, patience)
        if not batch:
            return batch
        deadline = batch[0].arrived + self.seconds
        missing = self.rows - _rows(batch)
        while missing > 0 and (left := deadline - time.monotonic()) > 0:
            time.sleep(min(left, self.seconds / 10))  # not woken by each message: one look takes many
            more = self.source.take(missing, 0)
            batch += more
            missing -= _rows(more)
        return batch


def _rows(deliveries: Sequence[Delivery]) -> int:
    return sum(delivery.rows for delivery in deliveries)
