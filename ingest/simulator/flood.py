"""As many messages a second as the broker takes, for benchmarks: MQTT packets made by the thousand.

A client library spends ten times more on each message than the platform under test; this one spends a few
microseconds, so that on a small machine the figures are the platform's.
"""

import math
import select
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from ingest.simulator.packets import Packets, size_bytes

_WINDOW = 4000  # messages that the broker has not acknowledged; packet ids allow 65,535
_TICK_S = 0.01
_BURST = 1000
_PUBACK, _CONNACK = 0x40, 0x20


@dataclass(frozen=True, slots=True)
class Flooded:
    """What was sent and acknowledged; ``behind_s``: the longest that the sending lagged behind the plan."""

    messages: int
    fixes: int
    seconds: float
    behind_s: float


class FloodError(Exception):
    """The broker refused, or went away in the middle of a flood."""


class _Line:
    """A connection to the broker that sends in bulk and counts acknowledgements."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "mqtt" or not parts.hostname:
            raise ValueError(f"a flood needs mqtt://host:port, not {url!r}")
        self._socket = socket.create_connection((parts.hostname, parts.port or 1883), timeout=10)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(_connect(parts.username, parts.password))
        answer = self._socket.recv(4)
        if answer[:1] != bytes([_CONNACK]) or answer[3:] != b"\0":
            raise FloodError(f"the broker refused: {answer!r}")
        self._socket.setblocking(False)
        self.acknowledged = 0
        self._rest = b""

    def send(self, data: bytes) -> None:
        """All of it, reading acknowledgements meanwhile."""
        view = memoryview(data)
        while view:
            readable, writable, _ = select.select([self._socket], [self._socket], [], 30.0)
            if not readable and not writable:
                raise FloodError("the broker takes nothing any more")
            if readable:
                self.read()
            if writable:
                view = view[self._socket.send(view) :]

    def read(self, wait_s: float = 0.0) -> None:
        """Count the acknowledgements that have come, or come within ``wait_s``."""
        if not select.select([self._socket], [], [], wait_s)[0]:
            return
        data = self._rest + self._socket.recv(1 << 18)
        if not data:
            raise FloodError("the broker closed the connection")
        whole = len(data) // 4 * 4
        if any(kind != _PUBACK for kind in data[:whole:4]):
            raise FloodError("the broker sent something other than PUBACK")
        self.acknowledged += whole // 4
        self._rest = data[whole:]

    def close(self) -> None:
        """Say goodbye."""
        self._socket.setblocking(True)
        self._socket.sendall(b"\xe0\x00")
        self._socket.close()


def _connect(user: str | None, password: str | None) -> bytes:
    texts = ["hazmat-flood", *(unquote(text) for text in (user, password) if text)]
    flags = 0x02 | (0x80 if user else 0) | (0x40 if password else 0)
    payload = b"".join(len(text.encode()).to_bytes(2, "big") + text.encode() for text in texts)
    variable = b"\x00\x04MQTT\x04" + bytes([flags]) + b"\x00\x00"
    return b"\x10" + size_bytes(len(variable) + len(payload)) + variable + payload


def flood(
    url: str, messages_per_s: float, seconds: float, vehicle_ids: Sequence[str], array: int = 1
) -> Flooded:
    """Publish with QoS 1 at this rate (inf: as fast as acknowledged) and wait for all acknowledgements.

    ``array`` fixes a message: 1 on each vehicle's own topic, more on a gateway's. Each fix is stamped with
    its moment of publishing; one vehicle's moments rise. FloodError if the broker goes away.
    """
    packets = Packets(vehicle_ids, array)
    line = _Line(url)
    began = time.monotonic()
    sent, behind = 0, 0.0
    while (elapsed := time.monotonic() - began) < seconds:
        planned = sent + _BURST if messages_per_s == math.inf else int(elapsed * messages_per_s)
        due = min(planned - sent, _BURST, _WINDOW - (sent - line.acknowledged))
        if messages_per_s != math.inf:
            behind = max(behind, (planned - sent) / messages_per_s)
        if due > 0:
            line.send(packets.take(due, elapsed).tobytes())
            sent += due
        if due < _BURST:
            time.sleep(_TICK_S)  # not select: each acknowledgement would wake us
        line.read()
    _await_rest(line, sent)
    took = time.monotonic() - began
    line.close()
    return Flooded(sent, sent * array, took, behind)


def _await_rest(line: _Line, sent: int) -> None:
    deadline = time.monotonic() + 60.0
    while line.acknowledged < sent:
        if time.monotonic() > deadline:
            raise FloodError(f"{sent - line.acknowledged} messages were not acknowledged within 60 s")
        line.read(0.1)
