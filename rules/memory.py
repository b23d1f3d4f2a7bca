"""What the rules remember between batches, as columns: a fold over the fixes that were judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from hazmat.columns import Floats, Ids, Ints, Mask, Rows, Times
from hazmat.partition import PARTITIONS, stable_hash
from rules.memory_coverage import CoverageMemory
from rules.memory_device import DeviceMemory
from rules.memory_driving import DrivingMemory
from rules.memory_lane import LaneMemory
from rules.memory_speed import SpeedMemory
from rules.memory_tank import TankMemory
from rules.memory_together import TogetherMemory
from rules.memory_trip import TripMemory
from rules.memory_way import WayMemory
from rules.table import FLAG, FLOAT, ID, INT, TIME, Table

MEMORY_VERSION = 3


@dataclass(frozen=True, slots=True)
class VehicleMemory(Table):
    """One row a vehicle, sorted by the stable hash of its id.

    ``last_time`` of any judged message, ``fix_time``, ``x_m``, ``y_m`` of the last usable fix; ``load`` as
    last reported; ``speed_kmh`` and ``heading_deg`` then, and ``under_way``: moving, not in a plant or park;
    ``at_stop_place``: in one; ``loaded``: counted as loaded. ``silent``: the alert for the present silence is
    out, a bit a timer rule. ``stop_*``: since when and where it stands; ``phase``, ``entered_at``: its
    journey; ``edge_at``: when it last crossed the district's edge. The tables belong to groups of rules.
    """

    vehicle_id: Ids
    last_time: Times
    last_received: Times
    fix_time: Times
    x_m: Floats
    y_m: Floats
    load: Ints
    speed_kmh: Floats
    heading_deg: Floats
    under_way: Mask
    at_stop_place: Mask
    loaded: Mask
    silent: Ints
    stop_since: Times
    stop_x_m: Floats
    stop_y_m: Floats
    phase: Ints
    entered_at: Times
    edge_at: Times
    speed: SpeedMemory
    driving: DrivingMemory
    way: WayMemory
    trip: TripMemory
    lane: LaneMemory
    device: DeviceMemory
    tank: TankMemory
    together: TogetherMemory
    coverage: CoverageMemory

    COLUMNS: ClassVar = {
        "vehicle_id": ID,
        "last_time": TIME,
        "last_received": TIME,
        "fix_time": TIME,
        "x_m": FLOAT,
        "y_m": FLOAT,
        "load": INT,
        "speed_kmh": FLOAT,
        "heading_deg": FLOAT,
        "under_way": FLAG,
        "at_stop_place": FLAG,
        "loaded": FLAG,
        "silent": INT,
        "stop_since": TIME,
        "stop_x_m": FLOAT,
        "stop_y_m": FLOAT,
        "phase": INT,
        "entered_at": TIME,
        "edge_at": TIME,
        "speed": SpeedMemory,
        "driving": DrivingMemory,
        "way": WayMemory,
        "trip": TripMemory,
        "lane": LaneMemory,
        "device": DeviceMemory,
        "tank": TankMemory,
        "together": TogetherMemory,
        "coverage": CoverageMemory,
    }


@dataclass(frozen=True, slots=True)
class Episodes(Table):
    """Pending and firing episodes, a row a (vehicle, rule, object); ``fired_at`` is NaT while pending.

    ``named_at``: the opening that its id was made of; a repair may move ``opened_at``, never the id.
    ``cool_until``: after an alert has ended, its like is not told before then; such a row has no opening.
    ``lapsed``: its alert is told as ended by a silence that no fix has ended yet.
    """

    vehicle_id: Ids
    rule_id: Ids
    object_id: Ids
    opened_at: Times
    named_at: Times
    fired_at: Times
    last_hit_at: Times
    last_seen_at: Times
    clear_since: Times
    cool_until: Times
    clear_fixes: Ints
    fixes: Ints
    value: Floats
    lon: Floats
    lat: Floats
    lapsed: Mask

    COLUMNS: ClassVar = {
        "vehicle_id": ID,
        "rule_id": ID,
        "object_id": ID,
        "opened_at": TIME,
        "named_at": TIME,
        "fired_at": TIME,
        "last_hit_at": TIME,
        "last_seen_at": TIME,
        "clear_since": TIME,
        "cool_until": TIME,
        "clear_fixes": INT,
        "fixes": INT,
        "value": FLOAT,
        "lon": FLOAT,
        "lat": FLOAT,
        "lapsed": FLAG,
    }

    def ordered(self) -> Self:
        """By vehicle, rule and object: the same set of episodes is the same table."""
        return self.take(np.lexsort((self.object_id, self.rule_id, self.vehicle_id)))


@dataclass(frozen=True, slots=True)
class Memory:
    """The whole memory of some vehicles; any grouping of partitions can be split off and merged again."""

    vehicles: VehicleMemory
    hashes: NDArray[np.uint64]
    episodes: Episodes

    @classmethod
    def empty(cls) -> Self:
        """Nothing remembered."""
        return cls(VehicleMemory.blank(0), np.empty(0, np.uint64), Episodes.blank(0))

    @classmethod
    def of(cls, vehicles: VehicleMemory, episodes: Episodes) -> Self:
        """From tables in any order."""
        hashes = stable_hash(vehicles.vehicle_id)
        order = np.argsort(hashes, kind="stable")
        return cls(vehicles.take(order), hashes[order], episodes.ordered())

    def with_vehicles(self, ids: Ids, hashes: NDArray[np.uint64]) -> Self:
        """The same memory with a blank row for each vehicle that it does not know yet."""
        spot = np.minimum(np.searchsorted(self.hashes, hashes), max(len(self.hashes) - 1, 0))
        new = np.ones(len(ids), bool) if not len(self.hashes) else self.hashes[spot] != hashes
        if not new.any():
            return self
        fresh_hashes, first = np.unique(hashes[new], return_index=True)
        blank = VehicleMemory.blank(len(fresh_hashes))
        blank.vehicle_id[:] = ids[new][first]
        blank.load[:] = -1
        merged = np.concatenate([self.hashes, fresh_hashes])
        order = np.argsort(merged, kind="stable")
        return type(self)(self.vehicles.append(blank).take(order), merged[order], self.episodes)

    def slots(self, hashes: NDArray[np.uint64]) -> Rows:
        """Row of each vehicle that ``with_vehicles`` was told of."""
        return np.searchsorted(self.hashes, hashes)

    def split(self) -> dict[int, "Memory"]:
        """The memory of each of the 64 partitions."""
        of_vehicle = self.hashes % np.uint64(PARTITIONS)
        of_episode = stable_hash(self.episodes.vehicle_id) % np.uint64(PARTITIONS)
        return {
            number: Memory(
                self.vehicles.take(of_vehicle == number),
                self.hashes[of_vehicle == number],
                self.episodes.take(of_episode == number),
            )
            for number in range(PARTITIONS)
        }

    @classmethod
    def merge(cls, parts: Sequence["Memory"]) -> Self:
        """One memory of several that have no vehicle in common."""
        vehicles = reduce(VehicleMemory.append, (part.vehicles for part in parts), VehicleMemory.blank(0))
        return cls.of(vehicles, reduce(Episodes.append, (part.episodes for part in parts), Episodes.blank(0)))
