"""Datums against published pairs, and metres against what a surveyor would measure."""

import numpy as np
import pytest

from hazmat.coordinates import Datum, gcj_to_wgs, to_lonlat, to_metres, to_wgs84, wgs_to_gcj

WGS = np.array([121.70, 121.62]), np.array([29.95, 30.02])
GCJ = np.array([121.704235771084, 121.624110608221]), np.array([29.947513107747, 30.017381783298])
BD = np.array([121.710701620785, 121.630713914658]), np.array([29.953619806778, 30.023029113307])


def test_gcj02_agrees_with_public_implementations() -> None:
    np.testing.assert_allclose(wgs_to_gcj(*WGS), GCJ, atol=1e-6)


@pytest.mark.parametrize(("datum", "given"), [(Datum.GCJ02, GCJ), (Datum.BD09, BD)])
def test_imported_degrees_become_wgs84(datum: Datum, given: tuple[np.ndarray, np.ndarray]) -> None:
    np.testing.assert_allclose(to_wgs84(*given, datum), WGS, atol=2e-6)


@pytest.mark.parametrize("datum", [Datum.WGS84, Datum.CGCS2000])
def test_degrees_that_need_no_shift_stay(datum: Datum) -> None:
    np.testing.assert_array_equal(to_wgs84(*WGS, datum), WGS)


def test_there_and_back_is_exact_to_a_millimetre() -> None:
    rng = np.random.default_rng(0)
    lon, lat = rng.uniform(121.46, 121.78, 1000), rng.uniform(29.9, 30.07, 1000)
    back_lon, back_lat = gcj_to_wgs(*wgs_to_gcj(lon, lat))
    assert np.hypot((back_lon - lon) * 96_500, (back_lat - lat) * 110_900).max() < 0.001


def test_the_shift_at_zhenhai_is_half_a_kilometre() -> None:
    x, y = to_metres(*WGS)
    gcj_x, gcj_y = to_metres(*wgs_to_gcj(*WGS))
    np.testing.assert_allclose(np.hypot(gcj_x - x, gcj_y - y), 493, atol=10)


def test_metres_are_metres_to_a_thousandth() -> None:
    x, y = to_metres(np.array([121.6, 121.6]), np.array([29.95, 29.96]))
    assert np.hypot(*np.diff([x, y])).item() == pytest.approx(1108.5, rel=1e-3)  # a hundredth of a degree
    np.testing.assert_allclose(to_lonlat(x, y), ([121.6, 121.6], [29.95, 29.96]), atol=1e-9)


def test_no_place_stays_no_place() -> None:
    assert np.isnan(to_metres(np.array([np.nan]), np.array([30.0]))).all()
