"""What the office pages say: levels by letter, places by name, one menu entry, spans worth a word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest

from dashboards.alerts.explain import explain
from hazmat.accounts import Language, Role
from hazmat.clock import now
from hazmat.registry import World
from hazmat.store.pool import Pool
from hazmat.store.screens import Screens
from tests import logins
from tests.screen_data import along, fill, put_alert
from tests.test_dashboards_api import serving


@dataclass
class Office:
    """The site, its database, its world, and an alert on a road that is about no fence."""

    address: str
    dsn: str
    world: World
    alert: str

    def get(self, path: str, role: Role = Role.CONTROL_ROOM, language: Language = "zh") -> httpx.Response:
        with logins.client(self.address, self.dsn, role) as client:
            with psycopg.connect(self.dsn) as connection:
                connection.execute("UPDATE accounts SET language = %s", [language])
            return client.get(path)


@pytest.fixture
def office(postgres_database: str) -> Iterator[Office]:
    at = now()
    world = fill(postgres_database, vehicles=2, at=at, alerts=0)
    road = next(fence for fence in world.fences if fence.fence_id == "road.haitian")
    lon, lat = along(road, 0.3, 0.5, 3)[1]
    truck = world.vehicles[0].vehicle_id
    with psycopg.connect(postgres_database) as connection:
        opened = at - timedelta(minutes=4)
        alert = put_alert(connection, truck, "illegal_stop", "yellow", opened, lon, lat)
    with serving(postgres_database) as address:
        yield Office(address, postgres_database, world, alert)


def test_a_list_names_the_road_of_an_alert_that_is_about_no_fence(office: Office) -> None:
    row = re.search(r"<tbody>.*?</tbody>", office.get("/alerts").text, re.DOTALL)
    assert row
    assert "海天路" in row[0]


def test_a_waybill_names_the_places_it_leads_from_and_to(office: Office) -> None:
    names = {fence.fence_id: fence.name for fence in office.world.fences}
    truck = office.world.vehicles[0].vehicle_id
    waybill = next(paper for paper in office.world.waybills if paper.vehicle_id == truck)
    for page in (f"/alerts/{office.alert}", f"/alerts/{office.alert}/map"):
        text = office.get(page).text
        assert names[waybill.origin] in text
        assert names[waybill.destination] in text
        assert f"{waybill.origin} " not in text


@pytest.mark.parametrize(("language", "letter", "word"), [("zh", "黄", "黄"), ("en", "Y", "yellow")])
def test_a_level_is_one_letter_and_read_as_a_word(
    office: Office, language: Language, letter: str, word: str
) -> None:
    page = office.get("/alerts", language=language).text
    assert (
        f'<b class="level yellow"><span aria-hidden="true">{letter}</span><span class="unseen">{word}</span>'
        in page
    )


def test_a_page_below_another_marks_the_nearest_entry_of_the_menu(office: Office) -> None:
    page = office.get("/admin/rules/overspeed", Role.ADMINISTRATOR).text
    assert set(re.findall(r'<a href="([^"]*)" aria-current', page)) == {"/admin/rules"}


@pytest.mark.parametrize(
    ("held", "language", "said"),
    [
        ({}, "zh", "符合条件，即于"),
        ({"hold_s": 0.0, "hold_fixes": 1}, "en", "with its first fix the alert fired"),
        ({"hold_s": 60.0, "hold_fixes": 3}, "zh", "持续 60 秒、3 个定位符合后于"),
        ({"hold_s": 60.0, "hold_fixes": 1}, "en", "; after 60 s the alert fired"),
        ({"hold_s": 0.0, "hold_fixes": 3}, "en", "after 3 fixes the alert"),
    ],
)
def test_a_span_of_nothing_and_a_single_fix_are_not_told(
    postgres_database: str, held: dict[str, Any], language: Language, said: str
) -> None:
    world, at = fill(postgres_database, vehicles=1, at=now(), alerts=0), now()
    truck = world.vehicles[0].vehicle_id
    with psycopg.connect(postgres_database) as connection:
        alert = put_alert(connection, truck, "overspeed", "orange", at, 121.6, 29.95, evidence=held)
    store = Screens(Pool(postgres_database))
    assert said in explain(store, alert, language).since
    store.close()
