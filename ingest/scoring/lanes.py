"""How honest the lane estimate is: trucks on a straight trunk road, lanes known, errors that drift.

``hazmat score --lanes`` prints, per receiver error, whether a stated 0.95 is right 95 times in 100, and how
often the rule finds a truck that left its lane, or accuses one that did not.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from hazmat.columns import Floats, Ints, Mask
from hazmat.coordinates import to_lonlat, to_metres
from hazmat.documents import Vehicle
from hazmat.geofences import Direction, FenceKind, Geofence, Lanes
from hazmat.partition import stable_hash
from hazmat.position import COLUMN_TYPES, Positions
from hazmat.registry import Registry, World
from ingest.process import process
from rules.facts import build_facts
from rules.memory import Memory

_START = datetime(2026, 3, 16, 2, tzinfo=UTC)
_ROAD_M = 60_000.0
_LANES = Lanes(count=3, designated=3)
_CORNER = np.array(to_metres(np.array([121.0]), np.array([29.9]))).reshape(2)
_LAWFUL_SHARE = 0.7
_WANDER_M = 0.25
_OFF_M = (2500.0, 8000.0)  # how long a truck stays out of the designated lane
_RULES = ("lane_suspected", "lane_left")
_MARGIN_S = 120.0  # a lane left or taken again so shortly before is neither right nor wrong


@dataclass(frozen=True, slots=True)
class LaneScore:
    """Result for one receiver error.

    ``stated`` and ``right``: mean probability said and share that was so, of fixes where the designated
    lane or its absence was said with 0.93 to 0.97 (``stated_fixes`` of them). ``episodes`` of a truck out of
    its lane, ``found`` of them; ``false`` alerts over ``km``.
    """

    error_m: float
    stated: float
    right: float
    stated_fixes: int
    episodes: int
    found: int
    false: int
    km: float


def score_lanes(error_m: float, trucks: int, seed: int, interval_s: float = 10.0) -> LaneScore:
    """``error_m``: standard deviation on one axis; the terminal reports twice that, give or take 30 %."""
    fixes, lane, along = drive_lanes(error_m, trucks, seed, interval_s)
    on_road = along < _ROAD_M * 0.95
    off, fired = _judge(fixes.take(on_road.ravel()), lane_registry(trucks))
    return _score(error_m, off, fired, lane, along, on_road, interval_s)


def drive_lanes(error_m: float, trucks: int, seed: int, interval_s: float) -> tuple[Positions, Ints, Floats]:
    """(fixes by truck and time, true lane, metres along the road), the last two a row a truck."""
    rng = np.random.default_rng([seed, round(error_m * 100)])
    speed_ms = rng.uniform(11.0, 16.5, trucks)
    steps = int(_ROAD_M * 0.9 / speed_ms.min() / interval_s)
    along = np.cumsum(np.full((trucks, steps), 1.0) * speed_ms[:, None] * interval_s, axis=1)
    lane = _lanes(along, rng)
    error = _drift(trucks, steps, error_m, interval_s, rng)
    return _positions(along, lane, error, error_m, speed_ms, interval_s, rng), lane, along


def _lanes(along: Floats, rng: np.random.Generator) -> Ints:
    """Each truck's lane (1 to 3) along the way: mostly the designated one, else another for kilometres."""
    lane = np.full(along.shape, _LANES.designated)
    for truck in range(len(along)):
        at = 0.0
        while at < _ROAD_M:
            lawful = rng.random() < _LAWFUL_SHARE
            to = at + (rng.exponential(9000.0) + 1000.0 if lawful else rng.uniform(*_OFF_M))
            rows = (along[truck] >= at) & (along[truck] < to)
            lane[truck, rows] = _LANES.designated if lawful else rng.integers(1, _LANES.designated)
            at = to
    return _one_lane_at_a_time(lane)


def _one_lane_at_a_time(lane: Ints) -> Ints:
    """No truck crosses two lanes between two fixes."""
    for step in range(1, lane.shape[1]):
        lane[:, step] = np.clip(lane[:, step], lane[:, step - 1] - 1, lane[:, step - 1] + 1)
    return lane


def _drift(trucks: int, steps: int, error_m: float, interval_s: float, rng: np.random.Generator) -> Floats:
    keep = np.exp(-interval_s / np.exp(rng.uniform(np.log(30.0), np.log(300.0), trucks)))
    error = np.empty((trucks, steps))
    error[:, 0] = rng.normal(0.0, error_m, trucks)
    for step in range(1, steps):
        fresh = rng.normal(0.0, error_m, trucks) * np.sqrt(1 - keep**2)
        error[:, step] = keep * error[:, step - 1] + fresh
    return error


