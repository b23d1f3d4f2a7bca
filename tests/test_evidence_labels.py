"""Every fact that a rule may leave under an alert has a name on the evidence page."""

from datetime import timedelta

import numpy as np

from dashboards.evidence_labels import LABELS
from hazmat.documents import BlacklistKind
from hazmat.position import Positions
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
