"""The live stream: one look into the store a second, one message made of it for each kind of viewer.

All authorities read the same bytes. An enterprise that looks has a channel of its own, made from the same
look.
"""

import asyncio
import gzip
import logging
import secrets
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field

from dashboards.context import Clock
from dashboards.live.scene import Scene
from dashboards.live.wire import Message, identity, parse_identity
from hazmat.store.errors import StoreUnavailable
from hazmat.store.screens import Screens

TICK_SECONDS = 1.0
KEPT_TICKS = 60  # a viewer that falls further behind starts again from a snapshot
_SHORTEST_PAUSE_SECONDS = 0.05
_log = logging.getLogger(__name__)
Tenant = str | None  # a carrier_id; None: authorities, who see all


@dataclass(slots=True)
class Channel:
    """What viewers of one kind read: the last messages, and how many viewers there are."""

    ring: deque[Message] = field(default_factory=lambda: deque(maxlen=KEPT_TICKS))
    viewers: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A scene as JSON, also compressed: made once for all who ask in the same second."""

    plain: bytes
    gzipped: bytes


class Live:
    """Owns the ticker and hands its messages to any number of viewers; lives in one event loop.

    Viewers read a shared ring, each at its own pace: a slow one costs no memory, and one that falls out of it
    is told to fetch a snapshot.
    """

    def __init__(self, screens: Screens, clock: Clock) -> None:
        self._screens = screens
        self._clock = clock
        self._channels: dict[Tenant, Channel] = {None: Channel()}
        self._news = asyncio.Event()
        self._closed = False
        self._snapshots: dict[Tenant, tuple[int, Snapshot]] = {}
        self.scene = Scene(epoch=secrets.token_hex(4))
        self.tick = 0  # looks made so far, however many viewers there are
        self.encoded = 0  # messages made so far
        self.busy_seconds = 0.0  # spent on looking and encoding so far
        self.fault_raised: Exception | None = None
        self.on_fault: Callable[[], None] = lambda: None

    @property
    def fault(self) -> str:
        """What stopped the ticker, empty while it runs."""
        return repr(self.fault_raised) if self.fault_raised else ""

    @property
    def viewers(self) -> int:
        """How many streams are open."""
        return sum(channel.viewers for channel in self._channels.values())

    async def run(self) -> None:
        """Tick once a second until cancelled; a fault ends all streams and is kept for whoever serves."""
        try:
            await self._tick_on()
        except Exception as error:
            _log.exception("the live stream failed")
            self.fault_raised = error
            self.close()
            self.on_fault()

    async def _tick_on(self) -> None:
        while True:
            began = time.monotonic()
            self.publish(*await asyncio.to_thread(self.step))
            self.busy_seconds += time.monotonic() - began
            await asyncio.sleep(max(_SHORTEST_PAUSE_SECONDS, TICK_SECONDS - (time.monotonic() - began)))

    def close(self) -> None:
        """End every viewer's stream at once."""
        self._closed = True
        self._news.set()

    def snapshot(self, tenant: Tenant = None) -> Snapshot:
        """Return the scene after the last tick, made at most once a tick for each tenant."""
        made = self._snapshots.get(tenant)
        if made is None or made[0] != self.tick:
            self._snapshots = {t: each for t, each in self._snapshots.items() if each[0] == self.tick}
            plain = _seen_by(self.scene, tenant).snapshot(self.tick)
            made = (self.tick, Snapshot(plain, gzip.compress(plain, 5, mtime=0)))
            self._snapshots[tenant] = made
        return made[1]

    async def messages(self, after: str | None, tenant: Tenant = None) -> AsyncGenerator[Message, None]:
        """Yield what follows the event ``after`` for a tenant's viewers; first a ``reset`` if that is unknown
        or too long ago."""
        channel = self._channels.setdefault(tenant, Channel())
        channel.viewers += 1
        try:
            async for message in self._follow(channel, self._place(after, tenant)):
                yield message
        finally:
            channel.viewers -= 1
            if tenant is not None and not channel.viewers:
                self._channels.pop(tenant, None)

    async def _follow(self, channel: Channel, sent: int | None) -> AsyncGenerator[Message, None]:
        ring = channel.ring
        while not self._closed:
            news = self._news
            if sent is None or self.tick - sent > len(ring):
                sent = self.tick
                yield Message.of("reset", "", b"{}")
            elif sent < self.tick:
                message = ring[sent - self.tick]
                sent += 1
                yield message
            else:
                await news.wait()

    def _place(self, after: str | None, tenant: Tenant) -> int | None:
        place = parse_identity(after)
        epoch = self.scene.epoch_of(tenant)
        known = place is not None and place[0] == epoch and place[1] <= self.tick
        return place[1] if known and place else None

    def step(self) -> tuple[Scene, Mapping[Tenant, Message]]:
        """Look and encode, in a thread; nothing of the viewers' side is touched."""
        before, at = self.scene, self._clock()
        try:
            scene = before.look(self._screens, at, secrets.token_hex(4))
        except StoreUnavailable as error:
            scene = before.without_store(at)
            if before.database:
                _log.error("the live map stands still: %s", error)
        else:
            if not before.database:
                _log.warning("the database answers again; the live map goes on")
        return scene, {tenant: self._encode(before, scene, tenant) for tenant in tuple(self._channels)}

    def publish(self, scene: Scene, messages: Mapping[Tenant, Message]) -> None:
        """Make a step's result the present one and wake the viewers, in the event loop."""
        for tenant, channel in self._channels.items():
            # An enterprise may have begun to look while the step was made.
            channel.ring.append(messages.get(tenant) or self._encode(self.scene, scene, tenant))
        self.scene = scene
        self.tick += 1
        self._news.set()
        self._news = asyncio.Event()

    def _encode(self, before: Scene, scene: Scene, tenant: Tenant) -> Message:
        self.encoded += 1
        then, now = _seen_by(before, tenant), _seen_by(scene, tenant)
        return Message.of("tick", identity(now.epoch, self.tick + 1), now.message(then, self.tick + 1))


def _seen_by(scene: Scene, tenant: Tenant) -> Scene:
    return scene if tenant is None else scene.of_tenant(tenant)