def _positions(
    along: Floats, lane: Ints, error: Floats, error_m: float, speed_ms: Floats, interval_s: float,
    rng: np.random.Generator,
) -> Positions:  # fmt: skip
    trucks, steps = along.shape
    right = (lane - 0.5) * _LANES.width_m + error + rng.normal(0.0, _WANDER_M, along.shape)
    lon, lat = to_lonlat(_CORNER[0] + along.ravel(), _CORNER[1] - right.ravel())
    seconds = np.broadcast_to(np.arange(steps) * interval_s, along.shape)
    time = np.datetime64(_START.replace(tzinfo=None), "ms") + (seconds * 1000).astype("timedelta64[ms]")
    says = np.round(2 * error_m * np.exp(rng.uniform(-np.log(1.3), np.log(1.3), trucks)), 1)
    given: dict[str, NDArray[Any]] = {
        "vehicle_id": np.repeat([b"L%05d" % number for number in range(trucks)], steps),
        "fix_time": time.ravel(),
        "received_at": time.ravel() + np.timedelta64(500, "ms"),
        "message": np.arange(trucks * steps),
        "has_fix": np.ones(trucks * steps, bool),
        "lon": lon,
        "lat": lat,
        "speed_kmh": np.repeat(speed_ms * 3.6, steps),
        "heading_deg": np.full(trucks * steps, 90.0),
        "accuracy_m": np.repeat(says, steps),
        "load": np.full(trucks * steps, 2),
    }
    return Positions(**{name: _column(name, given, trucks * steps) for name in COLUMN_TYPES})


def _column(name: str, given: dict[str, NDArray[Any]], rows: int) -> NDArray[Any]:
    kind = COLUMN_TYPES[name]
    if name in given:
        return given[name].astype(kind)
    return np.full(rows, np.nan if kind.kind == "f" else -1, kind)


def lane_registry(trucks: int) -> Registry:
    """A straight trunk road with three lanes a direction, the right one designated, and these trucks."""
    x = _CORNER[0] + np.array([0.0, _ROAD_M])
    line = shapely.LineString(np.column_stack(to_lonlat(x, np.repeat(_CORNER[1], 2))))
    road = Geofence(
        fence_id="trunk", kind=FenceKind.DESIGNATED_ROAD, name="直路", geometry=line, lanes=_LANES,
        valid_from=datetime(2025, 1, 1, tzinfo=UTC), direction=Direction.BOTH,
        half_width_m=_LANES.count * _LANES.width_m + 4.0, speed_limit_kmh=80.0,
    )  # fmt: skip
    fleet = tuple(
        Vehicle(vehicle_id=f"L{n:05d}", plate=f"浙L{n:05d}", carrier_id="C", carrier_name="示例")
        for n in range(trucks)
    )
    return Registry(World(vehicles=fleet, fences=(road,)), 1)


def _judge(fixes: Positions, registry: Registry) -> tuple[Floats, dict[str, list[tuple[str, float, float]]]]:
    """(probability of being off the lane at each fix, alerts as (vehicle, from, to) in seconds, by rule)."""
    memory = Memory.empty().with_vehicles(fixes.vehicle_id, _hashes(fixes))
    slot = memory.slots(_hashes(fixes))
    order = np.lexsort((fixes.fix_time, slot))
    facts, _ = build_facts(
        fixes.take(order), slot[order], registry.vehicles.find(fixes.vehicle_id[order]), registry,
        memory.vehicles,
    )  # fmt: skip
    off = np.empty(len(fixes))
    off[order] = facts.lanes.off
    outcome, _ = process(fixes, registry, Memory.empty(), _START.replace(hour=23))
    begin = _START.timestamp()
    fired: dict[str, list[tuple[str, float, float]]] = {rule: [] for rule in _RULES}
    for alert in outcome.alerts:
        if alert.rule_id in fired:
            span = (alert.opened_at.timestamp() - begin, alert.last_hit_at.timestamp() - begin)
            fired[alert.rule_id].append((alert.vehicle_id, *span))
    return off, fired


def _hashes(fixes: Positions) -> NDArray[np.uint64]:
    return stable_hash(fixes.vehicle_id)


def _score(
    error_m: float, off: Floats, fired: dict[str, list[tuple[str, float, float]]], lane: Ints, along: Floats,
    on_road: Mask, interval_s: float,
) -> LaneScore:  # fmt: skip
    is_off = (lane != _LANES.designated)[on_road]
    said_off = (off >= 0.93) & (off <= 0.97)
    said_on = (off >= 0.03) & (off <= 0.07)
    right = np.concatenate([is_off[said_off], ~is_off[said_on]])
    stated = np.concatenate([off[said_off], 1 - off[said_on]])
    episodes = found = false = 0
    alerts = [*fired["lane_suspected"]]
    for truck in range(len(lane)):
        mine = [span for span in alerts if int(span[0][1:]) == truck]
        stretches = _stretches((lane[truck] != _LANES.designated) & on_road[truck], interval_s)
        episodes += len(stretches)
        found += sum(any(f <= e and s <= t for _, f, t in mine) for s, e in stretches)
        false += sum(
            not any(f <= e + _MARGIN_S and s - _MARGIN_S <= t for s, e in stretches) for _, f, t in mine
        )
    km = float(along[:, -1].clip(max=_ROAD_M * 0.95).sum() / 1000)
    so = (float(stated.mean()), float(right.mean())) if len(right) else (np.nan, np.nan)
    return LaneScore(error_m, *so, len(right), episodes, found, false, km)


def _stretches(off: Mask, interval_s: float) -> list[tuple[float, float]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], off.astype(np.int8), [0]]))).reshape(-1, 2)
    return [(start * interval_s, end * interval_s) for start, end in edges.tolist()]
