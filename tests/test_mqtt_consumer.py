"""The consumer against real brokers: nothing lost, nothing acknowledged before its time, old order kept."""

import logging
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ingest.broker import MqttBroker, NatsBroker
from ingest.delivery import Delivery
from ingest.mqtt import BrokerAddress, Consumer
from tests.publisher import Publisher
from tests.servers.mosquitto import Mosquitto

_PATIENCE_SECONDS = 25.0


@contextmanager
def _consumer(
    broker: MqttBroker, redelivery: float | None = None, max_bytes: int = 10**7
) -> Iterator[Consumer]:
    late = NatsBroker.ack_wait_seconds + 0.5 if isinstance(broker, NatsBroker) else 0.0
    address = BrokerAddress(
        url=broker.url, client_id="under-test", redelivery_seconds=late if redelivery is None else redelivery
    )
    consumer = Consumer(address, max_bytes)
    consumer.start()
    try:
        yield consumer
    finally:
        consumer.close()


def _until_up(consumer: Consumer) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not consumer.quiet and not len(consumer.inbox):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _take(consumer: Consumer, count: int, seconds: float = _PATIENCE_SECONDS) -> list[Delivery]:
    taken: list[Delivery] = []
    deadline = time.monotonic() + seconds
    while len(taken) < count and time.monotonic() < deadline:
        taken += consumer.take(count - len(taken), 0.1)
    return taken


def _numbers(deliveries: list[Delivery]) -> list[int]:
    return [int(delivery.message.payload) for delivery in deliveries]


def _numbered(start: int, stop: int) -> list[tuple[str, bytes]]:
    return [
        (f"hazmat/v1/V{n % 7}/{'position' if n % 3 else 'positions'}", str(n).encode())
        for n in range(start, stop)
    ]


def _lose_connection(consumer: Consumer) -> None:
    """Cut the TCP connection under the consumer, as a network does."""
    connection = consumer._client.socket()
    assert connection is not None
    with socket.socket(fileno=os.dup(connection.fileno())) as same:
        same.shutdown(socket.SHUT_RDWR)


def test_all_topics_arrive_in_order_with_their_payloads(any_broker: MqttBroker) -> None:
    with _consumer(any_broker) as consumer, Publisher(any_broker) as publisher:
        _until_up(consumer)
        topics = [
            "hazmat/v1/V1/position",
            "hazmat/v1/gateway/g/positions",
            "owntracks/u/d",
            "owntracks/u/d/event",
        ]
        publisher.publish([(topic, topic.encode()) for topic in topics])
        publisher.publish([("other/v1/V1/position", b"not ours")])
        taken = _take(consumer, len(topics))
        assert {(d.message.topic, d.message.payload) for d in taken} == {(t, t.encode()) for t in topics}
        assert all(d.message.received_at.tzinfo for d in taken)
        publisher.publish(_numbered(0, 500))
        assert _numbers(_take(consumer, 500)) == list(range(500))
        assert _take(consumer, 1, 0.3) == []


def test_only_what_was_acknowledged_is_gone_after_a_restart(any_broker: MqttBroker) -> None:
    with Publisher(any_broker) as publisher:
        with _consumer(any_broker) as consumer:
            _until_up(consumer)
            publisher.publish(_numbered(0, 60))
            taken = _take(consumer, 60)
            consumer.ack(taken[:25])
        publisher.publish(_numbered(60, 80))
        with _consumer(any_broker) as consumer:
            again = _take(consumer, 55)
            assert _numbers(again) == list(range(25, 80))
            assert _take(consumer, 1, 1.0) == []
            consumer.ack(again)
        with _consumer(any_broker) as consumer:
            _until_up(consumer)
            assert _take(consumer, 1, 1.0) == []


