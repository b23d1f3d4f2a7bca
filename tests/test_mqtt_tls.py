"""The consumer over TLS and with a password, against a real mosquitto."""

import logging
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hazmat.childprocess import ProgramNotFoundError, free_port
from ingest.delivery import Delivery
from ingest.mqtt import BrokerAddress, Consumer
from tests.flow_rig import wait_for
from tests.publisher import Publisher
from tests.servers import unavailable
from tests.servers.mosquitto import Mosquitto, find_mosquitto

_CERTIFICATE = (
    "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    " -addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out cert.pem"
)
_PAYLOADS = [str(number).encode() * 1000 for number in range(1000, 1400)]


class _Guarded(Mosquitto):
    """Its second port takes only TLS with a password; the first one is for publishers of the test."""

    guarded_port = 0

    def _command(self) -> list[str | Path]:
        command = super()._command()
        for each in (_CERTIFICATE, "mosquitto_passwd -b -c passwords ingest p@ss/word"):
            subprocess.run(each.split(), cwd=self.data_dir, check=True, capture_output=True)
        path = self.data_dir / "mosquitto.conf"
        self.guarded_port = free_port(self.host)
        lines = [
            "per_listener_settings true",
            path.read_text(),
            f"listener {self.guarded_port} {self.host}",
            "allow_anonymous false",
            f"password_file {self.data_dir}/passwords",
            f"certfile {self.data_dir}/cert.pem",
            f"keyfile {self.data_dir}/key.pem",
        ]
        path.write_text("\n".join(lines) + "\n")
        return command


@pytest.fixture
def guarded(fresh_folder: Path) -> Iterator[_Guarded]:
    if not (shutil.which("openssl") and shutil.which("mosquitto_passwd")):
        unavailable("openssl or mosquitto_passwd not found: apt-get install openssl mosquitto")
    try:
        find_mosquitto()
    except ProgramNotFoundError as error:
        unavailable(str(error))
    with _Guarded(fresh_folder / "mosquitto") as broker:
        yield broker


def _consumer(broker: _Guarded, password: str, ca: Path | None) -> Consumer:
    url = f"mqtts://ingest:{password}@{broker.host}:{broker.guarded_port}"
    return Consumer(BrokerAddress(url=url, client_id="over-tls", tls_ca=ca))


def test_messages_come_and_are_acknowledged(guarded: _Guarded) -> None:
    ca = guarded.data_dir / "cert.pem"
    consumer = _consumer(guarded, "p%40ss%2Fword", ca)
    consumer.start()
    wait_for(lambda: consumer.quiet)
    with Publisher(guarded) as publisher:
        publisher.publish([("hazmat/v1/V1/position", payload) for payload in _PAYLOADS])
    taken: list[Delivery] = []
    deadline = time.monotonic() + 20
    while len(taken) < len(_PAYLOADS) and time.monotonic() < deadline:
        taken += consumer.take(50, 0.1)
    assert [delivery.message.payload for delivery in taken] == _PAYLOADS
    consumer.ack(taken[:-1])
    consumer.close()
    again = _consumer(guarded, "p%40ss%2Fword", ca)
    again.start()
    wait_for(lambda: len(again.inbox) > 0)
    time.sleep(0.5)
    assert [delivery.message.payload for delivery in again.take(50, 0)] == _PAYLOADS[-1:]
    again.close()


@pytest.mark.parametrize(
    ("password", "known", "said"), [("wrong", True, "login refused"), ("p%40ss%2Fword", False, "certificate")]
)
def test_what_refuses_us_is_said_once(
    guarded: _Guarded, caplog: pytest.LogCaptureFixture, password: str, known: bool, said: str
) -> None:
    caplog.set_level(logging.WARNING, "ingest.mqtt")
    consumer = _consumer(guarded, password, guarded.data_dir / "cert.pem" if known else None)
    consumer.start()
    time.sleep(2.0)
    assert not consumer.quiet
    consumer.close()
    assert len(caplog.records) == 1
    assert said in caplog.text
