"""The immutable reference data that rules see: who may carry what, where and when, as columns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from hazmat.clock import to_time
from hazmat.columns import ID_DTYPE, Ids, Ints, Rows
from hazmat.documents import (
    HAZARD_CLASSES,
    BlacklistEntry,
    BlacklistKind,
    Carrier,
    Permit,
    Person,
    Vehicle,
    Waybill,
)
from hazmat.fence_index import FenceIndex
from hazmat.geofences import Geofence
from hazmat.lookup import Keys, Links, Timeline
from hazmat.rule_settings import RuleSetting

_T = TypeVar("_T")
_CLASS_BIT = {name: 1 << bit for bit, name in enumerate(HAZARD_CLASSES)}
ALL_CLASSES = (1 << len(HAZARD_CLASSES)) - 1


def class_bits(names: Sequence[str]) -> int:
    """Bit set of hazard classes; none means all."""
    return sum(_CLASS_BIT[name] for name in set(names)) or ALL_CLASSES


@dataclass(frozen=True, slots=True)
class World:
    """The registry as rows, as it is imported, stored and exported; ``holidays`` are local days."""

    vehicles: tuple[Vehicle, ...] = ()
    waybills: tuple[Waybill, ...] = ()
    permits: tuple[Permit, ...] = ()
    blacklist: tuple[BlacklistEntry, ...] = ()
    fences: tuple[Geofence, ...] = ()
    people: tuple[Person, ...] = ()
    carriers: tuple[Carrier, ...] = ()
    rule_settings: tuple[RuleSetting, ...] = ()
    holidays: tuple[date, ...] = ()


@dataclass(frozen=True)
class Registry:
    """A snapshot of the world in one version. Index -1 everywhere means: none."""

    world: World = field(default_factory=World)
    version: int = 0
    _derived: dict[Callable[["Registry"], Any], Any] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def derived(self, build: Callable[["Registry"], _T]) -> _T:
        """What ``build`` makes of this snapshot, made once: for columns that only one layer above needs."""
        if build not in self._derived:
            self._derived[build] = build(self)
        made: _T = self._derived[build]
        return made

    @cached_property
    def vehicles(self) -> Keys:
        """Finds vehicles by id; their index is the row in ``world.vehicles``."""
        return Keys.of([v.vehicle_id for v in self.world.vehicles])

    @cached_property
    def vehicle_classes(self) -> Ints:
        """Bit set of the classes each vehicle is approved for."""
        return _ints(class_bits(v.hazard_classes) for v in self.world.vehicles)

    @cached_property
    def waybills(self) -> Timeline:
        """Waybill in force by vehicle index and time; of several the one that began last."""
        papers = self.world.waybills
        owner = self.vehicles.find(_ids([w.vehicle_id for w in papers]))
        return Timeline.of(owner, [(w.valid_from, w.valid_to) for w in papers])

    @cached_property
    def waybill_class(self) -> Ints:
        """Class bit of each waybill's goods."""
        return _ints(_CLASS_BIT[w.hazard_class] for w in self.world.waybills)

    @cached_property
    def waybill_route(self) -> Ints:
        """Index into ``fences.ids`` of each waybill's route corridor."""
        return self.fences.names.find(_ids([w.route_id for w in self.world.waybills]))

    @cached_property
    def waybill_matches(self) -> NDArray[np.int64]:
        """Faults of each waybill as a bit set: 1 plate or colour, 2 goods class, 4 not on the tank's list."""
        return _ints(self._faults(w) for w in self.world.waybills)

    def _faults(self, paper: Waybill) -> int:
        index = self.vehicles.index.get(paper.vehicle_id, -1)
        if index < 0:
            return 0
        vehicle = self.world.vehicles[index]
        plate = (paper.plate, paper.plate_colour) != (vehicle.plate, vehicle.plate_colour)
        goods = bool(vehicle.hazard_classes) and paper.hazard_class not in vehicle.hazard_classes
        tank = bool(vehicle.tank_media) and paper.un_no not in vehicle.tank_media
        return plate + 2 * goods + 4 * tank

    @cached_property
    def permits(self) -> Links:
        """Permits of each vehicle index."""
        owner = self.vehicles.find(_ids([p.vehicle_id for p in self.world.permits]))
        return Links.of(owner, len(self.world.vehicles))

    @cached_property
    def permit_table(self) -> "PermitTable":
        """Hours, validity, classes and fences of the permits."""
        return PermitTable.of(self.world.permits, self.fences)

    @cached_property
    def blacklisted_vehicles(self) -> Timeline:
        """Blacklist entry in force by vehicle index and time."""
        return self._listed(
            BlacklistKind.VEHICLE, {v.vehicle_id: [i] for i, v in enumerate(self.world.vehicles)}
        )

    @cached_property
    def blacklisted_carriers(self) -> Timeline:
        """Blacklist entry against its enterprise in force, by vehicle index and time."""
        fleets: dict[str, list[int]] = {}
        for row, vehicle in enumerate(self.world.vehicles):
            fleets.setdefault(vehicle.carrier_id, []).append(row)
        return self._listed(BlacklistKind.ENTERPRISE, fleets)

    @cached_property
    def blacklisted_drivers(self) -> Timeline:
        """Blacklist entry against its driver in force, by waybill index and time."""
        trips: dict[str, list[int]] = {}
        for row, paper in enumerate(self.world.waybills):
            trips.setdefault(paper.driver_id, []).append(row)
        return self._listed(BlacklistKind.DRIVER, trips)

    def _listed(self, kind: BlacklistKind, members: dict[str, list[int]]) -> Timeline:
        pairs = [
            (member, row)
            for row, entry in enumerate(self.world.blacklist)
            if entry.kind is kind
            for member in members.get(entry.subject_id, ())
        ]
        spans = [
            (self.world.blacklist[row].valid_from, self.world.blacklist[row].valid_to) for _, row in pairs
        ]
        return Timeline.of(_ints(m for m, _ in pairs), spans, value=_ints(row for _, row in pairs))

    @cached_property
    def fences(self) -> FenceIndex:
        """Fences, ready to be asked which fixes lie in or near them."""
        return FenceIndex.of(self.world.fences, [class_bits(f.hazard_classes) for f in self.world.fences])


