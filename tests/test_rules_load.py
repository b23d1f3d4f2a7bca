"""The rules about the tank's sensors: each fires, and just below its limit it does not."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from hazmat.alerts import AlertChange, AlertState
from hazmat.position import Positions
from hazmat.registry import Registry
from rules.catalogue import CATALOGUE
from tests.fold import Fold, memory_rows
from tests.town import NOON, TRUNK_Y, positions, town, vehicle, waybill

PLANT: dict[str, Any] = {"x_m": 7300.0, "y_m": 5000.0, "speed_kmh": 0.0}
TANKER = vehicle(
    0,
    approved_load_t=30.0,
    tank_volume_m3=40.0,
    set_pressure_kpa=400.0,
    tank_temp_min_c=-10.0,
    tank_temp_max_c=50.0,
)
PETROL = waybill(0, quantity_t=29.0)  # UN1203


def registry(**more: Any) -> Registry:
    world = town(waybills=(PETROL,)).world
    return Registry(replace(world, vehicles=(replace(TANKER, **more),)), 1)


def readings(rows: int = 40, step_s: float = 20.0, **columns: Any) -> Positions:
    """Eastward on the trunk road at 36 km/h, with these readings."""
    t_s = np.arange(rows) * step_s
    given = {"x_m": 1500 + (10.0 * t_s) % 5000, "y_m": TRUNK_Y, "speed_kmh": 36.0, "heading_deg": 90.0}
    return positions(t_s=t_s, **{**given, **columns})


def found(messages: Positions, known: Registry | None = None) -> list[AlertChange]:
    fold = Fold(known or registry()).feed(messages)
    mine = (alert for alert in fold.alerts.values() if CATALOGUE[alert.rule_id].group == "load")
    return sorted(mine, key=lambda alert: (alert.opened_at, alert.rule_id))


def rules_of(messages: Positions, known: Registry | None = None) -> list[str]:
    return [alert.rule_id for alert in found(messages, known)]


def then(before: float, count: int, after: float, rows: int = 40) -> np.ndarray[Any, Any]:
    """``before`` ten times, ``after`` so many times, ``before`` again."""
    column = np.full(rows, before)
    column[10 : 10 + count] = after
    return column


def test_a_tank_as_it_should_be_raises_nothing() -> None:
    usual: dict[str, Any] = {
        "tank_level_pct": 80.0,
        "tank_temp_c": 20.0,
        "tank_pressure_kpa": 120.0,
        "valve_open": 0.0,
    }
    assert rules_of(readings(**usual)) == []
    assert rules_of(readings()) == []  # no sensors


@pytest.mark.parametrize(
    ("temp_c", "rules"),
    [(49.9, []), (50.1, ["tank_temperature"]), (-9.9, []), (-10.1, ["tank_temperature"])],
)
def test_temperature_out_of_range(temp_c: float, rules: list[str]) -> None:
    assert rules_of(readings(tank_temp_c=temp_c)) == rules
    assert rules_of(readings(tank_temp_c=temp_c), registry(tank_temp_max_c=None, tank_temp_min_c=None)) == []


@pytest.mark.parametrize(("count", "rules"), [(2, []), (3, ["tank_temperature"])])
def test_three_readings_are_no_glitch(count: int, rules: list[str]) -> None:
    assert rules_of(readings(tank_temp_c=then(20.0, count, 60.0))) == rules


@pytest.mark.parametrize(("per_10_min", "rules"), [(1.9, []), (-1.9, []), (2.3, ["tank_temperature"]),
                                                   (-2.3, ["tank_temperature"])])  # fmt: skip
def test_rate_of_temperature(per_10_min: float, rules: list[str]) -> None:
    temp = 20.0 + per_10_min * np.arange(180) / 30  # an hour
    assert rules_of(readings(180, tank_temp_c=temp)) == rules


def test_hot_goods_after_cold_ones_are_no_change_of_temperature() -> None:
    cold, hot = np.full(20, 15.0), np.full(60, 45.0)
    level = np.r_[np.full(20, 5.0), np.full(60, 85.0)]
    assert rules_of(readings(80, tank_temp_c=np.r_[cold, hot], tank_level_pct=level, **PLANT)) == []
    assert rules_of(readings(80, tank_temp_c=np.r_[cold, hot], **PLANT)) == []
    assert rules_of(readings(80, tank_temp_c=np.r_[cold, hot])) == ["tank_temperature"]


def test_hot_goods_driven_off_with_at_once_are_no_change_on_the_way() -> None:
    temp = np.r_[np.full(20, 15.0), np.full(60, 45.0)]
    way = {"x_m": np.r_[np.full(25, 7300.0), 7300.0 - 100.0 * np.arange(55)], "tank_temp_c": temp}
    speed = np.r_[np.zeros(25), np.full(55, 36.0)]
    assert rules_of(readings(80, **way, speed_kmh=speed, step_s=10.0)) == []


@pytest.mark.parametrize(
    ("load", "level", "rules"),
    [
        (0, 4.9, []),
        (0, 5.1, ["tank_temperature"]),
        (0, np.nan, []),
        (2, np.nan, ["tank_temperature"]),
    ],
)
def test_an_empty_tank_may_be_as_warm_as_the_sun_makes_it(load: int, level: float, rules: list[str]) -> None:
    known = Registry(replace(registry().world, waybills=()), 1)
    warm = readings(tank_temp_c=55.0, load=load, tank_level_pct=level)
    assert rules_of(warm, known) == rules


@pytest.mark.parametrize(
    ("kpa", "rules"),
    [
        (359.0, []),
        (360.0, ["tank_pressure"]),
        (399.0, ["tank_pressure"]),
        (400.0, ["tank_overpressure", "tank_pressure"]),
    ],
)
def test_pressure(kpa: float, rules: list[str]) -> None:
    assert rules_of(readings(tank_pressure_kpa=kpa)) == rules
    assert rules_of(readings(tank_pressure_kpa=kpa), registry(set_pressure_kpa=None)) == []


def test_pressure_about_its_limit_is_one_alert_and_clears_well_below() -> None:
    wave = np.where(np.arange(40) % 2 == 0, 365.0, 350.0)
    (alert,) = found(readings(60, tank_pressure_kpa=np.r_[wave, np.full(20, 330.0)]))
    assert alert.state is AlertState.RESOLVED
    assert alert.value == 365.0
    assert rules_of(readings(tank_pressure_kpa=then(120.0, 2, 380.0))) == []


def test_messages_without_a_reading_neither_help_nor_hinder() -> None:
    pressure = np.where(np.arange(40) % 3 == 0, 370.0, np.nan)
    (alert,) = found(readings(tank_pressure_kpa=pressure))
    assert alert.fired_at == NOON + timedelta(seconds=120)


@pytest.mark.parametrize(("loss", "rules"), [(1.9, []), (2.0, ["level_drop"]), (20.0, ["level_drop"])])
def test_level_falls_while_driving(loss: float, rules: list[str]) -> None:
    level = np.r_[np.full(10, 80.0), 80.0 - loss * np.linspace(0, 1, 20), np.full(20, 80.0 - loss)]
    assert rules_of(readings(50, tank_level_pct=level)) == rules
    assert rules_of(readings(50, tank_level_pct=level, **PLANT)) == []


@pytest.mark.parametrize("seed", range(4))
def test_slosh_is_no_loss_and_hides_none(seed: int) -> None:
    slosh = np.random.default_rng(seed).normal(0.0, 0.8, 720)
    assert rules_of(readings(720, tank_level_pct=70.0 + slosh)) == []
    leak = np.clip(np.arange(720) - 200, 0, 100) * 0.05  # 5 % in 33 min
    assert rules_of(readings(720, tank_level_pct=70.0 + slosh - leak)) == ["level_drop"]


def halt(change_pct: float, start_m: float, y_m: float = TRUNK_Y) -> Positions:
    """It drives 4 km, stands for seven minutes while the level changes, and drives on."""
    level = np.r_[np.full(20, 60.0), np.linspace(60.0, 60.0 + change_pct, 20), np.full(20, 60.0 + change_pct)]
    speed = np.r_[np.full(20, 36.0), np.zeros(20), np.full(20, 36.0)]
    x_m = start_m + np.r_[0.0, np.cumsum(speed / 3.6 * 20.0)[:-1]]
    return readings(60, tank_level_pct=level, speed_kmh=speed, x_m=x_m, y_m=y_m)


@pytest.mark.parametrize(
    ("change_pct", "start_m", "y_m", "rules"),
    [
        (-8.0, 1500.0, TRUNK_Y, ["level_drop"]),  # at the roadside
        (-1.9, 1500.0, TRUNK_Y, []),
        (8.0, 1500.0, TRUNK_Y, []),  # filled
        (-30.0, 3200.0, TRUNK_Y, []),  # in the plant
        (-30.0, 3200.0, 5245.0, []),  # at its fence
        (-30.0, 3200.0, 5255.0, ["level_drop"]),
        (-30.0, 12000.0, TRUNK_Y, []),  # beyond the district nobody has registered the plants
    ],
)
def test_a_loss_at_a_halt(change_pct: float, start_m: float, y_m: float, rules: list[str]) -> None:
    assert rules_of(halt(change_pct, start_m, y_m)) == rules


def test_drawing_off_is_told_while_it_goes_on() -> None:
    (alert,) = found(halt(-30.0, 1500.0))
    assert alert.fired_at < NOON + timedelta(seconds=35 * 20)


@pytest.mark.parametrize(("count", "rules"), [(3, []), (4, ["valve_open"])])
def test_valve_open_for_thirty_seconds(count: int, rules: list[str]) -> None:
    assert rules_of(readings(valve_open=then(0.0, count, 1.0), step_s=10.0)) == rules
    assert rules_of(readings(valve_open=1.0, **PLANT)) == []


def test_a_valve_whose_place_is_not_known_may_be_in_a_plant() -> None:
    assert rules_of(readings(valve_open=1.0, has_fix=False)) == []
    heard = readings(40, has_fix=np.arange(40) < 2, valve_open=then(0.0, 20, 1.0))
    (alert,) = found(heard)
    assert (alert.rule_id, alert.evidence["has_fix"]) == ("valve_open", False)
    assert alert.evidence["last_lon"] == pytest.approx(heard.lon[1], abs=1e-6)


def test_overload_by_level_volume_and_density() -> None:
    density = float(registry().waybill_table.density_t_m3[0])
    limit_pct = 100 * 30.0 / 40.0 / density
    assert rules_of(readings(tank_level_pct=limit_pct * 1.029)) == []
    (alert,) = found(readings(tank_level_pct=limit_pct * 1.031))
    assert alert.rule_id == "overload"
    assert alert.value == pytest.approx(30.93)
    full = readings(tank_level_pct=99.9)
    assert rules_of(full, registry(approved_load_t=None)) == []
    assert rules_of(full, registry(tank_volume_m3=None)) == []
    assert rules_of(readings(tank_level_pct=99.9, **PLANT)) == []


def test_urgent_alerts_say_what_is_in_the_tank() -> None:
    (alert,) = found(readings(tank_pressure_kpa=390.0))
    assert alert.evidence["set_pressure_kpa"] == 400.0
    assert (alert.evidence["un_no"], alert.evidence["erg_guide"]) == ("UN1203", "128")


def told(fold: Fold) -> list[str]:
    """As text: a missing number equals itself."""
    return [str(fold.alerts[key]) for key in sorted(fold.alerts)]


def test_any_cut_gives_the_same_alerts_and_memory() -> None:
    rng = np.random.default_rng(5)
    rows = 200
    level = 80 + rng.normal(0, 0.5, rows) - np.clip(np.arange(rows) - 100, 0, 60) * 0.1
    messages = readings(
        rows,
        tank_level_pct=np.where(rng.random(rows) < 0.2, np.nan, level),
        tank_temp_c=20 + np.clip(np.arange(rows) - 60, 0, None) * 0.15,
        tank_pressure_kpa=340 + 30 * np.sin(np.arange(rows) / 9),
        valve_open=np.where(np.arange(rows) % 50 < 6, 1.0, 0.0),
        has_fix=rng.random(rows) < 0.9,
    )
    whole = Fold(registry()).feed(messages)
    fired = {rule for _, rule in whole.fired()}
    assert {"level_drop", "tank_temperature", "tank_pressure", "valve_open"} <= fired
    for size in (1, 7):
        cut = Fold(registry()).feed_cut(messages, range(0, rows, size))
        assert told(cut) == told(whole)
        assert memory_rows(cut.memory) == memory_rows(whole.memory)
