"""The pages of administration: figures as they were put there, bad input, payloads that are scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import httpx
import psycopg
import pytest
from psycopg.types.json import Jsonb

from dashboards.admin.rejects import as_text, hex_dump, marked
from hazmat.accounts import Role
from hazmat.clock import SHANGHAI, now
from hazmat.store.terminal_days import reckon_terminals
from hazmat.store.upkeep import prepare_days
from tests import logins
from tests.screen_data import fill, insert
from tests.test_dashboards_api import serving

EVIL = b'{"fix_time": "x", "speed_kmh": 913, "note": "<script>alert(1)</script>"}'


@pytest.fixture
def site(postgres_database: str) -> Iterator[tuple[str, str]]:
    fill(postgres_database, vehicles=12, at=now(), alerts=0)
    with serving(postgres_database) as address:
        yield address, postgres_database


@pytest.fixture
def office(site: tuple[str, str]) -> Iterator[httpx.Client]:
    with logins.client(*site, Role.ADMINISTRATOR) as client:
        client.headers["accept-language"] = "en"
        yield client


def put_reject(dsn: str, name: str, reason: str, raw: bytes, at: datetime, field: str = "") -> None:
    row = {
        "reject_id": name, "received_at": at, "last_received_at": at, "times": 5, "topic": "hazmat/v1/V1/pos",
        "element": 2, "reason": reason, "field": field, "detail": "913", "raw": raw, "raw_size": len(raw),
    }  # fmt: skip
    with psycopg.connect(dsn) as connection:
        insert(connection, "rejects", row)


def put_fix(connection: psycopg.Connection[object], vehicle: str, at: datetime, lon: float) -> None:
    row = {
        "vehicle_id": vehicle, "fix_time": at, "received_at": at + timedelta(seconds=3), "lon": lon,
        "lat": 30.0, "speed_kmh": 40.0, "heading_deg": 90.0, "batch_no": 1, "row_no": 0, "has_fix": True,
        "late": False, "known": True,
    }  # fmt: skip
    insert(connection, "positions", row)


def text_of(page: httpx.Response) -> str:
    """A page's words, one blank between them."""
    assert page.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.text))


def test_the_state_names_what_is_broken_and_what_to_do(site: tuple[str, str], office: httpx.Client) -> None:
    assert "Start ingest" in text_of(office.get("/admin"))
    with psycopg.connect(site[1]) as connection:
        connection.execute("UPDATE progress SET batch_no = 4711, committed_at = now()")
    page = text_of(office.get("/admin"))
    assert "4,711" in page
    assert "Something is broken" not in page
    with psycopg.connect(site[1]) as connection:
        connection.execute("UPDATE progress SET committed_at = now() - interval '10 min'")
        connection.execute("UPDATE registry_version SET refusal = 'fences (f1): <b>geometry'")
    broken = office.get("/admin")
    assert "Something is broken" in broken.text
    assert "10 min ago" in broken.text
    assert "Ingest does not store" in broken.text
    assert "fences (f1): &lt;b&gt;geometry" in broken.text


def test_a_reject_is_explained_and_its_script_is_text(site: tuple[str, str], office: httpx.Client) -> None:
    put_reject(site[1], "evil", "out_of_range", EVIL, now(), "speed_kmh")
    put_reject(site[1], "old", "not_json", bytes(range(64)), now() - timedelta(days=3))
    listed = office.get("/admin/rejects").text
    assert listed.index("/admin/rejects/evil") < listed.index("/admin/rejects/old")
    page = office.get("/admin/rejects/evil")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "<mark>&#34;speed_kmh&#34;: 913</mark>" in page.text
    assert "row 3" in text_of(page)
    assert "000010  10 11 12" in office.get("/admin/rejects/old").text
    assert office.get("/admin/rejects/none").status_code == 404
    with psycopg.connect(site[1]) as connection:
        read = connection.execute("SELECT count(*) FROM audit_log WHERE action = 'read reject'").fetchone()
    assert read == (2,)


def test_rejects_are_found_by_reason_field_time_and_text(site: tuple[str, str], office: httpx.Client) -> None:
    put_reject(site[1], "evil", "out_of_range", EVIL, now(), "speed_kmh")
    put_reject(site[1], "old", "not_json", b"\xff\x00", now() - timedelta(days=3))
    found = {
        query: tuple(re.findall(r'"/admin/rejects/(\w+)"', office.get(f"/admin/rejects?{query}").text))
        for query in (
            "reason=not_json",
            "field=speed_kmh",
            "hours=24",
            "q=alert(1)",
            "q=V1",
            "q=%25",
            "q=%00",
        )
    }
    assert found == {
        "reason=not_json": ("old",), "field=speed_kmh": ("evil",), "hours=24": ("evil",),
        "q=alert(1)": ("evil",), "q=V1": ("evil", "old"), "q=%25": (), "q=%00": ("evil", "old"),
    }  # fmt: skip
    for bad in ("hours=2", "page=0", "page=x", f"q={'x' * 300}"):
        assert office.get(f"/admin/rejects?{bad}").status_code == 422


