"""An MQTT message as it reached us: what the consumer, the simulator and the sample tracks hand on."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its topic, when we got it (aware UTC) and its payload, untouched."""

    topic: str
    received_at: datetime
    payload: bytes
