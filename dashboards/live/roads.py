"""Which road a truck is on, for people to read; the rules judge for themselves."""

import json
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import shape

from hazmat.coordinates import to_metres
from hazmat.geofences import FenceKind

REACH_M = 40.0  # beyond a road's own width a terminal still counts as on it
_ROADS = frozenset({FenceKind.ROAD, FenceKind.DESIGNATED_ROAD})
_AREAS = frozenset({FenceKind.PLANT, FenceKind.PARKING, FenceKind.BARRED_AREA})


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Roads and areas by name, in metres."""

    names: tuple[str, ...]
    is_road: NDArray[np.bool_]
    tree: shapely.STRtree

    @classmethod
    def of(cls, fences: str) -> Self:
        """From a GeoJSON FeatureCollection as the store gives it; roads are widened by half their width."""
        features = [f for f in json.loads(fences)["features"] if f["properties"]["kind"] in _ROADS | _AREAS]
        shapes = [shape_m(feature) for feature in features]
        names = tuple(str(feature["properties"]["name"]) for feature in features)
        is_road = np.array([feature["properties"]["kind"] in _ROADS for feature in features], bool)
        return cls(names, is_road, shapely.STRtree(shapes))

    def at(self, lon: float, lat: float) -> tuple[str, str]:
        """Return the names of the road and of the area at a place, empty where there is none."""
        x_m, y_m = to_metres(np.array([lon]), np.array([lat]))
        point = shapely.Point(float(x_m[0]), float(y_m[0]))
        near = self.tree.query(point, predicate="dwithin", distance=REACH_M)
        distance = shapely.distance(self.tree.geometries[near], point)
        ranked = near[np.argsort(distance, kind="stable")]
        road = next((self.names[row] for row in ranked if self.is_road[row]), "")
        inside = self.tree.query(point, predicate="intersects")
        return road, next((self.names[row] for row in inside if not self.is_road[row]), "")


def shape_m(feature: dict[str, Any]) -> shapely.Geometry:
    """Return a feature's shape in metres; a line as the area that it is wide."""
    geometry = shape(feature["geometry"])
    metres = shapely.transform(geometry, lambda c: np.column_stack(to_metres(c[:, 0], c[:, 1])))
    return (
        metres
        if geometry.geom_type.endswith("Polygon")
        else metres.buffer(_half_width_m(feature["properties"]))
    )


def _half_width_m(properties: dict[str, Any]) -> float:
    lanes = (properties.get("lane_count") or 0) * (properties.get("lane_width_m") or 0)
    return float(properties.get("half_width_m") or lanes / 2 or 1.0)
