"""What the flow hands from its one pure function to the store: accepted fixes, alert changes, rejects."""

from dataclasses import dataclass
from datetime import datetime

from hazmat.alerts import AlertChange
from hazmat.columns import Ints, Mask, Rows
from hazmat.coverage import JourneyCoverage
from hazmat.journeys import JourneyChange
from hazmat.position import Positions


@dataclass(frozen=True, slots=True)
class Reject:
    """A payload, or one element of an array, that could not be read as a fix; kept with its reason.

    ``element`` is the row in the array, -1 for a whole payload. ``raw`` is the payload, cut to the size
    limit.
    """

    received_at: datetime
    topic: str
    element: int
    reason: str
    field: str
    detail: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class LastKnown:
    """Where the vehicles of a batch were last, one row a vehicle.

    ``row`` points into the outcome's positions; ``phase`` is a ``JourneyPhase``; ``loaded`` as the rules
    took it.
    """

    row: Rows
    phase: Ints
    loaded: Mask


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of one batch: all that the store has to save, in one transaction.

    ``positions`` holds the accepted rows in order of arrival; ``late`` marks those older than the vehicle's
    last judged fix (stored, not judged), ``known`` those of registered vehicles. Repeated fixes are not in
    it; ``repeated`` counts them. ``coverage``: of the journeys that changed, what could be checked on them.
    """

    positions: Positions
    late: Mask
    known: Mask
    last_known: LastKnown
    alerts: tuple[AlertChange, ...]
    journeys: tuple[JourneyChange, ...]
    repeated: int
    registry_version: int
    coverage: tuple[JourneyCoverage, ...] = ()
