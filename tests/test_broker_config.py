"""`hazmat broker-config`: the real brokers take its files, and a truck can publish only as itself."""

from __future__ import annotations

import csv
import json
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from hazmat.__main__ import main
from hazmat.childprocess import LOOPBACK, ServerProcess, accepts_connections, free_port, spawn, wait_until
from hazmat.cli.broker_config import Wanted, write_config
from hazmat.cli.broker_users import INGEST, all_users, topics_of
from hazmat.cli.complaint import ConditionError
from hazmat.clock import now
from hazmat.store.registry import import_world
from ingest.broker import find_nats_server
from ingest.mqtt import BrokerAddress, Consumer
from ingest.simulator.world import make_world
from ingest.topics import route
from tests.conftest import _installed
from tests.flow_rig import wait_for
from tests.servers.mosquitto import find_mosquitto

TRUCKS = ("ZJ-1", "ZJ-2", "fleet.7", "a.b.c")
GATEWAYS = ("west",)


class Guarded(ServerProcess):
    """A broker started with the generated files and nothing else."""

    def __init__(self, broker: str, folder: Path) -> None:
        super().__init__(folder / "broker.log")
        self.folder, self.port = folder, free_port()
        self.wanted = Wanted(broker, folder, f"{LOOPBACK}:{self.port}", gateways=GATEWAYS)
        write_config(self.wanted, all_users(TRUCKS, GATEWAYS))
        self.sheet = {row["user"]: row for row in sheet(folder / "credentials-1.csv")}

    def start(self) -> None:
        command: list[str | Path] = [find_nats_server(), "--config", self.folder / "nats.json"]
        if self.wanted.broker == "mosquitto":
            configuration = self.folder / "run.conf"  # as root it would leave its own files to another user
            configuration.write_text((self.folder / "mosquitto.conf").read_text() + "user root\n")
            command = [find_mosquitto(), "-c", configuration]
        process = spawn(command, self.log)
        wait_until(lambda: accepts_connections(LOOPBACK, self.port), process, self.log, 30)
        self._process = process


def sheet(path: Path) -> list[dict[str, str]]:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(params=["mosquitto", "nats"])
def guarded(request: pytest.FixtureRequest, fresh_folder: Path) -> Iterator[Guarded]:
    _installed(find_mosquitto if request.param == "mosquitto" else find_nats_server)
    with Guarded(request.param, fresh_folder / "broker") as broker:
        yield broker


@contextmanager
def logged_in(
    broker: Guarded, name: str | None, password: str, client_id: str = ""
) -> Iterator[Client | None]:
    """A client as this user, None if the broker refuses it."""
    client = Client(CallbackAPIVersion.VERSION2, client_id=client_id)
    if name is not None:
        client.username_pw_set(name, password)
    answered = threading.Event()
    refused: list[bool] = []

    def connected(_c: Any, _d: Any, _f: Any, reason: Any, _p: Any) -> None:
        refused.append(bool(reason.is_failure))
        answered.set()

    client.on_connect = connected
    client.on_disconnect = lambda *_: answered.set()
    client.connect(LOOPBACK, broker.port)
    client.loop_start()
    try:
        assert answered.wait(10)
        yield client if refused == [False] else None
    finally:
        client.disconnect()
        client.loop_stop()


def publish(broker: Guarded, name: str, topics: list[str]) -> None:
    """Try each topic on a connection of its own: NATS ends one that does what it may not."""
    row = broker.sheet[name]
    for topic in topics:
        with logged_in(broker, name, row["password"], row["client_id"]) as client:
            assert client is not None, name
            with suppress(RuntimeError, ValueError):
                client.publish(topic, f"{name} on {topic}".encode(), qos=1).wait_for_publish(0.7)


@contextmanager
def ingest(broker: Guarded) -> Iterator[Consumer]:
    row = broker.sheet[INGEST]
    url = f"mqtt://{INGEST}:{row['password']}@{LOOPBACK}:{broker.port}"
    consumer = Consumer(BrokerAddress(url=url, client_id=row["client_id"]))
    consumer.start()
    try:
        wait_for(lambda: consumer.quiet)
        yield consumer
    finally:
        consumer.close()


def heard(consumer: Consumer, count: int) -> set[str]:
    found: set[str] = set()
    deadline = time.monotonic() + 10
    while len(found) < count and time.monotonic() < deadline:
        taken = consumer.take(50, 0.1)
        found |= {delivery.message.payload.decode() for delivery in taken}
        consumer.ack(taken)
    time.sleep(0.5)
    return found | {delivery.message.payload.decode() for delivery in consumer.take(50, 0.1)}


def test_each_publishes_as_itself_and_ingest_hears_it_and_nothing_else(guarded: Guarded) -> None:
    allowed = {
        "ZJ-1": ["hazmat/v1/ZJ-1/position", "hazmat/v1/ZJ-1/positions"],
        "fleet.7": ["hazmat/v1/fleet.7/position", "owntracks/fleet/7", "owntracks/fleet/7/event"],
        "gateway@west": ["hazmat/v1/gateway/west/positions"],
    }
    forbidden = {
        "ZJ-1": ["hazmat/v1/ZJ-2/position", "hazmat/v1/gateway/west/positions", "owntracks/fleet/7"],
        "fleet.7": ["hazmat/v1/ZJ-1/position", "owntracks/fleet/8"],
        "gateway@west": ["hazmat/v1/gateway/east/positions"],
        INGEST: ["hazmat/v1/ZJ-1/position", f"hazmat/v1/{INGEST}/position"],
    }
    with ingest(guarded) as consumer:
        for name, topics in allowed.items():
            publish(guarded, name, topics)
        right = {f"{name} on {topic}" for name, topics in allowed.items() for topic in topics}
        assert heard(consumer, len(right)) == right
    for name, topics in forbidden.items():
        publish(guarded, name, topics)
    with ingest(guarded) as consumer:
        publish(guarded, "ZJ-2", ["hazmat/v1/ZJ-2/position"])
        assert heard(consumer, 1) == {"ZJ-2 on hazmat/v1/ZJ-2/position"}


