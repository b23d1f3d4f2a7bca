"""What the live map does in a real browser: search, filters, follow, acknowledge, sound, wall, lost lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, expect

from hazmat.accounts import Role
from hazmat.clock import now
from hazmat.registry import World
from tests.browsing import DESKTOP, LAPTOP, NARROW, Visitor, Watched, visiting
from tests.conftest import _cloned
from tests.screen_data import fill, put_alert, put_last
from tests.test_dashboards_api import serving


@dataclass
class Town:
    """The site, its database, a browser's visitor."""

    address: str
    dsn: str
    world: World
    visitor: Visitor

    def open(self, path: str = "/live", size: tuple[int, int] = LAPTOP, **options: Any) -> Watched:
        watched = self.visitor.open(path, size, **options)
        expect(watched.page.locator("#link")).to_have_attribute("data-state", "live", timeout=15_000)
        return watched

    def alert(self, truck: int, rule: str = "overspeed", severity: str = "red", **more: Any) -> str:
        opened = now() - timedelta(minutes=3)
        with psycopg.connect(self.dsn) as connection:
            vehicle = self.world.vehicles[truck].vehicle_id
            return put_alert(connection, vehicle, rule, severity, opened, 121.62, 29.97, **more)


@pytest.fixture(scope="module")
def site(postgres_template: Any) -> Iterator[tuple[str, str, World]]:
    for dsn in _cloned(postgres_template):
        world = fill(dsn, vehicles=60, at=now(), alerts=0)
        with serving(dsn) as address:
            yield address, dsn, world


@pytest.fixture
def town(browser: Browser, site: tuple[str, str, World]) -> Iterator[Town]:
    address, dsn, world = site
    with psycopg.connect(dsn) as connection:
        connection.execute("UPDATE alerts SET state = 'resolved', resolved_at = now() WHERE state = 'firing'")
    with visiting(browser, address, dsn) as visitor:
        yield Town(address, dsn, world, visitor)


def test_a_vehicle_is_found_by_keyboard_and_flown_to(town: Town) -> None:
    vehicle = town.world.vehicles[4]
    with psycopg.connect(town.dsn) as connection:
        put_last(connection, vehicle.vehicle_id, now(), 121.55, 29.95)
    one = town.open()
    one.until(f"liveMap.fleet.lon[liveMap.fleet.row.get('{vehicle.vehicle_id}')] === 121550000")
    box = one.page.get_by_role("combobox", name="查找车辆")
    box.press_sequentially(vehicle.plate[:2].lower() + "·" + vehicle.plate[2:])
    expect(one.page.locator("#found [role=option]")).to_have_count(1)
    box.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "found-0")
    box.press("Enter")
    expect(one.page.locator("#card")).to_contain_text(vehicle.carrier_name)
    expect(one.page.locator("#found")).to_be_hidden()
    one.until("liveMap.map.getBounds().contains([29.95, 121.55]) && liveMap.map.getZoom() >= 14.5")
    box.fill("nothing is called so")
    expect(one.page.locator("#found")).to_contain_text("没有查到")


def test_filters_count_hide_and_stay_in_the_address(town: Town) -> None:
    one = town.open(size=DESKTOP)
    one.page.get_by_role("button", name="筛选").click()
    goods = one.page.locator("#filters fieldset").nth(2).locator("label")
    expect(goods.first).to_contain_text("类")
    count = int(goods.first.locator("output").inner_text())
    goods.first.locator("input").check()
    expect(one.page.locator("#filters .total")).to_have_text(f"显示 {count} / 60 辆")
    assert one.page.evaluate("liveMap.filters.shown") == count
    chip = one.page.locator("#chips button")
    expect(chip).to_have_count(1)
    assert "class=" in one.page.url
    other = town.open(one.page.url.removeprefix(town.address), size=DESKTOP)
    other.until(f"liveMap.filters.shown === {count}")
    chip.click()
    expect(one.page.locator("#filters .total")).to_have_text("显示 60 / 60 辆")
    assert "class=" not in one.page.url


