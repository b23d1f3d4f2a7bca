"""Where the sky or the network is hidden: in a tunnel silence is no tampering."""

from dataclasses import dataclass

import numpy as np
import shapely

from hazmat.columns import Floats, Mask, Rows, Times
from hazmat.geofences import FenceKind
from hazmat.registry import Registry

REACH_M = 1000.0  # from the tunnel's mouth to where the last fix before it may have been taken


@dataclass(frozen=True, slots=True)
class _Tunnels:
    """Rows of the tunnels among the fences, and a tree over them."""

    rows: Rows
    tree: shapely.STRtree


def _tunnels(registry: Registry) -> _Tunnels:
    fences = registry.fences
    rows = np.flatnonzero(fences.kinds(np.arange(len(fences.fences)), FenceKind.TUNNEL))
    return _Tunnels(rows, shapely.STRtree(fences.geometry_m[rows]))


def near_dead_zone(registry: Registry, x_m: Floats, y_m: Floats, times: Times) -> Mask:
    """Whether each place (metres, NaN: unknown) lies within reach of a tunnel in force at its time.

    Asked of few rows: of trucks that have fallen silent or lost their fix.
    """
    near = np.zeros(len(x_m), bool)
    known = np.flatnonzero(~np.isnan(x_m))
    if not len(known):
        return near
    tunnels = registry.derived(_tunnels)
    points = shapely.points(x_m[known], y_m[known])
    place, spot = tunnels.tree.query(points, predicate="dwithin", distance=REACH_M)
    row = known[place]
    near[row[registry.fences.in_force(tunnels.rows[spot], times[row])]] = True
    return near
