"""Fences from and to GeoJSON with a declared datum; any fault refuses the file, all are listed."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import numpy as np
import shapely
from shapely.geometry import LineString, MultiPolygon, Polygon, mapping
from shapely.geometry.base import BaseGeometry

from hazmat.columns import Floats
from hazmat.coordinates import Datum, to_wgs84
from hazmat.fence_fields import READERS, choice, is_number, read_schedule, write_properties
from hazmat.geofences import LINE_KINDS, FenceKind, Geofence

_T = TypeVar("_T")
_NEEDED = ("fence_id", "kind", "name", "valid_from")
_SCHEDULE = ("hours", "weekdays", "holidays")
_UNREAD = frozenset({*_SCHEDULE, "note"})  # the schedule is read as a whole; a note is for people
_LINE_ONLY = ("half_width_m", "lanes")
_DECIMALS = 7  # of a degree: a centimetre


def read_fences(document: object) -> tuple[tuple[Geofence, ...], tuple[str, ...]]:
    """Fences (WGS-84) of a decoded GeoJSON FeatureCollection, and its faults; with any fault no fences.

    The collection declares ``"datum"``: WGS-84, GCJ-02, BD-09 or CGCS2000. A feature's properties are the
    fields of ``Geofence``, with ``hours`` ("22:00-06:00"), ``weekdays`` and ``holidays`` ("too", "only",
    "not") for its schedule; ``note`` is free text. A fault names the feature (number from 0, and id) and
    the field.
    """
    if not isinstance(document, Mapping) or document.get("type") != "FeatureCollection":
        return (), ("type: must be FeatureCollection",)
    faults: list[str] = []
    datum = _try(lambda: choice(Datum)(document.get("datum")), "datum", faults)
    features = document.get("features")
    if not isinstance(features, list):
        return (), (*faults, "features: must be a list")
    fences = [_feature(each, number, datum or Datum.WGS84, faults) for number, each in enumerate(features)]
    faults += _repeated(fences)
    return () if faults else tuple(fence for fence in fences if fence is not None), tuple(faults)


def fences_to_geojson(fences: Sequence[Geofence], note: str = "") -> dict[str, Any]:
    """A FeatureCollection in WGS-84 that ``read_fences`` gives back, coordinates to a centimetre."""
    features = [
        {
            "type": "Feature",
            "properties": write_properties(fence),
            "geometry": _plain_geometry(fence.geometry),
        }
        for fence in fences
    ]
    collection: dict[str, Any] = {
        "type": "FeatureCollection",
        "datum": Datum.WGS84.value,
        "features": features,
    }
    return {**collection, "note": note} if note else collection


def _plain_geometry(geometry: BaseGeometry) -> dict[str, Any]:
    return dict(mapping(shapely.transform(geometry, lambda points: np.round(points, _DECIMALS))))


def _feature(feature: object, number: int, datum: Datum, faults: list[str]) -> Geofence | None:
    where = f"feature {number}"
    if not isinstance(feature, Mapping) or not isinstance(feature.get("properties"), Mapping):
        faults.append(f"{where}: must be a Feature with properties")
        return None
    given: Mapping[str, object] = feature["properties"]
    where += f" ({given.get('fence_id')})"
    before = len(faults)
    values = _properties(given, where, faults)
    kind = values.get("kind")
    if kind:
        faults += [f"{where}: {fault}" for fault in _width_faults(kind, given)]
    geometry = _try(lambda: _geometry(feature.get("geometry"), kind, datum), f"{where}: geometry", faults)
    return Geofence(geometry=geometry, **values) if len(faults) == before else None


def _properties(given: Mapping[str, object], where: str, faults: list[str]) -> dict[str, Any]:
    faults += [f"{where}: {name}: no such field" for name in given if name not in {*READERS, *_UNREAD}]
    faults += [f"{where}: {name}: missing" for name in _NEEDED if given.get(name) is None]
    values: dict[str, Any] = {}
    for name, read in READERS.items():
        value = given.get(name)
        if value is not None:
            values[name] = _try(lambda r=read, v=value: r(v), f"{where}: {name}", faults)  # type: ignore[misc]
    values["schedule"] = _try(
        lambda: read_schedule(*(given.get(name) for name in _SCHEDULE)),
        f"{where}: {', '.join(_SCHEDULE)}",
        faults,
    )
    start, end = values.get("valid_from"), values.get("valid_to")
    if start and end and end <= start:
        faults.append(f"{where}: valid_to: not after valid_from")
    return values


def _width_faults(kind: FenceKind, given: Mapping[str, object]) -> list[str]:
    if kind not in LINE_KINDS:
        return [f"{name}: only a line has one" for name in _LINE_ONLY if given.get(name) is not None]
    needed = _LINE_ONLY if kind is FenceKind.DESIGNATED_ROAD else _LINE_ONLY[:1]
    return [f"{name}: missing for a {kind.value}" for name in needed if given.get(name) is None]


def _geometry(given: object, kind: FenceKind | None, datum: Datum) -> BaseGeometry:
    if not isinstance(given, Mapping) or given.get("type") not in tuple(_SHAPES):
        raise ValueError("missing, or neither Polygon, MultiPolygon nor LineString")
    if kind and (given["type"] == "LineString") != (kind in LINE_KINDS):
        raise ValueError(f"a {kind.value} cannot be a {given['type']}")
    shape = _SHAPES[given["type"]](given.get("coordinates"), datum)
    if shape.is_empty or not shape.length:
        raise ValueError("empty")
    if not shape.is_valid:
        raise ValueError(f"not valid: {shapely.is_valid_reason(shape)}")
    return shape


def _line(coordinates: object, datum: Datum) -> BaseGeometry:
    return LineString(np.column_stack(to_wgs84(*_points(coordinates, False), datum)))


def _polygon(rings: object, datum: Datum) -> Polygon:
    if not isinstance(rings, list) or not rings:
        raise ValueError("empty")
    columns = [np.column_stack(to_wgs84(*_points(ring, True), datum)) for ring in rings]
    return Polygon(columns[0], columns[1:])


def _polygons(parts: object, datum: Datum) -> BaseGeometry:
    """Several areas that are one fence; they may touch, not overlap."""
    if not isinstance(parts, list) or not parts:
        raise ValueError("empty")
    return MultiPolygon([_polygon(part, datum) for part in parts])


_SHAPES: dict[str, Callable[[object, Datum], BaseGeometry]] = {
    "LineString": _line,
    "Polygon": _polygon,
    "MultiPolygon": _polygons,
}


def _points(ring: object, closed: bool) -> tuple[Floats, Floats]:
    if not isinstance(ring, list) or len(ring) < (4 if closed else 2):
        raise ValueError("empty, or too few points")
    for number, point in enumerate(ring):
        if not isinstance(point, list | tuple) or len(point) < 2 or not all(map(is_number, point[:2])):
            raise ValueError(f"point {number} is not [lon, lat]")
        if not (-180 <= point[0] <= 180 and -90 <= point[1] <= 90):
            raise ValueError(f"point {number} {list(point[:2])} lies outside lon -180..180, lat -90..90")
    if closed and list(ring[0][:2]) != list(ring[-1][:2]):
        raise ValueError("the ring is not closed")
    points = np.array([point[:2] for point in ring], float)
    return points[:, 0], points[:, 1]


def _repeated(fences: Sequence[Geofence | None]) -> list[str]:
    seen: dict[tuple[str, datetime], int] = {}
    faults = []
    for number, fence in enumerate(fences):
        first = seen.setdefault((fence.fence_id, fence.valid_from), number) if fence else number
        if fence and first != number:
            faults.append(
                f"feature {number} ({fence.fence_id}): fence_id: same id and valid_from as feature {first}"
            )
    return faults


def _try(read: Callable[[], _T], where: str, faults: list[str]) -> _T | None:
    try:
        return read()
    except ValueError as error:
        faults.append(f"{where}: {error}")
        return None
