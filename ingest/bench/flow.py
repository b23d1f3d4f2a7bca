"""The command `hazmat bench flow`: all phases in order."""

import math
from pathlib import Path

from hazmat.settings import Settings
from ingest.bench.ground import prepared
from ingest.bench.phases import in_fresh_process, latency, load
from ingest.bench.pure import pure_rates, vehicle_memory
from ingest.bench.report import Measured, told, write


def bench_flow(settings: Settings, out: Path | None, seconds: float, vehicles: int) -> int:
    """Measure, print, write; ``seconds`` is the length of the main phase; others are shorter."""
    print("process() alone …", flush=True)
    cost, rates = in_fresh_process(vehicle_memory, vehicles), in_fresh_process(pure_rates, vehicles)
    print("starting servers and filling the registry …", flush=True)
    with prepared(settings, vehicles) as ground:
        server = ground.server()
        print(f"{server}: {seconds:g} s of floods …", flush=True)
        loads = [
            told(load(ground, "one fix a message", 8_000, seconds)),
            told(load(ground, "arrays of 50", 800, seconds / 2, array=50)),
            told(load(ground, "one fix, flat out", math.inf, seconds / 4)),
        ]
        delays = latency(ground, 1_000, seconds / 2)
    write(Measured(server, rates, cost, tuple(loads), delays), out)
    return 0
