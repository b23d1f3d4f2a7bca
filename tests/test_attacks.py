"""What attackers with an account try: reading about others, guessing on, locking people out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import httpx
import psycopg
import pyotp
import pytest

from dashboards.limits import network_of
from hazmat.accounts import Role
from hazmat.clock import now
from tests import logins
from tests.screen_data import fill, put_alert
from tests.test_dashboards_api import serving

DRIVER, ESCORT = "欧阳建国", "慕容晓梅"


@dataclass(frozen=True)
class Pair:
    """A town with an alert about a truck of one enterprise that stands beside another's."""

    address: str
    dsn: str
    carrier: str
    vehicle: str
    other: dict[str, str]
    alert: str

    def asked_by(self, role: Role, carrier: str = "") -> dict[str, str]:
        """What every answer about the alert and its truck says, by path."""
        paths = [
            f"/alerts/{self.alert}", f"/alerts/{self.alert}/map", f"/api/alerts/{self.alert}",
            f"/api/alerts/{self.alert}/explain", f"/api/vehicles/{self.vehicle}",
            f"/vehicles/{self.vehicle}/day",
        ]  # fmt: skip
        if role is Role.ENTERPRISE:
            paths += ["/api/live/snapshot", "/alerts", "/portal"]
        with logins.client(self.address, self.dsn, role, carrier) as client:
            answers = {path: client.get(path) for path in paths}
        assert {answer.status_code for answer in answers.values()} == {200}
        assert {answer.headers["cache-control"] for answer in answers.values()} == {"no-store"}
        return {path: answer.text for path, answer in answers.items()}


@pytest.fixture
def pair(postgres_database: str) -> Iterator[Pair]:
    at = now()
    world = fill(postgres_database, vehicles=20, at=at, alerts=0)
    ours = world.vehicles[0]
    theirs = next(each for each in world.vehicles if each.carrier_id != ours.carrier_id)
    other = {
        "vehicle_id": theirs.vehicle_id,
        "plate": theirs.plate,
        "goods": "三氯化磷",
        "lon": "121.6654321",
    }
    evidence = {f"other_{name}": value for name, value in other.items()} | {
        "other_hazard_class": "8", "apart_m": 12.0, "members": f"{ours.plate}, {theirs.plate}",
    }  # fmt: skip
    evidence["other_lon"] = float(other["lon"])
    with psycopg.connect(postgres_database) as connection:
        alert = put_alert(
            connection, ours.vehicle_id, "incompatible_parked", "orange", at - timedelta(minutes=5),
            121.6, 29.9, theirs.vehicle_id, 3.0, evidence=evidence,
        )  # fmt: skip
        connection.execute("UPDATE waybills SET driver_name = %s, escort_name = %s", [DRIVER, ESCORT])
    with serving(postgres_database) as address:
        yield Pair(address, postgres_database, ours.carrier_id, ours.vehicle_id, other, alert)


def test_an_enterprise_is_not_told_whose_truck_stood_beside_its_own(pair: Pair) -> None:
    for path, text in pair.asked_by(Role.ENTERPRISE, pair.carrier).items():
        assert not [secret for secret in pair.other.values() if secret in text], path
    told = pair.asked_by(Role.CONTROL_ROOM)
    for path in (f"/alerts/{pair.alert}", f"/api/alerts/{pair.alert}/explain"):
        assert pair.other["plate"] in told[path]


def test_an_enterprise_is_told_about_the_other_truck_if_it_is_its_own(pair: Pair) -> None:
    with psycopg.connect(pair.dsn) as connection:
        connection.execute(
            "UPDATE vehicles SET carrier_id = %s WHERE vehicle_id = %s",
            [pair.carrier, pair.other["vehicle_id"]],
        )
    told = pair.asked_by(Role.ENTERPRISE, pair.carrier)
    assert pair.other["plate"] in told[f"/api/alerts/{pair.alert}/explain"]


def test_an_inspector_who_checks_no_people_learns_no_names_anywhere(pair: Pair) -> None:
    for path, text in pair.asked_by(Role.INSPECTOR).items():
        assert DRIVER not in text, path
        assert ESCORT not in text, path
    officer = pair.asked_by(Role.OFFICER)
    assert DRIVER in officer[f"/api/vehicles/{pair.vehicle}"]


