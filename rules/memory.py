"""What the rules remember between batches, as columns: a fold over the fixes that were judged."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import reduce
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from hazmat.columns import ID_DTYPE, TIME_DTYPE, Floats, Ids, Ints, Mask, Rows, Times
from hazmat.partition import PARTITIONS, stable_hash

MEMORY_VERSION = 1

_F, _I, _B = np.dtype(np.float64), np.dtype(np.int64), np.dtype(np.bool_)
VEHICLE_COLUMNS: dict[str, np.dtype[Any]] = {
    "vehicle_id": ID_DTYPE,
    "last_time": TIME_DTYPE,
    "last_received": TIME_DTYPE,
    "fix_time": TIME_DTYPE,
    "x_m": _F,
    "y_m": _F,
    "load": _I,
    "speed_kmh": _F,
    "under_way": _B,
    "silent": _B,
    "stop_since": TIME_DTYPE,
    "stop_x_m": _F,
    "stop_y_m": _F,
    "phase": _I,
    "entered_at": TIME_DTYPE,
    "edge_at": TIME_DTYPE,
}
EPISODE_COLUMNS: dict[str, np.dtype[Any]] = {
    "vehicle_id": ID_DTYPE,
    "rule_id": ID_DTYPE,
    "object_id": ID_DTYPE,
    "opened_at": TIME_DTYPE,
    "fired_at": TIME_DTYPE,
    "last_hit_at": TIME_DTYPE,
    "last_seen_at": TIME_DTYPE,
    "clear_since": TIME_DTYPE,
    "clear_fixes": _I,
    "fixes": _I,
    "value": _F,
    "lon": _F,
    "lat": _F,
}
_BLANK: dict[np.dtype[Any], Any] = {
    _F: np.nan,
    _I: 0,
    _B: False,
    TIME_DTYPE: np.datetime64("NaT", "ms"),
    ID_DTYPE: b"",
}


class _Columns:
    """Shared by the tables of the memory: rows by mask, blank rows, all rows of several."""

    __slots__ = ()

    def take(self, rows: NDArray[Any]) -> Self:
        return type(self)(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})  # type: ignore[arg-type]

    def append(self, other: Self) -> Self:
        names = [f.name for f in fields(self)]  # type: ignore[arg-type]
        return type(self)(**{n: np.concatenate([getattr(self, n), getattr(other, n)]) for n in names})

    @classmethod
    def blank(cls, rows: int) -> Self:
        table = VEHICLE_COLUMNS if cls is VehicleMemory else EPISODE_COLUMNS
        return cls(**{name: np.full(rows, _BLANK[dtype], dtype) for name, dtype in table.items()})


@dataclass(frozen=True, slots=True)
class VehicleMemory(_Columns):
    """One row a vehicle, sorted by the stable hash of its id.

    ``last_time`` of any judged message, ``fix_time``, ``x_m``, ``y_m`` of the last usable fix; ``load`` as
    last reported; ``speed_kmh`` then, and ``under_way``: moving, not in a plant or park; ``silent``: the
    alert for the present silence is out. ``stop_*``: since when and where it stands; ``phase``,
    ``entered_at``: its journey; ``edge_at``: when it last crossed the district's edge.
    """

    vehicle_id: Ids
    last_time: Times
    last_received: Times
    fix_time: Times
    x_m: Floats
    y_m: Floats
    load: Ints
    speed_kmh: Floats
    under_way: Mask
    silent: Mask
    stop_since: Times
    stop_x_m: Floats
    stop_y_m: Floats
    phase: Ints
    entered_at: Times
    edge_at: Times


@dataclass(frozen=True, slots=True)
class Episodes(_Columns):
    """Pending and firing episodes, a row a (vehicle, rule, object); ``fired_at`` is NaT while pending."""

    vehicle_id: Ids
    rule_id: Ids
    object_id: Ids
    opened_at: Times
    fired_at: Times
    last_hit_at: Times
    last_seen_at: Times
    clear_since: Times
    clear_fixes: Ints
    fixes: Ints
    value: Floats
    lon: Floats
    lat: Floats

    def ordered(self) -> Self:
        """By vehicle, rule and object, so that equal memories are equal tables."""
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
