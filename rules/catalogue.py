"""The one ordered list of all rules. To add a rule: one new file, and one line here."""

import hashlib
from collections.abc import Mapping

from rules.barred_area import BARRED_AREA
from rules.blacklisted import BLACKLISTED
from rules.illegal_stop import ILLEGAL_STOP
from rules.no_permit import NO_PERMIT
from rules.no_waybill import NO_WAYBILL
from rules.off_corridor import OFF_CORRIDOR
from rules.off_designated_road import OFF_DESIGNATED_ROAD
from rules.overspeed import OVERSPEED
from rules.rule import Rule, TimerRule
from rules.silent import SILENT
from rules.stop_on_no_stop import STOP_ON_NO_STOP
from rules.waybill_mismatch import WAYBILL_MISMATCH

RULES: tuple[Rule, ...] = (
    BARRED_AREA,
    NO_PERMIT,
    BLACKLISTED,
    OFF_DESIGNATED_ROAD,
    OFF_CORRIDOR,
    NO_WAYBILL,
    WAYBILL_MISMATCH,
    STOP_ON_NO_STOP,
    ILLEGAL_STOP,
    OVERSPEED,
)
TIMER_RULES: tuple[TimerRule, ...] = (SILENT,)

RULES_BY_ID: Mapping[str, Rule] = {rule.id: rule for rule in RULES}
CATALOGUE: Mapping[str, Rule | TimerRule] = {**RULES_BY_ID, **{rule.id: rule for rule in TIMER_RULES}}
_VERSIONS = ",".join(sorted(f"{rule.id}:{rule.version}" for rule in CATALOGUE.values()))
RULES_VERSION = hashlib.sha256(_VERSIONS.encode()).hexdigest()[:16]  # a checkpoint of other rules is not read
