"""Papers and people of a transport, as registered. Times are aware UTC; ``valid_to`` is exclusive."""

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from hazmat.schedule import Schedule

HAZARD_CLASSES = (
    "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "2.1", "2.2", "2.3", "3", "4.1", "4.2", "4.3",
    "5.1", "5.2", "6.1", "6.2", "7", "8", "9",
)  # fmt: skip


_PLATE_NOISE = str.maketrans("", "", " \u00b7\u2022\u30fb-\0")


def plate_key(plate: str) -> str:
    """A plate as it is compared: half-width, upper case, without blanks, dots and dashes."""
    return unicodedata.normalize("NFKC", plate).translate(_PLATE_NOISE).upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """A registered vehicle; ``vehicle_id`` is what its terminal publishes as (ASCII), plate + colour is the
    legal key.

    ``hazard_classes`` it is approved for; ``tank_media`` are the UN numbers on the tank's list (empty: no
    list known). None means not registered: what needs the figure is then not checked. ``has_load_sensor``:
    whether the terminal's load bits say anything; without a sensor JT/T 808 terminals send "empty" always.
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
    trailer_plate: str = ""
    has_load_sensor: bool = True
    approved_load_t: float | None = None
    tank_volume_m3: float | None = None
    set_pressure_kpa: float | None = None
    tank_temp_min_c: float | None = None
    tank_temp_max_c: float | None = None
    inspection_valid_to: datetime | None = None
    tank_inspection_valid_to: datetime | None = None


class SafetyCode(StrEnum):
    """A person's safety code (安全码): yellow may not carry specially controlled goods, red none at all."""

    BLUE = "blue"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A driver or escort with a certificate (从业资格证) for these hazard classes (empty: all)."""

    person_id: str
    name: str
    carrier_id: str
    certificate_no: str
    may_drive: bool = False
    may_escort: bool = False
    hazard_classes: tuple[str, ...] = ()
    code: SafetyCode = SafetyCode.BLUE
    valid_from: datetime
    valid_to: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """A carrier's licence (道路运输经营许可证) with the hazard classes of its scope."""

    carrier_id: str
    name: str
    licence_no: str
    hazard_classes: tuple[str, ...] = ()
    valid_from: datetime
    valid_to: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Waybill:
    """An electronic waybill (JT/T 617.5): one vehicle, one trip. ``plate`` is what is written on it.

    ``origin`` and ``destination`` may name fences (plants, parks); ``planned_stay_h``: hours planned in the
    district, None where the paper says nothing.
    """

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
    trailer_plate: str = ""
    planned_stay_h: float | None = None
    valid_from: datetime
    valid_to: datetime


class PermitKind(StrEnum):
    """What a pass allows: restricted roads and areas, or carrying acutely toxic goods (剧毒)."""

    ROADS = "roads"
    TOXIC = "toxic"


class PermitState(StrEnum):
    """Whether a pass still stands."""

    ACTIVE = "active"
    USED_UP = "used_up"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """A pass (通行证) for the fences in ``roads``, in its hours, for its goods and classes (empty: all)."""

    permit_no: str
    vehicle_id: str
    roads: tuple[str, ...]
    kind: PermitKind = PermitKind.ROADS
    state: PermitState = PermitState.ACTIVE
    schedule: Schedule = field(default_factory=Schedule)
    hazard_classes: tuple[str, ...] = ()
    un_nos: tuple[str, ...] = ()
    max_load_t: float | None = None
    valid_from: datetime
    valid_to: datetime


class BlacklistKind(StrEnum):
    """What a blacklist entry names."""

    VEHICLE = "vehicle"
    DRIVER = "driver"
    ESCORT = "escort"
    ENTERPRISE = "enterprise"
    PERMIT = "permit"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlacklistEntry:
    """A vehicle, person, enterprise or pass that may not be used, from when to when and why."""

    entry_id: str
    kind: BlacklistKind
    subject_id: str
    reason: str
    valid_from: datetime
    valid_to: datetime | None = None
