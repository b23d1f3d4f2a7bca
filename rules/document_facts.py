"""What was wrong with papers at a fix, in figures and words for the evidence of an alert."""

from collections.abc import Callable
from datetime import datetime
from enum import IntFlag

import numpy as np

from hazmat.alerts import Fact
from hazmat.columns import ID_DTYPE
from hazmat.position import Positions
from hazmat.registry import Registry
from hazmat.waybill_table import WaybillFault
from rules.certificates import PersonFault, driver_faults, escort_faults
from rules.facts import Facts
from rules.permits import Wanted, wanted_on, why_not
from rules.waybill_near import away_from_waybill_s
from rules.waybill_quantity import level_t

Found = dict[str, Fact]


def document_facts(rule_id: str, object_id: str, positions: Positions, facts: Facts, row: int) -> Found:
    """Facts of one fix for a rule about papers or permits; none for other rules."""
    of_rule = _OF_RULE.get(rule_id)
    return of_rule(_At(object_id, positions, facts, row)) if of_rule else {}


class _At:
    """One fix, and what the alert is about."""

    def __init__(self, object_id: str, positions: Positions, facts: Facts, row: int) -> None:
        self.object_id, self.positions, self.facts = object_id, positions, facts
        self.row = np.array([row])
        self.registry: Registry = facts.registry
        self.vehicle, self.waybill = facts.vehicle[self.row], facts.waybill[self.row]
        self.time = positions.fix_time[self.row]


def _names(faults: int, kind: type[IntFlag]) -> str:
    return ", ".join(str(fault.name).lower() for fault in kind if fault & faults)


def _mismatch(at: _At) -> Found:
    paper = at.registry.world.waybills[at.waybill[0]]
    vehicle = at.registry.world.vehicles[at.vehicle[0]]
    return {
        "waybill_faults": _names(int(at.facts.waybill_faults[at.row][0]), WaybillFault),
        "waybill_plate": paper.plate,
        "waybill_trailer": paper.trailer_plate or None,
        "trailer_plate": vehicle.trailer_plate or None,
        "waybill_carrier": paper.carrier_id,
        "approved_classes": ", ".join(vehicle.hazard_classes) or None,
    }


def _tank(at: _At) -> Found:
    return {"tank_media": ", ".join(at.registry.world.vehicles[at.vehicle[0]].tank_media)}


def _quantity(at: _At) -> Found:
    paper = at.registry.world.waybills[at.waybill[0]]
    level = float(level_t(at.positions, at.facts)[at.row][0])
    return {
        "quantity_t": paper.quantity_t,
        "approved_load_t": at.registry.world.vehicles[at.vehicle[0]].approved_load_t,
        "level_t": None if np.isnan(level) else round(level, 2),
    }


def _time(at: _At) -> Found:
    away_s = float(away_from_waybill_s(at.positions, at.facts)[at.row][0])
    return {"away_from_waybill_s": None if np.isnan(away_s) else away_s}


def _place(at: _At) -> Found:
    paper, trip = at.registry.world.waybills[at.waybill[0]], at.facts.trip
    return {
        "loaded_at": trip.loaded_at[at.row][0].decode() or None,
        "unloaded_at": trip.unloaded_at[at.row][0].decode() or None,
        "origin": paper.origin,
        "destination": paper.destination,
    }


def _reused(at: _At) -> Found:
    away_s = float(at.facts.trip.away_s[at.row][0])
    return {"away_s": None if np.isinf(away_s) else away_s, "unloaded_before": bool(np.isinf(away_s))}


def _inspections(at: _At) -> Found:
    vehicle = at.registry.world.vehicles[at.vehicle[0]]
    return {
        "inspection_valid_to": _text(vehicle.inspection_valid_to),
        "tank_inspection_valid_to": _text(vehicle.tank_inspection_valid_to),
    }


def _driver(at: _At) -> Found:
    paper = at.registry.world.waybills[at.waybill[0]]
    faults = driver_faults(at.waybill, at.time, at.registry)
    return {"driver": paper.driver_name, **_person(at, int(faults[0]), paper.driver_id)}


def _escort(at: _At) -> Found:
    paper = at.registry.world.waybills[at.waybill[0]]
    faults = escort_faults(at.waybill, at.time, at.registry)
    return {"escort": paper.escort_name, **_person(at, int(faults[0]), paper.escort_id)}


def _person(at: _At, faults: int, person_id: str) -> Found:
    found: Found = {"person_faults": _names(faults, PersonFault)}
    for person in at.registry.world.people:
        if person.person_id == person_id:
            found |= {
                "certificate_no": person.certificate_no,
                "certificate_valid_to": person.valid_to.isoformat(),
                "safety_code": person.code.value,
            }
    return found


def _no_escort(at: _At) -> Found:
    paper = at.registry.world.waybills[at.waybill[0]]
    return {"escort_id": paper.escort_id or None, "escort": paper.escort_name or None}


def _scope(at: _At) -> Found:
    row = int(at.registry.waybill_table.carrier[at.waybill[0]])
    carrier = at.registry.world.carriers[row]
    return {
        "licence_no": carrier.licence_no,
        "licence_classes": ", ".join(carrier.hazard_classes) or None,
        "licence_valid_to": carrier.valid_to.isoformat(),
    }


def _permit(at: _At) -> Found:
    """Why no permit covers the road or area that the alert is about."""
    registry, papers = at.registry, at.registry.waybill_table
    on_board = at.facts.loaded[at.row] & (at.waybill >= 0)
    wanted = Wanted(
        vehicle=at.vehicle,
        name=np.array([registry.fences.names.index.get(at.object_id, -1)]),
        times=at.time,
        class_bits=at.facts.class_bits[at.row],
        un=np.where(on_board, np.append(papers.un, -1)[at.waybill], -1),
        load_t=np.where(on_board, np.append(papers.quantity_t, np.nan)[at.waybill], np.nan),
    )
    return {"permit_reason": why_not(wanted, registry)}


def _toxic_permit(at: _At) -> Found:
    paper = at.registry.waybill_keys.find(np.array([at.object_id.encode()], ID_DTYPE))
    wanted = wanted_on(paper, at.vehicle, at.time, at.registry)
    return {"permit_reason": why_not(wanted, at.registry, toxic=True)}


def _expiring(at: _At) -> Found:
    ends = [p.valid_to for p in at.registry.world.permits if p.permit_no == at.object_id]
    return {"permit_no": at.object_id, "permit_valid_to": _text(ends[0] if ends else None)}


def _listed(at: _At) -> Found:
    entries = [entry for entry in at.registry.world.blacklist if entry.entry_id == at.object_id]
    if not entries:
        return {}
    entry = entries[0]
    return {"listed_kind": entry.kind.value, "listed_subject": entry.subject_id, "listed": entry.reason}


def _text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


_OF_RULE: dict[str, Callable[[_At], Found]] = {
    "waybill_mismatch": _mismatch,
    "waybill_quantity": _quantity,
    "waybill_time": _time,
    "waybill_place": _place,
    "waybill_reused": _reused,
    "tank_unfit": _tank,
    "inspection_overdue": _inspections,
    "driver_certificate": _driver,
    "escort_certificate": _escort,
    "escort_missing": _no_escort,
    "carrier_scope": _scope,
    "no_permit": _permit,
    "barred_area": _permit,
    "toxic_permit": _toxic_permit,
    "permit_expiring": _expiring,
    "blacklisted": _listed,
}
