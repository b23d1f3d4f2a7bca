"""Rules about tunnels, stops and stays, and the cells that they are built on."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hazmat.alerts import AlertState, Severity
from hazmat.geofences import TunnelCategory
from hazmat.line_cells import LineCells
from tests.drives import MORE, ROUTED, TUNNEL_D, along, box, drive, place_town, same, told
from tests.town import FENCES, NOON, TRUNK_Y, permit, positions, town, waybill

CAUSTIC = {"un_no": "UN1824", "goods_name": "氢氧化钠溶液", "hazard_class": "8"}


# tunnels


def test_tunnel_barred_by_the_road_through_it_with_its_warning() -> None:
    registry = place_town()
    found = told(drive(along(3500, 6500)), registry, "tunnel_barred", "tunnel_ahead")
    warning, alert = found
    assert (warning.rule_id, warning.object_id, warning.state) == (
        "tunnel_ahead",
        "tunnel",
        AlertState.RESOLVED,
    )
    assert warning.value == pytest.approx(944, abs=2)  # the first fix less than 1 km from it
    assert (alert.rule_id, alert.severity, alert.state) == (
        "tunnel_barred",
        Severity.RED,
        AlertState.RESOLVED,
    )


@pytest.mark.parametrize(
    "miss",
    [
        {"papers": CAUSTIC},  # code E
        {"papers": {"un_no": "UN9999", "hazard_class": "9"}},
        {"load": 0},
        {"permits": (permit(0, "tunnel"),)},
        {"category": TunnelCategory.C},  # bars LPG, not petrol
        {"category": TunnelCategory.A},
    ],
)
def test_tunnel_not_barred(miss: dict[str, Any]) -> None:
    other = replace(TUNNEL_D, tunnel_category=miss.get("category", TunnelCategory.D))
    fences = (*FENCES, *(other if f.fence_id == "tunnel" else f for f in MORE))
    registry = town(
        waybills=(waybill(0, **miss.get("papers", {})),), fences=fences, permits=miss.get("permits", ())
    )
    through = drive(along(3500, 6500), load=miss.get("load", 2))
    assert told(through, registry, "tunnel_barred", "tunnel_ahead") == []


def test_a_tunnel_without_sky_is_known_by_its_two_ends() -> None:
    x_m = np.r_[along(4000, 4990), along(6020, 7000)]
    inside_s = 75.0
    t_s = np.r_[np.arange(8) * 10.0, 70 + inside_s + np.arange(len(x_m) - 8) * 10.0]
    silent = positions(t_s=t_s, x_m=x_m, speed_kmh=50.0, heading_deg=90.0)
    (alert,) = told(silent, place_town(), "tunnel_barred")
    assert (alert.fixes, alert.fired_at) == (1, alert.opened_at)
    turned = np.r_[x_m[:8], x_m[7] - along(0, 900)]  # in front of it, then away
    assert (
        told(positions(t_s=t_s[: len(turned)], x_m=turned, speed_kmh=50.0), place_town(), "tunnel_barred")
        == []
    )


def test_what_crosses_above_a_tunnel_is_not_in_it() -> None:
    y_m = along(4500, 5500, 30)
    assert told(drive(np.full(len(y_m), 5500.0), y_m), place_town(), "tunnel_barred") == []
    fences = tuple(f for f in (*FENCES, *MORE) if f.fence_id not in ("street", "trunk"))
    wide = replace(TUNNEL_D, fence_id="wide", geometry=box(5000, 2000, 6000, 3000))
    registry = town(fences=(*fences, wide))  # no road leads through: the distance to the edge decides
    assert len(told(drive(along(4500, 6500), 2500.0), registry, "tunnel_barred")) == 1
    assert told(drive(along(4500, 6500), 2003.0), registry, "tunnel_barred") == []


# stops and stays


def test_long_stop_in_a_service_area_and_no_illegal_stop() -> None:
    stops = ("long_stop", "illegal_stop")
    (alert,) = told(drive(same(8150, 50), 5070.0, 60.0), place_town(), *stops)
    assert (alert.rule_id, alert.fired_at) == ("long_stop", NOON + timedelta(seconds=2700))
    assert told(drive(same(8150, 45), 5070.0, 60.0), place_town(), *stops) == []  # 44 min
    assert told(drive(same(8150, 50), 5070.0, 60.0, load=0), place_town(), *stops) == []
    assert told(drive(same(150, 50), 5000.0, 60.0), place_town(), *stops) == []  # a park
    both = np.r_[same(8150, 30), same(8250, 30)]  # moved on after half an hour
    assert told(drive(both, 5070.0, 60.0, speed_kmh=0.0), place_town(), *stops) == []


def test_a_stop_beside_a_bridge_is_one_illegal_stop_though_the_fixes_jitter_onto_it() -> None:
    x_m = 2996.0 + np.where(np.arange(70) % 9 == 8, 12.0, 0.0)  # the bridge begins at 3000
    found = told(drive(x_m, speed_kmh=0.0), place_town(), "illegal_stop", "stop_on_no_stop")
    assert [alert.rule_id for alert in found] == ["illegal_stop"]
    deep = told(drive(same(3100, 70)), place_town(), "illegal_stop", "stop_on_no_stop")
    assert [alert.rule_id for alert in deep] == ["stop_on_no_stop"]


def test_long_stay_is_twice_what_the_waybill_plans() -> None:
    registry = place_town(waybill(0, planned_stay_h=0.5))
    (alert,) = told(drive(same(7300, 15), 5000.0, 300.0), registry, "long_stay")
    assert alert.opened_at == NOON + timedelta(seconds=3900)
    assert told(drive(same(7300, 13), 5000.0, 300.0), registry, "long_stay") == []  # an hour sharp
    empty_again = place_town(waybill(0, planned_stay_h=0.5, valid_to=NOON + timedelta(minutes=50)))
    assert told(drive(same(7300, 15), 5000.0, 300.0, load=0), empty_again, "long_stay") == []
    gone = np.r_[same(7300, 9), 600.0, same(7300, 9)]
    assert told(drive(gone, 5000.0, 300.0, speed_kmh=0.0), registry, "long_stay") == []


def test_a_waybill_begins_a_stay_of_a_truck_that_was_here_before() -> None:
    later = waybill(0, planned_stay_h=0.5, valid_from=NOON + timedelta(minutes=30))
    assert told(drive(same(7300, 18), 5000.0, 300.0), place_town(later), "long_stay") == []
    (alert,) = told(drive(same(7300, 22), 5000.0, 300.0), place_town(later), "long_stay")
    assert alert.opened_at == NOON + timedelta(minutes=95)


def test_unseen_for_long_and_seen_again_elsewhere_it_may_have_been_away() -> None:
    registry = place_town(waybill(0, planned_stay_h=0.5))
    t_s = np.r_[0.0, 300.0, 5000.0, 5300.0, 5600.0]
    here = positions(t_s=t_s, x_m=7300.0, speed_kmh=0.0)
    assert len(told(here, registry, "long_stay")) == 1
    elsewhere = positions(t_s=t_s, x_m=np.r_[7300.0, 7300.0, 3000.0, 3000.0, 3000.0], speed_kmh=0.0)
    assert told(elsewhere, registry, "long_stay") == []


# what they are built on


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), points=st.integers(2, 40))
def test_cells_locate_a_fix_on_a_line_as_geometry_does(seed: int, points: int) -> None:
    rng = np.random.default_rng(seed)
    lines = np.array([shapely.LineString(rng.uniform(-3000, 3000, (points, 2))) for _ in range(3)], object)
    cells = LineCells.of(lines, np.arange(3), np.array([100.0, 200.0, 300.0]))
    which, spots = rng.integers(0, 3, 200), shapely.points(rng.uniform(-3500, 3500, (200, 2)))
    x_m, y_m = shapely.get_x(spots), shapely.get_y(spots)
    here, away = cells.locate(which, x_m, y_m), shapely.distance(lines[which], spots)
    known = away <= np.array([100.0, 200.0, 300.0])[which]
    assert np.array_equal(known, ~np.isnan(here.offset_m))
    assert np.allclose(here.offset_m[known], away[known], atol=1e-6)
    nearest = shapely.line_interpolate_point(lines[which[known]], here.along_m[known])
    assert np.allclose(shapely.distance(nearest, spots[known]), away[known], atol=1e-6)


def test_a_place_rule_over_noise_at_every_edge_is_the_same_in_any_cut() -> None:
    registry = place_town(waybill(0, **ROUTED))
    rng = np.random.default_rng(7)
    steps = 400
    x_m = 1500 + np.cumsum(rng.normal(12, 60, steps)) + rng.normal(0, 5, steps)
    y_m = TRUNK_Y + np.cumsum(rng.normal(0, 9, steps)) + rng.normal(0, 5, steps)
    told(drive(x_m, y_m, accuracy_m=rng.choice([3.0, 10.0, np.nan], steps)), registry)
