"""Papers and people of a transport, as registered. Times are aware UTC; ``valid_to`` is exclusive."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from hazmat.schedule import Schedule

HAZARD_CLASSES = (
    "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "2.1", "2.2", "2.3", "3", "4.1", "4.2", "4.3",
    "5.1", "5.2", "6.1", "6.2", "7", "8", "9",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """A registered vehicle; ``vehicle_id`` is what its terminal publishes as (ASCII), plate + colour is the
    legal key.

    ``hazard_classes`` it is approved for; ``tank_media`` are the UN numbers on the tank's list (empty: no
    list known).
    """

    vehicle_id: str
    plate: str
    plate_colour: str = "yellow"
    carrier_id: str
    carrier_name: str
    vehicle_type: str = "tanker"
    tank_no: str = ""
    hazard_classes: tuple[str, ...] = ()
    tank_media: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waybill:
    """An electronic waybill (JT/T 617.5): one vehicle, one trip. ``plate`` is what is written on it."""

    waybill_no: str
    vehicle_id: str
    plate: str
    plate_colour: str = "yellow"
    carrier_id: str
    driver_id: str
    driver_name: str
    escort_id: str = ""
    escort_name: str = ""
    un_no: str
    goods_name: str
    hazard_class: str
    quantity_t: float
    consignor: str
    consignee: str
    origin: str
    destination: str
    route_id: str = ""
    valid_from: datetime
    valid_to: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """A pass (通行证) for the fences in ``roads``, in its hours, for its hazard classes (empty: all)."""

    permit_no: str
    vehicle_id: str
    roads: tuple[str, ...]
    schedule: Schedule = field(default_factory=Schedule)
    hazard_classes: tuple[str, ...] = ()
    valid_from: datetime
    valid_to: datetime


class BlacklistKind(StrEnum):
    """What a blacklist entry names."""

    VEHICLE = "vehicle"
    DRIVER = "driver"
    ENTERPRISE = "enterprise"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlacklistEntry:
    """A vehicle, driver or enterprise that may not carry, from when to when and why."""

    entry_id: str
    kind: BlacklistKind
    subject_id: str
    reason: str
    valid_from: datetime
    valid_to: datetime | None = None