def test_strangers_cannot_lock_a_name_out_of_its_own_browser(pair: Pair) -> None:
    logins.add(pair.dsn, logins.account(Role.OFFICER))
    good = {"login": "officer", "password": logins.PASSWORD}
    with httpx.Client(base_url=pair.address) as browser:
        assert browser.post("/login", data=good).status_code == 303
        _fail(pair.dsn, "officer", 30)
        with httpx.Client(base_url=pair.address) as stranger:
            assert stranger.post("/login", data=good).status_code == 401
        del browser.cookies["hazmat_session"]
        assert browser.post("/login", data=good).status_code == 303
        with httpx.Client(base_url=pair.address) as stranger:  # signing in there freed nobody else
            assert stranger.post("/login", data=good).status_code == 401


def test_a_known_browser_is_no_way_to_guess_on_or_at_other_names(pair: Pair) -> None:
    logins.add(pair.dsn, logins.account(Role.OFFICER))
    logins.add(pair.dsn, logins.account(Role.AUDITOR))
    good, bad = ({"login": "officer", "password": word} for word in (logins.PASSWORD, "wrong"))
    with httpx.Client(base_url=pair.address) as browser:
        assert browser.post("/login", data=good).status_code == 303
        for _ in range(5):
            assert browser.post("/login", data=bad).status_code == 401
        assert browser.post("/login", data=good).status_code == 401
    with httpx.Client(base_url=pair.address) as other, psycopg.connect(pair.dsn) as connection:
        other.cookies.set("hazmat_browser", "guessed")
        other.post("/login", data={"login": "auditor", "password": "wrong"})
        names = [row[0] for row in connection.execute("SELECT login FROM sign_in_failures ORDER BY 1")]
        assert names[0] == "auditor"
        assert names[1].startswith("officer@")


def test_who_waits_for_a_code_waits_no_more_once_the_account_is_reset(pair: Pair) -> None:
    known = logins.add(pair.dsn, logins.account(Role.OFFICER))
    secret = pyotp.random_base32()
    with psycopg.connect(pair.dsn) as connection:
        connection.execute("UPDATE accounts SET totp_secret = %s WHERE login = 'officer'", [secret])
    with httpx.Client(base_url=pair.address) as thief:
        thief.post("/login", data={"login": "officer", "password": logins.PASSWORD})
        assert thief.cookies["hazmat_code"]
        with logins.client(pair.address, pair.dsn, Role.ADMINISTRATOR) as administrator:
            assert administrator.post(f"/users/{known.account_id}/reset").status_code == 200
        assert thief.post("/login/code", data={"code": pyotp.TOTP(secret).now()}).status_code == 401
        assert "hazmat_session" not in thief.cookies


@pytest.mark.parametrize("origin", ["http://[", "//[::1", "null", "http://evil.example"])
def test_an_origin_that_is_no_address_is_another_site(pair: Pair, origin: str) -> None:
    with logins.client(pair.address, pair.dsn, Role.OFFICER) as client:
        for path in (f"/alerts/{pair.alert}/note", "/language", "/logout"):
            assert client.post(path, headers={"origin": origin}).status_code == 403
        assert client.get("/inbox").status_code == 200


def test_what_no_database_holds_is_a_fault_of_the_request(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with logins.client(pair.address, pair.dsn, Role.OFFICER) as client:
        for path in ("/api/vehicles/a%00b", "/alerts/%00", "/playback?plate=a%00b", "/alerts?plate=%00"):
            assert client.get(path).status_code in {200, 404, 422}, path
        assert client.post(f"/account/sessions/{10**30}/revoke").status_code in {404, 422}
        assert (
            client.get("/nowhere%0a2026-01-01 INFO dashboards.requests: GET /forged 200").status_code == 404
        )
    assert not [line for record in caplog.records for line in record.getMessage().splitlines()[1:]]


def test_an_ipv6_host_is_one_caller_whatever_address_of_its_network_it_uses() -> None:
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:2")
    assert network_of("2001:db8:0:1::1") != network_of("2001:db8::1")
    assert network_of("192.0.2.1") != network_of("192.0.2.2")
    assert network_of("") == ""


def _fail(dsn: str, login: str, failures: int) -> None:
    """What so many wrong passwords from all over the world leave behind."""
    row = (login, failures, now(), now() + timedelta(minutes=15))
    with psycopg.connect(dsn) as connection:
        connection.execute("INSERT INTO sign_in_failures VALUES (%s, %s, %s, %s)", row)
