"""The benchmark itself, small: it loses nothing, measures every figure, and writes into nobody's database."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import psycopg

from hazmat import clock
from ingest.bench.phases import on_their_routes
from ingest.bench.terrain import Traffic, world_with
from ingest.bench.viewer import PROBES, Viewer
from ingest.simulator.world import BASES, PLANTS, task_of
from tests.installation import run


def test_a_small_run_measures_everything(fresh_folder: Path) -> None:
    out = fresh_folder / "bench.json"
    settings = {"HAZMAT_DATA_DIR": str(fresh_folder / "data")}
    arguments = ("bench", "flow", "--seconds", "2", "--vehicles", "300", "--out", str(out))
    process = run(*arguments, settings=settings, seconds=300)
    assert process.returncode == 0, process.stdout + process.stderr
    found = json.loads(out.read_text())
    assert [load["name"] for load in found["loads"]][:2] == ["one fix a message", "arrays of 50"]
    for load in (*found["loads"], found["latency"]["load"]):
        sent, stages = load["sent"], load["stages"]
        assert sent["fixes"] > 0
        assert load["stored"] == sent["fixes"] + load["probes"], "nothing lost, nothing doubled"
        assert load["rejects"] == 0
        assert stages["fixes"] == load["stored"]
        assert all(stages["seconds"][stage] > 0 for stage in ("decode", "process", "commit", "ack"))
        assert set(load["cpu_s"]) == {"database", "broker", "ingest", "dashboards", "generator"}
    for delays in (found["latency"]["commit"], found["latency"]["screen"]):
        assert 0 < delays["p50_ms"] <= delays["p99_ms"] <= delays["longest_ms"]
    assert [rate["fences"] for rate in found["pure"]] == [100, 1_000, 10_000]
    assert "plain PostgreSQL, no TimescaleDB" in process.stdout
    assert not list((fresh_folder / "data").iterdir()), "nothing is left behind"


def test_it_writes_into_no_database_that_holds_something(postgres_database: str, fresh_folder: Path) -> None:
    with psycopg.connect(postgres_database) as connection:
        connection.execute(
            "INSERT INTO vehicles VALUES ('V1', 'P', 'yellow', 'C', 'N', 'tanker', '', '{}', '{}')"
        )
    settings = {"HAZMAT_DATA_DIR": str(fresh_folder / "data"), "DATABASE_URL": postgres_database}
    process = run("bench", "flow", "--vehicles", "50", settings=settings, seconds=300)
    assert process.returncode == 1
    assert "the database holds 1 vehicles and 0 fixes: give an empty one" in process.stderr


def test_the_world_has_as_many_fences_as_asked_for() -> None:
    for fences in (20, 71, 500):
        world = world_with(fences, 30, clock.now())
        assert len(world.fences) == len({fence.fence_id for fence in world.fences}) == fences


def test_trucks_keep_to_their_routes() -> None:
    world = world_with(100, 200, clock.now())
    routes = {fence.fence_id: fence.geometry for fence in world.fences}
    own = {paper.vehicle_id: routes[paper.route_id] for paper in world.waybills}
    rounds = Traffic(world).rounds(clock.now())
    first, later = next(rounds), next(rounds)
    for reports in (first, later):
        boxes = np.array([own[name.decode()].bounds for name in reports.vehicle_id.tolist()])
        near = 0.001  # degrees: the receivers' noise
        assert np.all((reports.lon > boxes[:, 0] - near) & (reports.lon < boxes[:, 2] + near))
        assert np.all((reports.lat > boxes[:, 1] - near) & (reports.lat < boxes[:, 3] + near))
    assert np.mean(np.hypot(first.lon - later.lon, first.lat - later.lat)) > 1e-4, "they move"


def test_the_flood_s_ways_suit_the_waybills() -> None:
    vehicles = on_their_routes(world_with(100, 2_000, clock.now()))
    ways = [(base, plant) for base in BASES for plant in PLANTS]
    assert len(vehicles) == len(set(vehicles)) > 1_000
    for number, vehicle in enumerate(vehicles):
        task = task_of(vehicle)
        assert (task.base, task.plant) == ways[number % len(ways)]


def test_a_probe_that_was_overtaken_counts_from_its_own_publishing() -> None:
    viewer = Viewer("http://127.0.0.1:1/", "token")
    published = [float(number) for number in range(2 * PROBES + 1)]
    viewer.seen = [(30.0, "PROBE-0", PROBES), (40.0, "PROBE-0", 2 * PROBES), (31.0, "PROBE-1", 1)]
    delays = viewer.delays_ms(published)
    assert delays[[0, PROBES, 2 * PROBES, 1]].tolist() == [30_000.0, 20_000.0, 20_000.0, 30_000.0]
    assert np.isnan(delays[2])
