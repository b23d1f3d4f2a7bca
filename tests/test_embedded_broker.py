"""The embedded broker: what it acknowledged it keeps, whoever is killed, and how it delivers again."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from hazmat.childprocess import ChildError, accepts_connections
from ingest.broker import MqttBroker, NatsBroker
from tests.servers import runs
from tests.servers.mosquitto import Mosquitto

_TOPIC = "hazmat/v1/v1/position"
_FILTER = "hazmat/v1/+/position"
_PATIENCE_SECONDS = 30.0
_ACKNOWLEDGED = 100

# Processes of their own, to be killed: one owns a broker, one subscribes and acknowledges the first 100.
_OWNER = """
import sys, time
from pathlib import Path
from ingest.broker import NatsBroker
broker = NatsBroker(Path(sys.argv[1]))
broker.start()
print(broker.pid, flush=True)
time.sleep(600)
"""
_SUBSCRIBER = """
import sys
from pathlib import Path
from tests.test_embedded_broker import Subscriber
subscriber = Subscriber(sys.argv[1], int(sys.argv[2]), lambda number: number < 100)
subscriber.wait_for(0)
print("subscribed", flush=True)
subscriber.wait_for(200)
print("received", flush=True)
subscriber.wait_for(1_000_000)
"""


class Subscriber:
    """A persistent session, the same for every object; it acknowledges what `acknowledges(number)` says."""

    def __init__(self, host: str, port: int, acknowledges: Callable[[int], bool]) -> None:
        self.numbers: list[int] = []
        self.again: list[int] = []
        self._acknowledges = acknowledges
        self._subscribed = False
        self.client = _client("ingest", clean_session=False, manual_ack=True)
        self.client.reconnect_delay_set(1, 1)
        self.client.on_connect = lambda client, *_: client.subscribe(_FILTER, qos=1)
        self.client.on_subscribe = self._on_subscribe
        self.client.on_message = self._on_message
        self.client.connect(host, port)
        self.client.loop_start()

    def wait_for(self, count: int) -> None:
        """Return when so many different messages have come and the subscription stands."""
        _wait(lambda: self._subscribed and len(set(self.numbers)) >= count)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def _on_subscribe(self, *_: object) -> None:
        self._subscribed = True

    def _on_message(self, client: mqtt.Client, _: object, message: mqtt.MQTTMessage) -> None:
        number = int(message.payload)
        self.numbers.append(number)
        if message.dup:
            self.again.append(number)
        if self._acknowledges(number):
            client.ack(message.mid, message.qos)


@contextmanager
def _subscribed(
    broker: MqttBroker, acknowledges: Callable[[int], bool] = lambda _: True
) -> Iterator[Subscriber]:
    subscriber = Subscriber(broker.host, broker.port, acknowledges)
    try:
        subscriber.wait_for(0)
        yield subscriber
    finally:
        subscriber.close()


def _client(name: str, clean_session: bool = True, manual_ack: bool = False) -> mqtt.Client:
    version = CallbackAPIVersion.VERSION2
    return mqtt.Client(version, client_id=name, clean_session=clean_session, manual_ack=manual_ack)


def _publish(broker: MqttBroker, numbers: range) -> None:
    """Publish and return when the broker has acknowledged every message."""
    client = _client("terminal")
    client.max_inflight_messages_set(100)
    client.connect(broker.host, broker.port)
    client.loop_start()
    for message in [client.publish(_TOPIC, str(number), qos=1) for number in numbers]:
        message.wait_for_publish(_PATIENCE_SECONDS)
    client.disconnect()
    client.loop_stop()


def _wait(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not reached():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def _crashed_subscriber(broker: MqttBroker) -> None:
    """Let a subscriber take messages 0 to 199, acknowledge 0 to 99 and end by SIGKILL."""
    command = [sys.executable, "-c", _SUBSCRIBER, broker.host, str(broker.port)]
    subscriber = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1])
    assert subscriber.stdout
    assert subscriber.stdout.readline() == "subscribed\n"
    _publish(broker, range(200))
    assert subscriber.stdout.readline() == "received\n"
    time.sleep(0.3)  # the last acknowledgements are still on their way
    subscriber.kill()
    subscriber.communicate()


def _killed_owner(data_dir: Path) -> int:
    """Let a process start a broker and end by SIGKILL; return the broker's process id."""
    command = [sys.executable, "-c", _OWNER, str(data_dir)]
    owner = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert owner.stdout
    pid = int(owner.stdout.readline())
    owner.kill()
    owner.communicate()
    return pid


