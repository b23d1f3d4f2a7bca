"""What an enterprise sees of the live map: its own trucks and alerts, in a stream made for it alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import numpy as np
import psycopg
import pytest

from dashboards.live import wire
from dashboards.live.fleet import Fleet
from dashboards.live.live import Live
from hazmat.accounts import Role
from hazmat.clock import now
from hazmat.registry import World
from hazmat.store.pool import Pool
from hazmat.store.screens import Screens
from tests import logins
from tests.conftest import _cloned
from tests.screen_data import fill, put_alert, put_last
from tests.test_dashboards_api import serving

Site = tuple[str, str, World]


@pytest.fixture(scope="module")
def site(postgres_template: Any) -> Iterator[Site]:
    for dsn in _cloned(postgres_template):
        world = fill(dsn, vehicles=40, at=now(), alerts=16)
        with serving(dsn) as address:
            yield address, dsn, world


def _carrier(world: World) -> str:
    return world.vehicles[0].carrier_id


def _foreign(world: World) -> set[str]:
    """Everything that names a vehicle of others."""
    others = [v for v in world.vehicles if v.carrier_id != _carrier(world)]
    papers = [w.waybill_no for w in world.waybills if w.carrier_id != _carrier(world)]
    assert others
    return (
        {v.vehicle_id for v in others}
        | {v.plate for v in others}
        | {v.carrier_id for v in others}
        | {*papers}
    )


@pytest.mark.parametrize(
    "path", ["/api/live/snapshot", "/api/live/papers", "/api/search?q=浙", "/api/search?q=UN"]
)
def test_an_enterprise_is_told_of_its_own_trucks_alone(site: Site, path: str) -> None:
    address, dsn, world = site
    with logins.client(address, dsn, Role.ENTERPRISE, _carrier(world)) as client:
        own = client.get(path)
    assert own.status_code == 200
    assert [word for word in _foreign(world) if word in own.text] == []
    with logins.client(address, dsn, Role.CONTROL_ROOM) as client:
        everything = client.get(path).text
    if "search" not in path:
        assert all(vehicle.vehicle_id in everything for vehicle in world.vehicles)


def test_the_snapshot_of_an_enterprise_counts_its_own(site: Site) -> None:
    address, dsn, world = site
    own = [v.vehicle_id for v in world.vehicles if v.carrier_id == _carrier(world)]
    with logins.client(address, dsn, Role.ENTERPRISE, _carrier(world)) as client:
        snapshot = client.get("/api/live/snapshot").json()
        stream = f"/api/live/stream?after={snapshot['epoch']}-{snapshot['tick']}"
        with client.stream("GET", stream) as answer:
            lines = (line for line in answer.iter_lines() if line.startswith("data: "))
            said = [next(lines) for _ in range(2)]
    assert sorted(snapshot["new"]["id"]) == sorted(own)
    states = ("moving", "stopped", "offline", "warned", "serious")
    assert sum(snapshot["counts"][name] for name in states) == len(own)
    ticks = [json.loads(line[6:]) for line in said]
    assert [tick["tick"] for tick in ticks] == [snapshot["tick"] + 1, snapshot["tick"] + 2]
    assert [word for word in _foreign(world) if any(word in line for line in said)] == []


def test_corridors_of_others_are_not_drawn_for_an_enterprise(site: Site) -> None:
    address, dsn, world = site
    own = {waybill.route_id for waybill in world.waybills if waybill.carrier_id == _carrier(world)}
    with (
        logins.client(address, dsn, Role.ENTERPRISE, _carrier(world)) as enterprise,
        logins.client(address, dsn, Role.CONTROL_ROOM) as room,
    ):
        shown, everything = (client.get("/api/fences") for client in (enterprise, room))
        again = room.get("/api/fences", headers={"If-None-Match": shown.headers["etag"]})
    kinds = {f["id"]: f["properties"]["kind"] for f in everything.json()["features"]}
    routes = {f["id"] for f in shown.json()["features"] if f["properties"]["kind"] == "corridor"}
    assert routes == own & {name for name, kind in kinds.items() if kind == "corridor"}
    assert again.status_code == 200  # what another account left in this browser's cache is not ours


def test_an_enterprise_reads_no_officer_s_name(postgres_database: str) -> None:
    world = fill(postgres_database, vehicles=4, at=now(), alerts=0)
    officer = logins.add(postgres_database, logins.account(Role.OFFICER))
    vehicle = world.vehicles[0]
    with psycopg.connect(postgres_database) as connection:
        alert = put_alert(connection, vehicle.vehicle_id, "overspeed", "red", now(), 121.6, 29.97)
    screens = Screens(Pool(postgres_database))
    live = Live(screens, now)
    live.publish(*live.step())
    with psycopg.connect(postgres_database) as connection:
        for kind in ("acknowledge", "claim"):
            connection.execute(
                "INSERT INTO alert_handlings (alert_id, account_id, at, kind) VALUES (%s, %s, now(), %s)",
                [alert, officer.account_id, kind],
            )
    tenant = vehicle.carrier_id
    _run(_tick_with_viewer(live, tenant))
    screens.close()
    for viewer, named in ((None, True), (tenant, False)):
        (row,) = json.loads(live.snapshot(viewer).plain)["alerts"]
        assert row["acknowledged"]
        assert (officer.name in json.dumps(row, ensure_ascii=False)) is named


def _run(work: Coroutine[Any, Any, None]) -> None:
    """In a thread of its own: a browser of another test keeps this one's event loop."""
    with ThreadPoolExecutor(1) as threads:
        threads.submit(asyncio.run, work).result()


