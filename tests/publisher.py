"""A plain MQTT publisher at QoS 1 for tests: what it has published is acknowledged by the broker."""

import threading
import time
from collections.abc import Iterable
from typing import Any, Self

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from ingest.broker import MqttBroker

_PATIENCE_SECONDS = 30.0
_WINDOW = 500  # messages that the broker has not acknowledged


class Publisher:
    """Connected while used in a `with`; survives restarts of the broker."""

    def __init__(self, broker: MqttBroker) -> None:
        self.broker = broker
        self.client = Client(CallbackAPIVersion.VERSION2, client_id="test-publisher", clean_session=False)
        self.client.max_inflight_messages_set(1000)
        self.client.reconnect_delay_set(1, 1)
        self.connected = threading.Event()
        self.client.on_connect = lambda *_: self.connected.set()
        self.client.on_publish = self._on_publish
        self.acknowledged: set[int] = set()

    def __enter__(self) -> Self:
        self.client.connect(self.broker.host, self.broker.port)
        self.client.loop_start()
        assert self.connected.wait(_PATIENCE_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def publish(self, messages: Iterable[tuple[str, bytes]]) -> None:
        """Publish all and wait until the broker has acknowledged them; one that is away is waited for."""
        sent = [self.client.publish(topic, payload, qos=1).mid for topic, payload in messages]
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not self.acknowledged.issuperset(sent):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        self.acknowledged.difference_update(sent)

    def _on_publish(self, _client: Client, _data: Any, mid: int, _reason: Any, _properties: Any) -> None:
        self.acknowledged.add(mid)


class OrderedPublisher:
    """Publishes in one order and no other: after a lost connection first what was not acknowledged.

    For one thread. paho's own threads let new messages overtake those that they send again.
    """

    def __init__(self, broker: MqttBroker) -> None:
        self._broker = broker
        self._waiting: dict[int, tuple[str, bytes]] = {}
        self._connect()

    def send(self, topic: str, payload: bytes) -> None:
        """Publish one message; waits while many are not acknowledged."""
        self._publish(topic, payload)
        self.pump(0.0)
        while len(self._waiting) > _WINDOW:
            self.pump(0.05)

    def finish(self) -> None:
        """Wait until the broker has acknowledged everything."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while self._waiting:
            assert time.monotonic() < deadline
            self.pump(0.05)
        self._client.disconnect()

    def pump(self, seconds: float) -> None:
        """Read and write what there is, for at most about so long."""
        if self._client.loop(seconds) != MQTTErrorCode.MQTT_ERR_SUCCESS:
            unsent, self._waiting = list(self._waiting.values()), {}
            self._connect()
            for topic, payload in unsent:
                self._publish(topic, payload)

    def _publish(self, topic: str, payload: bytes) -> None:
        self._waiting[self._client.publish(topic, payload, qos=1).mid] = topic, payload

    def _connect(self) -> None:
        self._client = Client(CallbackAPIVersion.VERSION2, client_id="", reconnect_on_failure=False)
        self._client.max_inflight_messages_set(0)
        self._client.on_publish = self._on_publish
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                self._client.connect(self._broker.host, self._broker.port)
            except OSError:
                time.sleep(0.1)
                continue
            while self._client.loop(0.1) == MQTTErrorCode.MQTT_ERR_SUCCESS:
                if self._client.is_connected():
                    return
        raise TimeoutError("the broker did not come back")

    def _on_publish(self, _client: Client, _data: Any, mid: int, _reason: Any, _properties: Any) -> None:
        self._waiting.pop(mid, None)
