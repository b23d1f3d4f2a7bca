"""What a broker sends again after a reconnect: when to expect it, and how the old order is found again."""

from collections.abc import Iterable, Sequence

from ingest.delivery import Delivery

_MIDS = 65_535
_Key = tuple[str, bytes]


class Collection:
    """Collects what comes, from a reconnect until `until` (monotonic); then gives it back in the old order.

    Not every broker sends first what it had sent before: NATS does so after its ack_wait, behind newer ones,
    and after its own restart in no reliable order. When the connection is lost meanwhile, `begin` again: what
    is held keeps its place, and is acknowledged by the packet id under which it comes again.
    """

    def __init__(self) -> None:
        self.until = 0.0
        self.bytes = 0
        self._held: dict[_Key, Delivery] = {}  # in the old order; sent on earlier connections
        self._come: list[Delivery] = []  # on the present one

    def begin(self, until: float) -> None:
        """A new connection stands."""
        self._held = {_key(delivery): delivery for delivery in self._merged()}
        self._come = []
        self.bytes = sum(delivery.size for delivery in self._held.values())
        self.until = until

    def add(self, deliveries: Sequence[Delivery]) -> None:
        """Hold these back."""
        self._come.extend(deliveries)
        self.bytes += sum(delivery.size for delivery in deliveries)

    def release(self) -> list[Delivery]:
        """Everything held, in the old order; nothing is held any more."""
        released = self._merged()
        self._held, self._come, self.bytes = {}, [], 0
        return released

    def _merged(self) -> list[Delivery]:
        """First what was sent before, then what is new. Unknown ones stand behind their forerunner."""
        again = in_ring_order([delivery for delivery in self._come if delivery.again])
        held = dict(self._held)
        followers: dict[_Key | None, list[Delivery]] = {None: []}
        forerunner: _Key | None = None
        for delivery in again:
            key = _key(delivery)
            if key in held:
                held[key], forerunner = delivery, key
            else:
                followers.setdefault(forerunner, []).append(delivery)
        merged = followers[None]
        for key, delivery in held.items():
            merged += [delivery, *followers.get(key, ())]
        return merged + [delivery for delivery in self._come if not delivery.again]


def in_ring_order(deliveries: Iterable[Delivery]) -> list[Delivery]:
    """By packet ids that were given out one after the other and begin again after 65,535."""
    found = list(deliveries)
    start = ring_start([delivery.mid for delivery in found])
    return sorted(found, key=lambda delivery: (delivery.mid - start) % _MIDS)


def ring_start(mids: Sequence[int]) -> int:
    """The oldest of such packet ids: the one after the widest gap."""
    ring = sorted(mids)
    if not ring:
        return 0
    before = [ring[-1] - _MIDS, *ring[:-1]]
    gaps = [mid - previous for mid, previous in zip(ring, before, strict=True)]
    return ring[gaps.index(max(gaps))]


def _key(delivery: Delivery) -> _Key:
    return delivery.message.topic, delivery.message.payload
