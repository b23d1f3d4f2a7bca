"""On the road although the vehicle, its driver or its enterprise is on a blacklist."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import ID_DTYPE, Ids, Mask, Rows
from hazmat.position import Positions
from rules.facts import Facts
from rules.rule import Clear, Group, Limits, Receiver, Rule


def _condition(_: Positions, facts: Facts, __: Limits) -> Mask:
    return (facts.listed >= 0) & facts.moving


def _no_longer(_: Positions, facts: Facts, __: Limits) -> Mask:
    return facts.listed < 0


def _entry(facts: Facts, rows: Rows) -> Ids:
    entries = facts.registry.world.blacklist
    return np.array([entries[index].entry_id.encode() for index in facts.listed[rows]], ID_DTYPE)


BLACKLISTED = Rule[Facts](
    id="blacklisted",
    name_zh="黑名单上路",
    name_en="Blacklisted vehicle, driver or enterprise",
    group=Group.DOCUMENTS,
    severity=Severity.RED,
    basis="危险化学品安全管理条例 §43, §44",
    receivers=(Receiver.CARRIER, Receiver.TRAFFIC_POLICE, Receiver.TRANSPORT),
    condition=_condition,
    clear=Clear(fixes=2, condition=_no_longer),
    gap_s=6 * 3600.0,  # the entry does not lapse while the truck rests
    object_of=_entry,
)
