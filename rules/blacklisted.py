"""On the road although the vehicle, its driver, escort, enterprise or pass is on a blacklist."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Mask
from hazmat.position import Positions
from rules.facts import Facts
from rules.rule import Clear, Group, Limits, Need, Receiver, Rule, Wording


def _condition(_: Positions, facts: Facts, __: Limits) -> Mask:
    return facts.moving[facts.listings.row]


def _no_longer(_: Positions, facts: Facts, limits: Limits) -> Mask:
    """No longer on the list, or parked for so long that the drive is over."""
    parked = facts.at_stop_place & (facts.stopped_s > limits["parked_s"])  # NaN, not standing, is false
    return np.asarray((facts.listed < 0) | facts.moving | parked, bool)


BLACKLISTED = Rule[Facts](
    id="blacklisted",
    name_zh="黑名单上路",
    name_en="Blacklisted vehicle, driver, escort, enterprise or pass",
    group=Group.DOCUMENTS,
    severity=Severity.RED,
    basis="危险化学品安全管理条例 §43, §44",
    receivers=(Receiver.CARRIER, Receiver.TRAFFIC_POLICE, Receiver.TRANSPORT),
    says=Wording(
        what_zh="车辆、驾驶员、押运员、企业或通行证列入黑名单而仍上路行驶；每一条名单各报一次",
        what_en=(
            "on the road although vehicle, driver, escort, enterprise or permit is on a blacklist; "
            "each entry is told"
        ),
        ends_zh="名单失效，或在装卸点、停车场内停放 {parked_s} s 以上",
        ends_en="the entry is no longer in force, or it has stood in a plant or park for {parked_s} s",
    ),
    limits={"parked_s": 4 * 3600.0},
    pairs=lambda facts: facts.listings,
    condition=_condition,
    clear=Clear(fixes=2, condition=_no_longer),
    gap_s=6 * 3600.0,  # the entry does not lapse while the truck rests
    needs=(Need.VEHICLE,),
)