async def _tick_with_viewer(live: Live, tenant: str) -> None:
    viewer = live.messages(None, tenant)
    await anext(viewer)
    live.publish(*live.step())
    message = await anext(viewer)
    assert b'"acknowledged":1' in message.plain
    assert "测试".encode() not in message.plain
    await viewer.aclose()


def test_each_enterprise_that_looks_costs_one_encoding_a_tick_and_others_none(postgres_database: str) -> None:
    world = fill(postgres_database, vehicles=12, at=now(), alerts=4)
    tenants = sorted({vehicle.carrier_id for vehicle in world.vehicles})[:2]
    screens = Screens(Pool(postgres_database))
    live = Live(screens, now)

    async def watch() -> None:
        live.publish(*live.step())
        assert live.encoded == 1
        viewers = [live.messages(None, tenant) for tenant in tenants for _ in range(5)]
        for viewer in viewers:
            await anext(viewer)  # told to start from a snapshot
        live.publish(*live.step())
        assert live.encoded == 1 + 3
        said = [await anext(viewer) for viewer in viewers]
        assert all(said[n] is said[0] for n in range(5))
        assert said[0].plain != said[5].plain
        for viewer in viewers:
            await viewer.aclose()
        live.publish(*live.step())
        assert live.encoded == 1 + 3 + 1

    _run(watch())
    screens.close()


def test_a_truck_that_changes_its_owner_starts_a_new_numbering(postgres_database: str) -> None:
    world = fill(postgres_database, vehicles=12, at=now(), alerts=0)
    screens = Screens(Pool(postgres_database))
    live = Live(screens, now)
    live.publish(*live.step())
    before = live.scene.of_tenant(_carrier(world)).epoch
    with psycopg.connect(postgres_database) as connection:
        connection.execute(
            "UPDATE vehicles SET carrier_id = 'other' WHERE vehicle_id = %s", [world.vehicles[0].vehicle_id]
        )
    live.publish(*live.step())
    after = live.scene.of_tenant(_carrier(world))
    screens.close()
    assert after.epoch != before
    assert world.vehicles[0].vehicle_id not in after.plates


