"""Which topic says what: the two dialects, and whose fix it is."""

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from ingest.faults import Fault, Reason, printable

# One filter for a vehicle's topics: a broker keeps order within a filter only. Four is all that NATS grants.
SUBSCRIPTIONS = (
    "hazmat/v1/+/+",
    "hazmat/v1/gateway/+/positions",
    "owntracks/+/+",
    "owntracks/+/+/event",
)
_VEHICLE_ID = re.compile(r"[A-Za-z0-9._-]{1,32}")


class Kind(Enum):
    """What a topic carries."""

    POSITION = auto()
    POSITIONS = auto()
    GATEWAY = auto()
    OWNTRACKS = auto()


@dataclass(frozen=True, slots=True)
class Route:
    """How to read a topic's payloads; `vehicle_id` is b"" where each element names its vehicle."""

    kind: Kind | None
    vehicle_id: bytes = b""
    fault: Fault | None = None


@lru_cache(maxsize=65_536)
def route(topic: str) -> Route:
    """How to read what comes on this topic; a topic that is none of ours has a fault."""
    match topic.split("/"):
        case ["hazmat", "v1", vehicle, "position"]:
            return _route(Kind.POSITION, vehicle)
        case ["hazmat", "v1", vehicle, "positions"]:
            return _route(Kind.POSITIONS, vehicle)
        case ["hazmat", "v1", "gateway", _, "positions"]:
            return Route(Kind.GATEWAY)
        case ["owntracks", user, device] | ["owntracks", user, device, "event"]:
            return _route(Kind.OWNTRACKS, f"{user}.{device}")
    return Route(None, fault=Fault(Reason.UNKNOWN_TOPIC, "", printable(topic)))


def _route(kind: Kind, vehicle: str) -> Route:
    found = as_vehicle_id(vehicle)
    if found is None:
        return Route(None, fault=Fault(Reason.BAD_VEHICLE_ID, "topic", printable(vehicle)))
    return Route(kind, found)


@lru_cache(maxsize=65_536)
def as_vehicle_id(text: str) -> bytes | None:
    """The id as a column holds it; None if it is not 1 to 32 of A-Z a-z 0-9 . _ -"""
    return text.encode() if _VEHICLE_ID.fullmatch(text) else None
