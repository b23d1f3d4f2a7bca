"""Rules about waybills: their time, quantity, places, and one used for two trips."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import shapely

from hazmat.position import Positions
from hazmat.registry import Registry, World
from tests.fold import Fold
from tests.papers_town import HOUR, drive, found, registry
from tests.town import FENCES, NOON, TRUNK_Y, fence, positions, waybill

# waybills: time


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ((NOON - 9 * HOUR, NOON - 2 * HOUR + timedelta(minutes=10)), ["waybill_time"]),
        ((NOON - 9 * HOUR, NOON - 2 * HOUR - timedelta(seconds=1)), ["no_waybill"]),
        ((NOON + 2 * HOUR, NOON + 9 * HOUR), ["waybill_time"]),
        ((NOON + 3 * HOUR, NOON + 9 * HOUR), ["no_waybill"]),
        ((NOON + timedelta(seconds=290), NOON + 9 * HOUR), []),  # five minutes of grace
        ((NOON - HOUR, NOON + HOUR), []),
    ],
)
def test_the_margin_of_a_waybills_time(span: tuple[Any, Any], expected: list[str]) -> None:
    known = registry([waybill(0, valid_from=span[0], valid_to=span[1])])
    assert [rule for rule, _ in found(drive(25), known)] == expected


def test_after_the_margin_it_is_no_waybill() -> None:
    ended = NOON - 2 * HOUR + timedelta(minutes=7)
    known = registry([waybill(0, valid_from=NOON - 9 * HOUR, valid_to=ended)])
    slow = drive(45, speed_kmh=18.0, x_m=1500 + np.arange(45) * 100.0)
    (first, second) = sorted(Fold(known).feed(slow).alerts.values(), key=lambda alert: alert.opened_at)
    assert (first.rule_id, second.rule_id) == ("waybill_time", "no_waybill")
    assert second.opened_at == NOON + timedelta(seconds=440)


def test_the_waybill_of_another_vehicle_is_none() -> None:
    known = registry([waybill(0, vehicle_id="T001", valid_to=NOON - HOUR)])
    assert [rule for rule, _ in found(drive(25), known)] == ["no_waybill"]


def test_empty_by_a_terminal_without_a_sensor_says_nothing() -> None:
    known = registry([waybill(0, escort_id="")], has_load_sensor=False)
    assert found(drive(load=0), known) == [("escort_missing", "W000")]
    assert found(drive(25, load=0), registry([], has_load_sensor=False)) == []
    assert [rule for rule, _ in found(drive(25), registry([], has_load_sensor=False))] == ["no_waybill"]


# waybills: quantity by the level


@pytest.mark.parametrize(
    ("volume_m3", "level_pct", "fires"),
    [(40.0, 69.0, False), (40.0, 70.0, True), (40.0, np.nan, False), (None, 90.0, False)],
)
def test_the_level_in_the_tank(volume_m3: float | None, level_pct: float, fires: bool) -> None:
    # 20 t of petrol on the waybill; 0.74 t/m3: 69 % are 20.4 t, 70 % are 20.7 t, and 3 % are 0.6 t
    known = registry(tank_volume_m3=volume_m3)
    assert found(drive(tank_level_pct=level_pct), known) == [("waybill_quantity", "W000")] * fires


def test_of_goods_whose_density_nobody_knows_the_level_says_nothing() -> None:
    known = registry([waybill(0, un_no="UN1993")], tank_volume_m3=40.0)
    assert found(drive(tank_level_pct=100.0), known) == []


# waybills: place


def in_plants() -> tuple[World, Callable[..., Positions]]:
    """A world with a second plant, 5 km south of the first, and stops of 10 min in one of them."""
    plant = next(each for each in FENCES if each.fence_id == "plant")
    south = fence("south", plant.kind, shifted(plant.geometry, -0.02))
    world = registry().world
    return replace(world, fences=(*world.fences, south)), stop_at


def shifted(geometry: Any, degrees: float) -> Any:
    return shapely.transform(geometry, lambda c: c + np.array([0.0, degrees]))


def stop_at(place: str, load: Any, steps: int = 60) -> Positions:
    y_m = {"plant": 5000.0, "south": 5000.0 - 0.02 * 110_870, "nowhere": 3000.0}[place]
    return drive(steps, 10.0, x_m=7300.0, y_m=y_m, speed_kmh=0.0, load=load)


LOADING = np.r_[np.zeros(30, int), np.full(30, 2)]


@pytest.mark.parametrize(
    ("place", "load", "paper", "fires"),
    [
        ("south", LOADING, {"origin": "plant"}, True),
        ("plant", LOADING, {"origin": "plant"}, False),
        ("nowhere", LOADING, {"origin": "plant"}, False),
        ("south", LOADING, {"origin": "石化园区"}, False),  # not the name of a fence
        ("south", 2 - LOADING, {"destination": "plant"}, True),
        ("plant", 2 - LOADING, {"destination": "plant"}, False),
        ("south", 2 - LOADING, {"origin": "plant"}, False),
        (
            "south",
            LOADING,
            {"origin": "plant", "valid_from": NOON + 3 * HOUR, "valid_to": NOON + 9 * HOUR},
            False,
        ),
        # a sensor that flickers while the truck waits full where it will unload
        ("south", np.r_[np.full(20, 2), np.zeros(5, int), np.full(35, 2)], {"origin": "plant"}, False),
        ("south", np.full(60, 2), {"origin": "plant"}, False),
    ],
)
def test_where_it_was_loaded_and_unloaded(place: str, load: Any, paper: Any, fires: bool) -> None:
    world, stop = in_plants()
    known = Registry(replace(world, waybills=(waybill(0, **paper),)), 1)
    assert found(stop(place, load), known) == [("waybill_place", "W000")] * fires


# waybills: used twice


def trip(away_s: float, load: Any = 2) -> Positions:
    """Inside, out through the western edge, back after so long."""
    x_m = np.r_[1500 - np.arange(10) * 100.0, 1500 - np.arange(10)[::-1] * 100.0]
    t_s = np.r_[np.arange(10) * 10.0, 60 + away_s + np.arange(10) * 10.0 - 40]
    return positions(t_s=t_s, x_m=x_m, y_m=TRUNK_Y, speed_kmh=36.0, load=load)


@pytest.mark.parametrize(("away_s", "load", "fires"), [(1900, 2, True), (1700, 2, False), (1900, -1, False)])
def test_back_on_the_same_waybill(away_s: float, load: int, fires: bool) -> None:
    assert found(trip(away_s, load), registry()) == [("waybill_reused", "W000")] * fires


def test_back_empty_or_on_another_waybill_is_a_trip_of_its_own() -> None:
    assert found(trip(3000, np.r_[np.full(15, 2), np.zeros(5, int)]), registry()) == []
    second = waybill(0, waybill_no="W900", valid_from=NOON + timedelta(seconds=600))
    assert found(trip(3000), registry([waybill(0), second])) == []


def test_loaded_again_on_the_waybill_on_which_it_was_unloaded() -> None:
    load = np.r_[np.full(20, 2), np.zeros(20, int), np.full(20, 2)]
    assert found(drive(60, 10.0, load=load), registry()) == [("waybill_reused", "W000")]
    next_day = waybill(0, waybill_no="W900", valid_from=NOON + timedelta(seconds=300))
    assert found(drive(60, 10.0, load=load), registry([waybill(0), next_day])) == []
