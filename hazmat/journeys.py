"""Journeys through the district: 入镇 / 在镇 / 出镇."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from hazmat.clock import to_ms


class JourneyPhase(IntEnum):
    """Where a vehicle stands on its journey through the district."""

    OUTSIDE = 0
    INBOUND = 1  # 入镇: in the district, has not been at a plant or park yet
    WITHIN = 2  # 在镇: at a plant or park
    OUTBOUND = 3  # 出镇: has left the plant, still in the district


@dataclass(frozen=True, slots=True)
class JourneyChange:
    """A journey as it stands after a batch; aware UTC times, interpolated where the way crosses the edge."""

    journey_id: str
    vehicle_id: str
    entered_at: datetime
    exited_at: datetime | None
    phase: JourneyPhase


def journey_id(vehicle_id: str, entered_at: datetime) -> str:
    """32 hex digits from vehicle and moment of entry."""
    return hashlib.sha256(f"{vehicle_id}\x1fjourney\x1f{to_ms(entered_at)}".encode()).hexdigest()[:32]
