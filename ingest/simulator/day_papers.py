"""Papers of the labelled days' trucks: in order, just in order, or spoiled in one way for the whole day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from hazmat.documents import (
    BlacklistEntry,
    BlacklistKind,
    Carrier,
    Permit,
    PermitKind,
    Person,
    SafetyCode,
    Vehicle,
    Waybill,
)
from hazmat.geofences import Geofence
from hazmat.registry import World
from ingest.simulator import day_town as town
from ingest.simulator.day_drivers import Trip
from ingest.simulator.day_fences import SINCE, route_id

# UN number, name, class, tunnel code for carriage in tanks (its first letter), acutely toxic
GOODS = (
    ("UN1203", "汽油", "3", "D", False),
    ("UN1114", "苯", "3", "D", False),
    ("UN1230", "甲醇", "3", "D", False),
    ("UN1307", "二甲苯", "3", "D", False),
    ("UN1830", "硫酸", "8", "E", False),
    ("UN1075", "液化石油气", "2.1", "B", False),
    ("UN1005", "液氨", "2.3", "C", False),
    ("UN1017", "氯", "2.3", "C", True),
)
_GOODS_SHARE = (0.25, 0.1, 0.15, 0.1, 0.1, 0.1, 0.1, 0.1)
PERMIT_ROADS = tuple(road.road_id for road in town.ROADS if road.permit)
APPROVED_T = 30.0
_DAY, _LEAD = timedelta(days=1), timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Papers:
    """Everything registered about one truck; ``tunnel_code``: letter of its goods' code in a tank."""

    tunnel_code: str
    vehicle: Vehicle
    carrier: Carrier
    people: tuple[Person, ...]
    waybills: tuple[Waybill, ...]
    permits: tuple[Permit, ...]
    blacklist: tuple[BlacklistEntry, ...] = ()


Spoiler = Callable[[Papers, datetime], Papers]


def make_papers(number: int, trips: Sequence[Trip], day: datetime, rng: np.random.Generator) -> Papers:
    """Papers in order for one truck's trips; certificates may end as soon as the day is over."""
    un_no, name, hazard_class, tunnel_code, toxic = GOODS[int(rng.choice(len(GOODS), p=_GOODS_SHARE))]
    vehicle_id, carrier_id = f"D{number:05d}", f"DC{number:05d}"
    ends = day + _DAY * float(rng.choice([2.0, 30.0, 300.0]))
    vehicle = Vehicle(
        vehicle_id=vehicle_id, plate=f"浙B{number:05d}", carrier_id=carrier_id, carrier_name="示例危运公司",
        tank_no=f"DT{number:05d}", hazard_classes=(hazard_class,), tank_media=(un_no, "UN1993"),
        approved_load_t=APPROVED_T, tank_volume_m3=45.0, set_pressure_kpa=500.0, tank_temp_min_c=-40.0,
        tank_temp_max_c=60.0, inspection_valid_to=ends, tank_inspection_valid_to=ends,
    )  # fmt: skip
    carrier = Carrier(
        carrier_id=carrier_id, name="示例危运公司", licence_no=f"浙交{number:05d}",
        hazard_classes=(hazard_class,), valid_from=SINCE, valid_to=ends,
    )  # fmt: skip
    people = (
        _person(f"DD{number:05d}", carrier_id, hazard_class, ends, may_drive=True),
        _person(f"DE{number:05d}", carrier_id, hazard_class, ends, may_drive=False),
    )
    quantity_t = APPROVED_T if rng.random() < 0.2 else round(float(rng.uniform(18, 29)), 1)
    waybills = tuple(
        _waybill(vehicle, people, trip, (un_no, name, hazard_class), quantity_t)
        for trip in trips
        if trip.loaded
    )
    permits = [_permit(vehicle_id, PermitKind.ROADS, PERMIT_ROADS, day)]
    if toxic:
        permits.append(_permit(vehicle_id, PermitKind.TOXIC, (), day))
    return Papers(tunnel_code, vehicle, carrier, people, waybills, tuple(permits))


def _person(person_id: str, carrier_id: str, hazard_class: str, ends: datetime, *, may_drive: bool) -> Person:
    return Person(
        person_id=person_id, name="王伟" if may_drive else "李强", carrier_id=carrier_id,
        certificate_no=f"Z{person_id}", may_drive=may_drive, may_escort=not may_drive,
        hazard_classes=(hazard_class,), valid_from=SINCE, valid_to=ends,
    )  # fmt: skip


def _permit(vehicle_id: str, kind: PermitKind, roads: tuple[str, ...], day: datetime) -> Permit:
    return Permit(
        permit_no=f"P{kind.value[0]}-{vehicle_id}", vehicle_id=vehicle_id, kind=kind, roads=roads,
        valid_from=day - _DAY, valid_to=day + 20 * _DAY,
    )  # fmt: skip


