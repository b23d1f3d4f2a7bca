"""The simulator: the same for the same seed, plausible on the road, unreliable as real terminals are."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from shapely import contains_xy, union_all

from hazmat.alerts import AlertChange
from hazmat.clock import SHANGHAI, now
from hazmat.coordinates import gcj_to_wgs, to_metres
from hazmat.geofences import FenceKind
from hazmat.registry import World
from ingest.broker import NatsBroker
from ingest.decode import decode
from ingest.message import Message
from ingest.mqtt import BrokerAddress, Consumer
from ingest.replay import Recording, Replayed, run
from ingest.simulator.breaches import BreachKind, some_breaches
from ingest.simulator.fleet import make_fleet
from ingest.simulator.flood import flood
from ingest.simulator.gnss import CORRELATION_S, Receiver
from ingest.simulator.messages import Habits, messages
from ingest.simulator.packets import Packets
from ingest.simulator.publish import in_time, simulate
from ingest.simulator.terminal import Network
from ingest.simulator.world import make_world
from rules.catalogue import CATALOGUE
from rules.rule import Group

AT = datetime(2026, 3, 16, 9, tzinfo=SHANGHAI)
TRUCKS = 25


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(TRUCKS, 5, AT, breach_percent=0)


@pytest.fixture(scope="module")
def hour(world: World) -> list[Message]:
    """An hour of trucks on a bad network."""
    habits = Habits(network=Network(gaps_per_hour=3.0, duplicate_share=0.02))
    return list(messages(world, TRUCKS, AT, 3600, 5.0, 7, (), habits))


def fixes(recorded: list[Message]) -> Iterator[tuple[Message, dict[str, Any]]]:
    for message in recorded:
        value = json.loads(message.payload)
        for fix in value if isinstance(value, list) else [value]:
            yield message, fix


def moment(fix: dict[str, Any]) -> float:
    stamp = fix["fix_time"]
    return stamp / 1000 if isinstance(stamp, int) else datetime.fromisoformat(stamp).timestamp()


def told(result: Replayed) -> list[AlertChange]:
    """Alerts on one truck that others than the driver hear of.

    The fleet cruises close to the limit, and its trucks do not look out for each other.
    """
    alone = {
        rule.id
        for rule in CATALOGUE.values()
        if not rule.for_driver_only and rule.group is not Group.TOGETHER
    }
    return [alert for alert in result.alerts.values() if alert.rule_id in alone]


def test_the_same_seed_gives_the_same_bytes(world: World, hour: list[Message]) -> None:
    habits = Habits(network=Network(gaps_per_hour=3.0, duplicate_share=0.02))
    assert list(messages(world, TRUCKS, AT, 3600, 5.0, 7, (), habits)) == hour
    assert list(messages(world, TRUCKS, AT, 600, 5.0, 8, (), habits)) != hour[:100]


def test_messages_arrive_in_order_and_after_their_fixes(hour: list[Message]) -> None:
    assert all(a.received_at <= b.received_at for a, b in pairwise(hour))
    assert all(moment(fix) < message.received_at.timestamp() for message, fix in fixes(hour))


def test_every_fix_is_understood_by_the_decoder(hour: list[Message]) -> None:
    positions, rejects = decode(hour)
    assert rejects == []
    assert len(positions) == sum(1 for _ in fixes(hour))


def test_duplicates_late_arrays_and_gaps_are_really_there(hour: list[Message]) -> None:
    payloads = Counter((m.topic, m.payload) for m in hour)
    assert sum(count - 1 for count in payloads.values()) > 50
    assert sum(m.topic.endswith("/positions") for m in hour) > 5
    newest: dict[str, float] = {}
    late = 0
    for message, fix in fixes(hour):
        vehicle = message.topic.split("/")[2]
        late += moment(fix) < newest.get(vehicle, 0)
        newest[vehicle] = max(newest.get(vehicle, 0), moment(fix))
    assert late > 20


def test_both_spellings_of_time_and_a_shifted_datum_occur() -> None:
    world = make_world(80, 5, AT)
    seen = [fix for _, fix in fixes(list(messages(world, 80, AT, 20, 5.0, 7)))]
    assert {type(fix["fix_time"]) for fix in seen} == {int, str}
    assert {fix.get("datum", "WGS-84") for fix in seen} == {"WGS-84", "GCJ-02"}


def test_speeds_and_accelerations_are_those_of_a_tanker(world: World) -> None:
    for truck in make_fleet([v.vehicle_id for v in world.vehicles], AT.timestamp(), 7):
        states = [truck.at(AT.timestamp() + second) for second in range(3600)]
        speed = np.array([s.speed_kmh for s in states]) / 3.6
        way = np.hypot(np.diff([s.x_m for s in states]), np.diff([s.y_m for s in states]))
        assert speed.max() * 3.6 < 80
        assert speed.min() == 0
        assert np.abs(np.diff(speed)).max() < 0.75  # m/s in a second
        mean = (speed[1:] + speed[:-1]) / 2
        assert np.abs(way - mean).max() < 4.5  # a lane change and bends of the lane, no jumps


def test_a_clean_truck_keeps_to_its_way(world: World) -> None:
    district = next(f for f in world.fences if f.kind is FenceKind.DISTRICT).geometry_m()
    free = {FenceKind.DESIGNATED_ROAD, FenceKind.PLANT, FenceKind.PARKING}
    shapes = [f.geometry_m().buffer(f.half_width_m or 0) for f in world.fences if f.kind in free]
    allowed = union_all(shapes)
    for truck in make_fleet([v.vehicle_id for v in world.vehicles][:10], AT.timestamp(), 7):
        points = [truck.at(AT.timestamp() + second) for second in range(0, 7200, 10)]
        x, y = [p.x_m for p in points], [p.y_m for p in points]
        assert (contains_xy(allowed, x, y) | ~contains_xy(district, x, y)).all()


def test_errors_drift_over_minutes_and_are_as_large_as_claimed() -> None:
    receiver = Receiver(np.random.default_rng(3))
    errors = np.array([receiver.error(second) for second in range(200_000)])
    assert abs(errors.std(axis=0) / receiver.sigma_m - 1).max() < 0.05
    for lag in (10, 60, 180):
        found = np.mean([np.corrcoef(column[:-lag], column[lag:])[0, 1] for column in errors.T])
        assert abs(found - np.exp(-lag / CORRELATION_S)) < 0.05
    assert receiver.accuracy_m == pytest.approx(2 * receiver.sigma_m, abs=0.06)


def test_what_is_reported_errs_by_metres_from_where_the_truck_is(world: World) -> None:
    vehicle = world.vehicles[0].vehicle_id
    quiet = Habits(network=Network(gaps_per_hour=0.0, duplicate_share=0.0))
    reported = list(fixes(list(messages(world, [vehicle], AT, 1800, 5.0, 7, (), quiet))))
    (truck,) = make_fleet([vehicle], AT.timestamp(), 7)
    away = []
    for _, fix in reported:
        state = truck.at(moment(fix))
        lon, lat = np.array([fix["lon"]]), np.array([fix["lat"]])
        x, y = to_metres(*(gcj_to_wgs(lon, lat) if "datum" in fix else (lon, lat)))
        away.append(float(np.hypot(x[0] - state.x_m, y[0] - state.y_m)))
    assert 0.5 < np.median(away) < 12
    assert max(away) < 25


def test_trucks_load_and_unload_and_come_and_go(world: World) -> None:
    truck = make_fleet([world.vehicles[0].vehicle_id], AT.timestamp(), 7)[0]
    states = [truck.at(AT.timestamp() + second) for second in range(0, 6 * 3600, 30)]
    assert {s.level_pct > 80 for s in states} == {True, False}
    moving_levels = {round(s.level_pct) for s in states if not s.parked}
    assert len(moving_levels) == 2  # full one way, empty the other
    assert sum(a.parked != b.parked for a, b in pairwise(states)) >= 6


def test_a_clean_fleet_raises_no_alert(world: World) -> None:
    result = run(Recording(list(messages(world, TRUCKS, AT, 5400, 10.0, 7)), None), world)
    assert not told(result)
    assert result.late or result.repeated


def test_each_kind_of_breach_in_a_demo_raises_its_alert() -> None:
    world = make_world(150, 2, AT)
    ids = [v.vehicle_id for v in world.vehicles]
    breaches = some_breaches(ids, AT + timedelta(minutes=11))  # so that all depart after the start
    result = run(Recording(list(messages(world, 150, AT, 7500, 10.0, 7, breaches)), None), world)
    blamed = {alert.vehicle_id for alert in told(result)}
    assert blamed == {breach.vehicle_id for breach in breaches}
    kinds = {breach.kind for breach in breaches}
    assert len(kinds) >= 10, kinds
    assert BreachKind.BLACKLISTED_ENTERPRISE not in kinds


def test_accelerated_time_never_runs_ahead_of_the_clock() -> None:
    begin = now() - timedelta(seconds=30)
    driven = [Message("t", begin + timedelta(seconds=second), b"") for second in range(33)]
    started = now()
    for message in in_time(iter(driven), begin, 1000.0, threading.Event()):
        assert message.received_at <= now()
    assert 1.5 < (now() - started).total_seconds() < 6


def test_a_stopped_simulation_ends_at_once() -> None:
    stop = threading.Event()
    stop.set()
    ahead = iter([Message("t", now() + timedelta(hours=1), b"")])
    assert list(in_time(ahead, now(), 1.0, stop)) == []


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsBroker]:
    server = NatsBroker(tmp_path_factory.mktemp("broker") / "nats")
    server.start()
    yield server
    server.stop()


@pytest.mark.parametrize("array", [1, 50])
def test_flood_packets_hold_real_fixes_with_rising_times(array: int) -> None:
    ids = [f"V{number:04d}" for number in range(60)]
    packets = Packets(ids, array)
    last: dict[bytes, int] = {}
    for burst in range(5):
        read = [unpack(bytes(row)) for row in packets.take(70, float(burst))]
        positions, rejects = decode([Message(topic, now(), payload) for topic, payload in read])
        assert rejects == []
        assert len(positions) == 70 * array
        for vehicle, time in zip(positions.vehicle_id.tolist(), positions.fix_time.tolist(), strict=True):
            stamp = int(time.replace(tzinfo=UTC).timestamp() * 1000)
            assert stamp > last.get(vehicle, 0)
            last[vehicle] = stamp
        assert np.ptp(positions.lon) > 0.01


def unpack(packet: bytes) -> tuple[str, bytes]:
    start = packet.index(b"hazmat/")
    size = int.from_bytes(packet[start - 2 : start], "big")
    return packet[start : start + size].decode(), packet[start + size + 2 :]


def test_flood_and_simulation_reach_a_real_broker(broker: NatsBroker, world: World) -> None:
    address = BrokerAddress(url=broker.url, client_id="listener")
    consumer = Consumer(address)
    consumer.start()
    try:
        while not consumer.quiet:
            threading.Event().wait(0.05)
        ids = [f"V{number:04d}" for number in range(100)]
        sent = flood(broker.url, 500, 1.0, ids).messages + flood(broker.url, 20, 1.0, ids, array=50).messages
        sent += simulate(broker.url, world, 10, speed=100.0, seconds=300, interval_s=5.0)
        got: list[Message] = []
        deadline = now() + timedelta(seconds=20)
        while len(got) < sent and now() < deadline:
            deliveries = consumer.take(1000, 0.5)
            got += [delivery.message for delivery in deliveries]
            consumer.ack(deliveries)
        assert len(got) == sent > 500
        assert decode(got)[1] == []
    finally:
        consumer.close()


def test_an_address_that_is_none_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="MQTT_URL looks like"):
        simulate("http://somewhere", world, 1)
    with pytest.raises(ValueError, match="flood needs mqtt"):
        flood("mqtts://somewhere", 1, 1, ["V1"])
    with pytest.raises(ValueError, match="ids of one length"):
        Packets(["V1", "V22"], 1)
