"""The enterprise's portal: its own and nobody else's, right figures, when papers end, hostile names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape

import httpx
import psycopg
import pytest

from hazmat.accounts import Role
from hazmat.clock import now
from hazmat.registry import World
from hazmat.store.doors import Doors
from hazmat.store.portal import DOCUMENT_KINDS, EXPIRIES, Part
from tests import logins
from tests.page_town import put_carrier, put_person
from tests.screen_data import fill, insert, put_alert
from tests.test_dashboards_api import serving

HOSTILE = "<script>alert('x')</script>"
LISTS = ("/portal/vehicles", "/portal/documents", "/portal/people")
_MS = timedelta(milliseconds=1)


@dataclass
class Firm:
    client: httpx.Client
    dsn: str
    world: World
    carrier_id: str
    at: datetime

    def words(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text.split("<main")[1])).split())

    def own(self) -> list[str]:
        return [v.vehicle_id for v in self.world.vehicles if v.carrier_id == self.carrier_id]


@pytest.fixture
def firm(postgres_database: str) -> Iterator[Firm]:
    at = now()
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    world = fill(postgres_database, vehicles=60, at=at, alerts=20)
    carrier = world.vehicles[0].carrier_id
    with (
        serving(postgres_database) as address,
        logins.client(address, postgres_database, Role.ENTERPRISE, carrier) as client,
    ):
        client.headers["accept-language"] = "en"
        yield Firm(client, postgres_database, world, carrier, at)


def test_nothing_foreign_is_ever_named(firm: Firm) -> None:
    with psycopg.connect(firm.dsn) as connection:
        for carrier in {v.carrier_id for v in firm.world.vehicles}:
            put_carrier(connection, carrier, f"firm-{carrier}", firm.at + timedelta(days=9))
            put_person(
                connection, f"P-{carrier}", carrier, firm.at + timedelta(days=2), name=f"man-{carrier}"
            )
    others = [v for v in firm.world.vehicles if v.carrier_id != firm.carrier_id]
    strange = {v.plate for v in others} | {v.vehicle_id for v in others}
    strange |= {f"{what}-{v.carrier_id}" for v in others for what in ("firm", "man", "P")}
    strange |= {b.waybill_no for b in firm.world.waybills if b.vehicle_id not in firm.own()}
    for path in ("/portal", *LISTS, *(f"{path}?q={others[0].plate}" for path in LISTS)):
        page = firm.client.get(path).text.split("<main")[1].replace(others[0].plate, "", path.count("q="))
        assert [name for name in strange if re.search(rf"\b{re.escape(name)}\b", page)] == []
    assert firm.own()[0] in firm.words("/portal/vehicles")
    assert f"man-{firm.carrier_id}" in firm.words("/portal/people")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ENTERPRISE])
def test_the_portal_is_for_enterprises_alone(firm: Firm, role: Role) -> None:
    with httpx.Client(base_url=firm.client.base_url, cookies=logins.cookie(firm.dsn, role)) as client:
        assert [client.get(path).status_code for path in ("/portal", *LISTS)] == [403] * 4


def test_the_figures_are_those_of_the_data(firm: Firm) -> None:
    with psycopg.connect(firm.dsn) as connection:
        rows = connection.execute(
            "SELECT k.speed_kmh, k.received_at, (SELECT count(*) FROM alerts a WHERE a.state = 'firing'"
            " AND a.vehicle_id = v.vehicle_id) FROM vehicles v JOIN last_known k USING (vehicle_id)"
            " WHERE v.carrier_id = %s", [firm.carrier_id],
        ).fetchall()  # fmt: skip
    silent = [received < firm.at - timedelta(minutes=10) for _, received, _ in rows]
    moving = [not gone and speed > 3 for (speed, _, _), gone in zip(rows, silent, strict=True)]
    alerted = sum(bool(count) for *_, count in rows)
    stopped = len(rows) - sum(silent) - sum(moving)
    words = firm.words("/portal")
    assert (
        f"{len(rows)} Vehicles {sum(moving)} Moving {stopped} Stopped {sum(silent)} Offline"
        f" {alerted} With open alerts"
    ) in words
    assert f"Open alerts {sum(count for *_, count in rows)}" in words
    assert f"{sum(moving)} vehicle" in firm.words("/portal/vehicles?state=moving")
    assert f"{alerted} vehicle" in firm.words("/portal/vehicles?state=alerted")


def test_an_alert_is_told_with_place_and_reason(firm: Firm) -> None:
    with psycopg.connect(firm.dsn) as connection:
        opened, evidence = firm.at - timedelta(days=3), {"limit_expressway_kmh": 77.0}
        put_alert(
            connection, firm.own()[0], "overspeed", "red", opened, 121.6, 29.9, "road.haitian",
            evidence=evidence,
        )  # fmt: skip
    words = firm.words("/portal")
    assert "77 km/h" in words
    assert "海天路" in words


@pytest.mark.parametrize(
    ("left", "expiry"),
    [
        (-_MS, "expired"), (timedelta(0), "expired"), (_MS, "week"), (timedelta(days=7) - _MS, "week"),
        (timedelta(days=7), "month"), (timedelta(days=30) - _MS, "month"), (timedelta(days=30), "later"),
    ],
)  # fmt: skip
def test_where_one_expiry_ends_and_the_next_begins(
    postgres_database: str, left: timedelta, expiry: str
) -> None:
    at = datetime.fromisoformat("2026-05-01T00:00:00+00:00")
    with psycopg.connect(postgres_database) as connection:
        put_person(connection, "P1", "C1", at + left)
        put_carrier(connection, "C1", "firm", at + left)
    with closing(Doors(postgres_database)) as doors:
        assert [row["expiry"] for row in doors.portal.documents("C1", at, Part())] == [expiry] * 2
        assert [row["expiry"] for row in doors.portal.people("C1", at, Part())] == [expiry]
        assert doors.portal.documents("C1", at, Part(), DOCUMENT_KINDS, set_without(expiry)) == []


def set_without(expiry: str) -> list[str]:
    return [each for each in EXPIRIES if each != expiry]


def test_a_renewed_pass_replaces_the_old_and_a_waybill_that_is_over_is_gone(firm: Firm) -> None:
    truck, at = firm.own()[0], firm.at
    with psycopg.connect(firm.dsn) as connection:
        connection.execute("DELETE FROM permits")
        connection.execute(
            "UPDATE waybills SET valid_from = %s, valid_to = %s WHERE vehicle_id <> %s",
            [at - timedelta(hours=9), at, truck],
        )
        for number, days, state in (("OLD", -5, "active"), ("NEW", 40, "active"), ("GONE", 50, "revoked")):
            pass_ = {
                "permit_no": number, "vehicle_id": truck, "roads": [], "start_minute": 0, "end_minute": 1440,
                "weekdays": [1], "hazard_classes": [], "valid_from": at - timedelta(days=90),
                "valid_to": at + timedelta(days=days), "state": state,
            }  # fmt: skip
            insert(connection, "permits", pass_)
    with closing(Doors(firm.dsn)) as doors:
        found = doors.portal.documents(firm.carrier_id, at, Part(), ("permit", "waybill"))
    assert {row["number"]: row["expiry"] for row in found if row["kind"] == "permit"} == {
        "NEW": "later", "GONE": "void",
    }  # fmt: skip
    assert {row["vehicle_id"] for row in found} == {truck}


def test_a_pass_that_nothing_valid_replaces_stays(firm: Firm) -> None:
    truck, at = firm.own()[0], firm.at
    with psycopg.connect(firm.dsn) as connection:
        connection.execute("DELETE FROM permits WHERE vehicle_id <> %s", [truck])
        connection.execute("UPDATE permits SET valid_from = %s, valid_to = %s", [at - 9 * _MS, at - _MS])
        connection.execute(
            "INSERT INTO permits (permit_no, vehicle_id, roads, start_minute, end_minute, weekdays,"
            " hazard_classes, valid_from, valid_to, state) SELECT 'VOID', vehicle_id, roads, start_minute,"
            " end_minute, weekdays, hazard_classes, valid_from, %s, 'revoked' FROM permits LIMIT 1",
            [at + timedelta(days=9)],
        )
    with closing(Doors(firm.dsn)) as doors:
        found = doors.portal.documents(firm.carrier_id, at, Part(), ("permit",))
    assert {row["expiry"] for row in found} == {"expired", "void"}


def test_lists_are_sorted_searched_and_paged_by_links(firm: Firm) -> None:
    with psycopg.connect(firm.dsn) as connection:
        for number in range(120):
            put_person(
                connection, f"P{number:03d}", firm.carrier_id, firm.at + timedelta(days=number, hours=1),
                name=f"name-{number:03d}",
            )  # fmt: skip
    second = firm.words("/portal/people?sort=-name&page=2")
    assert "120 people" in second
    assert second.index("name-069") < second.index("name-020")
    assert "name-070" not in second
    assert "Page 2 of 3" in second
    assert "1 person" in firm.words("/portal/people?q=NAME-042")
    assert "Nobody fits" in firm.words("/portal/people?q=%25")
    one = next(v for v in firm.world.vehicles if v.vehicle_id == firm.own()[0])
    assert "1 vehicle" in firm.words(f"/portal/vehicles?q={one.plate[:2]}·{one.plate[2:].lower()}")
    assert firm.client.get("/portal/people?sort=drop&role=boss&page=0").status_code == 422
    assert "120 people" in firm.words("/portal/people?sort=drop&role=boss")


def test_a_script_in_a_plate_or_name_is_text(firm: Firm) -> None:
    with psycopg.connect(firm.dsn) as connection:
        truck = firm.own()[0]
        connection.execute("UPDATE vehicles SET plate = %s WHERE vehicle_id = %s", [HOSTILE, truck])
        connection.execute("UPDATE waybills SET goods_name = %s WHERE vehicle_id = %s", [HOSTILE, truck])
        put_person(connection, "P1", firm.carrier_id, firm.at + timedelta(days=3), name=HOSTILE)
        put_carrier(connection, firm.carrier_id, HOSTILE, firm.at + timedelta(days=3))
        put_alert(connection, truck, "overspeed", "red", firm.at, 121.6, 29.9)
    for path in ("/portal", *LISTS, "/portal/rating"):
        page = firm.client.get(f"{path}?q={HOSTILE}" if path in LISTS else path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_a_firm_of_which_nothing_is_registered_is_told_so(firm: Firm) -> None:
    cookies = logins.cookie(firm.dsn, Role.ENTERPRISE, "C999", "nobody.yet")
    with httpx.Client(base_url=firm.client.base_url, cookies=cookies) as client:
        assert "未登记贵企业" in client.get("/portal").text
        assert [client.get(path).status_code for path in (*LISTS, "/portal/rating")] == [200] * 4


def test_reading_people_is_logged(firm: Firm) -> None:
    firm.words("/portal/people")
    with psycopg.connect(firm.dsn) as connection:
        assert connection.execute("SELECT action, outcome FROM audit_log").fetchall() == [
            ("read people", "done")
        ]