def test_a_followed_truck_stays_in_the_middle_until_the_map_is_moved(town: Town) -> None:
    vehicle = town.world.vehicles[7].vehicle_id
    one = town.open(f"/live#15/29.97/121.62/{vehicle}")
    one.page.get_by_role("button", name="跟踪", exact=True).click()
    for lon in (121.58, 121.59):
        with psycopg.connect(town.dsn) as connection:
            put_last(connection, vehicle, now(), lon, 29.96)
        one.until(f"Math.abs(liveMap.map.getCenter().lng - {lon}) < 1e-3")
    one.page.locator("#map").press("ArrowLeft")
    expect(one.page.locator(".following")).to_have_count(0)


def test_an_acknowledgement_is_seen_by_a_second_viewer(town: Town) -> None:
    alert = town.alert(1)
    room, officer = town.open(), town.open(role=Role.OFFICER, language="en")
    row = f'[data-id="{alert}"]'
    officer.page.locator(row).get_by_role("button", name="Acknowledge").click()
    expect(officer.page.locator(f"{row} .seen")).to_contain_text("officer")
    expect(room.page.locator(f"{row} .seen")).to_contain_text("officer 测试", timeout=4000)
    expect(room.page.locator(row).get_by_role("button", name="签收")).to_have_count(0)


def test_a_red_alert_sounds_until_it_is_acknowledged(town: Town) -> None:
    one = town.open()
    sound = one.page.locator("#sound")
    expect(sound).to_have_text("打开声音")
    alert = town.alert(2)
    expect(sound).to_have_attribute("data-alarm", "true", timeout=5000)
    assert sound.get_attribute("data-beeps") == "0"
    sound.click()
    expect(sound).to_have_attribute("data-beeps", "1")
    sound.click()
    expect(sound).to_contain_text("静音 4:5")
    sound.click()
    expect(sound).to_have_text("声音已开")
    one.page.locator(f'[data-id="{alert}"]').get_by_role("button", name="签收").click()
    expect(sound).to_have_attribute("data-alarm", "false")


def test_several_alerts_of_a_vehicle_fold_and_say_why(town: Town) -> None:
    red, blue = town.alert(3), town.alert(3, "silent", "blue")
    one = town.open()
    expect(one.page.locator(f'[data-id="{blue}"]')).to_have_count(0)
    one.page.locator(f'[data-id="{red}"] .fold').click()
    expect(one.page.locator(f'[data-id="{blue}"]')).to_be_visible()
    one.page.locator("#alert-group").select_option("none")
    expect(one.page.locator("#alert-list .alert")).to_have_count(2)
    before = one.page.locator(f'[data-id="{red}"] time').inner_text()
    one.page.locator(f'[data-id="{red}"]').get_by_role("button", name="预警原因").click()
    dialog = one.page.locator("#why")
    expect(dialog).to_contain_text("超速")
    expect(dialog.locator(f'a[href="/alerts/{red}/map"]')).to_be_visible()
    assert one.axe() == []
    one.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(one.page.locator(f'[data-id="{red}"] time')).not_to_have_text(before)


def test_the_goods_of_a_truck_draw_their_distances(town: Town) -> None:
    vehicle = town.world.vehicles[9]
    with psycopg.connect(town.dsn) as connection:
        connection.execute("UPDATE waybills SET un_no = 'UN1017' WHERE vehicle_id = %s", [vehicle.vehicle_id])
    one = town.open(f"/live#14/29.97/121.62/{vehicle.vehicle_id}", language="en")
    goods = one.page.locator("#card .goods")
    expect(goods).to_contain_text("Chlorine")
    expect(goods).to_contain_text("not yet checked")
    circles = "Object.values(liveMap.map._layers).filter((l) => l instanceof L.Circle)"
    one.until(f"{circles}.length === 2 && {circles}.some((l) => l.getRadius() >= 100)")
    goods.get_by_role("checkbox").uncheck()
    one.until(f"{circles}.length === 0")


