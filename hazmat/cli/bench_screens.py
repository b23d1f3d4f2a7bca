"""The command `hazmat bench screens --frames`: a database of its own, the site, a browser, a table."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import shapely

from dashboards.accounts.passwords import hashed, random_password
from dashboards.bench.frames import BrowserMissingError, Measured, launch, measure
from hazmat.accounts import Account, Role
from hazmat.childprocess import free_port
from hazmat.cli.complaint import ConditionError
from hazmat.cli.servers import answers, page
from hazmat.clock import now
from hazmat.geofences import FenceKind
from hazmat.registry import World
from hazmat.settings import Settings, to_environment
from hazmat.store.audit import AuditEntry
from hazmat.store.crowd import Crowd
from hazmat.store.doors import Doors
from hazmat.store.local import local_server
from hazmat.store.registry import import_world
from hazmat.store.schema import migrate
from hazmat.supervisor import OwnProcess
from ingest.simulator.world import make_world

SIZES = (6_000, 50_000)
_CIRCLES = 6_000  # of the reference, in the smallest run
_ALERTS = 40
_MOVED = 0.1  # of all trucks, each second
LOGIN = "bench"


def bench_frames(settings: Settings, out: Path | None) -> int:
    """Measure, print, write."""
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only this command needs it
    except ImportError:
        raise ConditionError("the package playwright is missing: pip install playwright") from None
    results = []
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright)
        except BrowserMissingError as error:
            raise ConditionError(str(error)) from None
        for trucks in SIZES:
            print(f"{trucks:,} trucks …", flush=True)
            with bench_site(settings, trucks) as (address, password):
                circles = _CIRCLES if trucks == SIZES[0] else 0
                results.append(measure(browser, address, LOGIN, password, trucks, circles))
            _tell(results[-1], results[0].reference_ms)
        browser.close()
    if out:
        found = {"processors": os.cpu_count(), "results": [asdict(each) for each in results]}
        out.write_text(json.dumps(found, indent=2), encoding="utf-8")
    return 0


@contextmanager
def bench_site(settings: Settings, trucks: int) -> Iterator[tuple[str, str]]:
    """The address of a site whose trucks drive, and the password of the account ``LOGIN``."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=settings.data_dir.absolute()))
    folder.chmod(0o711)  # the database's user has to enter
    own = replace(settings, data_dir=folder, host="127.0.0.1", port=free_port())
    try:
        with local_server(folder, settings.postgres_bin) as server:
            own = replace(own, database_url=server.dsn)
            password = _fill(server.dsn, trucks)
            health = f"{page(own)}healthz"
            site = OwnProcess(
                ["run-dashboards"], folder / "site.log", to_environment(own), lambda: answers(health)
            )
            with site, _driving(server.dsn):
                yield page(own).rstrip("/"), password
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fill(dsn: str, trucks: int) -> str:
    migrate(dsn)
    world = make_world(100, 1, now())
    import_world(dsn, world)
    with closing(Crowd(dsn)) as crowd:
        crowd.put(*_places(world, trucks), now(), _ALERTS)
    password = random_password()
    account = Account(account_id=0, login=LOGIN, name=LOGIN, role=Role.CONTROL_ROOM)
    entry = AuditEntry(at=now(), action="add account", login="(bench)", object_kind="account")
    with closing(Doors(dsn)) as doors:
        doors.accounts.add(account, hashed(password), entry)
    return password


def _places(world: World, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places along the roads, most of them on designated ones, and the way ahead; degrees."""
    roads = [f for f in world.fences if f.kind in {FenceKind.ROAD, FenceKind.DESIGNATED_ROAD}]
    rng = np.random.default_rng(count)
    weight = np.array([f.geometry.length * (6 if f.kind is FenceKind.DESIGNATED_ROAD else 1) for f in roads])
    lines = np.array([f.geometry for f in roads])[rng.choice(len(roads), count, p=weight / weight.sum())]
    share = rng.uniform(0, 0.99, count)
    here = shapely.line_interpolate_point(lines, share, normalized=True)
    there = shapely.line_interpolate_point(lines, share + 0.005, normalized=True)
    lon, lat = shapely.get_x(here), shapely.get_y(here)
    ahead = np.arctan2((shapely.get_x(there) - lon) * np.cos(np.radians(lat)), shapely.get_y(there) - lat)
    return lon, lat, np.degrees(ahead) % 360


@contextmanager
def _driving(dsn: str) -> Iterator[None]:
    over = threading.Event()

    def drive() -> None:
        with closing(Crowd(dsn)) as crowd:
            while not over.wait(1):
                crowd.move(_MOVED, now())

    thread = threading.Thread(target=drive)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _tell(found: Measured, reference_ms: float) -> None:
    arrival = found.arrival
    print(
        f"  first alert row after {arrival.first_row_ms:,.0f} ms, {arrival.transferred_kb:,.0f} KB\n"
        f"  {'zoom':>5} {'median ms':>10} {'p95 ms':>8} {'of the reference':>17}"
    )
    for each in found.frames:
        part = f"{each.median_ms / reference_ms:.2f} ×"
        print(f"  {each.zoom:>5g} {each.median_ms:>10.1f} {each.p95_ms:>8.1f} {part:>17}")
    if found.reference_ms:
        print(f"  reference: {_CIRCLES:,} of Leaflet's circles on its canvas, {reference_ms:.1f} ms a frame")
