"""`hazmat simulate`, and the simulator of the demo: trucks that publish to the broker until stopped."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

from hazmat import clock
from hazmat.childprocess import LOOPBACK
from hazmat.cli.complaint import ConditionError
from hazmat.cli.database import database
from hazmat.registry import World
from hazmat.settings import Settings, without_password
from hazmat.store.registry import load_registry
from ingest.simulator.publish import simulate
from ingest.world import load_world


def simulate_trucks(settings: Settings, vehicles: int, speed: float, seed: int, folder: Path | None) -> int:
    """Drive trucks of a folder's world, or of the database's, against the broker in force; 0 when stopped."""
    world = load_world(folder) if folder else _stored_world(settings)
    if not world.vehicles:
        raise ConditionError("the world has no vehicles: give one with --world DIR, or run hazmat import DIR")
    url = settings.mqtt_url or f"mqtt://{LOOPBACK}:{settings.mqtt_port}"
    trucks = min(vehicles, len(world.vehicles))
    print(f"{trucks} trucks publish to {without_password(url)}; Ctrl-C stops them", flush=True)
    stop = _until_told()
    count = simulate(url, world, vehicles, speed=speed, seed=seed, tls_ca=settings.mqtt_tls_ca, stop=stop)
    print(f"published {count} messages")
    return 0


def run_simulator(settings: Settings, vehicles: int) -> int:
    """The demo's simulator: the world in the database, in real time, another day at every start."""
    stop = _until_told()
    seed = int(clock.now().timestamp())
    ca = settings.mqtt_tls_ca
    simulate(settings.mqtt_url or "", _stored_world(settings), vehicles, seed=seed, tls_ca=ca, stop=stop)
    return 0


def _stored_world(settings: Settings) -> World:
    with database(settings) as dsn:
        return load_registry(dsn).world


def _until_told() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
