"""What is true of each fix: the columns that rules are written in."""

from dataclasses import dataclass

import numpy as np

from hazmat.clock import seconds_between
from hazmat.columns import Floats, Ids, Ints, Mask, Rows, Times
from hazmat.journeys import JourneyChange, JourneyPhase
from hazmat.position import Load, Positions
from hazmat.registry import Registry
from rules.ahead import Ahead, find_ahead
from rules.district import in_district
from rules.drift import Drift, fold_drift
from rules.driving import Driving, fold_driving
from rules.implied_speed import fold_speed
from rules.lanes import Lanes, fold_lanes
from rules.memory import VehicleMemory
from rules.papers import Listed, ToxicPapers, find_in_force, find_papers
from rules.phases import Places as PlantVisits
from rules.phases import fold_phases
from rules.places import (
    HEADING_KMH,
    VISITING_KMH,
    Places,
    Roads,
    find_areas,
    find_places,
    find_roads,
    stop_places,
)
from rules.sites import Sites, find_sites
from rules.stay import fold_stay
from rules.stops import fold_stops
from rules.track import Track, build_track
from rules.trip import Trip, fold_trip
from rules.tunnels import Tunnels, find_tunnels, no_stop_stretch
from rules.way import Way, fold_way

ASSUMED_ACCURACY_M = 10.0  # an ordinary terminal that does not say: 2.5 to 10 m
WORST_ACCURACY_M = 50.0


@dataclass(frozen=True, slots=True)
class Facts:
    """Aligned with the fixes, but for ``places``, ``roads``, ``tunnels``, ``ahead`` and ``sites``, which are
    (fix, fence) pairs, ``listings``, (fix, blacklist entry) pairs, and
    ``toxic``, (fix, waybill) pairs. ``waybill``: of the trip under way, of several in force.

    ``placed``: the fix says where its truck is; not one that stands still to the digit while it drives, nor
    one that no truck can have come to.

    Indices (``vehicle``, ``waybill``, ``route``, ``listed``) point into ``registry.world`` and its fences,
    -1: none. ``class_bits``: classes of the goods on board, of the vehicle's approval where no waybill
    says, all where unknown. ``accuracy_m``: as reported, else assumed, within 0 to 50 m. ``speed_kmh``: as
    reported (``speed_over_s`` infinite), else from the track over so many seconds. ``moving`` or
    ``standing``, neither where no speed is known; ``under_way``: moving, not in a plant or park.
    ``stopped_s``: standing for so long, else NaN. ``no_stop``: a loaded truck standing where none may;
    ``off_route`` as ``way.off``; ``at_service_area``: in one, and in no plant or park. ``stay_since``: in
    the district ever since, as far as is known.
    """

    registry: Registry
    fix_time: Times
    track: Track
    placed: Mask
    vehicle: Ints
    waybill: Ints
    waybill_faults: Ints
    listed: Ints
    listings: Listed
    toxic: ToxicPapers
    class_bits: Ints
    loaded: Mask
    accuracy_m: Floats
    speed_kmh: Floats
    speed_over_s: Floats
    moving: Mask
    standing: Mask
    under_way: Mask
    stop_since: Times
    stopped_s: Floats
    in_district: Mask
    at_stop_place: Mask
    no_stop: Mask
    phase: Ints
    route: Ints
    off_route: Mask
    way: Way
    tunnels: Tunnels
    ahead: Ahead
    sites: Sites
    stay_since: Times
    at_service_area: Mask
    roads: Roads
    places: Places
    driving: Driving
    drift: Drift
    trip: Trip
    lanes: Lanes

    @property
    def slot(self) -> Rows:
        """Row of each fix's vehicle in the memory."""
        return self.track.slot

    @property
    def first(self) -> Mask:
        """Whether a fix is its vehicle's first in the batch."""
        return self.track.first

    @property
    def known(self) -> Mask:
        """The vehicle is registered."""
        return self.vehicle >= 0

    @property
    def fence_ids(self) -> Ids:
        """Id of every fence row, for objects of alerts."""
        return self.registry.fences.ids


