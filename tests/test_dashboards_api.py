"""The web application over real HTTP on a real database: answers, headers, outages, stopping."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
import uvicorn

from dashboards.app import create_app
from dashboards.live.live import Live
from dashboards.serve import _Server
from dashboards.vendor import leaflet_folder
from hazmat.accounts import Role
from hazmat.clock import now, to_ms
from hazmat.settings import Settings, read_settings
from hazmat.store.doors import Doors
from hazmat.store.embedded import PostgresServer
from hazmat.store.schema import migrate
from tests import logins
from tests.screen_data import along, fill, put_alert, put_last, put_track

LEAFLET_SHA256 = {
    "leaflet.js": "db49d009c841f5ca34a888c96511ae936fd9f5533e90d8b2c4d57596f4e5641a",
    "leaflet.css": "a7837102824184820dfa198d1ebcd109ff6d0ff9a2672a074b9a1b4d147d04c6",
}


@contextmanager
def serving(dsn: str, port: int = 0, settings: Settings | None = None) -> Iterator[str]:
    """The address of the application, as `hazmat serve` runs it, in a thread."""
    app = create_app(Doors(dsn), now, settings or read_settings({}))
    live: Live = app.state.live
    config = uvicorn.Config(app, port=port, log_level="warning", timeout_graceful_shutdown=2)
    server = _Server(config, live)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    while not (server.started and live.tick):
        assert thread.is_alive()
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive()


@dataclass(frozen=True)
class Site:
    """The application, its database, and a client signed in as the control room."""

    address: str
    dsn: str
    client: httpx.Client


@pytest.fixture
def site(postgres_database: str) -> Iterator[Site]:
    with (
        serving(postgres_database) as address,
        logins.client(address, postgres_database, Role.CONTROL_ROOM) as client,
    ):
        yield Site(address, postgres_database, client)


def test_vendored_files_are_the_known_ones() -> None:
    for name, digest in LEAFLET_SHA256.items():
        assert hashlib.sha256((leaflet_folder() / name).read_bytes()).hexdigest() == digest


def test_every_answer_forbids_other_hosts(site: Site) -> None:
    for path in (
        "/live",
        "/login",
        "/healthz",
        "/api/fences",
        "/static/live.js",
        "/vendor/leaflet/leaflet.js",
        "/nowhere",
    ):
        policy = site.client.get(path).headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
    assert site.client.get("/docs").status_code == 404


def test_the_page_and_its_scripts_name_no_other_host(site: Site) -> None:
    page = site.client.get("/live").text
    assert not re.search(r"https?://", page)
    assert not re.search(r"<script(?![^>]* nonce=)", page)
    assert "style=" not in page
    for file in Path(__file__).parents[1].joinpath("dashboards/static").iterdir():
        text = file.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://", text), file.name


def test_a_vehicle_s_card_holds_papers_and_road(site: Site) -> None:
    dsn, client = site.dsn, site.client
    world = fill(dsn, vehicles=5, at=now(), alerts=0)
    vehicle = world.vehicles[2]
    road = next(fence for fence in world.fences if fence.fence_id == "road.haitian")
    with psycopg.connect(dsn) as connection:
        put_last(connection, vehicle.vehicle_id, now(), *along(road, 0.3, 0.4, 2)[0])
    card = client.get(f"/api/vehicles/{vehicle.vehicle_id}").json()
    assert card["vehicle"]["plate"] == vehicle.plate
    assert card["road"] == road.name
    assert card["waybill"]["vehicle_id"] == vehicle.vehicle_id
    assert [permit["permit_no"] for permit in card["permits"]] == [
        permit.permit_no for permit in world.permits if permit.vehicle_id == vehicle.vehicle_id
    ]
    assert client.get("/api/vehicles/nobody").status_code == 404


def test_the_trail_is_the_last_hour_before_the_last_fix(site: Site) -> None:
    dsn, client = site.dsn, site.client
    world = fill(dsn, vehicles=1, at=now(), alerts=0)
    name, end = world.vehicles[0].vehicle_id, now().replace(microsecond=0) - timedelta(hours=3)
    road = next(fence for fence in world.fences if fence.fence_id == "road.haitian")
    with psycopg.connect(dsn) as connection:
        put_last(connection, name, end, 121.6, 29.97)
        put_track(connection, name, end, along(road, 0.1, 0.9, 400))
    trail = client.get(f"/api/vehicles/{name}/trail").json()
    assert (len(trail["t"]), trail["t"][-1], trail["t"][0]) == (361, to_ms(end), to_ms(end) - 3_600_000)
    assert client.get(f"/api/vehicles/{name}/trail?minutes=0").status_code == 422


def test_fences_are_sent_once_for_each_version(site: Site) -> None:
    dsn, client = site.dsn, site.client
    world = fill(dsn, vehicles=1, at=now(), alerts=0)
    _wait_for(lambda: len(client.get("/api/fences").json()["features"]) == len(world.fences))
    tag = client.get("/api/fences").headers["etag"]
    assert client.get("/api/fences", headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_snapshot_and_stream_join_without_a_gap(site: Site, encoding: str) -> None:
    dsn, client = site.dsn, site.client
    fill(dsn, vehicles=40, at=now())
    time.sleep(1.2)
    snapshot = client.get("/api/live/snapshot").json()
    assert len(snapshot["lon"]) == len(snapshot["new"]["id"]) == 40
    url = f"/api/live/stream?after={snapshot['epoch']}-{snapshot['tick']}"
    with client.stream("GET", url, headers={"Accept-Encoding": encoding}, timeout=5) as answer:
        assert answer.headers["content-encoding"] == encoding
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = (line for line in answer.iter_lines() if line.startswith("data: "))
        ticks = [json.loads(next(lines)[6:])["tick"] for _ in range(3)]
    assert ticks == [snapshot["tick"] + n for n in (1, 2, 3)]


def test_an_unknown_last_event_id_is_answered_with_reset(site: Site) -> None:
    headers = {"Last-Event-ID": "gone-17", "Accept-Encoding": "identity"}
    with site.client.stream("GET", "/api/live/stream", headers=headers, timeout=5) as answer:
        assert next(line for line in answer.iter_lines() if line.startswith("event")) == "event: reset"


def test_open_streams_do_not_hold_up_a_stop(postgres_database: str) -> None:
    cookies = logins.cookie(postgres_database, Role.CONTROL_ROOM)
    with httpx.Client(timeout=10, cookies=cookies) as client:
        with serving(postgres_database) as address:
            request = client.build_request("GET", f"{address}/api/live/stream")
            answer = client.send(request, stream=True)
            next(answer.iter_raw())
            began = time.monotonic()
        assert time.monotonic() - began < 2.5
        answer.close()


def test_the_evidence_page_may_run_its_own_scripts_only(site: Site) -> None:
    dsn, client = site.dsn, site.client
    world = fill(dsn, vehicles=2, at=now(), alerts=0)
    with psycopg.connect(dsn) as connection:
        name = world.vehicles[0].vehicle_id
        alert = put_alert(connection, name, "overspeed", "red", now(), 121.6, 29.97, "road.haitian", 80.0)
    answer = client.get(f"/alerts/{alert}/map")
    assert answer.status_code == 200
    assert "default-src 'none'; script-src 'sha256-" in answer.headers["content-security-policy"]
    assert client.get(f"/alerts/{'0' * 32}/map").status_code == 404
    assert client.get(f"/api/alerts/{alert}").json()["alert"]["alert_id"] == alert


def test_a_database_that_goes_away_is_said_once_and_heals(
    fresh_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server = PostgresServer(fresh_folder / "postgresql", settings={"fsync": "off", "shared_buffers": "32MB"})
    with server:
        migrate(server.dsn)
        fill(server.dsn, vehicles=4, at=now(), alerts=0)
        with serving(server.dsn) as address, logins.client(address, server.dsn, Role.CONTROL_ROOM) as client:
            health = f"{address}/healthz"
            assert httpx.get(health).status_code == 200
            server.stop()
            _wait_for(lambda: httpx.get(health).status_code == 503)
            assert httpx.get(health).json() == {"status": "failing"}
            assert httpx.get(f"{address}/readyz").json()["faults"] == ["database"]
            assert client.get("/api/vehicles/x").status_code == 503
            time.sleep(2.2)
            server.start()
            _wait_for(lambda: httpx.get(health).status_code == 200)
            answer = client.get("/api/live/snapshot")
            assert answer.status_code == 200, answer.text
            assert answer.json()["database"]
    said = [record.message for record in caplog.records if record.name == "dashboards.live.live"]
    assert [message.split(":")[0] for message in said] == [
        "the live map stands still",
        "the database answers again; the live map goes on",
    ]


def _wait_for(condition: object, seconds: float = 10) -> None:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)
