"""`process()` alone: fixes a second by number of fences, and what a known vehicle costs in memory."""

import gc
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hazmat import clock
from hazmat.clock import from_time
from hazmat.position import Positions
from hazmat.registry import Registry, World
from ingest.bench.terrain import Traffic, world_with
from ingest.process import process
from rules.memory import Memory

BATCH_ROWS = 4_096
_WARM_ROUNDS, _MEASURED_ROUNDS = 30, 6  # reports of every vehicle; at first all that is wrong is told


@dataclass(frozen=True, slots=True)
class PureRate:
    """What `process()` carries with so many fences in force."""

    fences: int
    fixes_per_s: float
    us_per_fix: float
    alerts: int


def pure_rates(vehicles: int, fences: tuple[int, ...] = (100, 1_000, 10_000)) -> tuple[PureRate, ...]:
    """Measure each number of fences on the same traffic."""
    return tuple(_rate(count, vehicles) for count in fences)


def _rate(fences: int, vehicles: int) -> PureRate:
    at = clock.now()
    world = world_with(fences, vehicles, at)
    registry = Registry(world, 1)
    batches = _batches(Traffic(world).rounds(at))
    memory, _, _ = _fold(batches, registry, Memory.empty(), _WARM_ROUNDS * vehicles)
    fixes = _MEASURED_ROUNDS * vehicles
    _, alerts, spent = _fold(batches, registry, memory, fixes)
    return PureRate(fences, fixes / spent, spent / fixes * 1e6, alerts)


def _batches(rounds: Iterator[Positions]) -> Iterator[Positions]:
    for reports in rounds:
        for start in range(0, len(reports), BATCH_ROWS):
            yield reports.take(np.arange(start, min(start + BATCH_ROWS, len(reports))))


def _fold(
    batches: Iterator[Positions], registry: Registry, memory: Memory, fixes: int
) -> tuple[Memory, int, float]:
    done, alerts, spent = 0, 0, 0.0
    while done < fixes:
        batch = next(batches)
        at = from_time(batch.received_at[-1])
        begin = time.perf_counter()
        outcome, memory = process(batch, registry, memory, at)
        spent += time.perf_counter() - begin
        done += len(batch)
        alerts += len(outcome.alerts)
    return memory, alerts, spent


@dataclass(frozen=True, slots=True)
class VehicleCost:
    """Resident bytes for each known vehicle: its papers in the registry, and what rules remember of it."""

    registry_bytes: float
    memory_bytes: float


def vehicle_memory(vehicles: int) -> VehicleCost:
    """Measure how the process grows from no vehicle to many; call it first, in a fresh process."""
    at = clock.now()
    none = Registry(World(fences=world_with(1_000, 1, at).fences), 1)
    process(Positions.empty(), none, Memory.empty(), at)
    before = _resident()
    world = world_with(1_000, vehicles, at)
    registry = Registry(world, 1)
    process(Positions.empty(), registry, Memory.empty(), at)
    with_papers = _resident()
    memory = Memory.empty()
    for batch in itertools.islice(_batches(Traffic(world).rounds(at)), 2 * vehicles // BATCH_ROWS + 1):
        _, memory = process(batch, registry, memory, from_time(batch.received_at[-1]))
    return VehicleCost((with_papers - before) / vehicles, (_resident() - with_papers) / vehicles)


def _resident() -> int:
    gc.collect()
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024
