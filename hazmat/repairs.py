"""What late fixes ask for, and what a repair of their vehicles' tracks changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from hazmat.alerts import AlertChange
from hazmat.columns import ID_DTYPE, TIME_DTYPE, Ids, Times
from hazmat.coverage import JourneyCoverage
from hazmat.journeys import JourneyChange


@dataclass(frozen=True, slots=True)
class Asks:
    """Tracks to be judged again, a row a vehicle.

    ``first_late``: fix_time of the earliest fix that came late; ``asked_at``: received_at of the last one.
    """

    vehicle_id: Ids
    first_late: Times
    asked_at: Times

    def __len__(self) -> int:
        return len(self.vehicle_id)

    def take(self, rows: NDArray[Any]) -> Self:
        """These rows."""
        return type(self)(self.vehicle_id[rows], self.first_late[rows], self.asked_at[rows])

    @classmethod
    def empty(cls) -> Self:
        """Nothing asked."""
        return cls(np.empty(0, ID_DTYPE), np.empty(0, TIME_DTYPE), np.empty(0, TIME_DTYPE))

    @classmethod
    def gathered(cls, parts: Sequence["Asks"]) -> Self:
        """One row a vehicle: the earliest late fix, the last to arrive; sorted by vehicle."""
        ids = np.concatenate([cls.empty().vehicle_id, *(part.vehicle_id for part in parts)])
        names, of = np.unique(ids, return_inverse=True)
        first, asked = (
            np.full(len(names), np.iinfo(np.int64).max),
            np.full(len(names), np.iinfo(np.int64).min),
        )
        late = [part.first_late.astype(TIME_DTYPE).astype(np.int64) for part in parts]
        came = [part.asked_at.astype(TIME_DTYPE).astype(np.int64) for part in parts]
        np.minimum.at(first, of, np.concatenate([np.empty(0, np.int64), *late]))
        np.maximum.at(asked, of, np.concatenate([np.empty(0, np.int64), *came]))
        return cls(names, first.astype(TIME_DTYPE), asked.astype(TIME_DTYPE))


@dataclass(frozen=True, slots=True)
class Repaired:
    """All that a repair changes; ``asks`` are done with it, unless they were asked again since.

    ``withdrawn_journeys``: ids of journeys that proved to be none, or to have begun at another moment.
    ``coverage``: what could be checked on the journeys that were found.
    """

    asks: Asks
    alerts: tuple[AlertChange, ...]
    journeys: tuple[JourneyChange, ...]
    withdrawn_journeys: tuple[str, ...]
    coverage: tuple[JourneyCoverage, ...] = ()
