"""The one module of coordinates: metres by projection, and the Chinese datums at the edges."""

from enum import StrEnum
from functools import cache

import numpy as np
from pyproj import Transformer

from hazmat.columns import Floats

METRES_CRS = "EPSG:32651"  # UTM 51N: Zhenhai lies in it; Web Mercator would be 15 % off
_SEMI_MAJOR_M = 6378245.0  # Krasovsky 1940, as the obfuscation of GCJ-02 uses it
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_BAIDU_PI = np.pi * 3000.0 / 180.0


class Datum(StrEnum):
    """Datum of a feed or of an imported layer; everything inside is WGS-84."""

    WGS84 = "WGS-84"
    GCJ02 = "GCJ-02"
    BD09 = "BD-09"
    CGCS2000 = "CGCS2000"


@cache
def _transformers() -> tuple[Transformer, Transformer]:
    forward = Transformer.from_crs("EPSG:4326", METRES_CRS, always_xy=True)
    return forward, Transformer.from_crs(METRES_CRS, "EPSG:4326", always_xy=True)


def to_metres(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Easting and northing in metres (EPSG:32651), NaN in gives NaN out."""
    x, y = _transformers()[0].transform(np.asarray(lon, float), np.asarray(lat, float))
    return np.where(np.isfinite(x), x, np.nan), np.where(np.isfinite(y), y, np.nan)


def to_lonlat(x_m: Floats, y_m: Floats) -> tuple[Floats, Floats]:
    """WGS-84 degrees of eastings and northings (EPSG:32651)."""
    lon, lat = _transformers()[1].transform(np.asarray(x_m, float), np.asarray(y_m, float))
    return lon, lat


def _gcj_shift(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon - 105.0, lat - 35.0
    wave = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + wave * 2 / 3
    d_lat += (20.0 * np.sin(np.pi * y) + 40.0 * np.sin(np.pi / 3.0 * y)) * 2 / 3
    d_lat += (160.0 * np.sin(np.pi / 12.0 * y) + 320.0 * np.sin(np.pi * y / 30.0)) * 2 / 3
    d_lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + wave * 2 / 3
    d_lon += (20.0 * np.sin(np.pi * x) + 40.0 * np.sin(np.pi / 3.0 * x)) * 2 / 3
    d_lon += (150.0 * np.sin(np.pi / 12.0 * x) + 300.0 * np.sin(np.pi / 30.0 * x)) * 2 / 3
    radians = np.radians(lat)
    magic = 1 - _ECCENTRICITY_SQUARED * np.sin(radians) ** 2
    meridian_m = _SEMI_MAJOR_M * (1 - _ECCENTRICITY_SQUARED) / magic**1.5
    normal_m = _SEMI_MAJOR_M / np.sqrt(magic) * np.cos(radians)
    return np.degrees(d_lon / normal_m), np.degrees(d_lat / meridian_m)


def wgs_to_gcj(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """GCJ-02 degrees of WGS-84 degrees (about 493 m apart at Zhenhai)."""
    d_lon, d_lat = _gcj_shift(lon, lat)
    return lon + d_lon, lat + d_lat


def gcj_to_wgs(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """WGS-84 degrees of GCJ-02 degrees, by three fixed-point steps (under a millimetre)."""
    wgs_lon, wgs_lat = lon, lat
    for _ in range(3):
        d_lon, d_lat = _gcj_shift(wgs_lon, wgs_lat)
        wgs_lon, wgs_lat = lon - d_lon, lat - d_lat
    return wgs_lon, wgs_lat


def bd_to_gcj(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """GCJ-02 degrees of BD-09 degrees."""
    x, y = lon - 0.0065, lat - 0.006
    radius = np.hypot(x, y) - 0.00002 * np.sin(y * _BAIDU_PI)
    angle = np.arctan2(y, x) - 0.000003 * np.cos(x * _BAIDU_PI)
    return radius * np.cos(angle), radius * np.sin(angle)


def to_wgs84(lon: Floats, lat: Floats, datum: Datum) -> tuple[Floats, Floats]:
    """WGS-84 degrees of degrees in ``datum``; CGCS2000 agrees to centimetres and is left as it is."""
    if datum is Datum.GCJ02:
        return gcj_to_wgs(lon, lat)
    if datum is Datum.BD09:
        return gcj_to_wgs(*bd_to_gcj(lon, lat))
    return lon, lat
