"""The live map and an evidence map in a real browser with the network closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from dashboards.reports.evidence import write_evidence_map
from hazmat.accounts import Role
from hazmat.clock import now
from hazmat.registry import World
from tests import logins
from tests.browsing import DESKTOP, LAPTOP, PHONE, Watched, visiting
from tests.screen_data import along, fill, put_alert, put_last, put_track
from tests.test_dashboards_api import serving


@dataclass
class Town:
    """The site in a browser, and the database behind it."""

    address: str
    dsn: str
    world: World
    open: Callable[[tuple[int, int], str], Watched]

    @property
    def truck(self) -> str:
        return self.world.vehicles[0].vehicle_id


@pytest.fixture
def town(browser: Browser, postgres_database: str) -> Iterator[Town]:
    world = fill(postgres_database, vehicles=120, at=now(), alerts=0)
    with (
        serving(postgres_database) as address,
        visiting(browser, address, postgres_database) as visitor,
    ):
        yield Town(address, postgres_database, world, lambda size, path: visitor.open(path, size))


def _ready(watched: Watched) -> None:
    expect(watched.page.locator("#link")).to_have_attribute("data-state", "live", timeout=15_000)
    expect(watched.page.locator("#count-online")).not_to_have_text("–")
    watched.until("liveMap.trucks.frames > 1")


@pytest.mark.parametrize("size", [DESKTOP, LAPTOP, PHONE])
def test_the_map_draws_roads_names_and_trucks(town: Town, size: tuple[int, int]) -> None:
    one = town.open(size, "/live")
    _ready(one)
    assert one.ink()[0] > 300
    one.until("document.querySelectorAll('.leaflet-roads-pane canvas').length > 0")
    assert one.ink(".leaflet-roads-pane canvas")[0] > 1000
    assert one.ink(".label-canvas")[0] > 300
    wide = one.page.evaluate("document.documentElement.scrollWidth")
    assert wide == size[0]


def test_a_truck_moves_when_its_position_changes(town: Town) -> None:
    one = town.open(LAPTOP, "/live")
    _ready(one)
    with psycopg.connect(town.dsn) as connection:
        put_last(connection, town.truck, now(), 121.60, 29.98, 0.0)
    one.until(f"liveMap.fleet.lon[liveMap.fleet.row.get('{town.truck}')] === 121600000")
    one.page.wait_for_timeout(1500)
    before = one.ink()
    with psycopg.connect(town.dsn) as connection:
        put_last(connection, town.truck, now(), 121.62, 29.99, 0.0)
    one.until(f"liveMap.fleet.lon[liveMap.fleet.row.get('{town.truck}')] === 121620000")
    one.page.wait_for_timeout(1500)
    assert one.ink()[1] != before[1]


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_an_alert_appears_and_opens_the_truck_s_card(town: Town, size: tuple[int, int]) -> None:
    one = town.open(size, "/live")
    _ready(one)
    expect(one.page.locator("#alerts-empty")).to_be_visible()
    opened, road = now() - timedelta(minutes=3), town.world.fences
    places = along(next(fence for fence in road if fence.fence_id == "road.haitian"), 0.4, 0.5, 60)
    with psycopg.connect(town.dsn) as connection:
        put_last(connection, town.truck, now(), *places[-1])
        put_track(connection, town.truck, now(), places)
        alert = put_alert(
            connection, town.truck, "off_designated_road", "red", opened, *places[40], "road.haitian", 61.0
        )
    row = one.page.locator(f'[data-id="{alert}"]')
    expect(row).to_be_visible(timeout=5000)
    expect(row).to_contain_text("红")
    expect(row).to_contain_text("海天路 · 61 米")
    expect(one.page.locator("#count-serious")).to_have_text("1")
    row.click()
    card = one.page.locator("#card")
    expect(card).to_contain_text(town.world.vehicles[0].carrier_name)
    expect(card).to_contain_text("ZH")
    expect(card.locator(".open a")).to_have_attribute("href", f"/alerts/{alert}/map")
    expect(one.page.locator(".pulse")).to_be_visible()
    one.until(f"location.hash.endsWith('/{town.truck}')")
    one.until("document.querySelector('.leaflet-way-pane canvas')")
    assert _inside(one, "#card", size)
    one.page.keyboard.press("Escape")
    expect(card).to_be_hidden()


def test_a_click_on_a_truck_opens_its_card_and_the_address_keeps_it(town: Town) -> None:
    with psycopg.connect(town.dsn) as connection:
        connection.execute("DELETE FROM last_known WHERE vehicle_id <> %s", [town.truck])
        put_last(connection, town.truck, now(), 121.60, 29.98)
    one = town.open(LAPTOP, "/live#15/29.98/121.6")
    _ready(one)
    one.page.wait_for_timeout(1200)
    place = one.page.evaluate("(({x, y}) => [x, y])(liveMap.map.latLngToContainerPoint([29.98, 121.6]))")
    one.page.locator("#map").click(position={"x": place[0], "y": place[1]})
    card = one.page.locator("#card")
    expect(card).to_contain_text(town.world.vehicles[0].carrier_name)
    other = town.open(LAPTOP, one.page.url.removeprefix(town.address))
    _ready(other)
    expect(other.page.locator("#card")).to_contain_text(town.world.vehicles[0].carrier_name)
    assert other.page.evaluate("liveMap.map.getZoom()") == 15
    one.page.locator("#map").click(position={"x": place[0] + 120, "y": place[1]})
    expect(card).to_be_hidden()


def test_lanes_are_drawn_when_zoomed_in(town: Town) -> None:
    road = next(fence for fence in town.world.fences if fence.fence_id == "road.haitian")
    (lon, lat), *_ = along(road, 0.5, 0.6, 2)
    one = town.open(LAPTOP, f"/live#17/{lat}/{lon}")
    _ready(one)
    one.until("document.querySelector('.leaflet-lanes-pane canvas')")
    one.page.wait_for_timeout(500)
    assert one.ink(".leaflet-lanes-pane canvas")[0] > 5000


def test_layers_and_filters_hide_what_they_name(town: Town) -> None:
    with psycopg.connect(town.dsn) as connection:
        put_alert(connection, town.truck, "overspeed", "yellow", now(), 121.6, 29.98, value=70.0)
    one = town.open(DESKTOP, "/live")
    _ready(one)
    expect(one.page.locator(".alert")).to_have_count(1)
    one.page.locator('button[data-level="yellow"]').click()
    expect(one.page.locator(".alert")).to_have_count(0)
    before = one.ink()[0]
    for box in one.page.locator("input[data-state]").all():
        box.uncheck()
    one.page.wait_for_timeout(300)
    assert one.ink()[0] == 0 < before


def test_a_stream_that_breaks_is_said_and_comes_back(browser: Browser, postgres_database: str) -> None:
    fill(postgres_database, vehicles=5, at=now(), alerts=0)
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    with serving(postgres_database) as address:
        _sign_in(context, address, postgres_database)
        page.goto(f"{address}/live")
        _ready(Watched(page))
        port = int(address.rsplit(":", 1)[1])
    expect(page.locator("#notice")).to_contain_text("已中断", timeout=10_000)
    with serving(postgres_database, port):
        expect(page.locator("#link")).to_have_attribute("data-state", "live", timeout=20_000)
        expect(page.locator("#notice")).to_be_hidden()
    context.close()


def test_tabs_share_one_stream(town: Town, browser: Browser) -> None:
    # Browsers open six connections to a host over HTTP/1.1: of eight tabs with a stream each, two would hang.
    context = browser.new_context()
    _sign_in(context, town.address, town.dsn)
    pages = [context.new_page() for _ in range(8)]
    for page in pages:
        page.goto(f"{town.address}/live")
    for page in pages:
        _ready(Watched(page))
    context.close()


def test_an_evidence_map_opens_from_disk_without_any_request(
    browser: Browser, postgres_database: str, tmp_path: Path
) -> None:
    world = fill(postgres_database, vehicles=2, at=now(), alerts=0)
    name, opened = world.vehicles[0].vehicle_id, now() - timedelta(minutes=15)
    places = along(next(fence for fence in world.fences if fence.fence_id == "road.haitian"), 0.4, 0.6, 120)
    with psycopg.connect(postgres_database) as connection:
        put_track(connection, name, opened + timedelta(minutes=10), places)
        alert = put_alert(
            connection, name, "off_designated_road", "red", opened, *places[60], "road.haitian", 61.0
        )
    file = tmp_path / "evidence.html"
    write_evidence_map(postgres_database, alert, file)
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    requests: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda line: errors.append(line.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(file.as_uri())
    expect(page.locator("path.leaflet-interactive").first).to_be_visible()
    assert page.locator("path.leaflet-interactive").count() > 60
    assert requests == [file.as_uri()]
    assert errors == []
    page.close()


def _sign_in(context: BrowserContext, address: str, dsn: str) -> None:
    cookies = logins.cookie(dsn, Role.CONTROL_ROOM)
    context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])


def _inside(one: Watched, selector: str, size: tuple[int, int]) -> bool:
    box = one.page.locator(selector).bounding_box()
    assert box is not None
    return (
        box["x"] >= 0
        and box["y"] >= 0
        and box["x"] + box["width"] <= size[0]
        and box["y"] + box["height"] <= size[1]
    )
