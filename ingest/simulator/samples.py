"""The sample tracks: ``python -m ingest.simulator.samples DIR`` writes world, tracks and what happened.

With ``--accept`` it also replays them and writes the alerts as ``expected.json`` - but only where each alert
belongs to a breach that really happened, and each breach has its alert.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import orjson

from hazmat.clock import SHANGHAI
from hazmat.registry import World
from ingest.message import Message
from ingest.simulator import town
from ingest.simulator.agreement import disagreements, replay_sample
from ingest.simulator.breaches import Breach, spoil
from ingest.simulator.cases import CASES, Case
from ingest.simulator.fleet import Truck, make_fleet
from ingest.simulator.messages import Habits, messages
from ingest.simulator.terminal import Network
from ingest.simulator.truth import Breached, Judge, Motion
from ingest.simulator.world import make_world, task_of
from ingest.world import load_world, save_world

SEED = 20260316
DAY = datetime(2026, 3, 16, tzinfo=SHANGHAI)  # a Monday
CLEAN_TRUCKS = 20
_FLEET = 150
_INTERVAL_S = 10.0
_CLEAN_HABITS = Habits(rest_s=(5 * 3600.0, 9 * 3600.0), idle_interval_s=300.0, full=False)
# A driver's pre-warnings follow speed and road, not a breach: nobody labelled them here.
LABEL = {"ignore": ["barred_area_ahead", "corridor_edge", "fatigue_warning", "speed_warning", "tunnel_ahead"]}
_CALM = Habits(network=Network(gaps_per_hour=0.0, duplicate_share=0.01), idle_interval_s=60.0)


@dataclass(frozen=True, slots=True)
class Sample:
    """A case as it is played: who drives, the breach if any, from when and how long."""

    name: str
    text: str
    vehicle_ids: tuple[str, ...]
    breaches: tuple[Breach, ...]
    start: datetime
    seconds: float
    habits: Habits
    for_good: bool = False

    def truth(self, judge: Judge) -> list[Breached]:
        """What its trucks really do wrong."""
        begin = self.start.timestamp()
        step_s = 1.0 if self.breaches else _INTERVAL_S
        found = [
            breach
            for truck in self.trucks()
            for breach in judge.breaches(truck.vehicle_id, Motion.of(truck, begin, self.seconds, step_s))
        ]
        if not self.for_good:
            return found
        # whoever is never heard again does not come back elsewhere either
        return [replace(b, end=None) for b in found if b.rule_id != "offline_displacement"]

    def trucks(self) -> list[Truck]:
        """Fresh trucks of this sample."""
        return make_fleet(self.vehicle_ids, self.start.timestamp(), SEED, self.breaches, self.habits.rest_s)

    def lines(self, world: World) -> Iterator[bytes]:
        """The track as NDJSON."""
        recorded: Iterator[Message] = messages(
            world, self.vehicle_ids, self.start, self.seconds, _INTERVAL_S, SEED, self.breaches, self.habits
        )
        end = self._dies_at() if self.for_good else None
        for message in recorded:
            if end is None or message.received_at.timestamp() < end:
                yield _line(message)
        if end is not None:
            until = self.start + timedelta(seconds=self.seconds)
            yield orjson.dumps({"until": until.isoformat()}) + b"\n"

    def _dies_at(self) -> float:
        return self.trucks()[0].leg.trip.silent[0]


def _line(message: Message) -> bytes:
    received = message.received_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    record = {"topic": message.topic, "received_at": received, "payload": orjson.Fragment(message.payload)}
    return orjson.dumps(record) + b"\n"


def sample_world() -> tuple[World, tuple[Sample, ...]]:
    """The world that all samples play in, and the samples: one a case, and the clean day."""
    world = make_world(_FLEET, SEED, DAY + timedelta(hours=12), days=2, breach_percent=0)
    free = [vehicle.vehicle_id for vehicle in world.vehicles]
    samples = [_sample(case, free) for case in CASES]
    clean = tuple(free[:CLEAN_TRUCKS])
    samples.append(
        Sample(
            "clean_day", "twenty trucks over a day, nothing wrong", clean, (), DAY, 86_400.0, _CLEAN_HABITS
        )
    )
    breaches = [breach for sample in samples for breach in sample.breaches]
    return spoil(_only(world, {each for s in samples for each in s.vehicle_ids}), breaches), tuple(samples)


def _sample(case: Case, free: list[str]) -> Sample:
    """Takes the first free vehicle whose task fits."""
    vehicle_id = next(v for v in free if (task_of(v).base, task_of(v).plant) == (case.base, case.plant))
    free.remove(vehicle_id)
    departs = DAY + timedelta(hours=case.hour)
    breach = Breach(vehicle_id=vehicle_id, kind=case.kind, at=departs)
    start = departs - timedelta(minutes=3)
    return Sample(
        case.name, case.text, (vehicle_id,), (breach,), start, case.minutes * 60, _CALM, case.for_good
    )  # fmt: skip


def _only(world: World, vehicle_ids: set[str]) -> World:
    """The world with no other vehicles."""
    return World(
        vehicles=tuple(v for v in world.vehicles if v.vehicle_id in vehicle_ids),
        waybills=tuple(w for w in world.waybills if w.vehicle_id in vehicle_ids),
        permits=tuple(p for p in world.permits if p.vehicle_id in vehicle_ids),
        fences=world.fences,
        rule_settings=world.rule_settings,
    )


def write_samples(folder: Path) -> None:
    """World, tracks and truth of all samples, and the README that lists them."""
    world, samples = sample_world()
    save_world(world, folder / "world", town.NOTE)
    judge = Judge(world)
    for sample in samples:
        case = folder / sample.name
        case.mkdir(parents=True, exist_ok=True)
        (case / "track.ndjson").write_bytes(b"".join(sample.lines(world)))
        (case / "label.json").write_bytes(orjson.dumps(LABEL) + b"\n")
        truth = [breach.as_json() for breach in sample.truth(judge)]
        (case / "truth.json").write_bytes(orjson.dumps(truth, option=orjson.OPT_INDENT_2) + b"\n")
    (folder / "README.md").write_text(_readme(samples))


def _readme(samples: Sequence[Sample]) -> str:
    lines = [
        "# Sample tracks",
        "",
        f"The world they play in is `world/`: {town.NOTE}.",
        "Every case has `track.ndjson` (what the broker delivered), `truth.json` (what the trucks",
        "really did wrong, from their motion without GNSS errors) and `expected.json` (the alerts that",
        "must come of it, exactly).",
        "",
        "`hazmat replay sample_tracks/CASE/track.ndjson --world sample_tracks/world` plays one;",
        "`python -m ingest.simulator.samples sample_tracks [--accept]` makes them anew.",
        "",
        "| case | vehicle | what happens |",
        "|---|---|---|",
    ]
    rows = [
        f"| {s.name} | {', '.join(s.vehicle_ids) if s.breaches else 'several'} | {s.text} |" for s in samples
    ]
    return "\n".join([*lines, *rows]) + "\n"


def accept(folder: Path) -> int:
    """Write ``expected.json`` of every case whose alerts agree with the truth; how many do not."""
    world = load_world(folder / "world")
    wrong = 0
    for case in sorted(path.parent for path in folder.glob("*/track.ndjson")):
        alerts = replay_sample(case, world)
        faults = disagreements(alerts, orjson.loads((case / "truth.json").read_bytes()))
        for fault in faults:
            print(f"{case.name}: {fault}")
        if not faults:
            (case / "expected.json").write_bytes(orjson.dumps(alerts, option=orjson.OPT_INDENT_2) + b"\n")
        wrong += bool(faults)
    return wrong


def main() -> int:
    """The command line; 1 if a case's alerts and truth disagree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--accept", action="store_true", help="write expected.json where alerts and truth agree"
    )
    options = parser.parse_args()
    write_samples(options.folder)
    return int(options.accept and accept(options.folder) > 0)


if __name__ == "__main__":
    sys.exit(main())
