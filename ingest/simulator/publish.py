"""Simulated trucks over MQTT in real or accelerated time: QoS 1, reconnects, a bounded window."""

import logging
import math
import ssl
import threading
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from hazmat.clock import now
from hazmat.registry import World
from ingest.message import Message
from ingest.simulator.breaches import Breach, some_breaches
from ingest.simulator.messages import Habits, messages

log = logging.getLogger(__name__)

_PORTS = {"mqtt": 1883, "mqtts": 8883}
_WINDOW = 500  # messages that the broker has not acknowledged
_BACK = timedelta(hours=6)  # where accelerated time starts, so that it can run before it meets the present
_GOODBYE_SECONDS = 10.0


class Publisher:
    """Publishes with QoS 1; ``send`` waits while the window is full. Says once that the broker is away.

    A context manager. ValueError for an address that is none.
    """

    def __init__(self, url: str, tls_ca: Path | None = None, window: int = _WINDOW) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("MQTT_URL looks like mqtt://host:1883 or mqtts://user:password@host:8883")
        self._shown = f"{parts.hostname}:{parts.port or _PORTS[parts.scheme]}"
        self._free = threading.BoundedSemaphore(window)
        self._window = window
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.max_inflight_messages_set(window)
        self._client.reconnect_delay_set(min_delay=1, max_delay=30)
        if parts.scheme == "mqtts":
            self._client.tls_set_context(ssl.create_default_context(cafile=tls_ca))
        if parts.username:
            self._client.username_pw_set(unquote(parts.username), unquote(parts.password or ""))
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_connect_fail = self._on_connect_fail
        self._client.on_publish = self._on_publish
        self._client.connect_async(parts.hostname, parts.port or _PORTS[parts.scheme])
        self._said_down = False

    def __enter__(self) -> "Publisher":
        self._client.loop_start()
        return self

    def __exit__(self, *_: object) -> None:
        self.wait_sent(_GOODBYE_SECONDS)
        self._client.disconnect()
        self._client.loop_stop()

    def send(self, message: Message, stop: threading.Event) -> bool:
        """Hand one message over; False if ``stop`` was set while the window was full."""
        while not self._free.acquire(timeout=0.5):
            if stop.is_set():
                return False
        info = self._client.publish(message.topic, message.payload, qos=1)
        # Without a connection it is queued and leaves with the next one.
        if info.rc not in (MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_NO_CONN):
            self._free.release()
            raise RuntimeError(f"publish refused: {info.rc!r}")
        return True

    def wait_sent(self, seconds: float) -> bool:
        """Whether the broker acknowledged everything within this time."""
        got = 0
        for _ in range(self._window):
            if not self._free.acquire(timeout=seconds):
                break
            got += 1
        for _ in range(got):
            self._free.release()
        return got == self._window

    def _on_connect(
        self, _: Client, __: object, ___: ConnectFlags, reason: ReasonCode, ____: Properties | None
    ) -> None:
        if reason.is_failure:
            self._say_down(str(reason))
        else:
            log.info("broker %s: connected", self._shown)
            self._said_down = False

    def _on_disconnect(
        self, _: Client, __: object, ___: DisconnectFlags, reason: ReasonCode, ____: Properties | None
    ) -> None:
        if reason.is_failure:
            self._say_down(str(reason))

    def _on_connect_fail(self, _: Client, __: object) -> None:
        self._say_down("not reachable")

    def _say_down(self, reason: str) -> None:
        if not self._said_down:
            log.warning("broker %s: %s; trying again", self._shown, reason)
        self._said_down = True

    def _on_publish(self, _: Client, __: object, ___: int, ____: ReasonCode, _____: Properties) -> None:
        self._free.release()


def simulate(  # noqa: PLR0913 - one keyword a question that a caller may ask
    url: str, world: World, vehicles: int | Sequence[str], *, speed: float = 1.0, seed: int = 1,
    interval_s: float = 5.0, seconds: float = math.inf, start: datetime | None = None,
    breaches: Sequence[Breach] | None = None, habits: Habits | None = None, tls_ca: Path | None = None,
    stop: threading.Event | None = None,
) -> int:  # fmt: skip
    """Drive the world's first ``vehicles`` trucks (or those named) until ``stop``, or for ``seconds``.

    ``speed`` times as fast as life, from ``start`` (by default now, or six hours ago for a speed above 1);
    what would lie ahead of the clock waits for it, so that no fix is from the future. Breaches: by default
    those of ``some_breaches``. Returns how many messages were published.
    """
    if not speed > 0:
        raise ValueError(f"speed must be greater than 0, not {speed}")
    stop = stop or threading.Event()
    begin = start or (now() if speed <= 1 else now() - _BACK)
    ids = [v.vehicle_id for v in world.vehicles[:vehicles]] if isinstance(vehicles, int) else list(vehicles)
    breaches = some_breaches(ids, begin) if breaches is None else breaches
    count = 0
    with Publisher(url, tls_ca) as publisher:
        driven = messages(world, ids, begin, seconds, interval_s, seed, breaches, habits)
        for message in in_time(driven, begin, speed, stop):
            if not publisher.send(message, stop):
                break
            count += 1
    return count


def in_time(
    recorded: Iterator[Message], begin: datetime, speed: float, stop: threading.Event
) -> Iterator[Message]:
    """Each message when its time has come, ``speed`` times as fast as life; ends once ``stop`` is set."""
    started = now()
    for message in recorded:
        due = started + (message.received_at - begin) / speed
        wait = (max(due, message.received_at) - now()).total_seconds()
        if wait > 0 and stop.wait(wait):
            return
        if stop.is_set():
            return
        yield message