def build_facts(
    positions: Positions, slot: Rows, vehicle: Ints, registry: Registry, memory: VehicleMemory
) -> tuple[Facts, tuple[JourneyChange, ...]]:
    """Facts of usable fixes sorted by (slot, fix_time), and the journeys that changed.

    ``vehicle``: each fix's row among the registered vehicles, -1 for none.

    ``memory`` is the caller's own copy: its columns are advanced in place past these fixes.
    """
    track = build_track(positions, slot, memory)
    accuracy = np.clip(np.nan_to_num(positions.accuracy_m, nan=ASSUMED_ACCURACY_M), 0.0, WORST_ACCURACY_M)
    reckoned = fold_speed(track, positions.fix_time, positions.speed_kmh, accuracy, memory.speed)
    speed = reckoned.kmh
    in_force = find_in_force(vehicle, positions.fix_time, registry)
    load = _load(positions, track, vehicle, registry, memory)
    loaded = counts_as_loaded(load, in_force.latest)
    since, standing = fold_stops(track, positions.fix_time, speed, accuracy, memory)
    areas = find_areas(positions, track, accuracy, registry)
    plants, at_service = stop_places(positions, areas, track, speed, accuracy, registry)
    visits = PlantVisits(plants, plants & (speed < VISITING_KMH))
    district = in_district(track, positions.fix_time, accuracy, registry.fences, memory.phase)
    phase, entered_at, journeys = fold_phases(track, positions.fix_time, district, visits, memory)
    inside = phase != JourneyPhase.OUTSIDE
    trip = fold_trip(track, positions.fix_time, load, inside, in_force, accuracy, registry, memory.trip)
    papers = find_papers(positions, vehicle, in_force, trip.waybill, registry)
    roads = find_roads(positions, track, papers, speed, accuracy, registry)
    places = find_places(positions, track, areas, roads, papers, loaded, accuracy, registry)
    lanes = fold_lanes(track, positions.fix_time, accuracy, roads, memory.lane, registry)
    driving = fold_driving(track, positions, speed, accuracy, registry, memory.driving)
    moving = ~standing & ~np.isnan(speed)
    way = fold_way(track, papers, loaded & ~plants, accuracy, registry, memory.way)
    no_stop = no_stop_stretch(standing & loaded, track, areas, roads, accuracy, registry)
    tunnels = find_tunnels(positions, track, areas, roads, papers, loaded, accuracy, registry)
    ahead = find_ahead(positions, moving & ~plants, track, roads, papers, loaded, speed, registry)
    staying = loaded & ~plants & ~(moving & roads.designated)
    sites = find_sites(staying, track, positions.fix_time, papers, loaded, registry)
    drift = fold_drift(track, positions.fix_time, accuracy, memory)
    _remember(memory, positions, track, moving & ~plants)
    memory.at_stop_place[slot], memory.loaded[slot] = plants, loaded
    facts = Facts(
        registry=registry,
        fix_time=positions.fix_time,
        track=track,
        placed=~(_frozen(positions, track) | drift.leap),
        vehicle=papers.vehicle,
        waybill=papers.waybill,
        waybill_faults=papers.faults,
        listed=papers.listed,
        listings=papers.listings,
        toxic=papers.toxic,
        class_bits=papers.class_bits,
        loaded=loaded,
        accuracy_m=accuracy,
        speed_kmh=speed,
        speed_over_s=reckoned.over_s,
        moving=moving,
        standing=standing,
        under_way=moving & ~plants,
        stop_since=since,
        stopped_s=seconds_between(since, positions.fix_time),
        in_district=inside,
        at_stop_place=plants,
        no_stop=no_stop,
        phase=phase,
        route=papers.route,
        off_route=way.off,
        way=way,
        tunnels=tunnels,
        ahead=ahead,
        sites=sites,
        stay_since=fold_stay(track, positions.fix_time, entered_at, memory.way),
        at_service_area=at_service,
        roads=roads,
        places=places,
        driving=driving,
        drift=drift,
        trip=trip,
        lanes=lanes,
    )
    return facts, journeys


def _frozen(positions: Positions, track: Track) -> Mask:
    still: Mask = track.step_m == 0.0
    return still & (positions.speed_kmh >= HEADING_KMH)  # not reported, NaN, compares false


def _load(
    positions: Positions, track: Track, vehicle: Ints, registry: Registry, memory: VehicleMemory
) -> Ints:
    """As last reported by the terminal; one without a sensor says "empty" always, and says nothing by it."""
    row = np.arange(len(positions))
    sensor = np.append(registry.has_load_sensor, True)[vehicle]
    said = (positions.load != Load.UNKNOWN) & (sensor | (positions.load != Load.EMPTY))
    start = np.maximum.accumulate(np.where(track.first, row, 0))
    latest = np.maximum.accumulate(np.where(said, row, -1))
    load = np.where(latest >= start, positions.load[latest], memory.load[track.slot])
    memory.load[track.slot] = load  # the last row of a vehicle is written last
    return load


def counts_as_loaded(load: Ints, waybill: Ints) -> Mask:
    """``load`` as last reported (-1: never), ``waybill`` in force (-1: none)."""
    return np.where(load == Load.UNKNOWN, waybill >= 0, load > Load.EMPTY)


def _remember(memory: VehicleMemory, positions: Positions, track: Track, under_way: Mask) -> None:
    # Of several fixes of one vehicle NumPy keeps the last one written: they are in order of time.
    memory.fix_time[track.slot] = positions.fix_time
    memory.x_m[track.slot] = track.x_m
    memory.y_m[track.slot] = track.y_m
    memory.speed_kmh[track.slot] = positions.speed_kmh
    memory.heading_deg[track.slot] = positions.heading_deg
    memory.under_way[track.slot] = under_way
