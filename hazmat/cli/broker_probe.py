"""Asks an MQTT broker who it is, the way our consumer would reach it."""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

_ANSWER_SECONDS = 5.0
_VERSION_SECONDS = 1.0
_VERSION_TOPIC = "$SYS/broker/version"
_PORTS = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True)
class BrokerReply:
    """What the broker said of itself, or the trouble in reaching it (empty: none)."""

    kind: str = ""
    trouble: str = ""


class _Probe:
    def __init__(self) -> None:
        self.refused: str | None = None  # "" once accepted
        self.version = ""
        self.client = Client(CallbackAPIVersion.VERSION2, client_id="", clean_session=True)
        self.client.on_connect = self._connected
        self.client.on_message = self._told

    def _connected(self, client: Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self.refused = str(reason) if reason.is_failure else ""
        client.subscribe(_VERSION_TOPIC)

    def _told(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        self.version = message.payload.decode("utf-8", errors="replace")

    def wait(self, seconds: float) -> None:
        """Until the version is told, a refusal comes or the time is up."""
        deadline = time.monotonic() + seconds
        while not self.version and not self.refused and time.monotonic() < deadline:
            self.client.loop(timeout=0.05)
            if self.refused is not None:
                deadline = min(deadline, time.monotonic() + _VERSION_SECONDS)


def ask_broker(url: str, tls_ca: Path | None) -> BrokerReply:
    """Connect with the credentials in the address, read the broker's version if it tells one, and leave."""
    parts = urlsplit(url)
    try:
        probe = _Probe()
        if parts.scheme not in _PORTS or not parts.hostname:
            return BrokerReply(
                trouble="an address looks like mqtt://host:1883 or mqtts://user:password@host:8883"
            )
        if parts.scheme == "mqtts":
            probe.client.tls_set_context(ssl.create_default_context(cafile=tls_ca))
        if parts.username:
            probe.client.username_pw_set(unquote(parts.username), unquote(parts.password or ""))
        probe.client.connect_timeout = _ANSWER_SECONDS
        probe.client.connect(parts.hostname, parts.port or _PORTS[parts.scheme])
        probe.wait(_ANSWER_SECONDS)
        probe.client.disconnect()
    except (OSError, ValueError) as error:
        return BrokerReply(trouble=str(error))
    return _reply(probe)


def _reply(probe: _Probe) -> BrokerReply:
    if probe.refused is None:
        return BrokerReply(trouble="no answer to an MQTT login")
    if probe.refused:
        return BrokerReply(trouble=f"login refused: {probe.refused}")
    return BrokerReply(kind=probe.version or "a broker that does not tell its version (NATS does not)")
