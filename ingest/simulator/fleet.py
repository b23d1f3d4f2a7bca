"""Trucks that go to and fro all day: where each is at a moment, how full, and whether it rests."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ingest.simulator.breaches import OF_PAPERS, Breach
from ingest.simulator.trips import Spot, Trip, a_spot, make_trip
from ingest.simulator.world import task_of

REST_S = (900.0, 2700.0)  # loading, unloading, waiting for the next trip


@dataclass(frozen=True, slots=True)
class TruckState:
    """A truck without any error: metres (EPSG:32651), degrees, km/h; ``level_pct`` how full the tank is.

    ``parked``: it rests at a place until ``leaves`` (seconds since 1970), ``at_plant``: at a plant.
    ``terminal``: its terminal works.
    """

    x_m: float
    y_m: float
    heading_deg: float
    speed_kmh: float
    level_pct: float
    parked: bool
    leaves: float
    terminal: bool
    at_plant: bool = False


@dataclass(frozen=True, slots=True)
class _Leg:
    """A trip and the rest after it; the tank's level on the way and when the rest is half over."""

    start: str
    end: str
    trip: Trip
    leaves: float
    level_pct: float
    level_after_pct: float


class Truck:
    """One truck; ``at`` is to be asked with moments in order."""

    def __init__(
        self, vehicle_id: str, start: float, seed: int, breach: Breach | None = None,
        rest_s: tuple[float, float] = REST_S,
    ) -> None:  # fmt: skip
        self.vehicle_id = vehicle_id
        self.task = task_of(vehicle_id)
        self.seed = (seed, *vehicle_id.encode())
        self._rng = np.random.default_rng(self.seed)
        self._breach = breach
        self._rest_s = rest_s
        self._full_pct = float(self._rng.uniform(85.0, 95.0))
        # A scripted trip departs when its script says; the others are somewhere on their round.
        scripted = self._breach is not None
        to_plant = not self.task.loads_at_plant if scripted else bool(self._rng.integers(2))
        departs = self._breach.at.timestamp() if self._breach else start - self._rng.uniform(0.0, 3600.0)
        self._spot = a_spot(self.task.base if to_plant else self.task.plant, self._rng)
        self._repeats = 1.0
        self._stands: tuple[float, float] | None = None
        self.leg = self._next_leg(float(departs))

    def at(self, moment: float) -> TruckState:
        """The truck's state; before its first departure it stands at the start."""
        while moment >= self.leg.leaves:
            self.leg = self._next_leg(self.leg.leaves)
        trip = self.leg.trip
        x_m, y_m, heading, speed = trip.at(moment)
        dead_from, dead_to = trip.silent
        return TruckState(
            x_m=x_m,
            y_m=y_m,
            heading_deg=heading,
            speed_kmh=speed * 3.6,
            level_pct=self._level(moment),
            parked=not trip.departs <= moment < trip.arrives,
            leaves=trip.departs if moment < trip.departs else self.leg.leaves,
            terminal=not dead_from <= moment < dead_to,
            at_plant=self._at_plant(moment),
        )

    def _at_plant(self, moment: float) -> bool:
        leg, trip = self.leg, self.leg.trip
        place = leg.start if moment < trip.departs else leg.end if moment >= trip.arrives else ""
        return place == self.task.plant

    def _level(self, moment: float) -> float:
        """Loading and unloading take the middle third of the rest."""
        leg = self.leg
        part = (moment - leg.trip.arrives) / max(leg.leaves - leg.trip.arrives, 1.0)
        done = min(max(3 * part - 1, 0.0), 1.0)
        return leg.level_pct + done * (leg.level_after_pct - leg.level_pct)

    def _next_leg(self, departs: float) -> _Leg:
        to_plant = self._spot.place == self.task.base
        loaded = to_plant != self.task.loads_at_plant
        target = a_spot(self.task.plant if to_plant else self.task.base, self._rng)
        places = self._spot.place, target.place
        trip = self._trip(self._spot, target, departs, loaded)
        self._spot = target
        levels = (self._full_pct, 0.0) if loaded else (0.0, self._full_pct)
        return _Leg(*places, trip, trip.arrives + float(self._rng.uniform(*self._rest_s)), *levels)

    def _trip(self, start: Spot, end: Spot, departs: float, loaded: bool) -> Trip:
        kind = None
        if loaded and self._breach and self._breach.kind not in OF_PAPERS:
            kind = self._breach.kind if self._rng.random() < self._repeats else None
            self._repeats = self._breach.repeat
        trip = make_trip(start, end, departs, self._rng, kind, self._stands)
        self._stands = trip.at(trip.arrives)[:2]
        return trip


def make_fleet(
    vehicle_ids: Sequence[str], start: float, seed: int, breaches: Sequence[Breach] = (),
    rest_s: tuple[float, float] = REST_S,
) -> list[Truck]:  # fmt: skip
    """A truck for each id; of several breaches of one truck the last counts."""
    of_vehicle = {breach.vehicle_id: breach for breach in breaches}
    return [Truck(vehicle_id, start, seed, of_vehicle.get(vehicle_id), rest_s) for vehicle_id in vehicle_ids]
