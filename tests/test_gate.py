"""The gate in front of every page: signing in, form tokens, foreign objects, the audit log."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import psycopg
import pytest

from hazmat.accounts import Role
from hazmat.clock import now
from tests import logins
from tests.screen_data import fill
from tests.test_dashboards_api import serving


@pytest.fixture
def site(postgres_database: str) -> Iterator[tuple[str, str]]:
    fill(postgres_database, vehicles=20, at=now(), alerts=4)
    with serving(postgres_database) as address:
        yield address, postgres_database


def test_nobody_is_led_to_the_sign_in_and_back(site: tuple[str, str]) -> None:
    address, dsn = site
    logins.add(dsn, logins.account(Role.CONTROL_ROOM))
    with httpx.Client(base_url=address) as client:
        asked = client.get("/live")
        assert asked.status_code == 303
        assert asked.headers["location"] == "/login?then=/live"
        form = {"login": "Control.Room", "password": logins.PASSWORD, "then": "/live"}
        answer = client.post("/login", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/live")
        assert client.get("/live").status_code == 200
        assert client.get("/api/live/snapshot").json()["tick"] >= 1


def test_a_wrong_password_is_told_and_logged(site: tuple[str, str]) -> None:
    address, dsn = site
    logins.add(dsn, logins.account(Role.CONTROL_ROOM))
    answer = httpx.post(f"{address}/login", data={"login": "control.room", "password": "wrong"})
    assert answer.status_code == 401
    assert "账号或密码不正确" in answer.text
    assert logins.PASSWORD not in answer.text
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("SELECT action, outcome, login FROM audit_log").fetchall()
        assert rows == [("sign in", "failed", "control.room")]


def test_a_call_without_a_session_is_refused_in_json(site: tuple[str, str]) -> None:
    answer = httpx.get(f"{site[0]}/api/live/snapshot")
    assert (answer.status_code, answer.json()) == (401, {"detail": "sign in first"})


def test_another_tenant_s_vehicle_does_not_exist_and_the_attempt_is_logged(site: tuple[str, str]) -> None:
    address, dsn = site
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "SELECT vehicle_id, carrier_id FROM vehicles ORDER BY vehicle_id"
        ).fetchall()
    own, carrier = rows[0]
    other = next(vehicle for vehicle, owner in rows if owner != carrier)
    with logins.client(address, dsn, Role.ENTERPRISE, carrier) as client:
        assert client.get(f"/api/vehicles/{own}").status_code == 200
        foreign, unknown = client.get(f"/api/vehicles/{other}"), client.get("/api/vehicles/NOBODY")
        assert foreign.status_code == unknown.status_code == 404
        assert foreign.json()["detail"].replace(other, "X") == unknown.json()["detail"].replace("NOBODY", "X")
    with psycopg.connect(dsn) as connection:
        found = connection.execute(
            "SELECT action, outcome, object_id FROM audit_log ORDER BY entry_id"
        ).fetchall()
        assert found == [("read vehicle card", "done", own), ("foreign object", "denied", other)]
        with pytest.raises(psycopg.errors.RestrictViolation):
            connection.execute("DELETE FROM audit_log")


def test_a_form_of_another_site_or_session_changes_nothing(site: tuple[str, str]) -> None:
    address, dsn = site
    cookies = logins.cookie(dsn, Role.AUDITOR)
    with httpx.Client(base_url=address, cookies=cookies) as client:
        assert client.post("/logout", data={"csrf": "guessed"}).status_code == 403
        assert client.post("/logout", headers={"origin": "http://evil.example"}).status_code == 403
        assert client.get("/account").status_code != 303
        assert client.post("/logout", data={"csrf": logins.CSRF}).headers["location"] == "/login"
        assert client.get("/api/coverage").status_code == 401
