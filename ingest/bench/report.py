"""What was measured, as tables on the terminal and as JSON."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from hazmat.store.measure import Delays
from ingest.bench.phases import Latency, Load
from ingest.bench.pure import PureRate, VehicleCost

_WIDTH = 110


@dataclass(frozen=True, slots=True)
class Measured:
    """All of it. ``server``: what the database is."""

    server: str
    pure: tuple[PureRate, ...]
    vehicle: VehicleCost
    loads: tuple[Load, ...]
    latency: Latency

    def to_json(self) -> str:
        """Everything, with the rates that follow from it."""
        rates = {load.name: {"fixes_per_s": load.fixes_per_s, "lost": load.lost} for load in self.loads}
        machine = {"processors": os.cpu_count(), "platform": platform.platform()}
        return json.dumps({"machine": machine, **asdict(self), "rates": rates}, indent=2, default=str)


def told(load: Load) -> Load:
    """Print a phase as soon as it is over; returns it."""
    print(f"{load.name}: {_carried(load)}", flush=True)
    return load


def _carried(load: Load) -> str:
    again = f", {load.again} messages sent again" if load.again else ""
    return f"{load.fixes_per_s:,.0f} fixes/s, {load.lost} lost, {load.lag_s:.1f} s behind at the end{again}"


def write(measured: Measured, out: Path | None) -> None:
    """Print the tables and write the file."""
    console = Console()
    if console.width < _WIDTH:
        console = Console(width=_WIDTH)
    console.print(
        f"\n{os.cpu_count()} processors; {measured.server}; generator, broker and all else included\n"
    )
    for table in (_goals(measured), _stages((*measured.loads, measured.latency.load))):
        console.print(table)
    if out:
        out.write_text(measured.to_json())
        console.print(f"wrote {out}")


def _goals(measured: Measured) -> Table:
    table = Table("what", "wanted", "measured", title="Figures")
    for load in measured.loads:
        wanted = "as many as go" if load.wanted_per_s == float("inf") else f"{load.wanted_per_s:,.0f} fixes/s"
        table.add_row(load.name, wanted, _carried(load))
    delay = measured.latency
    table.add_row(f"publish to commit, {delay.load.name}", "p99 < 500 ms", _spread(delay.commit))
    table.add_row(f"publish to screen, {delay.load.name}", "p99 < 1,500 ms", _spread(delay.screen))
    for rate in measured.pure:
        wanted = "150,000 fixes/s" if rate.fences == 1_000 else ""
        told = f"{rate.fixes_per_s:,.0f} fixes/s, {rate.us_per_fix:.1f} µs each"
        table.add_row(f"process() alone, {rate.fences:,} fences", wanted, told)
    growth = measured.pure[-1].us_per_fix / measured.pure[0].us_per_fix
    table.add_row("cost a fix, most fences to fewest", "under 2 ×", f"{growth:.2f} ×")
    cost = measured.vehicle
    told = f"{cost.memory_bytes:,.0f} B remembered, {cost.registry_bytes:,.0f} B papers"
    table.add_row("memory a known vehicle", "under 2,048 B", told)
    return table


def _spread(delays: Delays | None) -> str:
    if delays is None:
        return "not measured"
    return f"p50 {delays.p50_ms:,.0f} ms, p99 {delays.p99_ms:,.0f} ms, longest {delays.longest_ms:,.0f} ms"


def _stages(loads: Sequence[Load]) -> Table:
    """Seconds of work a second: of each stage (a commit runs beside the next batch), of each process."""
    stages = list(dict.fromkeys(name for load in loads for name in load.stages.seconds))
    parts = list(dict.fromkeys(name for load in loads for name in load.cpu_s))
    table = Table("seconds busy a second", *(load.name for load in loads), title="Where the time goes")
    for name in stages:
        table.add_row(name, *(_stage(load, name) for load in loads))
    table.add_section()
    for name in parts:
        table.add_row(f"processors: {name}", *(_processor(load, name) for load in loads))
    return table


def _stage(load: Load, stage: str) -> str:
    spent = load.stages.seconds.get(stage, 0.0)
    busy = f"{spent / (load.sent.seconds + load.lag_s):.2f}"
    if stage == "wait" or not load.stages.fixes:
        return busy
    return f"{busy}, {spent / load.stages.fixes * 1e6:.1f} µs a fix"


def _processor(load: Load, part: str) -> str:
    return f"{load.cpu_s.get(part, 0.0) / (load.sent.seconds + load.lag_s):.2f}"
