"""The MQTT consumer: QoS 1, persistent session, acknowledged by hand; on a thread of its own."""

import logging
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from paho.mqtt.client import Client, MQTTMessage

from hazmat.clock import now
from ingest.bulk_socket import BulkSocket
from ingest.delivery import Delivery, Inbox
from ingest.message import Message
from ingest.mqtt_client import CONNECT_SECONDS, BrokerAddress, connect, new_client
from ingest.redelivery import Collection
from ingest.topics import SUBSCRIPTIONS

__all__ = ["BrokerAddress", "Consumer"]

log = logging.getLogger(__name__)

_TURN_SECONDS = 0.5
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0
_GOODBYE_SECONDS = 5.0
_INBOX_BYTES = 64 * 2**20
_LOOK_BYTES = 2**19


class Consumer:
    """Takes messages from the broker into a bounded inbox and acknowledges what was committed.

    A full inbox stops reading, which fills the broker's window: nothing is dropped. `take` and `ack` are for
    one other thread. A lost connection is made again with growing pauses; both are logged, once a change.
    """

    def __init__(self, address: BrokerAddress, max_bytes: int = _INBOX_BYTES) -> None:
        self.address = address
        self.inbox = Inbox(max_bytes, self._wake)
        self.received = 0
        self._client = new_client(address)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        self._connection = 0  # counts connections; packet ids of an earlier one mean nothing
        self._up = False
        self._refused = ""
        self._said_down: bool | None = None
        self._collection = Collection()
        self._collecting = False
        self._unacknowledged: dict[int, Message] = {}  # by packet id, of the present connection
        self._fresh: list[Delivery] = []  # of one look at the network
        self._fresh_bytes = 0
        self._read_at = (now(), time.monotonic())
        self.listening_since = now()
        self._to_ack: deque[tuple[int, list[int]]] = deque()
        self._wake_reader, self._waker = socket.socketpair()
        self._wake_reader.setblocking(False)
        self._waker.setblocking(False)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mqtt", daemon=True)

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._thread.start()

    def take(self, rows: int, timeout: float) -> list[Delivery]:
        """See `Inbox.take`; raises what ended the network's thread, if anything did."""
        return self.inbox.take(rows, timeout)

    def ack(self, deliveries: Iterable[Delivery]) -> None:
        """Acknowledge committed messages, each on the connection it came by or not at all."""
        mids: dict[int, list[int]] = {}
        for delivery in deliveries:
            if delivery.mid:
                mids.setdefault(delivery.connection, []).append(delivery.mid)
        self._to_ack.extend(mids.items())
        self._wake()

    @property
    def quiet(self) -> bool:
        """Connected, with nothing held back or waiting: silence now is the vehicles' own."""
        return self._up and not self._collecting and not len(self.inbox)

    def close(self) -> None:
        """Send the last acknowledgements, say goodbye, end the thread. The session stays at the broker."""
        self._stopping.set()
        self._wake()
        if self._thread.ident:
            self._thread.join(2 * _GOODBYE_SECONDS + CONNECT_SECONDS)
        self._waker.close()
        self._wake_reader.close()

    # From here on: the network's thread, but for _wake.

    def _wake(self) -> None:
        with suppress(OSError):  # full: it will wake anyway; closed: it has ended
            self._waker.send(b"\0")

    def _run(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        try:
            while not self._stopping.is_set():
                trouble = self._session()
                pause = _FIRST_PAUSE_SECONDS if self._up else min(2 * pause, _LONGEST_PAUSE_SECONDS)
                self._up = False
                if not self._stopping.is_set():
                    self._say_down(trouble)
                    self._stopping.wait(pause)
        except BaseException as error:  # a bug: whoever takes next hears of it
            self.inbox.fail(error)

    def _session(self) -> str:
        """One connection, from its beginning to its end; what ended it."""
        self._refused = ""
        self._connection += 1
        self._unacknowledged.clear()
        try:
            connection = connect(self._client, self.address)
        except OSError as error:
            return str(error)
        opened = time.monotonic()
        with selectors.DefaultSelector() as selector:
            selector.register(self._wake_reader, selectors.EVENT_READ)
            selector.register(connection, selectors.EVENT_READ)
            while self._client.socket() is connection and not self._stopping.is_set():
                self._turn(connection, selector)
                if not self._up and time.monotonic() > opened + CONNECT_SECONDS:
                    self._refused = "no answer to the MQTT login"
                    self._drop(connection)
        if self._client.socket() is connection:
            self._say_goodbye(connection)
        return self._refused or "the connection was lost"

    def _turn(self, connection: BulkSocket, selector: selectors.BaseSelector) -> None:
        events = selectors.EVENT_WRITE if connection.unsent else 0
        if self._wants_more():
            events |= selectors.EVENT_READ
        watched = selector.get_map().get(connection.fileno())
        if events and watched:
            selector.modify(connection, events)
        elif events:
            selector.register(connection, events)
        elif watched:
            selector.unregister(connection)
        ready = {key.fileobj for key, _ in selector.select(self._patience(connection))}
        if self._wake_reader in ready:
            self._wake_reader.recv(4096)
        if self._wants_more() and (connection in ready or connection.pending()):
            self._read(connection)
        self._release()
        self._write(connection)

    def _wants_more(self) -> bool:
        waiting = self.inbox.bytes + self._collection.bytes + self._fresh_bytes
        return waiting < self.inbox.max_bytes

    def _patience(self, connection: BulkSocket) -> float:
        if self._wants_more() and connection.pending():
            return 0.0
        if self._collecting:
            return max(0.0, min(_TURN_SECONDS, self._collection.until - time.monotonic()))
        return _TURN_SECONDS

    def _read(self, connection: BulkSocket) -> None:
        """What one look at the network gives, if it is not too much."""
        self._read_at = (now(), time.monotonic())
        self._client.loop_read()
        while connection.pending() and self._fresh_bytes < _LOOK_BYTES and self._wants_more():
            self._client.loop_read()
        fresh, self._fresh, self._fresh_bytes = self._fresh, [], 0
        if self._collecting:
            self._collection.add(fresh)
        elif fresh:
            self.inbox.put(fresh)

    def _release(self) -> None:
        if self._collecting and time.monotonic() >= self._collection.until:
            self._collecting = False
            self.inbox.put(self._collection.release())

    def _write(self, connection: BulkSocket) -> None:
        while self._to_ack:
            number, mids = self._to_ack.popleft()
            if number == self._connection:
                for mid in mids:
                    self._unacknowledged.pop(mid, None)
                    self._client.ack(mid, 1)
        if self._client.want_write():
            self._client.loop_write()
        try:
            connection.flush()
        except OSError:
            self._drop(connection)

    def _drop(self, connection: BulkSocket) -> None:
        connection.close()
        self._client.loop_read()  # paho finds it closed and cleans up

    def _say_goodbye(self, connection: BulkSocket) -> None:
        deadline = time.monotonic() + _GOODBYE_SECONDS
        self._write(connection)
        while connection.unsent and time.monotonic() < deadline and connection.fileno() >= 0:
            time.sleep(0.01)
            self._write(connection)
        connection.linger_seconds = _GOODBYE_SECONDS
        self._client.disconnect()
        self._client.loop_write()

    def _say_down(self, trouble: str) -> None:
        if self._said_down is not True:
            log.warning("broker %s:%d: %s; trying again until it is there", *self.address.place, trouble)
        self._said_down = True

    def _on_connect(self, client: Client, _data: Any, flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self._refused = f"login refused: {reason}"
            return
        if flags.session_present and self.address.redelivery_seconds:
            self._collection.begin(time.monotonic() + self.address.redelivery_seconds)
            self._collecting = True
        client.subscribe([(topic, 1) for topic in SUBSCRIPTIONS])

    def _on_subscribe(self, client: Client, _data: Any, _mid: int, reasons: Any, _properties: Any) -> None:
        refused = [topic for topic, code in zip(SUBSCRIPTIONS, reasons, strict=False) if code.is_failure]
        if refused:
            self._refused = f"the broker refuses to let us subscribe to {', '.join(refused)}"
            client.disconnect()
            return
        self._up = True
        self.listening_since = now()
        if self._said_down is not False:
            log.info("broker %s:%d: connected", *self.address.place)
        self._said_down = False

    def _on_message(self, _client: Client, _data: Any, said: MQTTMessage) -> None:
        received_at, arrived = self._read_at
        try:
            topic = said.topic
        except UnicodeDecodeError:
            topic = "\N{REPLACEMENT CHARACTER}"
        message = Message(topic, received_at, bytes(said.payload))
        if said.qos:
            known = self._unacknowledged.get(said.mid)
            if said.dup and known and known.payload == message.payload and known.topic == topic:
                return  # sent again while it waits here
            self._unacknowledged[said.mid] = message
        self.received += 1
        mid = said.mid if said.qos else 0
        delivery = Delivery(message, mid, self._connection, arrived, said.dup)
        self._fresh.append(delivery)
        self._fresh_bytes += delivery.size
