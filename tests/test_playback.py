"""Playback: what the calls answer against the stored fixes, and the page in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import numpy as np
import psycopg
import pytest
from playwright.sync_api import Browser, expect

from dashboards.live import playback
from hazmat.accounts import Role
from hazmat.clock import now, to_ms
from hazmat.registry import World
from hazmat.store import playback as stored
from hazmat.store.doors import Doors
from hazmat.store.playback import Area, Question
from tests import logins
from tests.browsing import DESKTOP, PHONE, Visitor, Watched, visiting
from tests.screen_data import along, fill, put_alert, put_track
from tests.test_dashboards_api import serving

FIXES = 180  # one each 10 s: half an hour


class Town:
    """A site whose first vehicle drove half an hour with a hole of 10 minutes and one alert."""

    def __init__(self, address: str, dsn: str, world: World, at: datetime) -> None:
        self.address, self.dsn, self.world, self.at = address, dsn, world, at
        self.truck, self.carrier = world.vehicles[0].vehicle_id, world.vehicles[0].carrier_id
        self.start, self.end = at - timedelta(minutes=40), at + timedelta(seconds=1)

    def span(self, **more: object) -> dict[str, Any]:
        return {"start": self.start.isoformat(), "end": self.end.isoformat()} | more

    def area(self, **more: object) -> dict[str, Any]:
        return self.span(west=121.3, south=29.8, east=121.9, north=30.1) | more

    def client(self, role: Role = Role.CONTROL_ROOM, carrier: str = "") -> httpx.Client:
        return logins.client(self.address, self.dsn, role, carrier)

    def fixes(self, vehicle: str) -> list[tuple[int, int, int]]:
        query = """SELECT floor(extract(epoch FROM fix_time) * 1000)::int8, round(lon * 1e6)::int8,
                          round(lat * 1e6)::int8
                     FROM positions WHERE vehicle_id = %s ORDER BY fix_time"""
        with psycopg.connect(self.dsn) as connection:
            return connection.execute(query, [vehicle]).fetchall()


def build(dsn: str) -> tuple[World, datetime]:
    at = now().replace(microsecond=0)
    world = fill(dsn, vehicles=6, at=at, alerts=0)
    road = next(fence for fence in world.fences if fence.fence_id == "road.haitian")
    with psycopg.connect(dsn) as connection:
        for vehicle in world.vehicles:
            put_track(connection, vehicle.vehicle_id, at, along(road, 0.1, 0.6, FIXES))
        truck = world.vehicles[0].vehicle_id
        connection.execute(
            "DELETE FROM positions WHERE vehicle_id = %s AND row_no BETWEEN 61 AND 119", [truck]
        )
        opened = at - timedelta(seconds=10 * 37)
        ended = opened + timedelta(minutes=3)
        place = along(road, 0.5, 0.6, 2)[0]
        put_alert(connection, truck, "overspeed", "orange", opened, *place, "road.haitian", 96.0, ended)
    return world, at


@pytest.fixture
def town(postgres_database: str) -> Iterator[Town]:
    world, at = build(postgres_database)
    with serving(postgres_database) as address:
        yield Town(address, postgres_database, world, at)


def unpacked(answer: dict[str, Any]) -> dict[str, list[tuple[int, int, int]]]:
    """(ms since 1970, lon, lat) of each fix by vehicle, added up as a browser does."""
    first, found = answer["vehicles"]["first"], {}
    for row, name in enumerate(answer["vehicles"]["id"]):
        part = slice(first[row], first[row + 1])
        columns = [np.cumsum(answer["fixes"][key][part]) for key in ("t", "lon", "lat")]
        columns[0] += answer["start"]
        found[name] = list(zip(*(column.tolist() for column in columns), strict=True))
    return found


def test_a_vehicle_s_span_is_what_is_stored(town: Town) -> None:
    with town.client() as client:
        answer = client.get(f"/api/vehicles/{town.truck}/playback", params=town.span()).json()
    assert unpacked(answer) == {town.truck: town.fixes(town.truck)}
    assert (answer["shown"], answer["total"], answer["step"]) == (FIXES - 59, FIXES - 59, 0)
    assert answer["vehicles"]["plate"] == [town.world.vehicles[0].plate]
    (alert,) = answer["alerts"]
    assert (alert["level"], alert["name"], alert["object_name"][:3]) == ("orange", "超速", "海天路")
    assert alert["opened"] == to_ms(town.at - timedelta(seconds=370))


def test_thinning_keeps_first_last_alerts_and_the_edges_of_gaps(town: Town) -> None:
    with town.client() as client:
        answer = client.get(f"/api/vehicles/{town.truck}/playback", params=town.span(step_s=60)).json()
    times, whole = [at for at, _, _ in unpacked(answer)[town.truck]], town.fixes(town.truck)
    assert (answer["total"], answer["step"]) == (len(whole), 60)
    assert set(times) < {at for at, _, _ in whole}
    end = to_ms(town.at)  # first, last, the edges of the hole, the alert
    for seconds in (
        10 * (FIXES - 1),
        0,
        600,
        1200,
        370,
        340,
        280,
    ):
        assert end - 1000 * seconds in times
    buckets = {(at - answer["start"]) // 60_000 for at, _, _ in whole}
    assert {(at - answer["start"]) // 60_000 for at in times} == buckets
    assert len(times) <= len(buckets) + 6


@pytest.mark.parametrize("step", [7, 60, 600])
def test_the_first_fix_of_each_step_is_there(any_database: str, step: int) -> None:
    world, at = build(any_database)
    asked = Question(at - timedelta(hours=1), at, Area.everywhere(), step)
    doors = Doors(any_database)
    other = world.vehicles[1].vehicle_id  # no hole, no alert
    played = doors.playbacks.play([other], asked)
    whole = doors.playbacks.play([other], Question(asked.start, asked.end, asked.area, 0))
    doors.close()
    since = (whole.fix_time - np.datetime64(to_ms(asked.start), "ms")).astype(np.int64)
    bucket = since // (1000 * step)
    first = np.flatnonzero(np.r_[True, np.diff(bucket) > 0])
    expected = np.unique(np.r_[first, len(bucket) - 1])
    assert (played.fix_time == whole.fix_time[expected]).all()
    assert (len(whole.row), played.total) == (FIXES, FIXES)


def test_an_area_is_thinned_to_what_a_browser_can_play(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "MOST_ROWS", 300)
    monkeypatch.setattr(playback, "MOST_ROWS", 300)
    with town.client() as client:
        answer = client.get("/api/playback", params=town.area()).json()
        refused = client.get("/api/playback", params=town.area(step_s=10))
    assert answer["total"] == 6 * FIXES - 59
    assert answer["step"] == 60
    assert answer["shown"] == len(answer["fixes"]["t"]) <= 300
    assert refused.status_code == 422
    assert refused.json()["detail"][0]["field"] == "query.step_s"


def test_an_area_holds_what_lies_in_it_alone(town: Town) -> None:
    middle = town.fixes(town.truck)[30]
    lon, lat = middle[1] / 1e6, middle[2] / 1e6
    edges = {"west": lon - 2e-3, "east": lon + 2e-3, "south": lat - 2e-3, "north": lat + 2e-3}
    with town.client() as client:
        answer = client.get("/api/playback", params=town.area(**edges)).json()
    box = [round(edges[name] * 1e6) for name in ("west", "east", "south", "north")]
    for name, fixes in unpacked(answer).items():
        inside = [f for f in town.fixes(name) if box[0] <= f[1] <= box[1] and box[2] <= f[2] <= box[3]]
        assert fixes == inside
        assert fixes
    assert answer["alerts"] == []  # it fired elsewhere


def test_an_enterprise_sees_its_own_vehicles_alone(town: Town) -> None:
    own = {v.vehicle_id for v in town.world.vehicles if v.carrier_id == town.carrier}
    other = next(v for v in town.world.vehicles if v.carrier_id != town.carrier)
    with town.client(Role.ENTERPRISE, town.carrier) as client:
        answer = client.get("/api/playback", params=town.area()).json()
        foreign = client.get(f"/api/vehicles/{other.vehicle_id}/playback", params=town.span())
        page = client.get("/playback", params={"plate": other.plate})
    assert set(answer["vehicles"]["id"]) == own
    assert foreign.status_code == 404
    assert "没有查到该车牌的车辆" in page.text
    assert f"vehicle={other.vehicle_id}" not in page.text


def test_an_inspector_gets_the_alerts_of_the_own_department(town: Town) -> None:
    with town.client(Role.INSPECTOR) as client:  # of emergency management: speeding is not theirs
        answer = client.get("/api/playback", params=town.area()).json()
        fences = client.get("/api/fences", params={"at": town.start.isoformat()})
    assert (len(answer["vehicles"]["id"]), answer["alerts"]) == (6, [])
    assert fences.status_code == 200


def test_fences_are_those_of_the_time(town: Town) -> None:
    with psycopg.connect(town.dsn) as connection:
        connection.execute("UPDATE fences SET valid_from = %s WHERE fence_id = 'road.haitian'", [town.at])
    with town.client() as client:
        found = client.get("/api/fences", params={"at": town.start.isoformat()}).json()["features"]
    assert found
    assert "road.haitian" not in {feature["id"] for feature in found}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"start": "2026-11-22T10:00:00"}, "start"),
        ({"start": "yesterday"}, "start"),
        ({"end": "2001-01-01T00:00:00Z"}, "end"),
        ({"start": "2020-01-01T00:00:00Z", "end": "2020-01-01T01:00:00Z"}, "start"),
        ({"start": "2020-01-01T00:00:00Z"}, "end"),
        ({"west": 122.0}, "east"),
        ({"south": 31}, "north"),
        ({"west": 100}, "east"),
        ({"north": "nan"}, "north"),
        ({"step_s": -1}, "step_s"),
    ],
)
def test_bad_input_names_its_field(town: Town, change: dict[str, Any], field: str) -> None:
    with town.client() as client:
        answer = client.get("/api/playback", params=town.area(**change))
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["detail"]] == [f"query.{field}"]


def test_too_many_vehicles_for_the_span_are_refused(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playback, "VEHICLE_HOURS", 3)
    with town.client() as client:
        answer = client.get("/api/playback", params=town.area())
    assert answer.status_code == 422
    assert answer.json()["detail"] == [
        {"field": "query.end", "fault": "6 vehicles are too many for this span: at most 30 minutes"}
    ]


# --- in the browser


@pytest.fixture
def visitor(town: Town, browser: Browser) -> Iterator[Visitor]:
    with visiting(browser, town.address, town.dsn) as visitor:
        yield visitor


def local(at: datetime) -> str:
    return f"{at + timedelta(hours=8):%Y-%m-%dT%H:%M:%S}"


def address(town: Town, **more: str) -> str:
    query = {"from": local(town.start), "to": local(town.end)} | more
    return f"/playback?{httpx.QueryParams(query)}"


AREA = {"west": "121.3", "south": "29.8", "east": "121.9", "north": "30.1"}


def ready(watched: Watched) -> None:
    expect(watched.page.locator("#player")).to_be_visible(timeout=15_000)
    watched.until("playback.shown.trucks.frames > 0")


def moment(watched: Watched) -> float:
    found: float = watched.page.evaluate("playback.player.moment")
    return found


def test_it_plays_steps_and_jumps_to_alerts(town: Town, visitor: Visitor) -> None:
    one = visitor.open(address(town, vehicle=town.truck), DESKTOP)
    ready(one)
    before, page = moment(one), one.page
    page.click("[data-speed='60']")
    page.click("#toggle")
    one.until(f"playback.player.moment > {before} + 20000")
    page.click("#toggle")
    stood = moment(one)
    page.wait_for_timeout(200)
    assert moment(one) == stood
    page.locator("#slider").focus()
    page.keyboard.press("ArrowRight")
    assert (moment(one) + to_ms(town.start)) in [float(at) for at, _, _ in town.fixes(town.truck)]
    assert page.locator("#ticks .tick.orange").count() == 1
    page.click("#next-alert")
    opened = to_ms(town.at - timedelta(seconds=370))
    assert moment(one) + to_ms(town.start) == opened
    assert page.evaluate("playback.shown.tape.state[0]") == 4
    assert one.ink(".trails-canvas")[0] > 50
    assert f"at={local(town.at - timedelta(seconds=370))}".replace(":", "%3A") in page.url
    assert one.overflow() <= 0


def test_a_gap_stays_a_gap(town: Town, visitor: Visitor) -> None:
    one = visitor.open(address(town, vehicle=town.truck), DESKTOP)
    ready(one)
    whole = town.fixes(town.truck)
    edge = next(n for n in range(len(whole)) if whole[n + 1][0] - whole[n][0] > 60_000)
    place = "[playback.shown.tape.lon[0], playback.shown.tape.lat[0], playback.shown.tape.state[0]]"
    for seconds, state in ((15, 0), (300, 2), (580, 2)):
        after = whole[edge][0] - to_ms(town.start) + 1000 * seconds
        one.page.evaluate(f"playback.player.go({after})")
        assert one.page.evaluate(place) == [*whole[edge][1:], state]
    between = whole[5][0] - to_ms(town.start) + 5000
    one.page.evaluate(f"playback.player.go({between})")
    lon, lat, _ = one.page.evaluate(place)
    assert lon == pytest.approx((whole[5][1] + whole[6][1]) / 2, abs=1)
    assert lat == pytest.approx((whole[5][2] + whole[6][2]) / 2, abs=1)


def test_an_area_in_english_a_truck_is_followed(town: Town, visitor: Visitor) -> None:
    one = visitor.open(address(town, **AREA), DESKTOP, language="en")
    ready(one)
    expect(one.page.locator("#vehicles-title")).to_have_text("Vehicles: 6")
    expect(one.page.locator("#thinned")).to_contain_text("stored fixes are played")
    button = one.page.locator("#vehicles button").nth(2)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    assert "follow=" in one.page.url
    followed = one.page.evaluate("playback.shown.tape.id[playback.shown.followed]")
    one.page.reload()
    ready(one)
    assert one.page.evaluate("playback.shown.tape.id[playback.shown.followed]") == followed


def test_around_an_alert_on_a_phone(town: Town, visitor: Visitor) -> None:
    with psycopg.connect(town.dsn) as connection:
        found = connection.execute("SELECT alert_id FROM alerts").fetchone()
    assert found is not None
    one = visitor.open(f"/playback?alert={found[0]}", PHONE)
    ready(one)
    assert one.overflow() <= 0
    assert one.page.locator("#toggle").is_visible()
    opened = town.at - timedelta(seconds=370)
    assert one.page.input_value("#from") == local(opened - timedelta(minutes=10))
    assert one.page.evaluate("playback.shown.tape.start + playback.player.moment") == to_ms(opened)
    small = "[...document.querySelectorAll('.playback button')].filter((b) => b.offsetHeight && "
    assert one.page.evaluate(small + "b.offsetHeight < 44).length") == 0
    assert one.axe() == []


def test_without_script_the_page_says_so_and_offers_the_day_map(town: Town, visitor: Visitor) -> None:
    one = visitor.open("/playback", DESKTOP, script=False)
    expect(one.page.get_by_text("轨迹回放需要浏览器启用脚本")).to_be_visible()
    one.page.fill("#plate", town.world.vehicles[0].plate)
    one.page.click("form.find button")
    link = one.page.get_by_role("link", name="日轨迹图")
    assert (link.get_attribute("href") or "").startswith(f"/vehicles/{town.truck}/day?day=")
