"""The command `hazmat bench rules`: what all rules cost a fix, which cost most, how long a restart takes."""

import itertools
import json
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from hazmat import clock
from hazmat.clock import from_time
from hazmat.partition import stable_hash
from hazmat.position import Positions
from hazmat.registry import Registry
from hazmat.settings import Settings
from hazmat.store.flow import FlowStore
from hazmat.store.local import local_server
from hazmat.store.registry import import_world, load_registry
from hazmat.store.schema import migrate
from ingest.bench.phases import in_fresh_process
from ingest.bench.pure import BATCH_ROWS, PureRate, pure_rates
from ingest.bench.terrain import Traffic, world_with
from ingest.process import process
from ingest.recovery import ALL_PARTITIONS, checkpoint, remembered
from rules.catalogue import RULES, rule_table
from rules.facts import build_facts
from rules.memory import Memory

FENCES = 1_000
_WANTED_PER_S, _RESTART_S = 100_000, 10.0
_REPEATS = 9


@dataclass(frozen=True, slots=True)
class Cost:
    """Median cost of something, in microseconds a fix."""

    name: str
    us_per_fix: float


@dataclass(frozen=True, slots=True)
class Restart:
    """Seconds until the first batch can be judged: registry loaded, memory read; bytes of the memory."""

    vehicles: int
    registry_s: float
    memory_s: float
    checkpoint_bytes: int


def bench_rules(settings: Settings, out: Path | None, vehicles: int) -> int:
    """Measure, print, write."""
    rates = in_fresh_process(pure_rates, vehicles, (FENCES,))
    costs = in_fresh_process(rule_costs, vehicles)
    restart = _restart(settings, vehicles)
    _print(rates[0], costs, restart)
    if out:
        measured = {
            "process": asdict(rates[0]),
            "rules": list(map(asdict, costs)),
            "restart": asdict(restart),
        }
        out.write_text(json.dumps(measured, indent=2))
    return 0


def rule_costs(vehicles: int) -> tuple[Cost, ...]:
    """Facts as a whole, then every rule that judges fixes, dearest first."""
    at = clock.now()
    world = world_with(FENCES, vehicles, at)
    registry = Registry(world, 1)
    rounds = Traffic(world).rounds(at)
    memory = Memory.empty()
    for _ in range(2):
        fixes = next(rounds)
        _, memory = process(fixes, registry, memory, from_time(fixes.received_at[-1]))
    fixes = next(rounds).take(np.arange(min(BATCH_ROWS, vehicles)))
    slot = memory.slots(stable_hash(fixes.vehicle_id))
    fixes, slot = fixes.take(np.argsort(slot)), np.sort(slot)
    vehicle = registry.vehicles.find(fixes.vehicle_id)
    facts, _ = build_facts(
        fixes, slot, vehicle, registry, memory.vehicles.take(np.arange(len(memory.hashes)))
    )

    def build() -> None:
        own = memory.vehicles.take(np.arange(len(memory.hashes)))
        build_facts(fixes, slot, vehicle, registry, own)

    costs = [Cost("facts", _median_us(build, len(fixes)))]
    limits = rule_table(registry).definitions
    for rule in RULES:
        own = next(each.limits for each in limits if each.id == rule.id)
        spent = _median_us(lambda r=rule, o=own: r.hits(fixes, facts, o), len(fixes))  # type: ignore[misc]
        costs.append(Cost(rule.id, spent))
    return tuple(sorted(costs, key=lambda cost: -cost.us_per_fix))


def _median_us(work: Callable[[], object], fixes: int) -> float:
    spent = []
    for _ in range(_REPEATS):
        begin = time.perf_counter()
        work()
        spent.append(time.perf_counter() - begin)
    return float(np.median(spent)) / fixes * 1e6


def _restart(settings: Settings, vehicles: int) -> Restart:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=settings.data_dir.absolute()))
    folder.chmod(0o711)  # the database's user has to enter
    try:
        settings = replace(settings, data_dir=folder)
        with local_server(settings.data_dir, settings.postgres_bin) as server:
            return _measure_restart(server.dsn, vehicles)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure_restart(dsn: str, vehicles: int) -> Restart:
    migrate(dsn)
    at = clock.now()
    world = world_with(FENCES, vehicles, at)
    import_world(dsn, world)
    registry = Registry(world, 1)
    memory = Memory.empty()
    rounds = Traffic(world).rounds(at)
    with FlowStore(dsn) as store:
        lease = store.take_over(ALL_PARTITIONS)
        for number, fixes in enumerate(itertools.islice(rounds, 2), 1):
            outcome, memory = process(fixes, registry, memory, from_time(fixes.received_at[-1]))
            saved = checkpoint(memory)
            lease = store.commit(lease, number, outcome, (), saved)
    begin = time.perf_counter()
    registry = load_registry(dsn)
    process(Positions.empty(), registry, Memory.empty(), at)
    loaded = time.perf_counter()
    with FlowStore(dsn) as store:
        again = remembered(store, store.take_over(ALL_PARTITIONS), registry, at).memory
    process(Positions.empty(), registry, again, at)
    assert len(again.hashes) == len(memory.hashes), "the memory came back whole"
    spent = time.perf_counter() - loaded
    return Restart(vehicles, loaded - begin, spent, sum(map(len, saved.values())))


def _print(rate: PureRate, costs: tuple[Cost, ...], restart: Restart) -> None:
    console = Console()
    table = Table("", "wanted", "measured", title="all rules")
    table.add_row(f"process(), {FENCES:,} fences, fixes/s", f"{_WANTED_PER_S:,}", f"{rate.fixes_per_s:,.0f}")
    restarted = restart.registry_s + restart.memory_s
    parts = f"{restarted:.1f} (registry {restart.registry_s:.1f}, memory {restart.memory_s:.1f})"
    table.add_row(f"restart with {restart.vehicles:,} vehicles, s", f"< {_RESTART_S:g}", parts)
    table.add_row(
        "memory as saved, bytes a vehicle", "", f"{restart.checkpoint_bytes / restart.vehicles:,.0f}"
    )
    console.print(table)
    dearest = Table("", "µs a fix", title="dearest of them")
    for cost in costs[:12]:
        dearest.add_row(cost.name, f"{cost.us_per_fix:.3f}")
    console.print(dearest)
