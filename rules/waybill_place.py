"""Loaded at a plant that is not the waybill's origin, or unloaded at one that is not its destination."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Ids, Ints, Mask
from hazmat.position import Positions
from rules.carriage import PAPER_GAP_S, waybill_no
from rules.facts import Facts
from rules.papers import pick, pick_time
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording


def _condition(positions: Positions, facts: Facts, limits: Limits) -> Mask:
    papers, trip = facts.registry.waybill_table, facts.trip
    begins = pick_time(papers.valid_from, facts.waybill)
    early = np.timedelta64(round(limits["early_s"] * 1000), "ms")
    on_this = np.where(facts.loaded, trip.changed_at >= begins - early, _unloaded_on_this(facts))
    wrong = np.where(
        facts.loaded,
        _elsewhere(trip.loaded_at, papers.origin, facts),
        _elsewhere(trip.unloaded_at, papers.destination, facts),
    )
    return np.asarray(wrong & on_this, bool)


def _unloaded_on_this(facts: Facts) -> Mask:
    unloaded = ~facts.loaded & (facts.waybill >= 0)
    row = np.flatnonzero(unloaded & (facts.trip.unloaded_on != b""))
    unloaded[:] = False
    unloaded[row] = waybill_no(facts, row) == facts.trip.unloaded_on[row]
    return unloaded


def _elsewhere(place: Ids, wanted: Ints, facts: Facts) -> Mask:
    """Known to be at a plant or park that is not the one wanted, where the waybill names one."""
    fences = facts.registry.fences.names
    name = pick(wanted, facts.waybill, -1)
    elsewhere: Mask = (name >= 0) & (place != b"")
    row = np.flatnonzero(elsewhere)
    elsewhere[row] = fences.ids[name[row]] != place[row]
    return elsewhere


def _other_trip(_: Positions, facts: Facts, __: Limits) -> Mask:
    return facts.moving | (facts.waybill < 0)


WAYBILL_PLACE = Rule[Facts](
    id="waybill_place",
    name_zh="装卸地点与运单不符",
    name_en="Loaded or unloaded at a place that is not the waybill's",
    group=Group.DOCUMENTS,
    severity=Severity.YELLOW,
    basis="危险货物道路运输安全管理办法 §24",
    receivers=(Receiver.CARRIER, Receiver.TRANSPORT),
    says=Wording(
        what_zh="装货或卸货地点与运单载明的起运地、目的地不符",
        what_en=(
            "loaded at a plant that is not the waybill's origin, or unloaded at one that is not its"
            " destination"
        ),
        ends_zh="换用相符的运单",
        ends_en="another waybill is in force",
    ),
    limits={"early_s": 7200.0},  # loading may begin so long before the waybill does
    condition=_condition,
    hold=Hold(seconds=60, fixes=3),
    clear=Clear(fixes=2, condition=_other_trip),
    gap_s=PAPER_GAP_S,
    object_of=waybill_no,
    needs=(Need.VEHICLE, Need.WAYBILL, Need.LOAD),
)