def test_a_message_arrives(any_broker: MqttBroker) -> None:
    with _subscribed(any_broker) as subscriber:
        _publish(any_broker, range(1))
        subscriber.wait_for(1)


def test_what_was_queued_for_an_absent_session_outlives_a_kill(nats_broker: NatsBroker) -> None:
    with _subscribed(nats_broker):
        pass
    _publish(nats_broker, range(500))
    nats_broker.kill()
    nats_broker.start()
    with _subscribed(nats_broker) as subscriber:
        subscriber.wait_for(500)
        assert subscriber.numbers == list(range(500))


def test_what_was_delivered_but_not_acknowledged_outlives_a_kill(nats_broker: NatsBroker) -> None:
    with _subscribed(nats_broker, lambda number: number < _ACKNOWLEDGED) as subscriber:
        _publish(nats_broker, range(200))
        subscriber.wait_for(200)
        time.sleep(0.3)
        nats_broker.kill()
    nats_broker.start()
    with _subscribed(nats_broker) as subscriber:
        subscriber.wait_for(100)
        assert set(range(_ACKNOWLEDGED, 200)) <= set(subscriber.numbers)


def test_a_connected_subscriber_comes_back_after_a_kill(nats_broker: NatsBroker) -> None:
    with _subscribed(nats_broker) as subscriber:
        _publish(nats_broker, range(100))
        subscriber.wait_for(100)
        nats_broker.kill()
        nats_broker.start()
        _publish(nats_broker, range(100, 200))
        subscriber.wait_for(200)


def test_nats_redelivers_late_and_mosquitto_first(any_broker: MqttBroker) -> None:
    """The orders that ingest has to cope with; if this fails after an update, see NatsBroker's docstring."""
    _crashed_subscriber(any_broker)
    with _subscribed(any_broker) as subscriber:
        _publish(any_broker, range(200, 300))
        subscriber.wait_for(200)
    old, new = list(range(_ACKNOWLEDGED, 200)), list(range(200, 300))
    assert subscriber.again == old
    if isinstance(any_broker, Mosquitto):
        assert subscriber.numbers == old + new
    else:
        assert subscriber.numbers == new + old


def test_address_and_store_stay_over_stop_and_start(nats_broker: NatsBroker) -> None:
    url = nats_broker.url
    nats_broker.stop()
    assert not accepts_connections(nats_broker.host, nats_broker.port)
    nats_broker.start()
    assert nats_broker.url == url == f"mqtt://127.0.0.1:{nats_broker.port}"


def test_the_broker_ends_when_its_parent_is_killed(fresh_folder: Path) -> None:
    pid = _killed_owner(fresh_folder / "nats")
    _wait(lambda: not runs(pid))


def test_a_new_parent_starts_at_once_after_a_kill(fresh_folder: Path) -> None:
    pid = _killed_owner(fresh_folder / "nats")
    with NatsBroker(fresh_folder / "nats") as broker:
        assert not runs(pid)  # never two on one store
        assert broker.running


def test_a_taken_port_is_told_with_the_brokers_own_words(nats_broker: NatsBroker, fresh_folder: Path) -> None:
    second = NatsBroker(fresh_folder / "second", port=nats_broker.port)
    with pytest.raises(ChildError, match="address already in use"):
        second.start()


def test_kill_needs_a_running_broker(fresh_folder: Path) -> None:
    with pytest.raises(ChildError, match="not running"):
        NatsBroker(fresh_folder / "nats").kill()