def test_a_payload_is_told_from_octets() -> None:
    assert as_text("浙B".encode()[:-2]) == ""
    assert as_text("ok 浙".encode()[:-1]) == "ok "
    assert as_text(b"\xff\xfe12345") is None
    assert as_text(b"a\x00b") is None
    assert [part for part, mark in marked('{"lon": 1.5, "x": {"lat" : -2}}', "lon, lat") if mark] == [
        '"lon": 1.5', '"lat" : -2',
    ]  # fmt: skip
    assert hex_dump(b"AB\n" + bytes(14)).splitlines()[1] == "000010  00" + " " * 47 + "."


def test_a_terminal_s_day_is_reckoned_from_its_fixes(site: tuple[str, str], office: httpx.Client) -> None:
    noon = datetime.now(SHANGHAI).replace(hour=0, minute=30, second=0, microsecond=0)
    prepare_days(site[1], noon - timedelta(days=1))
    with psycopg.connect(site[1]) as connection:
        [(whole,), (gappy,)] = connection.execute(
            "SELECT vehicle_id FROM vehicles ORDER BY vehicle_id LIMIT 2"
        ).fetchall()
        for step in range(61):
            put_fix(connection, whole, noon + timedelta(seconds=10 * step), 121.6 + 0.0012 * step)
            if not 20 < step < 41:  # 210 s between two fixes instead of 10: 200 are missing
                leap = 0.1 if step == 50 else 0.0
                put_fix(connection, gappy, noon + timedelta(seconds=10 * step), 121.6 + 0.0012 * step + leap)
    reckon_terminals(site[1], noon + timedelta(hours=3))
    with psycopg.connect(site[1]) as connection:
        rows = connection.execute(
            "SELECT vehicle_id, fixes, interval_s, moving_s, missing_s, leaps, clock_error_s "
            "FROM terminal_days ORDER BY vehicle_id"
        ).fetchall()
    assert rows == [(whole, 61, 10, 600, 0, 0, 3), (gappy, 41, 10, 600, 200, 2, 3)]
    page = text_of(office.get(f"/admin/terminals?day={noon:%Y-%m-%d}"))
    assert page.index("66.7 %") < page.index("100.0 %", page.index("Last heard"))
    assert "83.3 %" in page, "of both"
    assert "of 12 registered" in page
    assert office.get("/admin/terminals?day=2026-99-99").status_code == 200
    assert office.get("/admin/terminals?order=random").status_code == 422


def test_who_reports_without_registration_is_named(site: tuple[str, str], office: httpx.Client) -> None:
    with psycopg.connect(site[1]) as connection:
        connection.execute("UPDATE last_known SET received_at = now() - interval '1 hour'")
        connection.execute(
            "UPDATE last_known SET received_at = now() WHERE vehicle_id = "
            "(SELECT min(vehicle_id) FROM last_known)"
        )
        connection.execute("DELETE FROM waybills; DELETE FROM permits")
        gone = connection.execute(
            "DELETE FROM vehicles WHERE vehicle_id = (SELECT max(vehicle_id) FROM vehicles) "
            "RETURNING vehicle_id"
        ).fetchone()
    page = text_of(office.get("/admin/terminals"))
    assert gone and gone[0] in page
    assert "1 of 11 registered" in page


def test_fences_are_listed_with_size_and_place(site: tuple[str, str], office: httpx.Client) -> None:
    with psycopg.connect(site[1]) as connection:
        found = connection.execute("SELECT count(DISTINCT fence_id) FROM fences").fetchone()
    page = office.get("/admin/fences")
    assert found and f"{found[0]} rows" in text_of(page)
    one = office.get("/admin/fences?q=road.haitian")
    assert "1 rows" in text_of(one)
    assert re.search(r'href="/live#\d+/(?:29|30)\.\d+/121\.\d+"', one.text)
    assert "There is no such fence" in office.get("/admin/fences?q=nowhere").text


def test_coverage_is_what_the_call_says(site: tuple[str, str]) -> None:
    address, dsn = site
    with psycopg.connect(dsn) as connection:
        for number in range(4):
            held = {"vehicle": 10, "speed": 10, "road": 10, "good_fix": 10 if number else 0}
            row = {
                "journey_id": f"j{number}", "vehicle_id": "V1", "gate": "road.haitian", "day": now().date(),
                "messages": 10, "held": Jsonb(held),
            }  # fmt: skip
            insert(connection, "trip_coverage", row)
    with logins.client(address, dsn, Role.AUDITOR) as client:
        client.headers["accept-language"] = "en"
        rules = {each["rule"]: each for each in client.get("/api/coverage").json()["rules"]}
        page = text_of(client.get("/coverage"))
        speed = rules["overspeed"]
        assert f"Over the speed limit {speed['checked']} / 4" in page
        assert "usable fix on 1 trips" in page
        assert client.get("/coverage?day=yesterday").status_code == 422
        assert "No trip was seen" in client.get("/coverage?day=2001-01-01").text
