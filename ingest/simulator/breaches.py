"""Scripted breaches: those of the papers spoil the world, those of conduct bend a truck's trip."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np

from hazmat.columns import ID_DTYPE
from hazmat.documents import BlacklistEntry, BlacklistKind, PermitKind
from hazmat.partition import stable_hash
from hazmat.registry import World


class BreachKind(StrEnum):
    """What a truck does wrong."""

    OFF_DESIGNATED_ROAD = "off_designated_road"
    OFF_CORRIDOR = "off_corridor"
    BARRED_AREA = "barred_area"
    BARRED_HOURS = "barred_hours"
    OVERSPEED = "overspeed"
    ILLEGAL_STOP = "illegal_stop"
    STOP_ON_NO_STOP = "stop_on_no_stop"
    SILENT = "silent"
    NO_WAYBILL = "no_waybill"
    WAYBILL_MISMATCH = "waybill_mismatch"
    NO_PERMIT = "no_permit"
    BLACKLISTED_VEHICLE = "blacklisted_vehicle"
    BLACKLISTED_DRIVER = "blacklisted_driver"
    BLACKLISTED_ENTERPRISE = "blacklisted_enterprise"


OF_PAPERS = frozenset(
    {
        BreachKind.NO_WAYBILL,
        BreachKind.WAYBILL_MISMATCH,
        BreachKind.NO_PERMIT,
        BreachKind.BLACKLISTED_VEHICLE,
        BreachKind.BLACKLISTED_DRIVER,
        BreachKind.BLACKLISTED_ENTERPRISE,
    }
)
# A blacklisted enterprise would stop its whole fleet.
_DEMO = tuple(kind for kind in BreachKind if kind is not BreachKind.BLACKLISTED_ENTERPRISE)
_REASON = "示例：资质异常"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One truck's breach. It departs ``at`` with a load; a breach of conduct happens on this trip and on a
    share ``repeat`` of its later loaded ones, one of the papers is in force from ``at`` on.
    """

    vehicle_id: str
    kind: BreachKind
    at: datetime
    repeat: float = 0.0


def some_breaches(vehicle_ids: Sequence[str], at: datetime, percent: int = 12) -> tuple[Breach, ...]:
    """Breaches of about so many per cent of the vehicles: whose, and of what kind, follows from the ids.

    Trips with a breach depart within 10 minutes before ``at``.
    """
    hashes = stable_hash(np.array(vehicle_ids, ID_DTYPE)) if vehicle_ids else np.empty(0, np.uint64)
    found = []
    for vehicle_id, value in zip(vehicle_ids, (int(h) >> 24 for h in hashes), strict=True):
        spread, lot = divmod(value, 100)
        if lot < percent:
            kind = _DEMO[spread % len(_DEMO)]
            since = timedelta(hours=12) if kind in OF_PAPERS else timedelta(seconds=spread // 100 % 600)
            found.append(Breach(vehicle_id=vehicle_id, kind=kind, at=at - since, repeat=0.5))
    return tuple(found)


def spoil(world: World, breaches: Iterable[Breach]) -> World:
    """The world with the papers of these vehicles spoiled; breaches of conduct change nothing."""
    for breach in breaches:
        world = _SPOILERS[breach.kind](world, breach) if breach.kind in OF_PAPERS else world
    return world


def _no_waybill(world: World, breach: Breach) -> World:
    return replace(world, waybills=tuple(w for w in world.waybills if w.vehicle_id != breach.vehicle_id))


def _mismatch(world: World, breach: Breach) -> World:
    """The waybill was written for another truck: its plate differs in the last figure."""

    def spoiled(plate: str) -> str:
        return plate[:-1] + str((int(plate[-1]) + 1) % 10)

    papers = (
        replace(w, plate=spoiled(w.plate)) if w.vehicle_id == breach.vehicle_id else w for w in world.waybills
    )
    return replace(world, waybills=tuple(papers))


def _no_permit(world: World, breach: Breach) -> World:
    """The permit ran out before."""
    papers = (
        replace(p, valid_from=breach.at - timedelta(days=30), valid_to=breach.at - timedelta(days=1))
        if p.vehicle_id == breach.vehicle_id and p.kind is PermitKind.ROADS
        else p
        for p in world.permits
    )
    return replace(world, permits=tuple(papers))


def _blacklisted(world: World, breach: Breach) -> World:
    vehicle = next(v for v in world.vehicles if v.vehicle_id == breach.vehicle_id)
    driver = next((w.driver_id for w in world.waybills if w.vehicle_id == breach.vehicle_id), "")
    kind, subject = {
        BreachKind.BLACKLISTED_VEHICLE: (BlacklistKind.VEHICLE, breach.vehicle_id),
        BreachKind.BLACKLISTED_DRIVER: (BlacklistKind.DRIVER, driver),
        BreachKind.BLACKLISTED_ENTERPRISE: (BlacklistKind.ENTERPRISE, vehicle.carrier_id),
    }[breach.kind]
    entry = BlacklistEntry(
        entry_id=f"BL-{breach.vehicle_id}",
        kind=kind,
        subject_id=subject,
        reason=_REASON,
        valid_from=breach.at,
    )
    return replace(world, blacklist=(*world.blacklist, entry))


_SPOILERS = {
    BreachKind.NO_WAYBILL: _no_waybill,
    BreachKind.WAYBILL_MISMATCH: _mismatch,
    BreachKind.NO_PERMIT: _no_permit,
    BreachKind.BLACKLISTED_VEHICLE: _blacklisted,
    BreachKind.BLACKLISTED_DRIVER: _blacklisted,
    BreachKind.BLACKLISTED_ENTERPRISE: _blacklisted,
}
