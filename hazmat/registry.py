"""The immutable reference data that rules see: who may carry what, where and when, as columns."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from hazmat.blacklist import Blacklist
from hazmat.clock import to_time
from hazmat.columns import ID_DTYPE, NO_TIME, TIME_DTYPE, Floats, Ids, Ints, Mask, Times
from hazmat.documents import BlacklistEntry, Carrier, Permit, Person, Vehicle, Waybill
from hazmat.fence_index import FenceIndex
from hazmat.geofences import Geofence
from hazmat.hazard_bits import class_bits
from hazmat.licences import CarrierTable, PeopleTable
from hazmat.lookup import Edges, Keys, Links, Overlaps, Timeline
from hazmat.permit_table import PermitTable
from hazmat.rule_settings import RuleSetting
from hazmat.waybill_table import WaybillTable

_T = TypeVar("_T")


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
    def waybill_overlaps(self) -> Overlaps:
        """Waybills in force at once, by vehicle index and time: papers are issued ahead."""
        papers = self.world.waybills
        owner = self.vehicles.find(_ids([w.vehicle_id for w in papers]))
        return Overlaps.of(owner, [(w.valid_from, w.valid_to) for w in papers])

    @cached_property
    def waybill_keys(self) -> Keys:
        """Finds waybills by number; their index is the row in ``world.waybills``."""
        return Keys.of([w.waybill_no for w in self.world.waybills])

    @cached_property
    def waybill_table(self) -> WaybillTable:
        """What the waybills say, and the faults in them, as columns."""
        world = self.world
        vehicles = {vehicle.vehicle_id: vehicle for vehicle in world.vehicles}
        people = {person.person_id: row for row, person in enumerate(world.people)}
        return WaybillTable.of(world.waybills, vehicles, people, self.carriers, self.fences.names.index)

    @property
    def waybill_class(self) -> Ints:
        """Class bit of each waybill's goods."""
        return self.waybill_table.class_bit

    @property
    def waybill_route(self) -> Ints:
        """Index into ``fences.names`` of each waybill's route corridor."""
        return self.waybill_table.route

    @property
    def waybill_goods(self) -> Ints:
        """Row of each waybill's goods in ``hazmat.goods.goods_table()``."""
        return self.waybill_table.goods

    @property
    def waybill_tunnel(self) -> Ints:
        """Tunnel rank of each waybill's goods: a tunnel bars them if its own is as high or higher."""
        return self.waybill_table.tunnel_rank

    @property
    def waybill_matches(self) -> NDArray[np.int64]:
        """Faults of each waybill, a set of ``hazmat.waybill_table.WaybillFault``."""
        return self.waybill_table.faults

    @cached_property
    def waybill_edges(self) -> Edges:
        """When waybills of each vehicle index begin and end."""
        owner = self.vehicles.find(_ids([w.vehicle_id for w in self.world.waybills]))
        return Edges.of(owner, self.waybill_table.valid_from, self.waybill_table.valid_to)

    @cached_property
    def people_table(self) -> PeopleTable:
        """Certificates of the people."""
        return PeopleTable.of(self.world.people)

    @cached_property
    def carriers(self) -> dict[str, int]:
        """Row of each carrier by its id."""
        return {carrier.carrier_id: row for row, carrier in enumerate(self.world.carriers)}

    @cached_property
    def carrier_table(self) -> CarrierTable:
        """Licences of the carriers."""
        return CarrierTable.of(self.world.carriers)

    @cached_property
    def vehicle_carrier(self) -> Ints:
        """Row of each vehicle's carrier."""
        return _ints(self.carriers.get(v.carrier_id, -1) for v in self.world.vehicles)

    @cached_property
    def has_load_sensor(self) -> Mask:
        """Whether the load bits of each vehicle's terminal say anything."""
        return np.array([v.has_load_sensor for v in self.world.vehicles], bool)

    @cached_property
    def approved_load_t(self) -> Floats:
        """Approved load of each vehicle, NaN where it is not registered."""
        return _floats(v.approved_load_t for v in self.world.vehicles)

    @cached_property
    def tank_volume_m3(self) -> Floats:
        """Volume of each vehicle's tank, NaN where it is not registered."""
        return _floats(v.tank_volume_m3 for v in self.world.vehicles)

    @cached_property
    def inspected_until(self) -> Times:
        """(vehicle, tank) inspection of each vehicle is good until then; NaT where it is not registered."""
        ends = [(v.inspection_valid_to, v.tank_inspection_valid_to) for v in self.world.vehicles]
        flat = [NO_TIME if end is None else to_time(end) for pair in ends for end in pair]
        return np.array(flat, TIME_DTYPE).reshape(-1, 2)

    @cached_property
    def blacklist(self) -> Blacklist:
        """Blacklist entries by the vehicles and waybills against which they stand."""
        world = self.world
        return Blacklist.of(world.blacklist, world.vehicles, world.waybills, world.permits)

    @cached_property
    def permits(self) -> Links:
        """Permits of each vehicle index."""
        owner = self.vehicles.find(_ids([p.vehicle_id for p in self.world.permits]))
        return Links.of(owner, len(self.world.vehicles))

    @cached_property
    def permit_table(self) -> PermitTable:
        """Hours, validity, classes and fences of the permits."""
        world = self.world
        return PermitTable.of(world.permits, self.fences.names, world.holidays, world.blacklist)

    @cached_property
    def fences(self) -> FenceIndex:
        """Fences, ready to be asked which fixes lie in or near them."""
        fences = self.world.fences
        return FenceIndex.of(fences, [class_bits(f.hazard_classes) for f in fences], self.world.holidays)


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, np.int64)


def _floats(values: Iterable[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], float)


def _ids(values: Sequence[str]) -> Ids:
    return np.array(values, ID_DTYPE)
