"""The phases: a flood of so many messages a second, what came of it, and what each process spent."""

import os
import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

import numpy as np

from hazmat import clock
from hazmat.columns import Floats
from hazmat.registry import World
from hazmat.store.measure import Counts, Delays, Measure
from ingest.bench.ground import Ground
from ingest.bench.measured import Stages, read_stages
from ingest.bench.viewer import Probes, Viewer
from ingest.simulator.flood import Flooded, flood
from ingest.simulator.world import BASES, PLANTS, task_of

_PATIENCE_SECONDS = 60.0
_SPAWN_SECONDS = 3.0  # until the generator's process begins to send
_SCREEN_SECONDS = 2.0  # until what was published last has reached the screen
_T = TypeVar("_T")
_P = ParamSpec("_P")
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Load:
    """A flood and what came of it. ``lag_s``: from its end until the last fix was committed and acknowledged.

    ``cpu_s``: what each process spent. ``lost``: fixes sent that are neither stored nor refused.
    """

    name: str
    wanted_per_s: float
    sent: Flooded
    probes: int
    stored: int
    rejects: int
    lag_s: float
    stages: Stages
    cpu_s: dict[str, float]

    @property
    def fixes_per_s(self) -> float:
        """Fixes from the first sent to the last committed, by that time."""
        return self.sent.fixes / (self.sent.seconds + self.lag_s)

    @property
    def again(self) -> int:
        """Messages that the broker sent more than once: their acknowledgement was too long in coming."""
        return self.stages.messages - self.sent.messages - self.probes

    @property
    def lost(self) -> int:
        """Must be 0."""
        return self.sent.fixes + self.probes - self.stored - self.rejects


@dataclass(frozen=True, slots=True)
class Latency:
    """From publishing a fix to its row's commit, and to a viewer's screen."""

    load: Load
    commit: Delays | None
    screen: Delays | None


def on_their_routes(world: World) -> list[str]:
    """Vehicle ids in such an order that the flood, which deals out the ways in turn, suits their waybills."""
    ways: dict[tuple[str, str], list[str]] = {(base, plant): [] for base in BASES for plant in PLANTS}
    for paper in world.waybills:
        task = task_of(paper.vehicle_id)
        ways[task.base, task.plant].append(paper.vehicle_id)
    return [vehicle for turn in zip(*ways.values(), strict=False) for vehicle in turn]


def load(ground: Ground, name: str, per_s: float, seconds: float, array: int = 1) -> Load:
    """Flood at so many messages a second and wait until everything is stored."""
    return _during(ground, name, per_s, seconds, array, None)


def latency(ground: Ground, per_s: float, seconds: float) -> Latency:
    """Flood moderately, with a viewer at the live map and probes among the trucks."""
    viewer, probes = Viewer(ground.page, ground.token), Probes(ground.mqtt_url, seconds + _SPAWN_SECONDS)
    viewer.start()
    start = clock.now()
    measured = _during(ground, f"{per_s:g}/s with a viewer", per_s, seconds, 1, probes)
    time.sleep(_SCREEN_SECONDS)
    return Latency(measured, _commit_delays(ground, start), _delays(viewer.delays_ms(probes.published)))


def _during(
    ground: Ground, name: str, per_s: float, seconds: float, array: int, probes: Probes | None
) -> Load:
    vehicles = on_their_routes(ground.world)
    with Measure(ground.dsn) as measure:
        before, stages, spent = measure.counts(), read_stages(ground.stages), _cpu(ground)
        if probes:
            probes.start()
        sent = in_fresh_process(flood, ground.mqtt_url, per_s, seconds, vehicles, array)
        begun = time.monotonic()
        published = probes.finished() if probes else 0
        _await_messages(ground.stages, stages, sent.messages + published)
        after = _await_rows(measure, before.fixes + before.rejects + sent.fixes + published)
        lag = time.monotonic() - begun
    return Load(
        name=name, wanted_per_s=per_s * array, sent=sent, probes=published,
        stored=after.fixes - before.fixes, rejects=after.rejects - before.rejects, lag_s=lag,
        stages=read_stages(ground.stages).since(stages),
        cpu_s={part: now - spent[part] for part, now in _cpu(ground).items()},
    )  # fmt: skip


def in_fresh_process(function: Callable[_P, _T], *arguments: _P.args, **named: _P.kwargs) -> _T:
    """Call a function in a process that shares nothing with this one, and wait for its result."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments, **named).result()


def _cpu(ground: Ground) -> dict[str, float]:
    """Seconds of processor time of each part so far; the generator's are those of our ended children."""
    spent = {name: _tree_seconds(process.pid) for name, process in ground.processes.items()}
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent | {"generator": ended.ru_utime + ended.ru_stime}


def _tree_seconds(pid: int) -> float:
    """Of a process, its children (a database has one a connection), and those that it has waited for."""
    total = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            numbers = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended just now
        if pid in {int(stat.parent.name), int(numbers[1])}:
            total += sum(int(ticks) for ticks in numbers[11:15]) / _TICKS_PER_SECOND
    return total


def _await_messages(file: Path, before: Stages, messages: int) -> None:
    """Until so many messages went through the flow, or for too long."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while read_stages(file).since(before).messages < messages and time.monotonic() < deadline:
        time.sleep(0.1)


def _await_rows(measure: Measure, expected: int) -> Counts:
    """The counts once all rows are there: a message sent again goes through the flow more than once."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (found := measure.counts()).fixes + found.rejects < expected and time.monotonic() < deadline:
        time.sleep(0.5)  # counting costs the database something
    return found


def _commit_delays(ground: Ground, start: datetime) -> Delays | None:
    with Measure(ground.dsn) as measure:
        return measure.commit_delays(start, clock.now())


def _delays(found: Floats) -> Delays | None:
    seen = found[~np.isnan(found)]
    if not len(seen):
        return None
    p50, p99, longest = np.percentile(seen, (50, 99, 100))
    return Delays(float(p50), float(p99), float(longest))