def test_a_lost_connection_is_made_again_and_old_acknowledgements_are_not_sent(
    any_broker: MqttBroker,
) -> None:
    with _consumer(any_broker) as consumer, Publisher(any_broker) as publisher:
        _until_up(consumer)
        publisher.publish(_numbered(0, 20))
        taken = _take(consumer, 20)
        _lose_connection(consumer)
        publisher.publish(_numbered(20, 30))
        again = _take(consumer, 30)
        assert _numbers(again) == list(range(30))
        consumer.ack(taken)  # of the old connection: must acknowledge nothing
        time.sleep(0.5)
        _lose_connection(consumer)
        assert _numbers(_take(consumer, 30)) == list(range(30))


def test_what_waits_unacknowledged_is_not_taken_twice(nats_broker: NatsBroker) -> None:
    with _consumer(nats_broker) as consumer, Publisher(nats_broker) as publisher:
        _until_up(consumer)
        publisher.publish(_numbered(0, 50))
        taken = _take(consumer, 50)
        assert (
            _take(consumer, 1, NatsBroker.ack_wait_seconds + 2) == []
        )  # meanwhile the broker sent all again
        consumer.ack(taken)
        publisher.publish(_numbered(50, 51))
        assert _numbers(_take(consumer, 1)) == [50]


def test_a_full_inbox_stops_reading_and_loses_nothing(any_broker: MqttBroker) -> None:
    payloads = [f"{number:06}".encode() + b"9" * 2_000 for number in range(3_000)]
    with _consumer(any_broker, max_bytes=100_000) as consumer, Publisher(any_broker) as publisher:
        _until_up(consumer)
        publisher.publish([("hazmat/v1/V1/position", payload) for payload in payloads])
        time.sleep(1.0)
        assert consumer.inbox.bytes < 1_000_000
        taken: set[bytes] = set()
        while batch := _take(consumer, 100, 7.0):
            assert consumer.inbox.bytes < 1_000_000
            consumer.ack(batch)
            taken |= {each.message.payload for each in batch}  # a slow machine is sent some again
        assert taken == set(payloads)


def test_a_broker_killed_and_restarted(nats_broker: NatsBroker, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "ingest.mqtt")
    with _consumer(nats_broker) as consumer, Publisher(nats_broker) as publisher:
        _until_up(consumer)
        publisher.publish(_numbered(0, 40))
        consumer.ack(_take(consumer, 40)[:10])
        time.sleep(0.5)
        _kill(nats_broker)
        time.sleep(1.5)
        nats_broker.start()
        publisher.publish(_numbered(40, 60))
        again = _numbers(_take(consumer, 50))
        assert sorted(again) == list(range(10, 60))
        assert again[-20:] == list(range(40, 60))
    said = [record.getMessage().split(": ", 1)[1].split(";")[0] for record in caplog.records]
    assert len(said) == 3
    assert said[0] == said[2] == "connected"


def test_a_broker_that_is_away_at_the_start_is_waited_for(mosquitto_broker: Mosquitto) -> None:
    mosquitto_broker.stop()
    with _consumer(mosquitto_broker) as consumer:
        time.sleep(0.5)
        assert not consumer.quiet
        mosquitto_broker.start()
        _until_up(consumer)


@pytest.mark.parametrize("url", ["localhost:1883", "http://host", "mqtt://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="mqtt://host:1883"):
        Consumer(BrokerAddress(url=url, client_id="x"))


def test_a_fault_on_the_networks_thread_reaches_whoever_takes(nats_broker: NatsBroker) -> None:
    with _consumer(nats_broker) as consumer, Publisher(nats_broker) as publisher:
        _until_up(consumer)
        consumer.inbox.put = None  # type: ignore[method-assign,assignment]
        publisher.publish(_numbered(0, 1))
        with pytest.raises(TypeError):
            _take(consumer, 1)


def _kill(broker: MqttBroker) -> None:
    process = broker._process
    assert process is not None
    process.send_signal(signal.SIGKILL)
    process.wait()
    broker.stop()
