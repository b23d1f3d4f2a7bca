"""What an evidence map draws: the roads around for bearing, the fence, the track, the fixes of the breach."""

import json
from datetime import datetime
from html import escape
from typing import Any

import folium
import geopandas
import numpy as np
import shapely

from hazmat.clock import SHANGHAI, from_time, to_time
from hazmat.columns import Floats
from hazmat.coordinates import METRES_CRS
from hazmat.geofences import FenceKind
from hazmat.store.pool import Row
from hazmat.store.screens import Track

_WGS84 = "EPSG:4326"
_CONTEXT = (FenceKind.DISTRICT, FenceKind.ROAD, FenceKind.DESIGNATED_ROAD, FenceKind.PLANT, FenceKind.PARKING)
_BREACH, _TRACK, _FENCE, _AROUND = "#ff5263", "#4cc3ff", "#ffb020", "#2b4a6b"
_AROUND_DEG = 0.03  # some three kilometres


def draw(track: Track, file: Row, fences: str, breach: tuple[datetime, datetime], place: str) -> folium.Map:
    """Return the map without tiles, fitted to the track, or to the alert's place if no fix is stored.

    ``breach``: its first and last moment; ``place``: what the spot where it fired is called.
    """
    chart = folium.Map(
        tiles=None, zoom_control=True, attribution_control=False, control_scale=True, max_zoom=19
    )
    lon, lat = _place(file["alert"], track)
    fence_lon, fence_lat = _fence_reach(file["fence"], lon, lat)
    bounds = _bounds(np.r_[track.lon, lon, fence_lon], np.r_[track.lat, lat, fence_lat])
    _draw_around(chart, fences, bounds)
    if file["fence"]:
        _draw_fence(chart, file["fence"])
    opened, ended = map(to_time, breach)
    _draw_track(chart, track, (track.fix_time >= opened) & (track.fix_time <= ended))
    if np.isfinite(lon):
        # No folium.Marker: it asks for Leaflet's marker image before it takes another icon.
        folium.CircleMarker(
            (lat, lon), 18, color=_BREACH, weight=3, fill=True, fill_opacity=0.15, tooltip=place
        ).add_to(chart)
    chart.fit_bounds(bounds, padding=(48, 48), max_zoom=17)
    return chart


def _place(alert: Row, track: Track) -> tuple[float, float]:
    if alert["lon"] is not None and alert["lat"] is not None:
        return float(alert["lon"]), float(alert["lat"])
    return (float(track.lon[-1]), float(track.lat[-1])) if len(track.lon) else (np.nan, np.nan)


def _fence_reach(fence: Row | None, lon: float, lat: float) -> tuple[Floats, Floats]:
    """Places to have in view so that the fence is seen: all of an area, the nearest point of a line."""
    if not fence or not np.isfinite(lon):
        return np.empty(0), np.empty(0)
    shape = shapely.from_geojson(json.dumps(fence["geometry"]))
    if shape.geom_type == "LineString":
        shape = shapely.shortest_line(shape, shapely.Point(lon, lat))
    west, south, east, north = shape.bounds
    return np.array([west, east]), np.array([south, north])


def _bounds(lon: Floats, lat: Floats) -> list[list[float]]:
    if not np.isfinite(lon).any():
        return [[29.88, 121.45], [30.08, 121.80]]  # the district, so that the page shows something
    return [[float(np.nanmin(lat)), float(np.nanmin(lon))], [float(np.nanmax(lat)), float(np.nanmax(lon))]]


def _draw_around(chart: folium.Map, fences: str, bounds: list[list[float]]) -> None:
    features = [f for f in json.loads(fences)["features"] if f["properties"]["kind"] in _CONTEXT]
    if not features:
        return
    (south, west), (north, east) = bounds
    frame = geopandas.GeoDataFrame.from_features(features, crs=_WGS84)[["name", "geometry"]]
    near = frame.cx[west - _AROUND_DEG : east + _AROUND_DEG, south - _AROUND_DEG : north + _AROUND_DEG]
    style = {"color": _AROUND, "weight": 3, "fillColor": "#15263d", "fillOpacity": 0.35}
    for name, geometry in zip(near["name"], near["geometry"], strict=True):
        folium.GeoJson(geometry, style_function=lambda _: style, tooltip=_tooltip(name)).add_to(chart)


def _tooltip(text: object) -> str:
    """Return the text as folium may put it between backquotes into a script: names are imported."""
    return escape(str(text)).translate({ord(sign): f"&#{ord(sign)};" for sign in "`$\\{}%/"})


def _draw_fence(chart: folium.Map, fence: Row) -> None:
    feature = {"type": "Feature", "geometry": fence["geometry"], "properties": {}}
    frame = geopandas.GeoDataFrame.from_features([feature], crs=_WGS84)
    half_width = fence["half_width_m"] or (fence["lane_count"] or 0) * (fence["lane_width_m"] or 0) / 2
    if half_width:
        frame["geometry"] = frame.to_crs(METRES_CRS).buffer(half_width).to_crs(_WGS84)
    style = {"color": _FENCE, "weight": 2, "dashArray": "7 5", "fillColor": _FENCE, "fillOpacity": 0.12}
    folium.GeoJson(frame, style_function=lambda _: style, tooltip=_tooltip(fence["name"])).add_to(chart)


def _draw_track(chart: folium.Map, track: Track, breach: np.ndarray[Any, np.dtype[np.bool_]]) -> None:
    places = list(zip(track.lat.tolist(), track.lon.tolist(), strict=True))
    if len(places) > 1:
        _line(places, color=_TRACK, weight=3, opacity=0.55).add_to(chart)
    if breach.sum() > 1:
        red = [place for place, hit in zip(places, breach, strict=True) if hit]
        _line(red, color=_BREACH, weight=5, opacity=0.85).add_to(chart)
    for row, place in enumerate(places):  # few: the fixes of some twenty minutes
        colour = _BREACH if breach[row] else _TRACK
        radius = 5 if breach[row] else 3
        folium.CircleMarker(
            place, radius, color="#07111f", weight=1, fill=True, fill_color=colour, fill_opacity=1,
            tooltip=_fix_text(track, row),
        ).add_to(chart)  # fmt: skip


def _line(places: list[tuple[float, float]], color: str, weight: int, opacity: float) -> folium.PolyLine:
    return folium.PolyLine(places, color=color, weight=weight, opacity=opacity)  # type: ignore[no-untyped-call]


def _fix_text(track: Track, row: int) -> str:
    time = from_time(track.fix_time[row]).astimezone(SHANGHAI).strftime("%H:%M:%S")
    speed = track.speed_kmh[row]
    return f"{time} · {speed:.0f} km/h" if np.isfinite(speed) else time