def test_the_wall_goes_from_one_hot_spot_to_the_next(town: Town) -> None:
    town.alert(5)
    one = town.open("/live?wall=1", size=DESKTOP, reduced_motion="reduce")
    expect(one.page.locator("#wall")).to_contain_text("超速")
    expect(one.page.locator(".bar")).to_be_hidden()
    figure = one.page.evaluate("getComputedStyle(document.getElementById('count-online')).fontSize")
    assert float(figure.removesuffix("px")) >= 40
    first = one.page.evaluate("liveMap.wall.spot.alert.id")
    town.alert(6, "barred_area")
    expect(one.page.locator("#alert-list .alert")).to_have_count(2, timeout=5000)
    one.page.keyboard.press("ArrowRight")
    assert one.page.evaluate("liveMap.wall.spot.alert.id") != first
    one.page.keyboard.press("Space")
    expect(one.page.locator("#wall .pin").first).to_have_attribute("aria-pressed", "true")
    one.page.keyboard.press("Escape")
    expect(one.page.locator(".bar")).to_be_visible()
    assert "wall" not in one.page.url


def test_an_enterprise_sees_its_own_and_can_acknowledge_nothing(town: Town) -> None:
    vehicle = town.world.vehicles[0]
    own = sum(each.carrier_id == vehicle.carrier_id for each in town.world.vehicles)
    alert = town.alert(0)
    one = town.open(role=Role.ENTERPRISE, carrier_id=vehicle.carrier_id)
    expect(one.page.locator(f'[data-id="{alert}"]')).to_be_visible()
    expect(one.page.get_by_role("button", name="签收")).to_have_count(0)
    expect(one.page.locator("#sound")).to_have_count(0)
    assert one.page.evaluate("liveMap.fleet.length") == own


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_phone_shows_it_all_without_overflow(town: Town, language: str) -> None:
    town.alert(1)
    one = town.open(size=NARROW, language=language)
    expect(one.page.locator("#alert-list .alert")).to_have_count(1)
    one.page.locator(".alert-open").click()
    expect(one.page.locator("#card dl").first).to_contain_text("ZH")
    assert one.overflow() <= 0
    assert one.axe() == []
    for name in ("#search", ".menu summary", ".tools button", ".close", ".tabs button"):
        box = one.page.locator(name).first.bounding_box()
        assert box is not None
        assert box["height"] >= 44, name


def test_a_lost_line_is_said_and_heals_and_an_ended_session_leads_back(
    browser: Browser, postgres_database: str
) -> None:
    fill(postgres_database, vehicles=5, at=now(), alerts=0)
    with serving(postgres_database) as address:
        port = int(address.rsplit(":", 1)[1])
        visitor = Visitor(browser, address, postgres_database)
        one = visitor.open("/live", LAPTOP)
        expect(one.page.locator("#link")).to_have_attribute("data-state", "live", timeout=15_000)
    notice = one.page.locator("#notice")
    expect(notice).to_contain_text("停留在", timeout=10_000)
    with serving(postgres_database, port):
        expect(one.page.locator("#link")).to_have_attribute("data-state", "live", timeout=20_000)
        expect(notice).not_to_contain_text("停留在")
        with psycopg.connect(postgres_database) as connection:
            connection.execute("UPDATE sessions SET revoked_at = now()")
        one.page.evaluate("liveMap.stream.load()")
        expect(notice).to_contain_text("登录已失效")
        one.page.get_by_role("button", name="登录").click()
        one.page.wait_for_url("**/login?then=*live*")
    for context in visitor.contexts:
        context.close()
    assert one.foreign == []


def test_a_page_of_another_version_says_so(town: Town) -> None:
    one = town.open()
    one.page.evaluate("document.querySelector('meta[name=version]').content = 'before-the-deploy'")
    one.page.evaluate("liveMap.stream.load()")
    expect(one.page.locator("#notice")).to_contain_text("系统已更新")
    expect(one.page.get_by_role("button", name="立即刷新")).to_be_visible()
