"""A message with what its acknowledgement needs, and the bounded inbox between network and flow."""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple, Protocol

from ingest.message import Message

_OVERHEAD_BYTES = 600  # what Python spends on a queued message beside its payload


class Delivery(NamedTuple):
    """One message as a broker delivered it; `mid` is valid on connection number `connection` only.

    `mid` 0: nothing to acknowledge (QoS 0). `arrived` is monotonic. `again`: sent before, says the broker.
    """

    message: Message
    mid: int
    connection: int
    arrived: float
    again: bool

    @property
    def rows(self) -> int:
        """About how many fixes are in it, without decoding it."""
        return max(1, self.message.payload.count(b'"lon"'))

    @property
    def size(self) -> int:
        """Bytes that it takes in memory, about."""
        return len(self.message.payload) + _OVERHEAD_BYTES


class Source(Protocol):
    """Where deliveries come from, in order."""

    def take(self, rows: int, timeout: float) -> list[Delivery]:
        """What is there, whole messages of about `rows` fixes; waits up to `timeout` seconds for one."""


class Feed(Source, Protocol):
    """Deliveries, and where they are acknowledged."""

    @property
    def quiet(self) -> bool:
        """Connected, with nothing held back or waiting: silence now is the vehicles' own."""

    @property
    def listening_since(self) -> datetime:
        """When the present connection was made: what was silent before then may have been us."""

    def ack(self, deliveries: Iterable[Delivery]) -> None:
        """Acknowledge what was committed."""


class Inbox:
    """Deliveries in order, from one thread to another; nothing is dropped: who puts looks at `full` first."""

    def __init__(self, max_bytes: int, on_room: Callable[[], None]) -> None:
        self.max_bytes = max_bytes
        self.bytes = 0
        self._on_room = on_room
        self._queue: deque[Delivery] = deque()
        self._changed = threading.Condition()
        self._error: BaseException | None = None

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def full(self) -> bool:
        """No more should be put until somebody takes."""
        return self.bytes >= self.max_bytes

    def put(self, deliveries: Iterable[Delivery]) -> None:
        """Append and wake who waits, once for all of them."""
        with self._changed:
            for delivery in deliveries:
                self._queue.append(delivery)
                self.bytes += delivery.size
            self._changed.notify()

    def fail(self, error: BaseException) -> None:
        """Let whoever takes next raise this error."""
        with self._changed:
            self._error = error
            self._changed.notify()

    def wake(self) -> None:
        """End a waiting `take` early."""
        with self._changed:
            self._changed.notify()

    def take(self, rows: int, timeout: float) -> list[Delivery]:
        """What is there, whole messages of about `rows` fixes; waits up to `timeout` seconds for one."""
        with self._changed:
            if not self._queue and not self._error:
                self._changed.wait(timeout)
            if self._error:
                raise self._error
            was_full = self.full
            taken = self._pop(rows)
        if was_full and not self.full:
            self._on_room()
        return taken

    def _pop(self, rows: int) -> list[Delivery]:
        taken: list[Delivery] = []
        while self._queue and rows > 0:
            delivery = self._queue.popleft()
            rows -= delivery.rows
            self.bytes -= delivery.size
            taken.append(delivery)
        return taken
