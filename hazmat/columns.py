"""Types of the columns that flow through the platform."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]  # missing is NaN
Ints: TypeAlias = NDArray[np.int64]
Times: TypeAlias = NDArray[np.datetime64]  # datetime64[ms], UTC; missing is NaT
Mask: TypeAlias = NDArray[np.bool_]
Ids: TypeAlias = NDArray[np.bytes_]  # ASCII, fixed width (S32); missing is b""
Points: TypeAlias = NDArray[np.object_]  # shapely points in metres (EPSG:32651)
Rows: TypeAlias = NDArray[np.intp]  # positions of rows in another column

ID_WIDTH = 32
ID_DTYPE = np.dtype(f"S{ID_WIDTH}")
TIME_DTYPE = np.dtype("datetime64[ms]")
NO_TIME = np.datetime64("NaT", "ms")
