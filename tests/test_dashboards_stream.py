"""The live stream: what a tick says, that it is made once for all, and how a viewer finds the way back."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import psycopg
import pytest

from dashboards.live.fleet import NO_PLACE, Fleet, TruckState
from dashboards.live.live import KEPT_TICKS, Live
from dashboards.live.scene import Scene
from dashboards.live.wire import GZIP_HEADER, Message, parse_identity
from hazmat.clock import now
from hazmat.store.pool import Pool
from hazmat.store.screens import AlertLevel, FleetRows, Screens
from tests.screen_data import fill, insert, put_alert, put_last

LON, LAT = 121.6, 29.97


def _scene(dsn: str, before: Scene | None = None) -> Scene:
    screens = Screens(Pool(dsn))
    try:
        return (before or Scene(epoch="e")).look(screens, now(), "renamed")
    finally:
        screens.close()


def _tick(before: Scene, after: Scene) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(after.message(before, 7))
    return message


def _rows(speed: list[float], silent_minutes: list[int], **columns: Any) -> FleetRows:
    at = np.datetime64("2026-11-21T08:00:00", "ms")
    count = len(speed)
    heard = np.array([at - np.timedelta64(minutes, "m") for minutes in silent_minutes])
    return FleetRows(
        vehicle_id=np.array([b"T%d" % n for n in range(count)], "S32"),
        fix_time=heard,
        received_at=heard,
        lon=np.full(count, LON),
        lat=columns.get("lat", np.full(count, LAT)),
        speed_kmh=np.array(speed),
        heading_deg=np.full(count, 90.0),
        phase=np.zeros(count, np.int64),
        loaded=np.ones(count, bool),
    )


def test_the_state_of_a_truck_is_decided_by_alerts_then_silence_then_speed() -> None:
    at = now().replace(year=2026, month=11, day=21, hour=8, minute=0, second=0, microsecond=0)
    levels = [
        AlertLevel("a", "T3", "blue", True, at),
        AlertLevel("b", "T4", "yellow", True, at),
        AlertLevel("c", "T4", "orange", True, at),
        AlertLevel("d", "T0", "red", False, at),
    ]
    fleet = Fleet.empty().advance(_rows([40, 0, 40, 40, np.nan], [0, 9, 11, 11, 0]), levels, at)
    moving, stopped, offline, warned, serious = TruckState
    assert fleet.state.tolist() == [moving, stopped, offline, warned, serious]
    assert fleet.counts() == {"moving": 1, "stopped": 1, "offline": 1, "warned": 1, "serious": 1}


def test_a_truck_without_a_fix_has_no_place_and_keeps_its_row_when_it_is_gone() -> None:
    at = now().replace(year=2026, month=11, day=21, hour=8)
    first = Fleet.empty().advance(_rows([40, 40], [0, 0], lat=np.array([LAT, np.nan])), [], at)
    assert first.lat.tolist() == [round(LAT * 1e6), NO_PLACE]
    rows = _rows([40, 40], [0, 0])
    second = first.advance(FleetRows(*(getattr(rows, name)[1:] for name in rows.__slots__)), [], at)
    assert second.ids.tolist() == [b"T0", b"T1"]
    assert second.lat.tolist() == [NO_PLACE, round(LAT * 1e6)]
    assert second.changed_since(first).tolist() == [0, 1]


def test_a_tick_holds_only_what_changed(any_database: str) -> None:
    fill(any_database, vehicles=30, at=now(), alerts=0)
    before = _scene(any_database)
    assert len(before.fleet) == 30
    assert _tick(before, _scene(any_database, before))["i"] == []
    with psycopg.connect(any_database) as connection:
        name = before.fleet.ids[4].decode()
        put_last(connection, name, now(), LON, LAT, 33.4, 271.0)
        put_last(connection, "unregistered", now(), LON, LAT)
        alert = put_alert(connection, name, "overspeed", "orange", now(), LON, LAT, value=88.0)
    after = _scene(any_database, before)
    tick = _tick(before, after)
    assert tick["i"] == [4, 26]  # each row's distance from the one before
    grown = {
        name: tick[name][0] + getattr(before.fleet, name)[4] for name in ("lon", "lat", "speed", "heading")
    }
    assert grown == {"lon": 121600000, "lat": 29970000, "speed": 33, "heading": 271}
    assert tick["lon"][1] == 121600000
    assert tick["state"][0] + before.fleet.state[4] == TruckState.SERIOUS
    assert tick["new"] == {"id": ["unregistered"], "plate": ["unregistered"], "colour": [""]}
    assert [(row["id"], row["plate"]) for row in tick["alerts"]] == [(alert, after.plates[name][0])]


def test_an_alert_that_opens_and_ends_between_two_looks_is_told(any_database: str) -> None:
    fill(any_database, vehicles=3, at=now(), alerts=0)
    before = _scene(any_database)
    with psycopg.connect(any_database) as connection:
        opened = now() - timedelta(minutes=5)
        alert = put_alert(
            connection, "x", "barred_area", "red", opened, LON, LAT, resolved_at=opened + timedelta(minutes=2)
        )
    after = _scene(any_database, before)
    assert [(row["id"], row["state"]) for row in _tick(before, after)["alerts"]] == [(alert, "resolved")]
    assert _tick(after, _scene(any_database, after))["alerts"] == []


def test_an_ended_alert_leaves_the_truck_and_stays_in_the_list(any_database: str) -> None:
    world = fill(any_database, vehicles=3, at=now(), alerts=0)
    name = world.vehicles[0].vehicle_id
    with psycopg.connect(any_database) as connection:
        put_last(connection, name, now(), LON, LAT)
        alert = put_alert(connection, name, "overspeed", "red", now(), LON, LAT)
    before = _scene(any_database)
    assert before.fleet.counts()["serious"] == 1
    with psycopg.connect(any_database) as connection:
        connection.execute("UPDATE alerts SET state = 'resolved', resolved_at = now(), changed_at = now()")
    after = _scene(any_database, before)
    assert after.fleet.counts()["serious"] == 0
    assert [(row["id"], row["state"]) for row in _tick(before, after)["alerts"]] == [(alert, "resolved")]


def test_a_new_plate_starts_a_new_numbering(any_database: str) -> None:
    world = fill(any_database, vehicles=3, at=now(), alerts=0)
    before = _scene(any_database)
    with psycopg.connect(any_database) as connection:
        connection.execute("UPDATE waybills SET driver_name = 'other'")
    same = _scene(any_database, before)
    assert (same.epoch, same.registry > before.registry) == ("e", True)
    with psycopg.connect(any_database) as connection:
        row = {"vehicle_id": world.vehicles[0].vehicle_id}
        connection.execute("UPDATE vehicles SET plate = '浙B99999' WHERE vehicle_id = %(vehicle_id)s", row)
    assert _scene(any_database, same).epoch == "renamed"


async def _take(messages: AsyncIterator[Message], count: int) -> list[Message]:
    return [await anext(messages) for _ in range(count)]


def _events(messages: list[Message]) -> list[str]:
    return [message.plain.split(b"\n")[0].decode().removeprefix("event: ") for message in messages]


@pytest.fixture
def live(postgres_database: str) -> Iterator[Live]:
    fill(postgres_database, vehicles=5, at=now())
    screens = Screens(Pool(postgres_database))
    yield Live(screens, now)
    screens.close()


def _tick_on(live: Live, ticks: int) -> None:
    for _ in range(ticks):
        live.publish(*live.step())


def test_many_viewers_get_the_very_same_bytes(live: Live) -> None:
    async def watch() -> None:
        _tick_on(live, 3)
        viewers = [live.messages(f"{live.scene.epoch}-0") for _ in range(50)]
        seen = [await _take(viewer, 3) for viewer in viewers]
        assert live.tick == 3
        assert all(messages[n] is seen[0][n] for messages in seen for n in range(3))

    asyncio.run(watch())


def test_a_viewer_goes_on_where_it_was_or_is_told_to_start_again(live: Live) -> None:
    async def watch() -> None:
        _tick_on(live, KEPT_TICKS + 5)
        epoch, last = live.scene.epoch, live.tick
        assert _events(await _take(live.messages(f"{epoch}-{last - 2}"), 2)) == ["tick", "tick"]
        for unknown in (None, "", "nonsense", f"other-{last}", f"{epoch}-{last + 1}", f"{epoch}-1"):
            assert _events(await _take(live.messages(unknown), 1)) == ["reset"], unknown

    asyncio.run(watch())


def test_a_viewer_that_falls_out_of_the_ring_starts_again_and_goes_on(live: Live) -> None:
    async def watch() -> None:
        _tick_on(live, 1)
        viewer = live.messages(f"{live.scene.epoch}-0")
        await _take(viewer, 1)
        _tick_on(live, KEPT_TICKS + 1)
        assert _events(await _take(viewer, 1)) == ["reset"]
        _tick_on(live, 1)
        assert f"-{live.tick}".encode() in (await _take(viewer, 1))[0].plain

    asyncio.run(watch())


def test_closing_ends_a_waiting_viewer(live: Live) -> None:
    async def watch() -> None:
        _tick_on(live, 1)
        viewer = live.messages(f"{live.scene.epoch}-{live.tick}")
        waiting = asyncio.ensure_future(anext(viewer))
        await asyncio.sleep(0.01)
        live.close()
        with pytest.raises(StopAsyncIteration):
            await asyncio.wait_for(waiting, 1)

    asyncio.run(watch())


def test_messages_compressed_apart_join_into_anybodys_gzip_stream() -> None:
    texts = [f'{{"tick":{number}}}'.encode() for number in range(4)]
    messages = [Message.of("tick", f"e-{number}", text) for number, text in enumerate(texts)]
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 16)
    got = unpack.decompress(GZIP_HEADER)
    for message in messages[2:]:
        got += unpack.decompress(message.gzipped)
        assert got.endswith(message.plain)  # readable at once, not when the stream ends


@pytest.mark.parametrize("text", [None, "", "e", "e-", "-3", "e-x", "e-1.5", "e-²"])
def test_a_foreign_event_id_is_none(text: str | None) -> None:
    assert parse_identity(text) is None


def test_ids_of_full_width_and_of_other_lengths_are_read_whole(any_database: str) -> None:
    names = ["a", "b" * 32, "ZJ-001"]
    with psycopg.connect(any_database) as connection:
        for name in names:
            put_last(connection, name, now(), LON, LAT)
        insert(
            connection,
            "last_known",
            {"vehicle_id": "nofix", "fix_time": now(), "received_at": now(), "batch_no": 1, "phase": 0}
            | {"has_fix": False, "loaded": False, "known": False},
        )
    screens = Screens(Pool(any_database))
    rows = screens.fleet()
    screens.close()
    assert [name.decode() for name in rows.vehicle_id] == sorted([*names, "nofix"])
    assert np.isnan(rows.lon).tolist() == [name == "nofix" for name in sorted([*names, "nofix"])]


def test_a_warning_that_only_the_driver_hears_is_not_on_the_wall(postgres_database: str) -> None:
    with psycopg.connect(postgres_database) as connection:
        put_last(connection, "V1", now(), LON, LAT)
        shown = put_alert(connection, "V1", "overspeed", "yellow", now(), LON, LAT)
        put_alert(connection, "V1", "speed_warning", "blue", now(), LON, LAT)
    screens = Screens(Pool(postgres_database))
    scene = Scene("e").look(screens, now(), "e")
    screens.close()
    assert list(scene.alerts) == list(scene.levels) == [shown]
