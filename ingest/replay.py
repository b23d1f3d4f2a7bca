"""Recorded messages through decode and rules, without broker or database: the same flow, the same alerts."""

import base64
import binascii
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from hazmat.alerts import AlertChange
from hazmat.clock import to_ms
from hazmat.outcome import Reject
from hazmat.position import Positions
from hazmat.registry import Registry, World
from ingest.decode import decode
from ingest.judge import judge
from ingest.kept import Kept
from ingest.message import Message
from ingest.repair import Present, Repair
from ingest.replay_report import print_summary, write_alerts
from ingest.snapshots import Snapshots
from ingest.world import load_world
from rules.memory import Memory

BATCH_MESSAGES = 2000
_FIXES_EACH = 500  # of each vehicle that is judged again, at a time


class ReplayError(Exception):
    """A recorded file cannot be read; the message names file and line."""


@dataclass(slots=True)
class Replayed:
    """What came of a replay; ``repaired``: of how many vehicles the track was judged again."""

    kept: Kept = field(default_factory=Kept)
    rejects: Counter[str] = field(default_factory=Counter)
    messages: int = 0
    fixes: int = 0
    late: int = 0
    repaired: int = 0
    repeated: int = 0
    seconds: float = 0.0

    @property
    def alerts(self) -> dict[str, AlertChange]:
        """By id, as they stood at the end, with the evidence of firing; withdrawn ones too."""
        return self.kept.alerts


@dataclass(frozen=True, slots=True)
class Recording:
    """Messages of some files by ``received_at``, and until when time went on after the last of them."""

    messages: Sequence[Message]
    until: datetime | None


def read_recording(files: Sequence[Path]) -> Recording:
    """All lines of NDJSON files, merged by ``received_at``; ReplayError for a line that is none.

    A line is ``{"topic", "received_at", "payload"}``, the payload any JSON value or ``{"base64": …}`` for
    raw bytes; or ``{"until": …}``: silence lasted until then.
    """
    messages: list[Message] = []
    until: list[datetime] = []
    for file in files:
        for number, line in enumerate(_lines(file), 1):
            if not line.strip():
                continue
            try:
                read = _read_line(orjson.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                missing = f"{error} missing" if isinstance(error, KeyError) else str(error)
                raise ReplayError(f"{file}:{number}: {missing}") from None
            if isinstance(read, Message):
                messages.append(read)
            else:
                until.append(read)
    messages.sort(key=lambda message: message.received_at)
    return Recording(messages, max(until, default=None))


def _lines(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as stream:
            yield from stream
    except OSError as error:
        raise ReplayError(f"{file}: {error.strerror}") from None


def _read_line(line: object) -> Message | datetime:
    if not isinstance(line, dict):
        raise ValueError("not an object with topic, received_at and payload")  # noqa: TRY004 - bad input is data
    if "until" in line:
        return _time("until", line["until"])
    topic, payload = line["topic"], line["payload"]
    if not isinstance(topic, str):
        raise ValueError(f"topic must be a text, not {topic!r}")  # noqa: TRY004
    return Message(topic, _time("received_at", line["received_at"]), _payload(payload))


def _time(name: str, value: object) -> datetime:
    try:
        time = datetime.fromisoformat(str(value))
        to_ms(time)  # refuses a naive one
    except ValueError:
        raise ValueError(f"{name} must be an ISO 8601 time with offset, not {value!r}") from None
    return time


def _payload(value: object) -> bytes:
    if isinstance(value, dict) and value.keys() == {"base64"}:
        try:
            return base64.b64decode(value["base64"], validate=True)
        except (binascii.Error, TypeError, ValueError) as error:
            raise ValueError(f"payload: not base64: {error}") from None
    return orjson.dumps(value)


def run(
    recording: Recording, world: World, batch: int = BATCH_MESSAGES, progress: Progress | None = None
) -> Replayed:
    """Judge a recording in batches of so many messages, and once more at its end; then repair late data.

    All repairs are made at the end, from the first fix on: what stands then is the same in any batches.
    """
    result = Replayed()
    registry, memory = Registry(world), Memory.empty()
    task = progress.add_task("replay", total=len(recording.messages)) if progress else TaskID(0)
    began = time.perf_counter()
    for start in range(0, len(recording.messages), batch):
        part = recording.messages[start : start + batch]
        memory = _judge(part, start, registry, memory, result)
        if progress:
            progress.update(task, advance=len(part))
    if recording.messages:
        last = recording.messages[-1].received_at
        end = max(last, recording.until or last)
        outcome, memory = judge(Positions.empty(), registry, memory, end)
        result.kept.keep(outcome, memory)
        _repair(result, Present(memory, registry, end))
    result.seconds = time.perf_counter() - began
    return result


def _judge(
    part: Sequence[Message], first: int, registry: Registry, memory: Memory, result: Replayed
) -> Memory:
    positions, rejects = decode(part, first)
    before = memory
    outcome, memory = judge(positions, registry, before, part[-1].received_at)
    result.messages += len(part)
    result.fixes += len(outcome.positions)
    result.late += int(outcome.late.sum())
    result.repeated += outcome.repeated
    result.rejects.update(_reason(reject) for reject in rejects)
    result.kept.keep(outcome, before)
    return memory


def _repair(result: Replayed, present: Present) -> None:
    if not len(result.kept.asks):
        return
    repair = Repair(result.kept.asks, result.kept, Snapshots(), look_back=None)
    while not repair.step(present.registry, _FIXES_EACH):
        pass
    result.repaired = len(repair.asks)
    result.kept.repaired(repair.finish(present)[0])


def _reason(reject: Reject) -> str:
    return f"{reject.reason} {reject.field}".strip()


def replay(files: Sequence[Path], world: Path, out: Path | None = None, batch: int = BATCH_MESSAGES) -> int:
    """The command `hazmat replay`: prints a summary, writes the alerts if asked; 2 for an unreadable file."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    try:
        recording = read_recording(files)
    except ReplayError as error:
        console.print(f"hazmat: {error}", markup=False, highlight=False, soft_wrap=True)
        return 2
    with Progress(*columns, console=console, transient=True) as progress:
        result = run(recording, load_world(world), batch, progress)
    print_summary(result, Console())
    if out:
        write_alerts(result.alerts.values(), out)
    return 0
