"""What the rules about papers have in common: judged while goods are carried, once a trip and paper."""

from collections.abc import Callable

import numpy as np

from hazmat.columns import Ids, Mask, Rows
from hazmat.position import Positions
from rules.facts import Facts
from rules.papers import waybill_ids
from rules.rule import Clear, Hold, Limits

PAPER_HOLD = Hold(fixes=2)
PAPER_CLEAR_S = 120.0  # a load sensor that says "empty" for less is in doubt
PAPER_GAP_S = 6 * 3600.0  # a fault on paper does not lapse while the truck rests
Condition = Callable[[Positions, Facts, Limits], Mask]


def carrying(facts: Facts) -> Mask:
    """Loaded, on a waybill in force."""
    return np.asarray(facts.loaded & (facts.waybill >= 0), bool)


def on_the_road(faulty: Condition) -> Condition:
    """``faulty``, but a parked truck is not told."""

    def condition(positions: Positions, facts: Facts, limits: Limits) -> Mask:
        return faulty(positions, facts, limits) & facts.moving

    return condition


def until_settled(faulty: Condition) -> Clear[Facts]:
    """Clears when nothing is wrong any more, or the truck moves on with another paper: that has its own."""

    def settled(positions: Positions, facts: Facts, limits: Limits) -> Mask:
        return ~faulty(positions, facts, limits) | facts.moving

    return Clear(seconds=PAPER_CLEAR_S, fixes=2, condition=settled)


def waybill_no(facts: Facts, rows: Rows) -> Ids:
    """The object of an alert about a waybill."""
    return waybill_ids(facts.waybill[rows], facts.registry)
