"""The fleet as the map shows it: one row a truck, its state decided here, and what changed since."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Self

import numpy as np

from hazmat.alerts import Severity
from hazmat.clock import to_time
from hazmat.columns import ID_DTYPE, Floats, Ids, Ints, Mask, Rows
from hazmat.journeys import JourneyPhase
from hazmat.store.screens import AlertLevel, FleetRows

OFFLINE_AFTER = timedelta(minutes=10)
MOVING_KMH = 3.0
NO_PLACE = -(2**31)  # lon and lat of a truck without a place
UNKNOWN = -1  # speed or heading that was not reported


class TruckState(IntEnum):
    """What colours a truck; the open alert of the highest level wins over motion, motion over silence."""

    MOVING = 0
    STOPPED = 1
    OFFLINE = 2
    WARNED = 3  # a yellow or blue alert is open
    SERIOUS = 4  # a red or orange alert is open


_STATE_OF = {
    Severity.RED: TruckState.SERIOUS,
    Severity.ORANGE: TruckState.SERIOUS,
    Severity.YELLOW: TruckState.WARNED,
    Severity.BLUE: TruckState.WARNED,
}


@dataclass(frozen=True, slots=True)
class Fleet:
    """Trucks as whole numbers, one row a truck; the row is the truck's index while the process lives.

    ``lon``, ``lat``: 1e-6 degrees WGS-84 or ``NO_PLACE``; ``speed`` km/h, ``heading`` degrees or ``UNKNOWN``;
    ``state``: a ``TruckState``; ``phase``: a ``JourneyPhase``; ``seen``: received_at in ms since 1970.
    """

    ids: Ids
    lon: Ints
    lat: Ints
    speed: Ints
    heading: Ints
    state: Ints
    phase: Ints
    seen: Ints

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def empty(cls) -> Self:
        """No trucks."""
        return cls(np.empty(0, ID_DTYPE), *(np.empty(0, np.int64) for _ in fields(cls)[1:]))

    def advance(self, rows: FleetRows, alerts: Iterable[AlertLevel], at: datetime) -> Self:
        """Return the fleet after a look into the store: known trucks keep their row, new ones follow.

        A truck that is no longer stored keeps its row without a place.
        """
        new = np.setdiff1d(rows.vehicle_id, self.ids)
        ids = np.concatenate([self.ids, new]).astype(ID_DTYPE)
        spot = _rows_of(ids, rows.vehicle_id)
        offline = rows.received_at < to_time(at - OFFLINE_AFTER)
        state = np.where(rows.speed_kmh > MOVING_KMH, TruckState.MOVING, TruckState.STOPPED)
        state = np.where(offline, TruckState.OFFLINE, state)
        state = np.maximum(state, _alert_states(rows.vehicle_id, alerts))
        columns = {
            "lon": (_whole(rows.lon * 1e6, NO_PLACE), NO_PLACE),
            "lat": (_whole(rows.lat * 1e6, NO_PLACE), NO_PLACE),
            "speed": (_whole(rows.speed_kmh, UNKNOWN), UNKNOWN),
            "heading": (_whole(rows.heading_deg, UNKNOWN), UNKNOWN),
            "state": (state, TruckState.OFFLINE),
            "phase": (rows.phase, 0),
            "seen": (rows.received_at.astype(np.int64), 0),
        }
        return type(self)(ids, **{name: _placed(len(ids), spot, *column) for name, column in columns.items()})

    def only(self, names: Iterable[str]) -> Self:
        """Return these trucks alone, in the same order."""
        kept = _member(self.ids, [name.encode() for name in names])
        return type(self)(*(getattr(self, column.name)[kept] for column in fields(self)))

    def changed_since(self, before: "Fleet") -> Rows:
        """Return the rows that differ from those before, new ones included."""
        differs = np.ones(len(self), bool)
        known = len(before)
        differs[:known] = False
        for field in fields(self)[1:]:
            differs[:known] |= getattr(self, field.name)[:known] != getattr(before, field.name)
        return np.flatnonzero(differs)

    def counts(self) -> dict[str, int]:
        """Return how many trucks are in each state, by its name in small letters."""
        return _counts(TruckState, self.state)

    def phases(self) -> dict[str, int]:
        """Return how many trucks are in each phase of a journey, by its name in small letters."""
        return _counts(JourneyPhase, self.phase)


def _counts(kinds: type[IntEnum], column: Ints) -> dict[str, int]:
    number = np.bincount(column, minlength=len(kinds))
    return {kind.name.lower(): int(number[kind]) for kind in kinds}


def _alert_states(ids: Ids, alerts: Iterable[AlertLevel]) -> Ints:
    """Return the state that each vehicle's gravest open alert asks for, -1 for none."""
    worst: dict[bytes, int] = {}
    for alert in alerts:
        if not alert.firing:
            continue
        key = alert.vehicle_id.encode()
        worst[key] = max(worst.get(key, -1), _STATE_OF[Severity(alert.severity)])
    state = np.full(len(ids), -1, np.int64)
    for row in np.flatnonzero(_member(ids, worst)):  # few: the vehicles with an open alert
        state[row] = worst[bytes(ids[row])]
    return state


def _member(ids: Ids, names: Iterable[bytes]) -> Mask:
    return np.isin(ids, np.array(list(names), ID_DTYPE))


def _rows_of(ids: Ids, wanted: Ids) -> Rows:
    order = np.argsort(ids)
    return order[np.searchsorted(ids, wanted, sorter=order)]


def _whole(values: Floats, missing: int) -> Ints:
    known = np.isfinite(values)
    return np.where(known, np.rint(np.where(known, values, 0)), missing).astype(np.int64)


def _placed(length: int, spot: Rows, values: Ints, missing: int) -> Ints:
    column = np.full(length, missing, np.int64)
    column[spot] = values
    return column