def _waybill(
    vehicle: Vehicle, people: Sequence[Person], trip: Trip, goods: tuple[str, str, str], quantity_t: float
) -> Waybill:
    begins, ends = (datetime.fromtimestamp(round(moment), UTC) for moment in (trip.load_from, trip.load_to))
    un_no, name, hazard_class = goods
    driver, escort = people
    return Waybill(
        waybill_no=f"W{begins:%d%H%M}{vehicle.vehicle_id}", vehicle_id=vehicle.vehicle_id,
        plate=vehicle.plate, carrier_id=vehicle.carrier_id, driver_id=driver.person_id,
        driver_name=driver.name, escort_id=escort.person_id, escort_name=escort.name, un_no=un_no,
        goods_name=name, hazard_class=hazard_class, quantity_t=quantity_t, consignor="甲", consignee="乙",
        origin=trip.start, destination=trip.end, route_id=route_id(trip.start, trip.end),
        valid_from=begins - _LEAD, valid_to=ends + _LEAD,
    )  # fmt: skip


def _no_waybill(papers: Papers, _: datetime) -> Papers:
    return replace(papers, waybills=())


def _wrong_plate(papers: Papers, _: datetime) -> Papers:
    return replace(papers, waybills=tuple(replace(w, plate=f"浙A{w.plate[2:]}") for w in papers.waybills))


def _too_much(papers: Papers, _: datetime) -> Papers:
    return replace(papers, waybills=tuple(replace(w, quantity_t=APPROVED_T + 2) for w in papers.waybills))


def _no_escort(papers: Papers, _: datetime) -> Papers:
    return replace(papers, waybills=tuple(replace(w, escort_id="", escort_name="") for w in papers.waybills))


def _driver_as_escort(papers: Papers, _: datetime) -> Papers:
    driver, escort = papers.people
    return replace(
        papers,
        people=(replace(driver, may_escort=True), escort),
        waybills=tuple(replace(w, escort_id=w.driver_id, escort_name=w.driver_name) for w in papers.waybills),
    )


def _unfit_tank(papers: Papers, _: datetime) -> Papers:
    first, *_rest = papers.vehicle.tank_media
    return replace(papers, vehicle=replace(papers.vehicle, tank_media=(_OTHER[first], "UN1993")))


# another number of the same class, so that only the tank's list is wrong
_OTHER = {
    "UN1203": "UN1114", "UN1114": "UN1203", "UN1230": "UN1114", "UN1307": "UN1114", "UN1830": "UN1824",
    "UN1075": "UN1978", "UN1005": "UN1017", "UN1017": "UN1005",
}  # fmt: skip


def _overdue(papers: Papers, day: datetime) -> Papers:
    return replace(papers, vehicle=replace(papers.vehicle, inspection_valid_to=day - _DAY))


def _expired_driver(papers: Papers, day: datetime) -> Papers:
    driver, escort = papers.people
    return replace(papers, people=(replace(driver, valid_to=day - _DAY), escort))


def _red_driver(papers: Papers, _: datetime) -> Papers:
    driver, escort = papers.people
    return replace(papers, people=(replace(driver, code=SafetyCode.RED), escort))


def _expired_escort(papers: Papers, day: datetime) -> Papers:
    driver, escort = papers.people
    return replace(papers, people=(driver, replace(escort, valid_to=day - _DAY)))


def _no_permit(papers: Papers, day: datetime) -> Papers:
    roads, *rest = papers.permits
    return replace(papers, permits=(replace(roads, valid_from=day - 9 * _DAY, valid_to=day - _DAY), *rest))


def _out_of_scope(papers: Papers, _: datetime) -> Papers:
    return replace(papers, carrier=replace(papers.carrier, hazard_classes=("9",)))


def _blacklisted(kind: BlacklistKind) -> Spoiler:
    def spoil(papers: Papers, day: datetime) -> Papers:
        subject = {
            BlacklistKind.VEHICLE: papers.vehicle.vehicle_id,
            BlacklistKind.DRIVER: papers.people[0].person_id,
            BlacklistKind.ENTERPRISE: papers.carrier.carrier_id,
        }[kind]
        entry = BlacklistEntry(
            entry_id=f"B-{papers.vehicle.vehicle_id}", kind=kind, subject_id=subject, reason="示例",
            valid_from=day - _DAY,
        )  # fmt: skip
        return replace(papers, blacklist=(entry,))

    return spoil


# rule that must find it -> what is wrong; several ways to break a rule are several rows
SPOILERS: tuple[tuple[str, Spoiler], ...] = (
    ("no_waybill", _no_waybill),
    ("waybill_mismatch", _wrong_plate),
    ("waybill_quantity", _too_much),
    ("escort_missing", _no_escort),
    ("escort_missing", _driver_as_escort),
    ("tank_unfit", _unfit_tank),
    ("inspection_overdue", _overdue),
    ("driver_certificate", _expired_driver),
    ("driver_certificate", _red_driver),
    ("escort_certificate", _expired_escort),
    ("no_permit", _no_permit),
    ("carrier_scope", _out_of_scope),
    ("blacklisted", _blacklisted(BlacklistKind.VEHICLE)),
    ("blacklisted", _blacklisted(BlacklistKind.DRIVER)),
    ("blacklisted", _blacklisted(BlacklistKind.ENTERPRISE)),
)


def world_of(papers: Sequence[Papers], fences: Sequence[Geofence]) -> World:
    """A world of all these papers and fences."""
    return World(
        vehicles=tuple(p.vehicle for p in papers),
        carriers=tuple(p.carrier for p in papers),
        people=tuple(person for p in papers for person in p.people),
        waybills=tuple(w for p in papers for w in p.waybills),
        permits=tuple(permit for p in papers for permit in p.permits),
        blacklist=tuple(entry for p in papers for entry in p.blacklist),
        fences=tuple(fences),
    )
