"""Batches are cut by count or by time and never through a message; the inbox is bounded and keeps order."""

import json
import threading
import time

from ingest.batcher import Batcher
from ingest.delivery import Delivery, Inbox
from ingest.redelivery import Collection, in_ring_order, ring_start
from tests.payloads import array, fix, message


def _delivery(number: int, rows: int = 1, mid: int = 0, again: bool = False) -> Delivery:
    said = array(*[fix(speed_kmh=number)] * rows) if rows > 1 else message(fix(speed_kmh=number))
    return Delivery(said, mid or number, 1, time.monotonic(), again)


def _inbox(*deliveries: Delivery, max_bytes: int = 10**6) -> Inbox:
    inbox = Inbox(max_bytes, lambda: None)
    inbox.put(deliveries)
    return inbox


def _numbers(deliveries: list[Delivery]) -> list[int]:
    return [json.loads(delivery.message.payload)["speed_kmh"] for delivery in deliveries]


def _mids(deliveries: list[Delivery]) -> list[int]:
    return [delivery.mid for delivery in deliveries]


def test_a_batch_is_closed_by_count_at_once_and_keeps_messages_whole() -> None:
    inbox = _inbox(_delivery(1, rows=3), _delivery(2), _delivery(3, rows=4), _delivery(4), _delivery(5))
    batcher = Batcher(inbox, rows=6, seconds=60.0)
    assert _mids(batcher.next(1.0)) == [1, 2, 3]
    assert len(inbox) == 2


def test_a_batch_is_closed_by_the_age_of_its_first_message() -> None:
    inbox = _inbox(_delivery(1))
    later = threading.Timer(0.05, lambda: inbox.put([_delivery(2)]))
    later.start()
    begun = time.monotonic()
    assert _mids(Batcher(inbox, rows=100, seconds=0.3).next(1.0)) == [1, 2]
    assert 0.25 < time.monotonic() - begun < 1.0


def test_messages_that_have_waited_long_enough_go_at_once() -> None:
    old = _delivery(1)._replace(arrived=time.monotonic() - 10)
    begun = time.monotonic()
    assert _mids(Batcher(_inbox(old, _delivery(2)), rows=100, seconds=5.0).next(1.0)) == [1, 2]
    assert time.monotonic() - begun < 1.0


def test_no_message_is_an_empty_batch_after_the_patience() -> None:
    begun = time.monotonic()
    assert Batcher(_inbox(), rows=10, seconds=0.1).next(0.2) == []
    assert 0.15 < time.monotonic() - begun < 1.0


def test_a_full_inbox_says_so_and_calls_when_there_is_room() -> None:
    room = threading.Event()
    inbox = Inbox(3 * _delivery(1).size, room.set)
    inbox.put([_delivery(n) for n in (1, 2)])
    assert not inbox.full
    inbox.put([_delivery(n) for n in (3, 4)])
    assert inbox.full
    assert _mids(inbox.take(1, 0)) == [1]
    assert inbox.full
    assert not room.is_set()
    assert _mids(inbox.take(2, 0)) == [2, 3]
    assert not inbox.full
    assert room.is_set()
    assert inbox.bytes == _delivery(4).size


def test_what_was_sent_before_comes_first_and_in_its_old_order() -> None:
    collection = Collection()
    collection.begin(until=0.0)
    collection.add([_delivery(n, mid=n) for n in (7, 8)])
    collection.add([_delivery(n, mid=n, again=True) for n in (5, 4)])
    collection.add([_delivery(9, mid=9), _delivery(6, mid=6, again=True)])
    assert _mids(collection.release()) == [4, 5, 6, 7, 8, 9]
    assert collection.release() == []
    assert collection.bytes == 0


def test_packet_ids_begin_again_after_65535() -> None:
    found = in_ring_order(_delivery(n, mid=n, again=True) for n in (2, 65_534, 1, 65_535, 40))
    assert _mids(found) == [65_534, 65_535, 1, 2, 40]
    assert ring_start([]) == 0
    assert ring_start([17]) == 17


def test_a_second_loss_while_collecting_keeps_the_places() -> None:
    collection = Collection()
    collection.begin(until=0.0)
    collection.add([_delivery(n, mid=n) for n in (1, 2, 3, 4)])
    collection.begin(until=0.0)
    # the broker has restarted: other packet ids, and the last comes first; 50 and 51 were lost on the way
    again = [(4, 1), (50, 2), (1, 3), (2, 4), (51, 5), (3, 6)]
    collection.add([_delivery(number, mid=mid, again=True) for number, mid in again])
    collection.add([_delivery(7, mid=7)])
    released = collection.release()
    assert _numbers(released) == [1, 2, 51, 3, 4, 50, 7]
    assert _mids(released) == [3, 4, 5, 6, 1, 2, 7]


def test_what_does_not_come_again_is_given_back_all_the_same() -> None:
    collection = Collection()
    collection.begin(until=0.0)
    collection.add([_delivery(n, mid=n) for n in (1, 2, 3)])
    collection.begin(until=0.0)
    collection.add([_delivery(2, mid=9, again=True)])
    assert _mids(collection.release()) == [1, 9, 3]