@dataclass(frozen=True, slots=True)
class PermitTable:
    """Columns of the permits; ``names_fence`` holds (permit, fence) index pairs as one sorted number each."""

    start_minute: Ints
    end_minute: Ints
    weekday_bits: Ints
    class_bits: Ints
    valid_from: NDArray[np.datetime64]
    valid_to: NDArray[np.datetime64]
    names_fence: Ints
    fence_count: int

    @classmethod
    def of(cls, permits: Sequence[Permit], fences: FenceIndex) -> "PermitTable":
        """From the permits; a road that is no fence in force counts for nothing."""
        count = len(fences.names.ids)
        pairs = [
            row * count + fences.names.index[road]
            for row, permit in enumerate(permits)
            for road in permit.roads
            if road in fences.names.index
        ]
        return cls(
            start_minute=_ints(p.schedule.start_minute for p in permits),
            end_minute=_ints(p.schedule.end_minute for p in permits),
            weekday_bits=_ints(p.schedule.weekday_bits for p in permits),
            class_bits=_ints(class_bits(p.hazard_classes) for p in permits),
            valid_from=np.array([to_time(p.valid_from) for p in permits], "datetime64[ms]"),
            valid_to=np.array([to_time(p.valid_to) for p in permits], "datetime64[ms]"),
            names_fence=np.unique(np.array(pairs, np.int64)),
            fence_count=count,
        )

    def names(self, permit: Rows, name: Ints) -> NDArray[np.bool_]:
        """Whether each permit names the fence beside it (an index into ``fences.names``)."""
        wanted = permit * self.fence_count + name
        spot = np.searchsorted(self.names_fence, wanted)
        found: NDArray[np.bool_] = np.append(self.names_fence, -1)[spot] == wanted
        return found


def _ints(values: object) -> Ints:
    return np.fromiter(values, np.int64)  # type: ignore[call-overload, no-any-return]


def _ids(values: Sequence[str]) -> Ids:
    return np.array(values, ID_DTYPE)
