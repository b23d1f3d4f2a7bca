"""What is known of all vehicles at one moment by their last fixes: what rules about several ask."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hazmat.alerts import Fact
from hazmat.clock import seconds_between
from hazmat.columns import Floats, Ids, Ints, Mask, Rows, Times
from hazmat.coordinates import to_lonlat
from hazmat.partition import stable_hash
from hazmat.registry import Registry
from rules.memory import Episodes, Memory, VehicleMemory
from rules.rule import Limits


@dataclass(frozen=True)
class Scene:
    """Columns are aligned with the memory's vehicles; ``episodes`` are those of the rules about several.

    Nothing here knows what will be reported later: a place is where a vehicle was last known to be.
    """

    registry: Registry
    memory: Memory
    episodes: Episodes
    at: np.datetime64

    @property
    def vehicles(self) -> VehicleMemory:
        """The rows."""
        return self.memory.vehicles

    @cached_property
    def age_s(self) -> Floats:
        """Seconds since each vehicle's last usable fix; NaN without one."""
        return seconds_between(self.vehicles.fix_time, self.times(len(self.memory.hashes)))

    @cached_property
    def standing(self) -> Mask:
        """Standing when last known."""
        return ~np.isnat(self.vehicles.stop_since)

    @cached_property
    def velocity(self) -> tuple[Floats, Floats]:
        """(east, north) in metres a second: by the last two fixes, else by speed and course; NaN: unknown."""
        memory = self.vehicles
        step_s = seconds_between(memory.together.before_at, memory.fix_time)
        step_s = np.where(step_s > 0, step_s, np.nan)
        east, north = (memory.x_m - memory.together.before_x_m, memory.y_m - memory.together.before_y_m)
        told, course = memory.speed_kmh / 3.6, np.radians(self.course_deg)
        return (
            np.where(np.isnan(step_s), told * np.sin(course), east / step_s),
            np.where(np.isnan(step_s), told * np.cos(course), north / step_s),
        )

    @cached_property
    def course_deg(self) -> Floats:
        """Where each vehicle's track led last, else its reported heading; some always report 0."""
        led = self.vehicles.together.course_deg
        return np.where(np.isnan(led), self.vehicles.heading_deg, led)

    @cached_property
    def speed_kmh(self) -> Floats:
        """As reported, else by the last two fixes."""
        told = self.vehicles.speed_kmh
        return np.where(np.isnan(told), np.hypot(*self.velocity) * 3.6, told)

    @cached_property
    def registered(self) -> Ints:
        """Row of each vehicle in the registry, -1 for none."""
        return self.registry.vehicles.find(self.vehicles.vehicle_id)

    @cached_property
    def waybill(self) -> Ints:
        """Row of each vehicle's waybill in force, -1 for none."""
        return self.registry.waybills.at(self.registered, self.times(len(self.registered)))

    def times(self, rows: int) -> Times:
        """The moment as a column."""
        return np.full(rows, self.at)

    def fresh(self, limits: Limits) -> Mask:
        """Heard of lately enough to say where each vehicle is."""
        return np.asarray(self.age_s <= limits["fresh_s"], bool)

    def stands_or_creeps(self, limits: Limits) -> Mask:
        """Standing and heard of within ``fresh_s``, or no faster than ``up_to_kmh`` within
        ``creeping_fresh_s``: a terminal at rest reports seldom, and a truck at rest stays where it is.
        """
        creeping = (self.speed_kmh <= limits["up_to_kmh"]) & (self.age_s <= limits["creeping_fresh_s"])
        return self.fresh(limits) & (self.standing | creeping)

    def rows_of(self, vehicle_id: Ids) -> Rows:
        """Row of each vehicle in the memory, -1 where it is none."""
        hashes = self.memory.hashes
        if not len(hashes):
            return np.full(len(vehicle_id), -1, np.intp)
        spot = np.minimum(np.searchsorted(hashes, stable_hash(vehicle_id)), len(hashes) - 1)
        return np.where(self.vehicles.vehicle_id[spot] == vehicle_id, spot, -1)

    def same_way(self, one: Rows, other: Rows, within_deg: float) -> Mask:
        """Whether each two go in about the same direction; unknown counts as no."""
        turn = (self.course_deg[one] - self.course_deg[other] + 180.0) % 360.0 - 180.0
        return np.asarray(np.abs(turn) <= within_deg, bool)

    def open_of(self, rule_id: str) -> Episodes:
        """Episodes of a rule that have begun, the oldest first."""
        mine = np.flatnonzero(
            (self.episodes.rule_id == rule_id.encode()) & ~np.isnat(self.episodes.opened_at)
        )
        order = np.lexsort((self.episodes.object_id[mine], self.episodes.opened_at[mine]))
        return self.episodes.take(mine[order])

    def told(self, rule_id: str, one: Rows, other: Rows) -> Mask:
        """Whether an alert about each pair, the lower id first, stands: it ends a little further apart."""
        known = self.open_of(rule_id)
        known = known.take(~np.isnat(known.fired_at))
        count = len(self.age_s)
        pairs = self.rows_of(known.vehicle_id) * count + self.rows_of(known.object_id)
        return np.isin(one * count + other, pairs)

    def who(self, row: int) -> dict[str, Fact]:
        """A vehicle and where it was last, for evidence."""
        memory, index, paper = self.vehicles, int(self.registered[row]), int(self.waybill[row])
        lon, lat = to_lonlat(memory.x_m[row : row + 1], memory.y_m[row : row + 1])
        return {
            "vehicle_id": memory.vehicle_id[row].decode(errors="replace"),
            "plate": self.registry.world.vehicles[index].plate if index >= 0 else None,
            "goods": self.registry.world.waybills[paper].goods_name if paper >= 0 else None,
            "lon": round(float(lon[0]), 7),
            "lat": round(float(lat[0]), 7),
            "fix_age_s": float(self.age_s[row]),
            "speed_kmh": None if np.isnan(self.speed_kmh[row]) else round(float(self.speed_kmh[row]), 1),
        }

    def names(self, rows: Rows) -> str:
        """Plates of these vehicles, ids where there is none, in order."""
        told = (self.who(int(row)) for row in rows)  # few: the members of one group
        return ", ".join(sorted(str(each["plate"] or each["vehicle_id"]) for each in told))


def vehicle_fresh(scene: Scene, rows: Rows, _: Ids, limits: Limits) -> Mask:
    """Whether the vehicle was heard of lately enough."""
    return scene.fresh(limits)[rows]


def both_fresh(scene: Scene, rows: Rows, objects: Ids, limits: Limits) -> Mask:
    """Whether the vehicle and the other one, the object, were heard of lately enough."""
    other = scene.rows_of(objects)
    return scene.fresh(limits)[rows] & scene.fresh(limits)[other] & (other >= 0)


def in_order(scene: Scene, one: Rows, other: Rows) -> tuple[Rows, Rows]:
    """Each pair with the lower vehicle id first: a pair is told once, and always by the same name."""
    ids = scene.vehicles.vehicle_id
    swap = ids[one] > ids[other]
    return np.where(swap, other, one), np.where(swap, one, other)


def other_vehicle(scene: Scene, object_id: str) -> dict[str, Fact]:
    """The other vehicle of a pair, for evidence: its facts by ``other_…``."""
    row = int(scene.rows_of(np.array([object_id.encode()], scene.vehicles.vehicle_id.dtype))[0])
    return {f"other_{name}": fact for name, fact in scene.who(row).items()} if row >= 0 else {}
