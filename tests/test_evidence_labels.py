"""Every fact that a rule may leave under an alert has a name on the evidence page."""

from collections.abc import Iterable
from datetime import timedelta

import numpy as np

from dashboards.alerts.evidence_labels import LABELS, in_words
from hazmat.documents import BlacklistKind, SafetyCode
from hazmat.position import Load, Positions
from hazmat.waybill_table import WaybillFault
from rules.certificates import PersonFault
from rules.permits import REASONS
from tests.fold import Fold
from tests.test_rules import straight
from tests.town import NOON, blacklist, permit, town


def test_every_fact_has_a_label() -> None:
    registry = town(1, permits=(permit(0, "gate_road"),), entries=(blacklist("T000", BlacklistKind.VEHICLE),))
    fold = Fold(registry).feed(straight(y_m=6500.0, x_m=5000.0 + np.arange(20) * 10.0))
    fold.feed(Positions.empty(), NOON + timedelta(hours=1))
    facts = {name for alert in fold.alerts.values() for name in alert.evidence if name[:6] != "limit_"}
    assert {"listed", "fence_name", "plate", "after_s"} <= facts
    assert facts <= set(LABELS)


def test_every_label_and_every_value_has_both_languages() -> None:
    for label, (zh, en) in LABELS.items():
        assert zh, label
        assert en.isascii() or "°" in en, label
    reasons: dict[str, Iterable[str]] = {
        "waybill_faults": [str(fault.name).lower() for fault in WaybillFault],
        "person_faults": [str(fault.name).lower() for fault in PersonFault],
        "permit_reason": REASONS,
        "safety_code": SafetyCode,
        "listed_kind": BlacklistKind,
        "load": [load.name.lower() for load in Load],
    }
    for name, values in reasons.items():
        for value in values:
            chinese, english = in_words(name, str(value), "zh"), in_words(name, str(value), "en")
            assert not str(chinese).isascii(), (name, value)
            assert str(english).isascii(), (name, value)
