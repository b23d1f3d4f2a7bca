"""paho's client as we want it: a session that stays, acknowledgement by hand, a socket that works in bulk."""

import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from ingest.bulk_socket import BulkSocket

CONNECT_SECONDS = 10.0
_PORTS = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAddress:
    """Where the broker is and who we are to it; `url` is `mqtt://` or `mqtts://user:password@host:port`.

    `redelivery_seconds`: how long after a reconnect the broker may take to send again what was not
    acknowledged; 0 for one that sends it first of all (mosquitto).
    """

    url: str
    client_id: str
    tls_ca: Path | None = None
    redelivery_seconds: float = 0.0

    @property
    def parts(self) -> SplitResult:
        """The address taken apart; ValueError if it is none."""
        parts = urlsplit(self.url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("MQTT_URL looks like mqtt://host:1883 or mqtts://user:password@host:8883")
        return parts

    @property
    def place(self) -> tuple[str, int]:
        """Host and port."""
        parts = self.parts
        return parts.hostname or "", parts.port or _PORTS[parts.scheme]


class _BulkClient(Client):
    """Opens its connection itself: in bulk, watched over, and closed when TLS fails (paho leaves it open)."""

    address: BrokerAddress

    def _create_socket(self) -> Any:
        connection = socket.create_connection(self.address.place, CONNECT_SECONDS)
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _watch_over(connection)
            if self.address.parts.scheme == "mqtts":
                context = ssl.create_default_context(cafile=self.address.tls_ca)
                connection = context.wrap_socket(connection, server_hostname=self.address.parts.hostname)
        except BaseException:
            connection.close()
            raise
        return BulkSocket(connection)


def _watch_over(connection: socket.socket) -> None:
    # In place of MQTT's keep-alive, whose answers we would miss while back-pressure keeps us from reading.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 15), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, option):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


def new_client(address: BrokerAddress) -> Client:
    """A client that is not connected yet; OSError or ValueError for an address or CA file that is none."""
    parts = address.parts
    client = _BulkClient(
        CallbackAPIVersion.VERSION2,
        client_id=address.client_id,
        clean_session=False,
        manual_ack=True,
        reconnect_on_failure=False,
    )
    client.address = address
    if parts.scheme == "mqtts":
        ssl.create_default_context(cafile=address.tls_ca)  # a CA file that is none is found now, not at night
    if parts.username:
        client.username_pw_set(unquote(parts.username), unquote(parts.password or ""))
    client.on_socket_register_write = lambda *_: None  # without one paho writes each packet by itself
    return client


def connect(client: Client, address: BrokerAddress) -> BulkSocket:
    """Open the connection and ask for the session; OSError if the broker is not there."""
    client.connect(*address.place, keepalive=0)
    connection = client.socket()
    assert isinstance(connection, BulkSocket)
    return connection
