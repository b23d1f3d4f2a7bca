"""A number that several rules use is a limit of one of them; an officer changes it there, for all."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from hazmat.documents import Waybill
from hazmat.registry import Registry
from hazmat.rule_settings import RuleSetting
from rules.catalogue import CATALOGUE
from tests.drives import told
from tests.test_rules_conduct import drive, rules_of, steady
from tests.town import AGES_AGO, NOON, positions, town, waybill


def having(rule_id: str, papers: tuple[Waybill, ...] | None = None, **limits: float) -> Registry:
    setting = RuleSetting(rule_id=rule_id, valid_from=AGES_AGO, limits=limits)
    return Registry(replace(town(1, papers).world, rule_settings=(setting,)), 1)


@pytest.mark.parametrize(
    ("kmh", "rules"),
    [
        (47.0, {"speed_warning"}),
        (54.0, {"overspeed"}),
        (61.0, {"overspeed", "overspeed_20"}),
        (76.0, {"overspeed", "overspeed_20", "overspeed_50"}),
    ],
)
def test_all_bands_follow_the_limit_of_overspeed(kmh: float, rules: set[str]) -> None:
    assert rules_of(steady(kmh), having("overspeed", other_kmh=50.0)) == rules


def test_evidence_says_the_limit_in_force() -> None:
    (alert,) = told(steady(61.0), having("overspeed", other_kmh=50.0), "overspeed_20")
    assert (alert.evidence["speed_limit_kmh"], alert.evidence["over_pct"]) == (50.0, 22.0)


@pytest.mark.parametrize(("margin_s", "turns_s"), [(3600.0, 3600.0), (7200.0, 7200.0), (14400.0, 14400.0)])
def test_waybill_time_leaves_off_where_no_waybill_begins(margin_s: float, turns_s: float) -> None:
    registry = having("no_waybill", (waybill(0, valid_to=NOON),), margin_s=margin_s)
    t_s = np.arange(60.0, 18000.0, 60.0)
    slow: dict[str, Any] = {"x_m": 1500 + t_s * 2 % 4000, "speed_kmh": 7.2, "heading_deg": 90.0}
    late, without = told(positions(t_s=t_s, **slow), registry, "no_waybill", "waybill_time")
    assert (late.rule_id, without.rule_id) == ("waybill_time", "no_waybill")
    assert without.opened_at == NOON + timedelta(seconds=turns_s + 60)


def test_the_warning_of_fatigue_lasts_until_fatigue_does() -> None:
    assert rules_of(drive((70, 242))) == {"fatigue_warning", "fatigue"}
    messages = drive((60, 280), turns=True)
    (warned,) = told(messages, having("fatigue", after_h=4.5), "fatigue_warning")
    assert warned.value == pytest.approx(4.5, abs=0.01)


def test_no_limit_is_held_twice() -> None:
    for rule_id in ("overspeed_20", "overspeed_50", "speed_warning", "night_speed", "waybill_time"):
        assert not set(CATALOGUE[rule_id].limits) & {"expressway_kmh", "other_kmh", "margin_s"}
    assert "until_h" not in CATALOGUE["fatigue_warning"].limits
