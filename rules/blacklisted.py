"""On the road although the vehicle, its driver, escort, enterprise or pass is on a blacklist."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Mask
from hazmat.position import Positions
from rules.facts import Facts
from rules.rule import Clear, Group, Limits, Need, Receiver, Rule


def _condition(_: Positions, facts: Facts, __: Limits) -> Mask:
    return facts.moving[facts.listings.row]


def _no_longer(_: Positions, facts: Facts, __: Limits) -> Mask:
    return np.asarray((facts.listed < 0) | facts.moving, bool)


BLACKLISTED = Rule[Facts](
    id="blacklisted",
    name_zh="黑名单上路",
    name_en="Blacklisted vehicle, driver, escort, enterprise or pass",
    group=Group.DOCUMENTS,
    severity=Severity.RED,
    basis="危险化学品安全管理条例 §43, §44",
    receivers=(Receiver.CARRIER, Receiver.TRAFFIC_POLICE, Receiver.TRANSPORT),
    pairs=lambda facts: facts.listings,
    condition=_condition,
    clear=Clear(fixes=2, condition=_no_longer),
    gap_s=6 * 3600.0,  # the entry does not lapse while the truck rests
    needs=(Need.VEHICLE,),
)
