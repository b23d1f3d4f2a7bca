"""Blacklist entries as columns: against which vehicles and waybills each stands, and from when to when."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import numpy as np

from hazmat.clock import to_time
from hazmat.columns import TIME_DTYPE, Ints, Rows, Times
from hazmat.documents import BlacklistEntry, BlacklistKind, Permit, Vehicle, Waybill
from hazmat.lookup import Links

_FOREVER = np.datetime64("2200-01-01", "ms")
_Listing = tuple[int, int, datetime, datetime | None]  # owner's row, entry's row, from, to


@dataclass(frozen=True, slots=True)
class Blacklist:
    """A row a listing: an ``entry`` (its row) against one vehicle or one waybill, for a span of time."""

    entry: Ints
    valid_from: Times
    valid_to: Times
    of_vehicle: Links
    of_waybill: Links

    @classmethod
    def of(
        cls,
        entries: Sequence[BlacklistEntry],
        vehicles: Sequence[Vehicle],
        waybills: Sequence[Waybill],
        permits: Sequence[Permit],
    ) -> Self:
        """An enterprise's entry stands against its vehicles and its waybills, a pass's against its vehicle
        while the pass is valid, a person's against the waybills."""
        of_vehicle = list(_of_vehicles(entries, vehicles, permits))
        of_waybill = list(_of_waybills(entries, vehicles, waybills))
        listings = of_vehicle + of_waybill
        ends = [_FOREVER if end is None else to_time(end) for _, _, _, end in listings]
        owner = np.array([listing[0] for listing in listings], np.int64)
        first = np.arange(len(listings)) < len(of_vehicle)
        return cls(
            entry=np.array([listing[1] for listing in listings], np.int64),
            valid_from=np.array([to_time(listing[2]) for listing in listings], TIME_DTYPE),
            valid_to=np.array(ends, TIME_DTYPE),
            of_vehicle=Links.of(np.where(first, owner, -1), len(vehicles)),
            of_waybill=Links.of(np.where(first, -1, owner), len(waybills)),
        )

    def listed(self, vehicle: Ints, waybill: Ints, times: Times) -> tuple[Rows, Ints]:
        """(row, entry) pairs in force at each row's time, sorted by row."""
        row_v, listing_v = self.of_vehicle.expand(vehicle)
        row_w, listing_w = self.of_waybill.expand(waybill)
        row, listing = np.concatenate([row_v, row_w]), np.concatenate([listing_v, listing_w])
        now = times[row]
        keep = (self.valid_from[listing] <= now) & (now < self.valid_to[listing])
        row, listing = row[keep], listing[keep]
        order = np.argsort(row, kind="stable")
        return row[order], self.entry[listing[order]]


def _of_vehicles(
    entries: Sequence[BlacklistEntry], vehicles: Sequence[Vehicle], permits: Sequence[Permit]
) -> Iterator[_Listing]:
    ids = {vehicle.vehicle_id: row for row, vehicle in enumerate(vehicles)}
    fleets = _groups([vehicle.carrier_id for vehicle in vehicles])
    passes = {permit.permit_no: permit for permit in permits}
    for row, entry in enumerate(entries):
        if entry.kind is BlacklistKind.VEHICLE and entry.subject_id in ids:
            yield ids[entry.subject_id], row, entry.valid_from, entry.valid_to
        elif entry.kind is BlacklistKind.ENTERPRISE:
            for vehicle in fleets.get(entry.subject_id, ()):
                yield vehicle, row, entry.valid_from, entry.valid_to
        elif entry.kind is BlacklistKind.PERMIT and entry.subject_id in passes:
            permit = passes[entry.subject_id]
            end = min(permit.valid_to, entry.valid_to or permit.valid_to)
            if permit.vehicle_id in ids:
                yield ids[permit.vehicle_id], row, max(permit.valid_from, entry.valid_from), end


def _of_waybills(
    entries: Sequence[BlacklistEntry], vehicles: Sequence[Vehicle], waybills: Sequence[Waybill]
) -> Iterator[_Listing]:
    own = {vehicle.vehicle_id: vehicle.carrier_id for vehicle in vehicles}
    drivers = _groups([paper.driver_id for paper in waybills])
    escorts = _groups([paper.escort_id for paper in waybills])
    # the vehicle's own enterprise is found by the vehicle
    strange = ["" if own.get(w.vehicle_id) == w.carrier_id else w.carrier_id for w in waybills]
    named = {
        BlacklistKind.DRIVER: drivers,
        BlacklistKind.ESCORT: escorts,
        BlacklistKind.ENTERPRISE: _groups(strange),
    }
    for row, entry in enumerate(entries):
        for waybill in named.get(entry.kind, {}).get(entry.subject_id, ()):
            yield waybill, row, entry.valid_from, entry.valid_to


def _groups(names: Sequence[str]) -> Mapping[str, Sequence[int]]:
    groups: dict[str, list[int]] = {}
    for row, name in enumerate(names):
        groups.setdefault(name, []).append(row)
    return groups
