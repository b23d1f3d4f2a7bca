"""Blacklist entries as columns: against which vehicles and waybills each stands, and from when to when."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import numpy as np

from hazmat.clock import to_time
from hazmat.columns import TIME_DTYPE, Ids, Ints, Rows, Times
from hazmat.documents import BlacklistEntry, BlacklistKind, Permit, Vehicle, Waybill
from hazmat.lookup import Keys, Links

_FOREVER = np.datetime64("2200-01-01", "ms")
_Listing = tuple[int, int, datetime, datetime | None]  # owner's row, entry's row, from, to


@dataclass(frozen=True, slots=True)
class Blacklist:
    """A row a listing: an ``entry`` (its row) against one vehicle or one waybill, for a span of time.

    ``strangers``: ids on the list of vehicles that are not registered; ``of_stranger`` goes by their rows.
    """

    entry: Ints
    valid_from: Times
    valid_to: Times
    strangers: Keys
    of_stranger: Links
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
        rows = {vehicle.vehicle_id: row for row, vehicle in enumerate(vehicles)}
        strangers = Keys.of([name for name in _named(entries, permits) if name not in rows])
        rows |= {name: len(rows) + row for name, row in strangers.index.items()}
        of_vehicle = list(_of_vehicles(entries, vehicles, permits, rows))
        of_waybill = list(_of_waybills(entries, vehicles, waybills))
        listings = of_vehicle + of_waybill
        ends = [_FOREVER if end is None else to_time(end) for _, _, _, end in listings]
        owner = np.array([listing[0] for listing in listings], np.int64)
        first = np.arange(len(listings)) < len(of_vehicle)
        known, strange = first & (owner < len(vehicles)), first & (owner >= len(vehicles))
        return cls(
            entry=np.array([listing[1] for listing in listings], np.int64),
            valid_from=np.array([to_time(listing[2]) for listing in listings], TIME_DTYPE),
            valid_to=np.array(ends, TIME_DTYPE),
            strangers=strangers,
            of_stranger=Links.of(np.where(strange, owner - len(vehicles), -1), len(strangers.ids)),
            of_vehicle=Links.of(np.where(known, owner, -1), len(vehicles)),
            of_waybill=Links.of(np.where(first, -1, owner), len(waybills)),
        )

    def listed(self, vehicle_id: Ids, vehicle: Ints, waybill: Ints, times: Times) -> tuple[Rows, Ints]:
        """(row, entry) pairs in force at each row's time, sorted by row; ``vehicle`` -1: not registered."""
        row_v, listing_v = self.of_vehicle.expand(vehicle)
        row_w, listing_w = self.of_waybill.expand(waybill)
        strange = np.flatnonzero(vehicle < 0)
        row_s, listing_s = self.of_stranger.expand(self.strangers.find(vehicle_id[strange]))
        row = np.concatenate([row_v, strange[row_s], row_w])
        listing = np.concatenate([listing_v, listing_s, listing_w])
        now = times[row]
        keep = (self.valid_from[listing] <= now) & (now < self.valid_to[listing])
        row, listing = row[keep], listing[keep]
        order = np.argsort(row, kind="stable")
        return row[order], self.entry[listing[order]]


def _named(entries: Sequence[BlacklistEntry], permits: Sequence[Permit]) -> Iterator[str]:
    """Ids of the vehicles that are on the list themselves, or by a pass of theirs."""
    holders = {permit.permit_no: permit.vehicle_id for permit in permits}
    for entry in entries:
        if entry.kind is BlacklistKind.VEHICLE:
            yield entry.subject_id
        elif entry.kind is BlacklistKind.PERMIT and entry.subject_id in holders:
            yield holders[entry.subject_id]


def _of_vehicles(
    entries: Sequence[BlacklistEntry],
    vehicles: Sequence[Vehicle],
    permits: Sequence[Permit],
    ids: Mapping[str, int],
) -> Iterator[_Listing]:
    """``ids``: row of every vehicle that is registered or on the list, the registered ones first."""
    fleets = _groups([vehicle.carrier_id for vehicle in vehicles])
    passes = {permit.permit_no: permit for permit in permits}
    for row, entry in enumerate(entries):
        if entry.kind is BlacklistKind.VEHICLE:
            yield ids[entry.subject_id], row, entry.valid_from, entry.valid_to
        elif entry.kind is BlacklistKind.ENTERPRISE:
            for vehicle in fleets.get(entry.subject_id, ()):
                yield vehicle, row, entry.valid_from, entry.valid_to
        elif entry.kind is BlacklistKind.PERMIT and entry.subject_id in passes:
            permit = passes[entry.subject_id]
            end = min(permit.valid_to, entry.valid_to or permit.valid_to)
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
