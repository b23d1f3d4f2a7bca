"""A night shift at the live map: sound that repeats, 1,000 alerts, closing tabs, deploys, idle frames."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from hazmat.accounts import Role
from hazmat.clock import now
from tests import logins
from tests.browsing import DESKTOP, LAPTOP, PHONE, Visitor, Watched, visiting
from tests.conftest import _cloned
from tests.screen_data import fill, put_alert
from tests.test_dashboards_api import serving


@pytest.fixture(scope="module")
def site(postgres_template: Any) -> Iterator[tuple[str, str, list[str]]]:
    for dsn in _cloned(postgres_template):
        world = fill(dsn, vehicles=60, at=now(), alerts=0)
        with serving(dsn) as address:
            yield address, dsn, [vehicle.vehicle_id for vehicle in world.vehicles]


@pytest.fixture
def visitor(browser: Browser, site: tuple[str, str, list[str]]) -> Iterator[Visitor]:
    address, dsn, _ = site
    with psycopg.connect(dsn) as connection:
        connection.execute("UPDATE alerts SET state = 'resolved', resolved_at = now() WHERE state = 'firing'")
    with visiting(browser, address, dsn) as made:
        yield made


def _alert(site: tuple[str, str, list[str]], truck: int, rule: str = "overspeed", level: str = "red") -> str:
    with psycopg.connect(site[1]) as connection:
        opened = now() - timedelta(minutes=3)
        return put_alert(connection, site[2][truck], rule, level, opened, 121.62, 29.97)


def _live(page: Page) -> Watched:
    expect(page.locator("#link")).to_have_attribute("data-state", "live", timeout=15_000)
    return Watched(page)


def test_a_red_sound_repeats_every_ten_seconds_until_acknowledged(
    visitor: Visitor, site: tuple[str, str, list[str]]
) -> None:
    alert = _alert(site, 1)
    one = visitor.open("/live", LAPTOP)
    one.page.clock.install()
    one.page.reload()
    sound = one.page.locator("#sound")
    expect(sound).to_have_attribute("data-alarm", "true", timeout=15_000)
    sound.click()
    expect(sound).to_have_attribute("data-beeps", "1")
    one.page.clock.fast_forward(10_000)
    expect(sound).to_have_attribute("data-beeps", "2")
    one.page.locator(f'[data-id="{alert}"]').get_by_role("button", name="签收").click()
    expect(sound).to_have_attribute("data-alarm", "false")
    one.page.clock.fast_forward(30_000)
    expect(sound).to_have_attribute("data-beeps", "2")


def test_closing_the_first_tab_leaves_the_others_their_stream(
    browser: Browser, site: tuple[str, str, list[str]]
) -> None:
    address, dsn, _ = site
    context = browser.new_context(locale="zh-CN")
    first, second = _tabs(context, address, dsn)
    first.close()
    other = _live(second)
    tick = second.evaluate("liveMap.stream.scene.tick")
    other.until(f"liveMap.stream.scene.tick >= {tick + 3}")
    assert second.evaluate("liveMap.stream.up")
    context.close()


def _tabs(context: BrowserContext, address: str, dsn: str) -> list[Page]:
    cookies = logins.cookie(dsn, Role.CONTROL_ROOM)
    context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
    pages = [context.new_page() for _ in range(2)]
    for page in pages:
        page.goto(f"{address}/live")
        _live(page)
    return pages


def test_a_wall_loads_itself_anew_after_a_deploy_and_a_desk_is_asked(visitor: Visitor) -> None:
    stale = "document.querySelector('meta[name=version]').content = 'before'; window.old = true"
    desk, wall = visitor.open("/live", LAPTOP), visitor.open("/live?wall=1", LAPTOP)
    for one in (desk, wall):
        _live(one.page)
        one.page.evaluate(stale)
    desk.page.evaluate("void liveMap.stream.load()")
    with wall.page.expect_navigation():
        wall.page.evaluate("void liveMap.stream.load()")
    expect(desk.page.locator("#notice")).to_contain_text("系统已更新")
    expect(wall.page.locator("body")).to_have_attribute("data-wall", "on")
    _live(wall.page)
    version = wall.page.evaluate("document.querySelector('meta[name=version]').content")
    desk.page.evaluate(f"document.querySelector('meta[name=version]').content = {version!r}")
    desk.page.evaluate("void liveMap.stream.load()")
    expect(desk.page.locator("#notice")).to_be_hidden()


def test_trucks_that_stand_still_are_not_painted_again_and_density_can_be_turned_off(
    visitor: Visitor,
) -> None:
    one = visitor.open("/live", LAPTOP)
    _live(one.page)
    one.until("liveMap.trucks.frames > 0 && liveMap.stream.scene")
    tick = one.page.evaluate("liveMap.stream.scene.tick")
    one.until(f"liveMap.stream.scene.tick > {tick + 1}")
    [frames, tick] = one.page.evaluate("[liveMap.trucks.frames, liveMap.stream.scene.tick]")
    one.until(f"liveMap.stream.scene.tick > {tick + 2}")
    assert one.page.evaluate("liveMap.trucks.frames") == frames
    one.page.get_by_label("按密度着色").uncheck()
    one.until(f"liveMap.trucks.frames > {frames}")
    expect(one.page.get_by_text("疏", exact=True)).to_be_hidden()


def test_a_thousand_alerts_stay_at_hand_and_the_end_of_the_list_is_said(
    visitor: Visitor, site: tuple[str, str, list[str]]
) -> None:
    rules = [f"rule_{n}" for n in range(18)]
    with psycopg.connect(site[1]) as connection:
        for n in range(1020):
            opened = now() - timedelta(minutes=5, milliseconds=n)
            put_alert(connection, site[2][n % 60], rules[n // 60], "yellow", opened, 121.62, 29.97)
    one = visitor.open("/live", LAPTOP)
    _live(one.page)
    one.page.locator("#alert-group").select_option("none")
    expect(one.page.locator("#alerts-count")).to_have_text("1000")
    expect(one.page.locator("#alert-list .alert")).to_have_count(120)
    # As a ratio to an empty frame it would drown in noise; a long task is what stutters.
    drawn = one.page.evaluate(
        "(() => { const times = []; for (let n = 0; n < 5; n++) { const at = performance.now();"
        " liveMap.alerts.changed(); times.push(performance.now() - at); } return Math.min(...times); })()"
    )
    print(f"a thousand alerts drawn anew in {drawn:.1f} ms")
    for _ in range(8):
        one.page.locator("[data-more]").click()
    expect(one.page.locator("#alert-list .alert")).to_have_count(1000)
    expect(one.page.locator("#alert-list .more")).to_contain_text("仅保留最近 1000 条")
    with psycopg.connect(site[1]) as connection:
        connection.execute("DELETE FROM alerts WHERE rule_id LIKE 'rule_%'")


@pytest.mark.parametrize(("size", "language"), [(PHONE, "en"), ((1200, 800), "zh"), ((830, 700), "en")])
def test_district_figures_and_the_sound_are_in_view_at_every_width(
    visitor: Visitor, size: tuple[int, int], language: str
) -> None:
    one = visitor.open("/live", size, language=language)  # type: ignore[arg-type]
    _live(one.page)
    for name in ("#count-inbound", "#count-within", "#count-outbound", "#count-serious", "#sound", ".menu"):
        box = one.page.locator(name).bounding_box()
        assert box is not None, name
        assert box["x"] >= 0, name
        assert box["x"] + box["width"] <= size[0], name
    assert one.overflow() <= 0


def test_a_wall_fits_in_english_and_has_nothing_unnamed(visitor: Visitor) -> None:
    one = visitor.open("/live?wall=1", DESKTOP, language="en")
    _live(one.page)
    box = one.page.locator("#link").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= DESKTOP[0]
    one.page.set_viewport_size({"width": LAPTOP[0], "height": LAPTOP[1]})
    assert one.axe() == []


def test_a_playback_without_data_says_which_span_was_empty(
    visitor: Visitor, site: tuple[str, str, list[str]]
) -> None:
    day = (now() - timedelta(days=2)).strftime("%Y-%m-%d")
    span = f"from={day}T00:00:00&to={day}T01:00:00"
    one = visitor.open(f"/playback?vehicle={site[2][0]}&{span}", PHONE, language="en")
    said = one.page.locator("#said")
    expect(said).to_contain_text(f"from {day} 00:00:00 to {day} 01:00:00. Choose other times")
    expect(said).to_be_in_viewport()
    expect(one.page.locator("#player")).to_be_hidden()
