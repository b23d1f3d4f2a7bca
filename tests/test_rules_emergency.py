"""The emergency bits of JT/T 808: at once, without a fix too, once, and with what is on board."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from hazmat.alerts import AlertChange, AlertState, EndReason, Severity
from hazmat.documents import Waybill
from hazmat.position import Positions
from hazmat.registry import Registry
from rules.catalogue import CATALOGUE
from rules.rule import Receiver
from tests.fold import Fold, memory_rows
from tests.town import NOON, TRUNK_Y, positions, town, waybill

BITS = {"sos": 0, "collision": 29, "rollover": 30}
CHLORINE = waybill(0, un_no="UN1017", goods_name="氯", hazard_class="2.3", quantity_t=18.0)


def reports(alarm: Any, step_s: float = 10.0, **more: Any) -> Positions:
    rows = len(alarm)
    given = {"x_m": 2000.0, "y_m": TRUNK_Y, "speed_kmh": 0.0, "alarm": np.asarray(alarm)}
    return positions(t_s=np.arange(rows) * step_s, **{**given, **more})


def found(messages: Positions, *papers: Waybill) -> list[AlertChange]:
    fold = Fold(town(waybills=papers or None)).feed(messages)
    mine = (alert for alert in fold.alerts.values() if CATALOGUE[alert.rule_id].group == "emergency")
    return sorted(mine, key=lambda alert: alert.opened_at)


@pytest.mark.parametrize(("rule_id", "bit"), BITS.items())
def test_one_report_is_enough(rule_id: str, bit: int) -> None:
    (alert,) = found(reports([0, 1 << bit]))
    assert (alert.rule_id, alert.severity, alert.state) == (rule_id, Severity.RED, AlertState.FIRING)
    assert alert.fired_at == alert.opened_at == NOON + timedelta(seconds=10)
    told = CATALOGUE[rule_id].receivers
    assert {Receiver.FIRE, Receiver.TRAFFIC_POLICE, Receiver.EMERGENCY} <= set(told)
    assert CATALOGUE[rule_id].jt808 == bit


@pytest.mark.parametrize("bit", [bit for bit in range(32) if bit not in BITS.values()])
def test_other_bits_are_no_emergency(bit: int) -> None:
    assert found(reports([0, 1 << bit, 1 << bit, 1 << bit])) == []


def test_a_terminal_that_sends_no_alarm_word_has_no_emergency() -> None:
    assert found(reports([-1, -1, -1])) == []


def test_a_bit_held_over_forty_reports_is_one_alert() -> None:
    (alert,) = found(reports([0] + [1] * 40))
    assert (alert.fixes, alert.state) == (40, AlertState.FIRING)
    (alert,) = found(reports([1, 1, 0, 1, 0, 0, 1, 1] * 5))  # a loose contact
    assert alert.state is AlertState.FIRING


@pytest.mark.parametrize(("zeros", "step_s", "ended"), [(6, 10.0, False), (7, 10.0, True), (2, 60.0, False),
                                                        (3, 60.0, True)])  # fmt: skip
def test_it_ends_when_the_bit_is_clear_for_three_messages_and_a_minute(
    zeros: int, step_s: float, ended: bool
) -> None:
    (alert,) = found(reports([1, 1] + [0] * zeros, step_s))
    assert (alert.state is AlertState.RESOLVED) is ended


def test_pressed_again_later_is_another_emergency() -> None:
    assert len(found(reports([1] + [0] * 8 + [1]))) == 2


def test_after_a_long_silence_it_is_not_held_to_go_on() -> None:
    first, again = found(reports([1, 1, 1], 1900.0))[:2]
    assert first.end_reason is EndReason.GAP
    assert again.opened_at > first.opened_at


def test_without_a_fix_it_is_an_emergency_at_the_last_known_place() -> None:
    messages = reports([0, 0, 1], has_fix=np.array([True, True, False]), lon=np.nan, lat=np.nan)
    known = reports([0, 0, 1])
    messages = replace(messages, lon=np.where(messages.has_fix, known.lon, np.nan),
                       lat=np.where(messages.has_fix, known.lat, np.nan))  # fmt: skip
    (alert,) = found(messages)
    assert alert.evidence["has_fix"] is False
    assert alert.evidence["last_lat"] == pytest.approx(known.lat[0], abs=1e-6)


@pytest.mark.parametrize(("hour", "dark"), [(12, False), (16.9, False), (17.1, True), (23, True), (6.9, True),
                                            (7.1, False)])  # fmt: skip
def test_load_and_distances_by_day_and_by_night(hour: float, dark: bool) -> None:
    shift = np.timedelta64(round((hour - 12) * 3600), "s")
    columns = reports([1]).columns()
    at_hour = Positions(**columns | {n: columns[n] + shift for n in ("fix_time", "received_at")})
    paper = replace(CHLORINE, valid_from=NOON - timedelta(days=1), valid_to=NOON + timedelta(days=1))
    (alert,) = found(at_hour, paper)
    said = alert.evidence
    assert (said["un_no"], said["quantity_t"], said["erg_guide"]) == ("UN1017", 18.0, "124")
    assert said["dark"] is dark
    assert said["isolation_m"] is not None
    assert said["protect_low_wind_km"] == said["protect_night_km" if dark else "protect_day_km"]
    low, moderate, high = (said[f"protect_{wind}_wind_km"] for wind in ("low", "moderate", "high"))
    assert low >= moderate >= high > 0  # type: ignore[operator]


def test_without_a_waybill_the_tank_list_is_told() -> None:
    world = town(waybills=()).world
    tanker = replace(world.vehicles[0], tank_media=("UN1017", "UN1005"))
    fold = Fold(Registry(replace(world, vehicles=(tanker,)), 1)).feed(reports([1]))
    (alert,) = (alert for alert in fold.alerts.values() if alert.rule_id == "sos")
    assert alert.evidence["tank_media"] == "UN1017, UN1005"
    stranger = Fold(town()).feed(reports([1], vehicle_id=b"STRANGER"))
    assert [rule for _, rule in stranger.fired()] == ["sos"]


def told(fold: Fold) -> list[str]:
    """As text: a missing number equals itself."""
    return [str(fold.alerts[key]) for key in sorted(fold.alerts)]


def test_any_cut_gives_the_same_alerts_and_memory() -> None:
    rng = np.random.default_rng(2)
    alarm = rng.choice([0, 0, 0, 1, 1 << 29, 1 << 30, -1], 80)
    messages = reports(alarm, has_fix=rng.random(80) < 0.5)
    whole = Fold(town()).feed(messages)
    assert {"sos", "collision", "rollover"} <= {rule for _, rule in whole.fired()}
    for size in (1, 7):
        cut = Fold(town()).feed_cut(messages, range(0, 80, size))
        assert told(cut) == told(whole)
        assert memory_rows(cut.memory) == memory_rows(whole.memory)
