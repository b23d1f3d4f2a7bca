"""A town with a crew, a carrier and papers in order, and drives through it, for tests of papers."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np

from hazmat.documents import (
    BlacklistEntry,
    Carrier,
    Permit,
    Person,
    Waybill,
)
from hazmat.position import Positions
from hazmat.registry import Registry
from rules.catalogue import CATALOGUE
from rules.rule import Group
from tests.fold import Fold, memory_rows
from tests.town import AGES_AGO, NOON, TRUNK_Y, positions, town

HOUR = timedelta(hours=1)
DOCUMENTS = {rule.id for rule in CATALOGUE.values() if rule.group is Group.DOCUMENTS}


def drive(steps: int = 6, step_s: float = 20.0, **more: Any) -> Positions:
    """Eastward on the trunk road at 36 km/h, loaded; a column may be given for each step."""
    t_s = np.arange(steps) * step_s
    given = {"x_m": 1500 + 10 * t_s, "y_m": TRUNK_Y, "speed_kmh": 36.0, "heading_deg": 90.0}
    return positions(t_s=t_s, **{**given, **more})


def person(person_id: str, **more: Any) -> Person:
    given: dict[str, Any] = {
        "name": "王", "carrier_id": "C0", "certificate_no": f"Z{person_id}", "may_drive": person_id[0] == "D",
        "may_escort": person_id[0] == "E", "valid_from": AGES_AGO, "valid_to": NOON + 24 * HOUR,
    }  # fmt: skip
    return Person(person_id=person_id, **{**given, **more})


def carrier(**more: Any) -> Carrier:
    span = {"valid_from": AGES_AGO, "valid_to": NOON + 24 * HOUR}
    return Carrier(**{"carrier_id": "C0", "name": "甬", "licence_no": "L0", **span, **more})


CREW = (person("D000"), person("E000"))


def registry(
    papers: Sequence[Waybill] | None = None,
    people: Sequence[Person] = CREW,
    carriers: Sequence[Carrier] = (carrier(),),
    permits: Sequence[Permit] = (),
    entries: Sequence[BlacklistEntry] = (),
    **vehicle: Any,
) -> Registry:
    world = town(waybills=None if papers is None else tuple(papers)).world
    vehicles = (replace(world.vehicles[0], **vehicle),)
    return Registry(
        replace(
            world, vehicles=vehicles, people=tuple(people), carriers=tuple(carriers), permits=tuple(permits),
            blacklist=tuple(entries),
        ),
        1,
    )  # fmt: skip


def found(messages: Positions, known: Registry) -> list[tuple[str, str]]:
    """(rule, object) of the alerts about documents, the same for any cut."""
    folds = [Fold(known).feed(messages)]
    for size in (1, 7):
        folds.append(Fold(known).feed_cut(messages, range(size, len(messages), size)))
    whole = {alert_id: repr(alert) for alert_id, alert in folds[0].alerts.items()}
    for fold in folds[1:]:
        assert {i: repr(alert) for i, alert in fold.alerts.items()} == whole  # NaN equals itself as text
        assert memory_rows(fold.memory) == memory_rows(folds[0].memory)
    alerts = [alert for alert in folds[0].alerts.values() if alert.rule_id in DOCUMENTS]
    return sorted((alert.rule_id, alert.object_id) for alert in alerts)
