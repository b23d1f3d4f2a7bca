"""Silence ends an alert: of the terminal, or of what it says about this rule."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from hazmat.alerts import AlertChange, AlertState, EndReason
from hazmat.position import Positions
from hazmat.registry import Registry
from hazmat.rule_settings import RuleSetting
from ingest.process import process
from tests.fold import Fold, memory_rows
from tests.test_rules_load import registry
from tests.town import AGES_AGO, NOON, positions, town

SENSOR: dict[str, tuple[str, float]] = {
    "tank_overpressure": ("tank_pressure_kpa", 410.0),
    "tank_pressure": ("tank_pressure_kpa", 410.0),
    "tank_temperature": ("tank_temp_c", 70.0),
    "valve_open": ("valve_open", 1.0),
    "overload": ("tank_level_pct", 99.9),
}


def reports(t_s: Any, **columns: Any) -> Positions:
    """On the trunk road at 36 km/h."""
    t_s = np.asarray(t_s, float)
    road = {"x_m": 1500 + (10.0 * t_s) % 5000, "y_m": 5000.0, "speed_kmh": 36.0, "heading_deg": 90.0}
    return positions(t_s=t_s, **{**road, **columns})


def of(fold: Fold, rule_id: str) -> list[AlertChange]:
    mine = (alert for alert in fold.alerts.values() if alert.rule_id == rule_id)
    return sorted(mine, key=lambda alert: alert.opened_at)


@pytest.mark.parametrize(("rule_id", "bit"), [("sos", 0), ("collision", 29), ("rollover", 30)])
def test_messages_without_an_alarm_word_do_not_prolong_an_emergency(rule_id: str, bit: int) -> None:
    t_s = np.arange(0, 3 * 3600, 60.0)
    alarm = np.full(len(t_s), -1)
    alarm[[0, -10]] = 1 << bit
    first, again = of(Fold(town()).feed(reports(t_s, alarm=alarm)), rule_id)
    assert (first.end_reason, first.resolved_at) == (EndReason.GAP, NOON)
    assert again.opened_at == NOON + timedelta(seconds=t_s[-10])


@pytest.mark.parametrize("rule_id", SENSOR)
def test_a_sensor_that_dies_ends_the_alert_at_its_last_reading(rule_id: str) -> None:
    column, value = SENSOR[rule_id]
    known = registry(tank_volume_m3=45.0)
    t_s = np.arange(0, 9000, 20.0)
    dies = np.where(t_s < 600, value, np.nan)
    (alert,) = of(Fold(known).feed(reports(t_s, **{column: dies})), rule_id)
    assert (alert.end_reason, alert.resolved_at) == (EndReason.GAP, NOON + timedelta(seconds=580))
    (alert,) = of(Fold(known).feed(reports(t_s, **{column: value})), rule_id)
    assert alert.state is AlertState.FIRING


def test_a_pressure_between_firing_and_clearing_is_no_silence() -> None:
    t_s = np.arange(0, 9000, 20.0)
    pressure = np.where(t_s < 600, 380.0, 350.0)
    (alert,) = of(Fold(registry()).feed(reports(t_s, tank_pressure_kpa=pressure)), "tank_pressure")
    assert alert.state is AlertState.FIRING


def test_a_cool_down_that_is_over_by_the_end_of_a_silence_keeps_nothing_quiet() -> None:
    at_once = RuleSetting(rule_id="speed_warning", valid_from=AGES_AGO, hold_s=0.0, hold_fixes=1)
    known = Registry(replace(town().world, rule_settings=(at_once,)), 1)
    near = reports([0, 10, 20, 3000, 3010], speed_kmh=57.0)
    first, again = of(Fold(known).feed(near), "speed_warning")
    assert first.end_reason is EndReason.GAP
    assert again.fired_at == again.opened_at == NOON + timedelta(seconds=3000)


def test_a_vehicle_not_heard_of_again_keeps_no_alert_firing() -> None:
    pressed = reports([0, 10, 20], alarm=[0, 1, 1])
    fold = Fold(town()).feed(pressed)
    (alert,) = of(fold.feed(Positions.empty(), NOON + timedelta(seconds=21 + 1800)), "sos")
    assert alert.state is AlertState.FIRING
    (alert,) = of(fold.feed(Positions.empty(), NOON + timedelta(seconds=22 + 1800)), "sos")
    seen = NOON + timedelta(seconds=20)
    assert (alert.state, alert.end_reason, alert.resolved_at) == (AlertState.RESOLVED, EndReason.GAP, seen)
    assert alert.evidence
    untouched = fold.memory
    outcome, _ = process(Positions.empty(), town(), untouched, NOON + timedelta(hours=2))
    assert "sos" not in {change.rule_id for change in outcome.alerts}, "it is told once"


def test_the_next_fix_says_the_same_as_the_tick_before_it() -> None:
    messages = reports([0, 10, 20, 4000, 4010], alarm=[0, 1, 1, 0, 1])
    end = NOON + timedelta(hours=2)
    whole = Fold(town()).feed(messages).feed(Positions.empty(), end)
    ticked = Fold(town()).feed(messages.take(np.arange(3)))
    ticked.feed(Positions.empty(), NOON + timedelta(seconds=3000)).feed(messages.take(np.arange(3, 5)))
    ticked.feed(Positions.empty(), end)
    assert [str(each) for each in of(whole, "sos")] == [str(each) for each in of(ticked, "sos")]
    assert memory_rows(whole.memory) == memory_rows(ticked.memory)


def test_fixes_that_waited_in_the_terminal_let_the_alert_stand_again() -> None:
    messages = reports(np.arange(0, 4000, 100.0), alarm=1)
    held_up = np.where(np.arange(40) < 5, messages.received_at, messages.received_at[-1])
    messages = replace(messages, received_at=held_up)
    fold = Fold(town()).feed(messages.take(np.arange(5)))
    (alert,) = of(fold.feed(Positions.empty(), NOON + timedelta(seconds=3000)), "sos")
    assert alert.state is AlertState.RESOLVED
    (alert,) = of(fold.feed(messages.take(np.arange(5, 40))), "sos")
    assert (alert.state, alert.resolved_at) == (AlertState.FIRING, None)
    whole = Fold(town()).feed(messages)
    assert [str(each) for each in of(whole, "sos")] == [str(alert)]
    assert memory_rows(whole.memory) == memory_rows(fold.memory)


def test_it_stands_again_by_a_message_that_neither_hits_nor_clears() -> None:
    pressure = np.array([380.0, 380.0, 380.0, 350.0])
    messages = reports([0, 20, 40, 60], tank_pressure_kpa=pressure)
    fold = Fold(registry()).feed(messages.take(np.arange(3)))
    (alert,) = of(fold.feed(Positions.empty(), NOON + timedelta(seconds=3000)), "tank_pressure")
    assert alert.state is AlertState.RESOLVED
    last = messages.take(np.arange(3, 4))
    last = replace(last, received_at=last.received_at + np.timedelta64(3000, "s"))
    (alert,) = of(fold.feed(last), "tank_pressure")
    assert alert.state is AlertState.FIRING


def test_a_terminal_that_reports_late_and_one_that_we_were_deaf_to_are_not_silent() -> None:
    late = reports([0, 10, 20], alarm=1)
    late = replace(late, received_at=late.received_at + np.timedelta64(1, "h"))
    (alert,) = of(Fold(town()).feed(late), "sos")
    assert alert.state is AlertState.FIRING
    fold = Fold(town()).feed(reports([0, 10, 20], alarm=1))
    at = NOON + timedelta(hours=3)
    (alert,) = of(fold.feed(Positions.empty(), at, at - timedelta(seconds=60)), "sos")
    assert alert.state is AlertState.FIRING
    (alert,) = of(fold.feed(Positions.empty(), at, at - timedelta(seconds=1900)), "sos")
    assert alert.state is AlertState.RESOLVED