def test_changes_added_up_are_the_fleet_itself(postgres_database: str) -> None:
    world = fill(postgres_database, vehicles=30, at=now(), alerts=0)
    screens = Screens(Pool(postgres_database))
    live = Live(screens, now)
    rng = np.random.default_rng(3)
    shown = {name: np.empty(0, np.int64) for name in wire.COLUMNS}
    before = Fleet.empty()
    for step in range(6):
        with psycopg.connect(postgres_database) as connection:
            for vehicle in rng.choice(np.array([v.vehicle_id for v in world.vehicles]), 7, replace=False):
                lon, lat = rng.normal((121.6, 29.97), 0.1)
                put_last(connection, str(vehicle), now(), lon, lat, rng.uniform(0, 90), rng.uniform(0, 360))
            put_last(connection, f"new{step}", now(), 121.5, 29.9)
            connection.execute("UPDATE last_known SET has_fix = false WHERE vehicle_id = 'new2'")
        live.publish(*live.step())
        fleet = live.scene.fleet
        told = wire.changes(fleet, before, live.scene.at_ms)
        rows = np.cumsum(told["i"])
        for name in wire.COLUMNS:
            shown[name] = np.concatenate([shown[name], np.zeros(len(fleet) - len(shown[name]), np.int64)])
            shown[name][rows] += told[name]
            np.testing.assert_array_equal(shown[name], getattr(fleet, name), err_msg=name)
        before = fleet
    screens.close()


def test_a_stream_whose_session_is_revoked_ends(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboards.live.api._LOOK_AGAIN_SECONDS", 0.5)
    fill(postgres_database, vehicles=3, at=now(), alerts=0)
    with (
        serving(postgres_database) as address,
        logins.client(address, postgres_database, Role.CONTROL_ROOM) as client,
        client.stream("GET", "/api/live/stream") as answer,
    ):
        lines = answer.iter_lines()
        for _ in range(6):
            next(lines)
        with psycopg.connect(postgres_database) as connection:
            connection.execute("UPDATE sessions SET revoked_at = now()")
        assert len(list(lines)) < 60  # it ends by itself


def test_search_finds_by_each_of_what_people_have_in_hand(site: Site) -> None:
    address, dsn, world = site
    at = now() + timedelta(seconds=1)
    waybill = next(w for w in world.waybills if w.valid_from <= at < w.valid_to)
    vehicle = next(v for v in world.vehicles if v.vehicle_id == waybill.vehicle_id)
    plate = vehicle.plate
    asked = {
        plate: "plate", f"{plate[:2]}·{plate[2:]}": "plate", waybill.waybill_no: "waybill",
        vehicle.carrier_name: "carrier", waybill.un_no: "goods", waybill.goods_name: "goods",
    }  # fmt: skip
    with logins.client(address, dsn, Role.OFFICER) as client:
        for text, found_by in asked.items():
            found = client.get("/api/search", params={"q": text}).json()
            assert vehicle.vehicle_id in [row["id"] for row in found] or len(found) == 20, text
            assert {row["found_by"] for row in found} >= {found_by}, text
        for nothing in ("%", "_", "\\", "'; DROP TABLE vehicles; --"):
            assert client.get("/api/search", params={"q": nothing}).json() == []
        assert client.get("/api/search", params={"q": ""}).status_code == 422
        assert client.get("/api/search", params={"q": "x" * 61}).status_code == 422


def test_goods_say_how_far_to_keep_away_and_that_it_is_unchecked(site: Site) -> None:
    address, dsn, _ = site
    with logins.client(address, dsn, Role.CONTROL_ROOM) as client:
        chlorine = client.get("/api/goods/UN1017").json()
        assert (chlorine["hazard_class"], chlorine["acutely_toxic"]) == ("2.3", True)
        assert chlorine["isolation_m"] > 100
        assert len(chlorine["protect_night_km"]) == 3
        assert "未" in chlorine["source"] or "not yet checked" in chlorine["source"]
        assert client.get("/api/goods/9999").status_code == 404
        assert client.get("/api/goods/x").status_code == 422
