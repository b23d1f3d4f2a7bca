"""Labelled days: a fleet drives for hours in the days' town; fixes as columns, and what was really wrong."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from hazmat.clock import SHANGHAI
from hazmat.columns import ID_DTYPE, Floats, Times
from hazmat.coordinates import to_lonlat
from hazmat.position import COLUMN_TYPES, Load, Positions
from hazmat.registry import World
from ingest.simulator.day_device import Columns, afflict, spells, unseen
from ingest.simulator.day_drivers import Day, Driver, drive, tasks
from ingest.simulator.day_fences import day_fences
from ingest.simulator.day_papers import SPOILERS, Papers, make_papers, world_of
from ingest.simulator.day_receiver import Air, Sent, dark, send
from ingest.simulator.day_truth import Breach, DayJudge
from ingest.simulator.day_truth_papers import paper_breaches, silences, trouble_breaches

DAY = datetime(2026, 4, 13, 6, tzinfo=SHANGHAI)  # a Monday
DAY_HOURS = 20.0
PART_TRUCKS = 120
_DRIVERS = (Driver.ORDINARY, Driver.CAREFUL, Driver.TIRELESS)
_DRIVER_SHARE = (0.6, 0.25, 0.15)
_SPOILED_SHARE = 0.4
_DOUBT = 4.0  # sigmas: the circle that a receiver claims (two) and its error (two)


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySettings:
    """How many vehicle-hours, by which seed, measured and sent how."""

    hours: float
    seed: int
    air: Air = field(default_factory=Air)


@dataclass(frozen=True, slots=True)
class LabelledDay:
    """A part of the fleet over one day: its world, its fixes in the order of arrival, and its breaches."""

    world: World
    positions: Positions
    breaches: tuple[Breach, ...]
    until: float
    hours: float


@dataclass(frozen=True, slots=True)
class _Truck:
    papers: Papers
    day: Day
    spoiled: str


def labelled_days(settings: DaySettings) -> Iterator[LabelledDay]:
    """Parts of at most ``PART_TRUCKS`` trucks, as many as are asked for; the same for the same settings."""
    trucks = max(1, round(settings.hours / DAY_HOURS))
    for first in range(0, trucks, PART_TRUCKS):
        yield _part(settings, first, min(PART_TRUCKS, trucks - first), settings.hours / trucks)


def parts_of(settings: DaySettings) -> int:
    """How many parts ``labelled_days`` gives."""
    return -(-max(1, round(settings.hours / DAY_HOURS)) // PART_TRUCKS)


def _part(settings: DaySettings, first: int, count: int, hours: float) -> LabelledDay:
    start, seconds = DAY.timestamp(), hours * 3600
    trucks = [_truck(settings, first + number, start, seconds) for number in range(count)]
    world = world_of([truck.papers for truck in trucks], day_fences())
    judge = DayJudge(world, _DOUBT * settings.air.error_m, settings.air.interval_s)
    columns: list[Columns] = []
    breaches: list[Breach] = []
    for number, truck in enumerate(trucks):  # a truck's day is whole columns
        rng = np.random.default_rng([settings.seed, 2, first + number])
        sent, seen = send(truck.day, settings.air, rng)
        troubles = spells(
            truck.day, dark(truck.day), np.random.default_rng([settings.seed, 3, first + number])
        )
        at = truck.day.motion.at[sent.row]
        columns.append(afflict(_columns(truck, sent), at, troubles, settings.air.interval_s))
        breaches += judge.breaches(truck.day, truck.papers, seen & ~unseen(truck.day, troubles))
        breaches += paper_breaches(truck.day, truck.papers, truck.spoiled)
        breaches += silences(truck.day, truck.papers, sent)
        breaches += trouble_breaches(truck.day, truck.papers, troubles, seen)
    return LabelledDay(world, _positions(columns), tuple(breaches), start + seconds, hours * count)


def _truck(settings: DaySettings, number: int, start: float, seconds: float) -> _Truck:
    rng = np.random.default_rng([settings.seed, 1, number])
    every = list(tasks())
    base, plant = every[int(rng.integers(len(every)))]
    driver = _DRIVERS[int(rng.choice(len(_DRIVERS), p=_DRIVER_SHARE))]
    day = drive(base, plant, start, seconds, driver, rng)
    papers = make_papers(number, day.trips, DAY, rng)
    if rng.random() >= _SPOILED_SHARE:
        return _Truck(papers, day, "")
    rule_id, spoil = SPOILERS[int(rng.integers(len(SPOILERS)))]
    return _Truck(spoil(papers, DAY), day, rule_id)


def _columns(truck: _Truck, sent: Sent) -> Columns:
    rows = len(sent.row)
    lon, lat = to_lonlat(sent.x_m, sent.y_m)
    loaded = truck.day.loaded[sent.row]
    return {
        "vehicle_id": np.full(rows, truck.papers.vehicle.vehicle_id.encode(), ID_DTYPE),
        "fix_time": _times(sent.fix_time),
        "received_at": _times(sent.received),
        "message": sent.batch,
        "has_fix": sent.has_fix,
        "lon": np.where(sent.has_fix, lon.round(6), np.nan),
        "lat": np.where(sent.has_fix, lat.round(6), np.nan),
        "speed_kmh": np.where(sent.has_fix, sent.speed_kmh, np.nan),
        "heading_deg": sent.heading_deg,
        "accuracy_m": sent.accuracy_m,
        "satellites": np.where(sent.has_fix, 12.0, 0.0),
        "alarm": np.zeros(rows, np.int64),
        "load": np.where(loaded, int(Load.FULL), int(Load.EMPTY)),
    }


def _times(seconds: Floats) -> Times:
    return np.round(seconds * 1000).astype(np.int64).astype("datetime64[ms]")


def _positions(columns: Sequence[Columns]) -> Positions:
    """All trucks' fixes in the order of arrival; what is not sent is missing."""
    given = {name: np.concatenate([each[name] for each in columns]) for name in columns[0]}
    truck = np.repeat(np.arange(len(columns)), [len(each["message"]) for each in columns])
    order = np.lexsort((given["fix_time"], given["message"], truck, given["received_at"]))
    rows = len(order)
    own = np.append(True, (np.diff(given["message"][order]) != 0) | (np.diff(truck[order]) != 0))
    given["message"] = np.empty(rows, np.int64)
    given["message"][order] = np.cumsum(own) - 1
    missing = {np.dtype(np.float64): np.nan, np.dtype(np.int64): -1}
    for name, dtype in COLUMN_TYPES.items():
        given.setdefault(name, np.full(rows, missing.get(dtype, 0), dtype))
    positions = Positions(**{name: given[name].astype(dtype) for name, dtype in COLUMN_TYPES.items()})
    return positions.take(order)
