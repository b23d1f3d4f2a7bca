"""When the rules about several vehicles are asked: ticks that can bring nothing are left out, no other."""

import time
from dataclasses import replace
from datetime import timedelta

import numpy as np

from hazmat.position import Positions
from tests.convoy import FAR_SIDE_Y, Judged, following, found, merged, same, truck
from tests.town import town

SEASON_S = 120 * 86_400.0


def a_season_later(messages: Positions) -> Positions:
    """The same behind two trucks that were heard of months before, far from each other."""
    t_s = np.arange(0.0, 60.0, 10.0)
    early = merged(truck(0, t_s), truck(1, t_s, y_m=FAR_SIDE_Y))
    shift = np.timedelta64(round(SEASON_S * 1000), "ms")
    late = replace(
        messages,
        fix_time=messages.fix_time + shift,
        received_at=messages.received_at + shift,
        message=messages.message + len(early),
    )
    return Positions.concat([early, late])


def test_months_in_which_nobody_is_heard_of_take_no_time() -> None:
    """At 2,880 ticks a day they would take minutes; what is told after them is told all the same."""
    began = time.process_time()
    alerts = found(a_season_later(following(30.0)), town(2))
    assert time.process_time() - began < 5.0
    told = [each.fired_at for each in alerts if each.rule_id == "too_close"]
    alone = [each.fired_at for each in found(following(30.0), town(2))]
    assert told == [moment + timedelta(seconds=SEASON_S) for moment in alone]


def test_what_is_left_out_does_not_depend_on_the_batches() -> None:
    messages = a_season_later(following(30.0))
    one_by_one = Judged(town(2)).feed_cut(messages, list(range(1, len(messages))))
    same(one_by_one, Judged(town(2)).feed(messages))
