"""A truck's whole day of the labelled days: trips and rests as one column, and the trips for its papers."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from hazmat.columns import Floats, Mask
from ingest.simulator import day_town as town
from ingest.simulator.day_deeds import Deed, draw
from ingest.simulator.day_trips import Motion, make_trip

_FIELDS = ("at", "x_m", "y_m", "heading_deg", "speed_kmh", "heard")


class Driver(StrEnum):
    """How long a driver rests: long enough, just long enough, or not at all."""

    ORDINARY = "ordinary"
    CAREFUL = "careful"
    TIRELESS = "tireless"


REST_S = {
    Driver.ORDINARY: (1500.0, 3600.0),
    Driver.CAREFUL: (1280.0, 1400.0),
    Driver.TIRELESS: (420.0, 1120.0),
}


@dataclass(frozen=True, slots=True)
class Trip:
    """One trip, loaded or not; the load changes in the middle of the rests around it (seconds since 1970)."""

    start: str
    end: str
    deed: Deed
    loaded: bool
    load_from: float
    load_to: float


@dataclass(frozen=True, slots=True)
class Day:
    """All motion of one truck, a row a second, and its trips; ``resting``: at a plant, park or gate."""

    motion: Motion
    loaded: Mask
    resting: Mask
    trips: tuple[Trip, ...]


def drive(
    base: str, plant: str, start: float, seconds: float, driver: Driver, rng: np.random.Generator
) -> Day:
    """To and fro between base and plant, loaded one way, from ``start`` for so long."""
    parts: list[Motion] = []
    resting: list[Mask] = []
    trips: list[Trip] = []
    loads_at_plant = bool(rng.random() < 0.7)
    here, there = (base, plant) if rng.random() < 0.5 else (plant, base)
    now, before = start + float(rng.uniform(60.0, 1200.0)), start
    while now < start + seconds:
        loaded = (here == plant) == loads_at_plant
        deed, span = draw(rng)
        motion = make_trip(here, there, now, deed, span, rng)
        rest_s = float(rng.uniform(*REST_S[driver]))
        arrives = float(motion.at[-1]) + 1.0
        parts += [_standing(motion, before, now), motion]
        resting += [np.ones(len(parts[-2].at), bool), np.zeros(len(motion.at), bool)]
        trips.append(Trip(here, there, deed, loaded, (before + now) / 2, arrives + rest_s / 2))
        here, there, before, now = there, here, arrives, arrives + rest_s
    motion = Motion(*(np.concatenate([getattr(part, name) for part in parts]) for name in _FIELDS))
    keep = motion.at < start + seconds
    motion = Motion(*(getattr(motion, name)[keep] for name in _FIELDS))
    return Day(motion, _loaded(trips, motion.at), np.concatenate(resting)[keep], tuple(trips))


def _standing(motion: Motion, since: float, until: float) -> Motion:
    """At rest where the next trip begins."""
    at = np.arange(np.ceil(since), np.ceil(until))

    def still(value: float) -> Floats:
        return np.full(len(at), value)

    x_m, y_m, heading = (still(float(c[0])) for c in (motion.x_m, motion.y_m, motion.heading_deg))
    return Motion(at.astype(float), x_m, y_m, heading, still(0.0), np.ones(len(at), bool))


def _loaded(trips: list[Trip], at: Floats) -> Mask:
    loaded = np.zeros(len(at), bool)
    for trip in trips:  # a few dozen a day
        loaded |= trip.loaded & (at >= trip.load_from) & (at < trip.load_to)
    return loaded


def tasks() -> Iterator[tuple[str, str]]:
    """Every base with every plant."""
    for base in (*town.GATES, "park.town"):
        for plant in town.PLANTS:
            yield base, plant
