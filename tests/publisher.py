"""A plain MQTT publisher at QoS 1 for tests: what it has published is acknowledged by the broker."""

import threading
import time
from collections.abc import Iterable
from typing import Any, Self

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from ingest.broker import MqttBroker

_PATIENCE_SECONDS = 20.0


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
