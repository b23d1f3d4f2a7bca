"""The live stream: one look into the store a second, one message made of it, the same bytes for all."""

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Callable

from dashboards.context import Clock
from dashboards.scene import Scene
from dashboards.wire import Message, identity, parse_identity
from hazmat.store.errors import StoreUnavailable
from hazmat.store.screens import Screens

TICK_SECONDS = 1.0
KEPT_TICKS = 60  # a viewer that falls further behind starts again from a snapshot
_SHORTEST_PAUSE_SECONDS = 0.05
_log = logging.getLogger(__name__)


class Live:
    """Owns the ticker and hands its messages to any number of viewers; lives in one event loop.

    Viewers read one shared ring, each at its own pace: a slow one costs no memory, and one that falls out of
    it is told to fetch a snapshot.
    """

    def __init__(self, screens: Screens, clock: Clock) -> None:
        self._screens = screens
        self._clock = clock
        self._ring: deque[Message] = deque(maxlen=KEPT_TICKS)
        self._news = asyncio.Event()
        self._closed = False
        self._snapshot: tuple[int, bytes] = (-1, b"")
        self.scene = Scene(epoch=secrets.token_hex(4))
        self.tick = 0  # messages made so far, however many viewers there are
        self.fault_raised: Exception | None = None
        self.on_fault: Callable[[], None] = lambda: None

    @property
    def fault(self) -> str:
        """What stopped the ticker, empty while it runs."""
        return repr(self.fault_raised) if self.fault_raised else ""

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
            await asyncio.sleep(max(_SHORTEST_PAUSE_SECONDS, TICK_SECONDS - (time.monotonic() - began)))

    def close(self) -> None:
        """End every viewer's stream at once."""
        self._closed = True
        self._news.set()

    def snapshot(self) -> bytes:
        """Return the scene after the last tick as JSON, made at most once a tick."""
        if self._snapshot[0] != self.tick:
            self._snapshot = (self.tick, self.scene.snapshot(self.tick))
        return self._snapshot[1]

    async def messages(self, after: str | None) -> AsyncIterator[Message]:
        """Yield what follows the event ``after``; first a ``reset`` if that is unknown or too long ago."""
        sent = self._place(after)
        while not self._closed:
            news = self._news
            if sent is None or self.tick - sent > len(self._ring):
                sent = self.tick
                yield Message.of("reset", "", b"{}")
            elif sent < self.tick:
                message = self._ring[sent - self.tick]
                sent += 1
                yield message
            else:
                await news.wait()

    def _place(self, after: str | None) -> int | None:
        place = parse_identity(after)
        known = place is not None and place[0] == self.scene.epoch and place[1] <= self.tick
        return place[1] if known and place else None

    def step(self) -> tuple[Scene, Message]:
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
        data = scene.message(before, self.tick + 1)
        return scene, Message.of("tick", identity(scene.epoch, self.tick + 1), data)

    def publish(self, scene: Scene, message: Message) -> None:
        """Make a step's result the present one and wake the viewers, in the event loop."""
        self.scene = scene
        self.tick += 1
        self._ring.append(message)
        self._news.set()
        self._news = asyncio.Event()
