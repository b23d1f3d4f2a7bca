"""Staying with a load near a school, hospital or water source in its hours."""

import numpy as np

from hazmat.alerts import Severity
from hazmat.columns import Floats, Mask, Rows
from hazmat.position import Positions
from rules.facts import Facts
from rules.rule import Clear, Group, Hold, Limits, Need, Receiver, Rule, Wording


def _condition(_: Positions, facts: Facts, limits: Limits) -> Mask:
    sites = facts.sites
    near = sites.away_m + facts.accuracy_m[sites.row] <= limits["near_m"]
    return near & facts.placed[sites.row]


def _away(_: Positions, facts: Facts, limits: Limits) -> Mask:
    """Surely further away than the limit, or driving past."""
    sites, near = facts.sites, np.zeros(len(facts.route), bool)
    near[sites.row[sites.away_m - facts.accuracy_m[sites.row] <= limits["near_m"]]] = True
    return ~near


def _measure(_: Positions, facts: Facts, pairs: Rows) -> Floats:
    """Metres from the site; of an episode the greatest stays."""
    return facts.sites.away_m[pairs]


SENSITIVE_SITE = Rule[Facts](
    id="sensitive_site",
    name_zh="敏感区域附近滞留",
    name_en="Staying near a school, hospital or water source",
    group=Group.PLACE,
    severity=Severity.YELLOW,
    basis="危险货物道路运输安全管理办法 §49(1)(2); 危险化学品安全管理条例 §49",
    receivers=(Receiver.DRIVER, Receiver.CARRIER, Receiver.TRAFFIC_POLICE),
    says=Wording(
        "重车在敏感点 {near_m} 米以内（已扣除定位误差）滞留；沿指定道路通过不计",
        "staying loaded within {near_m} m of a sensitive site, less the error; passing along is none",
        "距敏感点超过 {near_m} 米，或沿指定道路驶离",
        "it is further away than {near_m} m, or passing along a designated road",
    ),
    pairs=lambda facts: facts.sites,
    condition=_condition,
    hold=Hold(seconds=120, fixes=3),
    clear=Clear(seconds=30, fixes=2, condition=_away),
    gap_s=1800.0,  # a terminal at rest reports seldom
    measure=_measure,
    unit="m",
    jt808=20,
    jt809=0x0004,
    needs=(Need.GOOD_FIX, Need.LOAD),
    limits={"near_m": 200.0},
)
