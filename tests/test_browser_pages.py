"""Every page for people, in a real browser at a desk and on a narrow phone, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import pytest
from playwright.sync_api import Browser, expect
from psycopg import sql

from hazmat.accounts import Language, Role
from hazmat.clock import SHANGHAI, now
from hazmat.store.embedded import PostgresServer
from tests.browsing import LAPTOP, NARROW, Visitor, Watched, visiting
from tests.page_town import CARRIER, Town, page_town
from tests.page_walk import PAGES, Page, path_of
from tests.test_dashboards_api import serving

NOT_YET: dict[str, str] = {}  # path: why this page is not walked
_DATABASE = "pages"
# Pages that promise to work without script, with what is to be read on them then.
_SCRIPTLESS = (
    "/login", "/account", "/users", "/audit", "/inbox", "/alerts", "/alerts/{alert_id}", "/portal",
    "/portal/vehicles", "/portal/documents", "/portal/people", "/portal/rating", "/admin", "/admin/rules",
    "/admin/rejects", "/admin/fences", "/admin/terminals",
)  # fmt: skip
_MAGNIFIED = ("/portal", "/inbox", "/admin", "/users", "/styles")
# Words of the page, without data: names of people, places and goods, marks, codes, technical words.
_WORDS = """() => {
  const skipped = "script, style, noscript, code, pre, time, option, .plate, body [lang], svg";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const { parentElement, textContent } = walker.currentNode;
    if (textContent.trim() && !parentElement.closest(skipped)) found.push(textContent.trim());
  }
  return found;
}"""
_ENGLISH = re.compile(r"\b[a-z]{2,} [a-z]{2,} [a-z]{2,}\b")  # three plain words in a row
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass
class Site:
    visitor: Visitor
    town: Town
    names: tuple[str, ...]

    def open(
        self, page: Page, size: tuple[int, int], language: Language = "zh", script: bool = True
    ) -> Watched:
        address = path_of(page, self.town, now().astimezone(SHANGHAI).date().isoformat())
        carrier = CARRIER if page.role is Role.ENTERPRISE else ""
        return self.visitor.open(address, size, page.role, language, script, carrier)

    def close(self) -> None:
        self.visitor.contexts.pop().close()


@pytest.fixture(scope="module")
def site(browser: Browser, postgres_template: PostgresServer) -> Iterator[Site]:
    with _database(postgres_template) as dsn:
        town = page_town(dsn, 60, now())
        names = _names(dsn)
        with serving(dsn) as address, visiting(browser, address, dsn) as visitor:
            yield Site(visitor, town, names)


def test_the_list_of_what_is_missing_is_no_longer_than_it_must_be() -> None:
    assert NOT_YET.keys() <= {page.path for page in PAGES}
    assert len(PAGES) > 25


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.path not in NOT_YET], ids=lambda page: page.name
)
def test_a_page_fits_is_accessible_and_speaks_one_language(site: Site, page: Page) -> None:
    faults = []
    for size, language in ((LAPTOP, "en"), (LAPTOP, "zh"), (NARROW, "zh"), (NARROW, "en")):
        opened = site.open(page, size, "zh" if language == "zh" else "en")
        faults += [f"{size[0]} {language}: {fault}" for fault in _faults(opened, size, language, site.names)]
        site.close()
    assert faults == []


@pytest.mark.parametrize("path", _SCRIPTLESS)
def test_without_script_the_page_says_what_it_says(site: Site, path: str) -> None:
    page = next(page for page in PAGES if page.path == path)
    opened = site.open(page, NARROW, script=False)
    expect(opened.page.locator("h1")).to_have_count(1)
    words = opened.page.locator("main").inner_text()
    assert len(words) > 10
    if page.role:
        opened.page.locator("details.folded summary").click()
        expect(opened.page.locator("details.folded a").first).to_be_visible()
    site.close()


@pytest.mark.parametrize("path", _MAGNIFIED)
def test_at_twice_the_size_nothing_is_cut_off(site: Site, path: str) -> None:
    page = next(page for page in PAGES if page.path == path)
    carrier = CARRIER if page.role is Role.ENTERPRISE else ""
    opened = site.visitor.open(path, (720, 450), page.role, carrier_id=carrier, device_scale_factor=2)
    assert opened.overflow() <= 0
    site.close()


def test_by_keyboard_one_skips_to_the_content_or_walks_the_menu(site: Site) -> None:
    page = next(page for page in PAGES if page.path == "/portal/vehicles")
    opened = site.open(page, LAPTOP)
    keyboard, focused = opened.page.keyboard, opened.page.locator(":focus")
    keyboard.press("Tab")
    expect(focused).to_have_class("skip")
    keyboard.press("Enter")
    keyboard.press("Tab")
    expect(focused).to_have_attribute("name", "q")
    opened.page.goto(opened.page.url.partition("#")[0])
    for _ in range(3):
        keyboard.press("Tab")
    expect(focused).to_have_attribute("href", "/live")
    assert opened.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    site.close()


def test_the_folded_menu_opens_and_escape_closes_it(site: Site) -> None:
    page = next(page for page in PAGES if page.path == "/portal")
    opened = site.open(page, NARROW)
    summary = opened.page.locator("details.folded summary")
    expect(opened.page.locator("header > nav.menu")).to_be_hidden()
    summary.focus()
    opened.page.keyboard.press("Enter")
    expect(opened.page.locator("details.folded a[aria-current=page]")).to_have_attribute("href", "/portal")
    opened.page.keyboard.press("Escape")
    expect(opened.page.locator("details.folded a").first).to_be_hidden()
    expect(summary).to_be_focused()
    site.close()


def test_dialog_message_and_clock_of_the_style_page(site: Site) -> None:
    page = next(page for page in PAGES if page.path == "/styles")
    opened = site.open(page, LAPTOP, "en")
    opener = opened.page.get_by_role("button", name="Open a dialog").or_(
        opened.page.get_by_role("link", name="Open a dialog")
    )
    opener.first.click()
    dialog = opened.page.locator("#dialog-light")
    expect(dialog).to_be_visible()
    opened.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener.first).to_be_focused()
    opened.page.get_by_role("button", name="Show a message").first.click()
    expect(opened.page.locator("#toasts .toast.good")).to_have_text("The change is stored.")
    expect(opened.page.locator(".left").first).to_contain_text("left")
    expect(opened.page.locator(".left.over").first).to_contain_text("1 d 06:00")
    site.close()


def test_with_reduced_motion_nothing_moves(site: Site) -> None:
    opened = site.visitor.open("/styles", LAPTOP, Role.OFFICER, reduced_motion="reduce")
    opened.page.get_by_role("button", name="显示提示").first.click()
    toast = opened.page.locator("#toasts .toast")
    assert toast.evaluate("each => getComputedStyle(each).animationName") == "none"
    site.close()


def _faults(opened: Watched, size: tuple[int, int], language: str, names: tuple[str, ...]) -> Iterator[str]:
    page = opened.page
    if page.locator("h1").count() != 1:
        yield f"{page.locator('h1').count()} h1"
    if page.locator("html").get_attribute("lang") != {"zh": "zh-CN", "en": "en"}[language]:
        yield "lang"
    if (wide := opened.overflow()) > 0:
        yield f"{wide} pixels too wide"
    if size[0] == LAPTOP[0] or language == "zh":  # axe takes half of the time
        yield from opened.axe()
    said: list[str] = page.evaluate(_WORDS)
    yield from (f"asked elsewhere: {address}" for address in opened.foreign)
    yield from (f"complained: {text}" for text in opened.errors)
    opened.errors.clear()  # told here with the page's name, not once more at the end
    if len(said) < 5:
        yield "no words"
    foreign = _CHINESE if language == "en" else _ENGLISH
    yield from (f"foreign: {text}" for text in said if foreign.search(_without(text, names)))


def _without(text: str, names: tuple[str, ...]) -> str:
    """A text without the names in it that stand in the database."""
    for name in names:
        text = text.replace(name, "")
    return text


def _names(dsn: str) -> tuple[str, ...]:
    columns = (
        "name FROM accounts", "name FROM fences", "name FROM people", "name FROM carriers",
        "plate FROM vehicles", "carrier_name FROM vehicles", "goods_name FROM waybills",
        "driver_name FROM waybills",
        "escort_name FROM waybills", "consignor FROM waybills", "consignee FROM waybills",
        "permit_no FROM permits", "licence_no FROM carriers", "text FROM alert_handlings",
    )  # fmt: skip
    asked = " UNION ".join(f"SELECT {column}" for column in columns)
    with psycopg.connect(dsn) as connection:
        found = {row[0] for row in connection.execute(asked.encode()) if row[0]}
    short = {name.replace("（示例）", "") for name in found}  # as the live map writes them
    return tuple(sorted(found | short | {"测试", "中文"}, key=len, reverse=True))


@contextmanager
def _database(server: PostgresServer) -> Iterator[str]:
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {_DATABASE} TEMPLATE migrated".encode())
        yield server.dsn_of(_DATABASE)
        name = sql.Identifier(_DATABASE)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