def test_a_wrong_password_another_s_and_none_are_refused(guarded: Guarded) -> None:
    other = guarded.sheet["ZJ-2"]["password"]
    for name, password in (("ZJ-1", "wrong"), ("ZJ-1", other), (None, ""), ("nobody", other), ("ZJ-1", "")):
        with logged_in(guarded, name, password) as client:
            assert client is None, name


def test_a_truck_hears_nothing(guarded: Guarded) -> None:
    row, got = guarded.sheet["ZJ-1"], []
    with logged_in(guarded, "ZJ-1", row["password"], row["client_id"]) as client:
        assert client is not None
        client.on_message = lambda _c, _d, message: got.append(message.topic)
        for topic in ("#", "hazmat/v1/ZJ-2/position", "hazmat/v1/ZJ-1/position"):
            client.subscribe(topic, qos=1)
        publish(guarded, "ZJ-2", ["hazmat/v1/ZJ-2/position"])
        time.sleep(0.5)
    assert got == []


def test_every_topic_of_a_truck_is_read_as_its_own() -> None:
    for truck in TRUCKS:
        assert {route(topic).vehicle_id.decode() for topic in topics_of(truck)} == {truck}
    assert len(topics_of("a.b.c")) == 6
    assert len(topics_of("ZJ-1")) == 2


@pytest.mark.parametrize("broker", ["mosquitto", "nats"])
def test_a_second_run_keeps_adds_and_removes(tmp_path: Path, broker: str) -> None:
    wanted = Wanted(broker, tmp_path / "out")
    first = write_config(wanted, all_users(["A", "B"], []))
    assert (first.new, first.removed) == ((INGEST, "A", "B"), ())
    second = write_config(wanted, all_users(["B", "C"], []))
    assert (second.new, second.removed) == (("C",), ("A",))
    assert second.hashes["B"] == first.hashes["B"]
    assert [row["user"] for row in sheet(tmp_path / "out/credentials-2.csv")] == ["C"]
    assert write_config(wanted, all_users(["B", "C"], [])).sheet is None
    renewed = write_config(Wanted(broker, tmp_path / "out", renew=["B"]), all_users(["B", "C"], []))
    assert (renewed.new, renewed.hashes["B"] != first.hashes["B"]) == (("B",), True)
    for name in ("passwd", "nats.json" if broker == "nats" else "acl"):
        assert stat.S_IMODE((tmp_path / "out" / name).stat().st_mode) == 0o600
    other = Wanted("nats" if broker == "mosquitto" else "mosquitto", tmp_path / "out")
    with pytest.raises(ConditionError, match=r"passwd:1: not a password of this broker"):
        write_config(other, all_users(["B"], []))


def test_mosquitto_s_own_program_reads_our_hashes(tmp_path: Path) -> None:
    _installed(find_mosquitto)
    write_config(Wanted("mosquitto", tmp_path / "out"), all_users(["A"], []))
    command = ["mosquitto_passwd", "-b", str(tmp_path / "out/passwd"), "B", "secret"]
    subprocess.run(command, check=True, capture_output=True)
    lines = (tmp_path / "out/passwd").read_text().splitlines()
    assert [line.split(":")[0] for line in lines] == [INGEST, "A", "B"]
    assert len({len(line.split("$")[4]) for line in lines}) == 1


def test_the_command_takes_the_vehicles_of_the_database(
    postgres_database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = make_world(5, 1, now(), breach_percent=0)
    import_world(postgres_database, world)
    monkeypatch.setenv("DATABASE_URL", postgres_database)
    out = tmp_path / "out"
    assert main(["broker-config", "nats", "--out", str(out), "--listen", "0.0.0.0:8883"]) == 0
    said = capsys.readouterr().out
    assert "6 users, 6 new, 0 removed" in said
    assert "in clear" in said
    users = json.loads((out / "nats.json").read_text())["authorization"]["users"]
    assert {user["user"] for user in users} == {INGEST, *(v.vehicle_id for v in world.vehicles)}
    plain = [row["password"] for row in sheet(out / "credentials-1.csv")]
    assert not any(password in said or password in (out / "nats.json").read_text() for password in plain)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--listen", "nowhere"], "--listen must be HOST:PORT"),
        (["--listen", "h:99999"], "--listen must be HOST:PORT"),
        (["--tls-cert", "/nowhere.pem"], "--tls-key is missing"),
        (["--tls-cert", "/nowhere.pem", "--tls-key", "/nowhere.key"], "--tls-cert: cannot read /nowhere.pem"),
        (["--ca", "/nowhere.ca"], "--ca: no file"),
        (["--gateway", "a/b"], "--gateway must be"),
        (["--renew", "nobody"], "--renew nobody: no such user"),
    ],
)
def test_bad_arguments_are_named(
    postgres_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], arguments: list[str], says: str,
) -> None:  # fmt: skip
    monkeypatch.setenv("DATABASE_URL", postgres_database)
    assert main(["broker-config", "mosquitto", "--out", str(tmp_path / "out"), *arguments]) == 1
    assert says in capsys.readouterr().err
