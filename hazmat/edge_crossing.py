"""Where, on the way between two fixes, an area's edge is crossed."""

import numpy as np
import shapely
from numpy.typing import NDArray

from hazmat.columns import Floats, Mask


def crossing_fraction(edge_m: NDArray[np.object_], way_m: Floats, entering: Mask) -> Floats:
    """Part of the way (0 to 1) at which each edge is crossed; NaN where it is not.

    ``way_m`` has rows (from x, from y, to x, to y) in metres. Of several crossings of one way the last one
    counts when ``entering``, the first one when leaving: what follows it is then wholly inside, or outside.
    """
    fraction = np.full(len(way_m), np.nan)
    for row, (edge, way) in enumerate(zip(edge_m, way_m, strict=True)):  # few: only ways that cross an edge
        line = shapely.LineString(way.reshape(2, 2))
        spots = shapely.get_coordinates(shapely.intersection(line, edge))
        if len(spots) and line.length:
            along = np.hypot(*(spots - way[:2]).T) / line.length
            fraction[row] = along.max() if entering[row] else along.min()
    return fraction
