"""The inbox and an alert's page on a phone: without script, offline, after a session's end; zh and en."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, expect

from hazmat.accounts import Language, Role
from hazmat.clock import now
from tests import logins
from tests.browsing import DESKTOP, NARROW, Visitor, Watched, visiting
from tests.screen_data import fill, put_alert
from tests.test_dashboards_api import serving
from tests.test_photos import picture

NOTE = "罐体无泄漏 <b>ok</b>"


@dataclass
class Road:
    """The site in a browser, an open alert, and the database."""

    visitor: Visitor
    dsn: str
    alert: str
    trucks: list[str]

    def open(self, path: str, role: Role = Role.OFFICER, **options: Any) -> Watched:
        return self.visitor.open(path, options.pop("size", NARROW), role, **options)

    def handlings(self) -> list[tuple[str, str]]:
        with psycopg.connect(self.dsn) as connection:
            rows = connection.execute("SELECT kind, text FROM alert_handlings ORDER BY handling_id")
            return [(kind, text) for kind, text in rows.fetchall()]


@pytest.fixture
def road(browser: Browser, postgres_database: str) -> Iterator[Road]:
    at = now()
    world = fill(postgres_database, vehicles=10, at=at, alerts=0)
    trucks = [vehicle.vehicle_id for vehicle in world.vehicles]
    with psycopg.connect(postgres_database) as connection:
        opened = at - timedelta(minutes=4)
        alert = put_alert(connection, trucks[0], "barred_area", "red", opened, 121.6, 29.95, "barred.oldtown")
        put_alert(connection, trucks[1], "overspeed", "orange", opened, 121.7, 29.95)
    with (
        serving(postgres_database) as address,
        visiting(browser, address, postgres_database) as visitor,
    ):
        yield Road(visitor, postgres_database, alert, trucks)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.OFFICER])
def test_pages_fit_a_narrow_phone_and_can_be_tapped(road: Road, language: Language, role: Role) -> None:
    for path in ("/inbox", f"/alerts/{road.alert}", "/alerts"):
        with psycopg.connect(road.dsn) as connection:
            connection.execute("UPDATE alerts SET rule_id = 'tank_pressure' WHERE severity = 'red'")
        one = road.open(path, role, language=language)
        assert one.overflow() <= 0
        assert one.axe() == []
        small = one.page.evaluate(
            """[...document.querySelectorAll("main button, main .alert-link, main nav a")]
                .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 44)
                .map((each) => each.outerHTML)"""
        )
        assert small == []


def test_without_script_one_can_claim_note_send_a_photo_and_release(road: Road, tmp_path: Path) -> None:
    photo = tmp_path / "<b>现场.jpg"
    photo.write_bytes(picture())
    one = road.open("/inbox", script=False)
    assert 'http-equiv="refresh" content="30"' in one.page.content()
    one.page.get_by_role("button", name="认领").first.click()
    expect(one.page.locator(".alert-row").first).to_contain_text("由您处置")
    one.page.locator(".alert-link").first.click()
    one.page.get_by_label("现场情况与处置措施").fill(NOTE)
    one.page.get_by_role("button", name="保存备注").click()
    expect(one.page.locator(".history")).to_contain_text(NOTE)
    one.page.get_by_label("或从相册选择").set_input_files(photo)
    one.page.get_by_role("button", name="上传照片").click()
    expect(one.page.locator(".history img")).to_have_count(1)
    assert one.page.locator("#alert-map").is_hidden()
    expect(one.page.get_by_role("link", name="证据图", exact=True)).to_be_visible()
    one.page.get_by_role("button", name="交回").click()
    assert [kind for kind, _ in road.handlings()] == ["claim", "note", "photo", "release"]


def test_an_upload_that_is_no_photo_is_told_without_script(road: Road, tmp_path: Path) -> None:
    lie = tmp_path / "truck.jpg"
    lie.write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")
    one = road.open(f"/alerts/{road.alert}", script=False)
    one.page.get_by_label("照片说明").fill("车头")
    one.page.get_by_label("或从相册选择").set_input_files(lie)
    one.page.get_by_role("button", name="上传照片").click()
    expect(one.page.locator("#photo-fault")).to_contain_text("truck.jpg: 文件内容不是")
    expect(one.page.get_by_label("照片说明")).to_have_value("车头")
    one.errors.clear()  # the browser tells the 422 that was asked for


def test_what_is_typed_offline_survives_a_reload_and_is_sent_online(road: Road, tmp_path: Path) -> None:
    photo = tmp_path / "truck.jpg"
    photo.write_bytes(picture(3000, 2000))
    one = road.open(f"/alerts/{road.alert}")
    expect(one.page.locator("#handling")).to_have_attribute("data-drafts", "kept")
    one.page.get_by_label("现场情况与处置措施").fill("打了一半")
    one.page.wait_for_timeout(300)
    one.page.reload()
    expect(one.page.get_by_label("现场情况与处置措施")).to_have_value("打了一半")
    one.page.context.set_offline(True)
    one.page.get_by_label("现场情况与处置措施").fill(NOTE)
    one.page.get_by_role("button", name="保存备注").click()
    one.page.get_by_label("或从相册选择").set_input_files(photo)
    expect(one.page.locator("#draft-list li")).to_have_count(2)
    one.page.get_by_role("button", name="上传照片").click()
    expect(one.page.locator("#drafts-state")).to_contain_text("将自动重试")
    assert road.handlings() == []
    one.page.context.set_offline(False)
    expect(one.page.locator("#drafts-state")).to_contain_text("发送", timeout=10_000)
    expect(one.page.locator("#draft-list li")).to_have_count(0, timeout=10_000)
    expect(one.page.locator(".history li")).to_have_count(2, timeout=10_000)
    expect(one.page.locator(".history")).to_contain_text(NOTE)
    assert [kind for kind, _ in road.handlings()] == ["note", "photo"]
    with psycopg.connect(road.dsn) as connection:
        assert connection.execute("SELECT width, height FROM photos").fetchall() == [(2048, 1365)]
    one.errors.clear()  # the browser tells that it was offline


def test_a_draft_outlives_its_session_and_is_sent_in_no_other_name(road: Road) -> None:
    one = road.open(f"/alerts/{road.alert}")
    expect(one.page.locator("#handling")).to_have_attribute("data-drafts", "kept")
    with psycopg.connect(road.dsn) as connection:
        connection.execute("UPDATE sessions SET revoked_at = now()")
    one.page.get_by_label("现场情况与处置措施").fill(NOTE)
    one.page.get_by_role("button", name="保存备注").click()
    expect(one.page.locator("#drafts-state")).to_contain_text("请登录")
    assert road.handlings() == []

    def sign_in(role: Role) -> None:
        named = logins.cookie(road.dsn, role).items()
        one.page.context.add_cookies([{"name": n, "value": v, "url": road.visitor.address} for n, v in named])

    sign_in(Role.CONTROL_ROOM)
    one.page.goto(f"{road.visitor.address}/alerts/{road.alert}")
    expect(one.page.locator("#drafts-state")).to_contain_text("本机另有其他账号的草稿 1 条")
    assert road.handlings() == []
    sign_in(Role.OFFICER)
    one.page.goto(f"{road.visitor.address}/inbox")
    one.until("document.getElementById('drafts').hidden")
    with psycopg.connect(road.dsn) as connection:
        query = "SELECT a.role, h.text FROM alert_handlings h JOIN accounts a USING (account_id)"
        deadline = now() + timedelta(seconds=10)
        while not (sent := connection.execute(query).fetchall()) and now() < deadline:
            one.page.wait_for_timeout(100)
            connection.rollback()
    assert sent == [("officer", NOTE)]
    one.errors.clear()  # the browser tells the 401


def test_a_refused_draft_can_be_mended_or_discarded(road: Road, tmp_path: Path) -> None:
    lie = tmp_path / "truck.jpg"
    lie.write_bytes(b"no photo at all")
    one = road.open(f"/alerts/{road.alert}", language="en")
    expect(one.page.locator("#handling")).to_have_attribute("data-drafts", "kept")
    one.page.get_by_label("or choose up to four").set_input_files(lie)
    expect(one.page.locator("#draft-list li")).to_contain_text("not sent yet")
    one.page.get_by_role("button", name="Send the photos").click()
    expect(one.page.locator("#draft-list li")).to_contain_text("no JPEG, PNG or WebP")
    one.page.get_by_role("button", name="Discard").click()
    expect(one.page.locator("#draft-list li")).to_have_count(0)
    assert road.handlings() == []
    one.errors.clear()  # the browser tells the 422


def test_the_inbox_pulls_new_alerts_and_keeps_its_rows_without_a_line(road: Road) -> None:
    one = road.open("/inbox", language="en")
    expect(one.page.locator(".alert-row")).to_have_count(2)
    with psycopg.connect(road.dsn) as connection:
        put_alert(connection, road.trucks[2], "overspeed", "orange", now(), 121.5, 29.9)
    pull: Callable[[], Any] = lambda: one.page.evaluate("dispatchEvent(new Event('online'))")  # noqa: E731
    pull()
    expect(one.page.locator(".alert-row")).to_have_count(3)
    expect(one.page.locator("#fresh")).to_contain_text("1 new alert")
    expect(one.page.locator("#count-near")).to_have_text("3")
    one.page.context.set_offline(True)
    pull()
    expect(one.page.locator("#fresh")).to_contain_text("No connection: this is the list of")
    expect(one.page.locator(".alert-row")).to_have_count(3)
    one.page.context.set_offline(False)
    expect(one.page.locator("#fresh")).to_contain_text("As of")
    one.errors.clear()  # the browser tells that it was offline


def test_the_position_is_asked_for_by_a_button_alone(road: Road) -> None:
    options: dict[str, Any] = {
        "geolocation": {"longitude": 121.7, "latitude": 29.95},
        "permissions": ["geolocation"],
    }
    one = road.open("/inbox", **options)
    assert "lon=" not in one.page.url
    one.page.get_by_role("button", name="按离我的距离排序").click()
    one.page.wait_for_url("**lon=121.7000&lat=29.9500")
    expect(one.page.locator(".away")).to_have_count(2)


def test_the_alert_s_map_draws_fences_and_the_place(road: Road) -> None:
    one = road.open(f"/alerts/{road.alert}", size=DESKTOP)
    one.until("document.querySelectorAll('#alert-map .leaflet-roads-pane canvas').length > 0")
    assert one.ink("#alert-map .leaflet-roads-pane canvas")[0] > 500
