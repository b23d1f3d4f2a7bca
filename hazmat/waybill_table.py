"""Waybills as columns, and the faults in each that its own text and the register already show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntFlag
from typing import Self

import numpy as np

from hazmat.clock import to_time
from hazmat.columns import ID_DTYPE, TIME_DTYPE, Floats, Ids, Ints, Mask, Times
from hazmat.documents import Vehicle, Waybill, plate_key
from hazmat.goods import goods_table, tunnel_code, tunnel_rank, un_key, un_number
from hazmat.hazard_bits import class_bit


class WaybillFault(IntFlag):
    """What does not fit; what is not registered is no fault."""

    PLATE = 1  # plate or colour is not the vehicle's
    GOODS_CLASS = 2  # the vehicle is not approved for it
    TANK = 4  # goods not on the tank's list
    TRAILER = 8
    CARRIER = 16
    NO_ESCORT = 32
    ESCORT_DRIVES = 64  # driver and escort are one person


@dataclass(frozen=True, slots=True)
class WaybillTable:
    """A row a waybill; indices are -1 for none, figures NaN where nothing is registered.

    ``un``: UN number; ``goods``: row of ``hazmat.goods``; ``driver``, ``escort``: rows of the people;
    ``carrier``: of the carriers; ``route``, ``origin``, ``destination``: indices into ``fences.names``.
    ``approved_load_t``: of its vehicle. ``faults``: a set of ``WaybillFault``.
    """

    number: Ids
    class_bit: Ints
    un: Ints
    goods: Ints
    tunnel_rank: Ints
    density_t_m3: Floats
    acutely_toxic: Mask
    specially_controlled: Mask
    quantity_t: Floats
    approved_load_t: Floats
    driver: Ints
    escort: Ints
    carrier: Ints
    route: Ints
    origin: Ints
    destination: Ints
    planned_stay_h: Floats
    valid_from: Times
    valid_to: Times
    faults: Ints

    @classmethod
    def of(
        cls,
        papers: Sequence[Waybill],
        vehicles: Mapping[str, Vehicle],
        people: Mapping[str, int],
        carriers: Mapping[str, int],
        fences: Mapping[str, int],
    ) -> Self:
        """From the waybills; vehicles by id, rows of people and carriers, fence names."""
        known = goods_table()
        goods = np.array([known.row(w.un_no) for w in papers], np.int64)
        loads = [_approved_load_t(vehicles.get(w.vehicle_id)) for w in papers]
        return cls(
            number=np.array([w.waybill_no.encode() for w in papers], ID_DTYPE),
            class_bit=np.array([class_bit(w.hazard_class) for w in papers], np.int64),
            un=np.array([un_number(w.un_no) for w in papers], np.int64),
            goods=goods,
            tunnel_rank=np.array([_rank(w) for w in papers], np.int64),
            density_t_m3=np.append(known.density_t_m3, np.nan)[goods],
            acutely_toxic=np.append(known.acutely_toxic, False)[goods],
            specially_controlled=np.append(known.specially_controlled, False)[goods],
            quantity_t=np.array([w.quantity_t for w in papers], float),
            approved_load_t=np.array(loads, float),
            driver=_rows(people, [w.driver_id for w in papers]),
            escort=_rows(people, [w.escort_id for w in papers]),
            carrier=_rows(carriers, [w.carrier_id for w in papers]),
            route=_rows(fences, [w.route_id for w in papers]),
            origin=_rows(fences, [w.origin for w in papers]),
            destination=_rows(fences, [w.destination for w in papers]),
            planned_stay_h=np.array([w.planned_stay_h or np.nan for w in papers], float),
            valid_from=np.array([to_time(w.valid_from) for w in papers], TIME_DTYPE),
            valid_to=np.array([to_time(w.valid_to) for w in papers], TIME_DTYPE),
            faults=np.array([waybill_faults(w, vehicles.get(w.vehicle_id)) for w in papers], np.int64),
        )


def waybill_faults(paper: Waybill, vehicle: Vehicle | None) -> WaybillFault:
    """Faults of a waybill, beside its vehicle as registered (None: it is not)."""
    faults = WaybillFault(0)
    if not paper.escort_id:
        faults |= WaybillFault.NO_ESCORT
    elif paper.escort_id == paper.driver_id:
        faults |= WaybillFault.ESCORT_DRIVES
    if vehicle is None:
        return faults
    media = {un_key(un_no) for un_no in vehicle.tank_media}
    trailers = plate_key(paper.trailer_plate), plate_key(vehicle.trailer_plate)
    found = {
        WaybillFault.PLATE: (plate_key(paper.plate), paper.plate_colour)
        != (plate_key(vehicle.plate), vehicle.plate_colour),
        WaybillFault.GOODS_CLASS: bool(vehicle.hazard_classes)
        and paper.hazard_class not in vehicle.hazard_classes,
        WaybillFault.TANK: bool(media) and un_key(paper.un_no) not in media,
        WaybillFault.TRAILER: all(trailers) and trailers[0] != trailers[1],
        WaybillFault.CARRIER: paper.carrier_id != vehicle.carrier_id,
    }
    for fault, there in found.items():
        faults |= fault if there else 0
    return faults


def _approved_load_t(vehicle: Vehicle | None) -> float:
    load_t = None if vehicle is None else vehicle.approved_load_t
    return float("nan") if load_t is None else load_t


def _rank(paper: Waybill) -> int:
    """Of the goods if they are known, else of their class: then in doubt for the driver."""
    known = goods_table()
    row = known.row(paper.un_no)
    return int(known.tunnel_rank[row]) if row >= 0 else tunnel_rank(tunnel_code(paper.hazard_class))


def _rows(index: Mapping[str, int], names: Sequence[str]) -> Ints:
    return np.array([index.get(name, -1) for name in names], np.int64)
