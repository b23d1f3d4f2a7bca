"""What a broker sends again after a reconnect: when to expect it, and how the old order is found again."""

from collections.abc import Sequence

from ingest.delivery import Delivery

_MIDS = 65_535


class Collection:
    """Collects, from a reconnect until `until` (monotonic), what comes; then gives it back in the old order.

    Not every broker sends first what it had sent before (NATS does after its ack_wait, and after newer ones).
    """

    def __init__(self, until: float) -> None:
        self.until = until
        self.bytes = 0
        self._held: list[Delivery] = []

    def add(self, deliveries: Sequence[Delivery]) -> None:
        """Hold these back."""
        self._held.extend(deliveries)
        self.bytes += sum(delivery.size for delivery in deliveries)

    def in_old_order(self) -> list[Delivery]:
        """Everything held: first what was sent before, in the order of packet ids; the rest as it came."""
        again = [delivery for delivery in self._held if delivery.again]
        start = ring_start([delivery.mid for delivery in again])
        again.sort(key=lambda delivery: (delivery.mid - start) % _MIDS)
        return again + [delivery for delivery in self._held if not delivery.again]


def ring_start(mids: Sequence[int]) -> int:
    """The oldest of packet ids that were given out one after the other and begin again after 65,535."""
    ring = sorted(mids)
    if not ring:
        return 0
    before = [ring[-1] - _MIDS, *ring[:-1]]
    gaps = [mid - previous for mid, previous in zip(ring, before, strict=True)]
    return ring[gaps.index(max(gaps))]
