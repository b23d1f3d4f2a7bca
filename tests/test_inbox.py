"""Alerts in the inbox and on their pages, and what people do about them, over real HTTP and PostgreSQL."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from html import unescape

import httpx
import psycopg
import pytest

from dashboards.alerts.alert_sight import masked, sees_names
from hazmat.accounts import Department, Role
from hazmat.clock import now
from hazmat.coordinates import to_lonlat, to_metres
from hazmat.store.doors import Doors
from hazmat.store.handling import Deed
from tests import logins
from tests.screen_data import fill, put_alert, put_last
from tests.test_dashboards_api import serving
from tests.test_photos import picture

SCRIPT = "<script>alert('1')</script>"


@dataclass
class Site:
    """The application, its database, some alerts by the names of ``_PLAN``, and the carrier of the first."""

    address: str
    dsn: str
    alerts: dict[str, str]
    carrier: str

    def client(self, role: Role, carrier_id: str = "", login: str = "") -> httpx.Client:
        return logins.client(self.address, self.dsn, role, carrier_id, login)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.dsn) as connection:
            return connection.execute(query.encode()).fetchall()

    def do(self, client: httpx.Client, name: str, action: str, **form: object) -> httpx.Response:
        return client.post(f"/alerts/{self.alerts[name]}/{action}", data=form)


HERE = (121.6, 29.95)
_PLAN = [  # name, rule, level, metres east of HERE, age in minutes
    ("far red", "barred_area", "red", 9000, 5), ("near red", "off_designated_road", "red", 700, 3),
    ("near blue", "silent", "blue", 10, 50), ("orange", "overspeed", "orange", 3000, 20),
    ("leak", "tank_pressure", "red", 20_000, 90), ("driver only", "speed_warning", "red", 1, 1),
]  # fmt: skip


@pytest.fixture
def site(postgres_database: str) -> Iterator[Site]:
    at = now()
    world = fill(postgres_database, vehicles=12, at=at, alerts=0)
    x_m, y_m = to_metres(*(HERE[:1], HERE[1:]))  # type: ignore[arg-type]
    alerts = {}
    with psycopg.connect(postgres_database) as connection:
        for number, (name, rule, level, east_m, age) in enumerate(_PLAN):
            lon, lat = (float(each[0]) for each in to_lonlat(x_m + east_m, y_m))
            truck = world.vehicles[number].vehicle_id
            put_last(connection, truck, at, lon, lat)
            opened = at - timedelta(minutes=age, seconds=30)
            alerts[name] = put_alert(connection, truck, rule, level, opened, lon, lat)
        over = world.vehicles[7].vehicle_id
        alerts["over"] = put_alert(
            connection, over, "overspeed", "orange", at - timedelta(minutes=2), *HERE, resolved_at=at
        )
    with serving(postgres_database) as address:
        yield Site(address, postgres_database, alerts, world.vehicles[0].carrier_id)


def _listed(site: Site, page: str) -> list[str]:
    names = {number: name for name, number in site.alerts.items()}
    return [names[found] for found in re.findall(r'class="alert-link" href="/alerts/([0-9a-f]{32})"', page)]


def test_the_inbox_is_sorted_by_level_then_age_or_distance(site: Site) -> None:
    with site.client(Role.OFFICER) as officer:
        plain = officer.get("/inbox")
        assert _listed(site, plain.text) == ["leak", "far red", "near red", "orange", "near blue"]
        near = officer.get("/inbox", params={"lon": HERE[0], "lat": HERE[1]})
        assert _listed(site, near.text) == ["near red", "far red", "leak", "orange", "near blue"]
        assert "距您 700 米" in near.text
        assert "距您 9.0 公里" in near.text
        assert _listed(site, officer.get("/inbox?tab=ended").text) == ["over"]
        assert officer.get("/inbox?lon=200&lat=0").status_code == 422
        assert officer.get("/inbox?lon=nan&lat=0").status_code == 422
    assert "121.6" not in str(site.rows("SELECT * FROM audit_log"))


def test_an_inspector_sees_what_the_rules_address_to_the_department(site: Site) -> None:
    with site.client(Role.INSPECTOR) as inspector:  # emergency management
        listed = _listed(site, inspector.get("/inbox").text)
        assert "leak" in listed
        assert "orange" not in listed
        assert inspector.get(f"/alerts/{site.alerts['leak']}").status_code == 200
        for path in ("", "/map"):
            assert inspector.get(f"/alerts/{site.alerts['orange']}{path}").status_code == 404
        assert site.do(inspector, "orange", "claim", held_by=0).status_code == 404
        found = inspector.get("/alerts").text
        assert site.alerts["leak"] in found
        assert site.alerts["orange"] not in found
    assert site.rows("SELECT count(*) FROM alert_handlings") == [(0,)]


def test_acknowledging_twice_keeps_the_first(site: Site) -> None:
    with site.client(Role.CONTROL_ROOM) as first, site.client(Role.OFFICER) as second:
        json = {"Accept": "application/json"}
        path = f"/alerts/{site.alerts['orange']}/acknowledge"
        told = first.post(path, headers=json).json()
        assert told["by"] == "control_room 测试"
        assert abs(told["acknowledged"] / 1000 - now().timestamp()) < 60
        assert second.post(path, headers=json).json() == told
        answer = second.post(path, data={"then": "/inbox"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/inbox")
        assert second.post(path, data={"then": "//evil.example"}).headers["location"] == "/"
    assert site.rows("SELECT count(*) FROM alert_handlings") == [(1,)]
    done = site.rows("SELECT count(*) FROM audit_log WHERE action = 'acknowledge alert' AND outcome = 'done'")
    assert done == [(4,)]


def test_claim_take_over_and_release_stand_in_the_history(site: Site) -> None:
    with site.client(Role.CONTROL_ROOM) as room, site.client(Role.OFFICER) as officer:
        assert site.do(room, "orange", "claim", held_by=0).status_code == 303
        page = f"/alerts/{site.alerts['orange']}"
        late = site.do(officer, "orange", "claim", held_by=0)
        assert late.status_code == 409
        assert "control_room 测试 已抢先认领本预警" in late.text
        assert site.do(officer, "orange", "release").status_code == 409
        holder = re.search(r'name="held_by" value="(\d+)"', late.text)
        assert holder is not None
        took = site.do(officer, "orange", "claim", held_by=holder[1], text="已到现场")
        assert took.status_code == 303
        history = officer.get(page).text
        assert "从 control_room 测试 处接手" in history
        assert "已到现场" in history
        assert _listed(site, officer.get("/inbox?tab=mine").text) == ["orange"]
        assert "orange" not in _listed(site, officer.get("/inbox?tab=unclaimed").text)
        assert _listed(site, room.get("/inbox?tab=mine").text) == []
        assert site.do(officer, "over", "claim", held_by=0).status_code == 303  # there is still to write up
        assert _listed(site, officer.get("/inbox?tab=mine").text) == ["orange", "over"]
        assert site.do(officer, "over", "release").status_code == 303
        assert site.do(officer, "orange", "release").status_code == 303
        assert _listed(site, officer.get("/inbox?tab=mine").text) == []
        assert site.do(room, "orange", "claim", held_by=holder[1]).status_code == 409
    kinds = site.rows("SELECT kind FROM alert_handlings ORDER BY handling_id")
    assert kinds == [("claim",), ("claim",), ("claim",), ("release",), ("release",)]


def test_of_two_who_claim_at_once_one_wins(site: Site) -> None:
    people = [
        logins.add(site.dsn, logins.account(Role.OFFICER, login=f"officer.{n}")).account_id for n in range(8)
    ]
    barrier, told = threading.Barrier(len(people)), []

    def claim(account_id: int) -> None:
        with closing(Doors(site.dsn)) as doors:
            doors.handling.holder(site.alerts["orange"])  # connected before the race begins
            deed = Deed(alert_id=site.alerts["orange"], account_id=account_id, at=now())
            barrier.wait()
            told.append(doors.handling.claim(deed, held_by=0).account_id)

    threads = [threading.Thread(target=claim, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    claims = site.rows("SELECT account_id FROM alert_handlings")
    assert len(claims) == 1
    assert told == [claims[0][0]] * len(people)


def test_a_draft_sent_twice_counts_once_and_nobody_takes_another_s_key(site: Site) -> None:
    with site.client(Role.OFFICER) as officer, site.client(Role.CONTROL_ROOM) as room:
        path, form = f"/alerts/{site.alerts['orange']}/note", {"text": "罐体无泄漏", "draft_key": "k" * 20}
        json = {"Accept": "application/json"}
        first = officer.post(path, data=form, headers=json).json()
        assert officer.post(path, data=form, headers=json).json() == first
        stolen = room.post(path, data=form, headers=json)
        assert stolen.status_code == 422
        fault = {"field": "note", "fault": "无法识别该草稿，请刷新页面后重新提交"}
        assert stolen.json() == {"detail": [fault]}
        photo = {"photos": ("a.jpg", picture(), "image/jpeg")}
        key = {"draft_key": "p" * 20}
        sent = [
            officer.post(path.replace("note", "photo"), data=key, files=photo, headers=json).json()
            for _ in range(2)
        ]
        assert sent[0] == sent[1]
    assert site.rows("SELECT count(*) FROM alert_handlings") == [(2,)]
    assert site.rows("SELECT count(*) FROM photos") == [(1,)]


def test_what_was_done_cannot_be_changed(site: Site) -> None:
    with site.client(Role.OFFICER) as officer:
        photo = {"photos": ("a.jpg", picture(), "image/jpeg")}
        assert officer.post(f"/alerts/{site.alerts['over']}/photo", files=photo).status_code == 303
    for command in (
        "UPDATE alert_handlings SET text = 'x'", "DELETE FROM alert_handlings",
        "UPDATE photos SET name = 'x'", "DELETE FROM photos", "TRUNCATE photos",
    ):  # fmt: skip
        with pytest.raises(psycopg.errors.RestrictViolation):
            site.rows(command)


@pytest.mark.parametrize(
    ("name", "declared", "data", "says"),
    [
        ("truck.jpg", "image/jpeg", b"<svg onload=alert(1)>", "文件内容不是 JPEG"),
        ("truck.jpg", "image/jpeg", b"", "文件为空"),
        ("truck.png", "image/png", picture()[:-600], "照片已损坏或未传完"),
        ("truck.jpg", "image/jpeg", b"\xff\xd8" + b"x" * (12 << 20), "照片超过 12 MB"),
    ],
)
def test_an_upload_that_lies_is_refused_and_the_caption_kept(
    site: Site, name: str, declared: str, data: bytes, says: str
) -> None:
    with site.client(Role.OFFICER) as officer:
        files = [("photos", ("good.jpg", picture(), "image/jpeg")), ("photos", (name, data, declared))]
        answer = officer.post(
            f"/alerts/{site.alerts['orange']}/photo", data={"text": "车头 & 罐体"}, files=files
        )
        assert answer.status_code == 422
        page = unescape(answer.text)
        assert f"{name}: {says}" in " ".join(page.split())
        assert 'value="车头 & 罐体"' in page
        assert officer.post(f"/alerts/{site.alerts['orange']}/photo", data={"text": "x"}).status_code == 422
    assert site.rows("SELECT count(*) FROM alert_handlings") == [(0,)]


def test_five_photos_and_far_too_much_are_refused(site: Site) -> None:
    with site.client(Role.OFFICER) as officer:
        path = f"/alerts/{site.alerts['orange']}/photo"
        five = [("photos", (f"{n}.jpg", picture(40, 40), "image/jpeg")) for n in range(5)]
        assert officer.post(path, files=five).status_code in {400, 422}
        four = officer.post(path, files=five[:4])
        assert four.status_code == 303
        huge = officer.post(path, files={"photos": ("a.jpg", b"x" * (49 << 20), "image/jpeg")})
        assert huge.status_code == 413
    assert site.rows("SELECT count(*) FROM photos") == [(4,)]


def test_a_photo_is_served_as_a_picture_and_nothing_else(site: Site) -> None:
    with site.client(Role.OFFICER) as officer, site.client(Role.ENTERPRISE, site.carrier) as enterprise:
        page = f"/alerts/{site.alerts['far red']}"
        name = f"../{SCRIPT}\u202egpj.exe"
        officer.post(f"{page}/photo", files={"photos": (name, picture(900, 600), "text/html")})
        number = site.rows("SELECT handling_id FROM photos")[0][0]
        whole, small = (officer.get(f"{page}/photos/{number}?small={small}") for small in ("false", "true"))
        assert (whole.status_code, whole.headers["content-type"]) == (200, "image/jpeg")
        assert len(small.content) < len(whole.content)
        assert whole.headers["x-content-type-options"] == "nosniff"
        assert whole.headers["content-disposition"] == f'inline; filename="photo-{number}.jpg"'
        assert whole.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert "private" in whole.headers["cache-control"]
        assert SCRIPT not in officer.get(page).text
        assert "script&gt;" in officer.get(page).text
        other = f"/alerts/{site.alerts['orange']}/photos/{number}"
        assert officer.get(other).status_code == 404
        assert officer.get(f"{page}/photos/{2**70}").status_code == 404
        assert enterprise.get(f"{page}/photos/{number}").status_code == 403


def test_an_enterprise_sees_its_alert_without_officers_names_and_notes(site: Site) -> None:
    with site.client(Role.OFFICER) as officer, site.client(Role.ENTERPRISE, site.carrier) as own:
        site.do(officer, "far red", "claim", held_by=0)
        site.do(officer, "far red", "note", text="怀疑偷排")
        page = own.get(f"/alerts/{site.alerts['far red']}")
        assert page.status_code == 200
        for hidden in ("怀疑偷排", "officer 测试", "处置记录", "/claim"):
            assert hidden not in page.text
        listed = own.get("/alerts")
        assert site.alerts["far red"] in listed.text
        assert "officer 测试" not in listed.text
        query = "SELECT alert_id FROM alerts JOIN vehicles USING (vehicle_id) WHERE carrier_id <> "
        foreign = site.rows(f"{query}'{site.carrier}'")
        assert foreign
        for (alert,) in foreign:
            assert str(alert) not in listed.text
            assert own.get(f"/alerts/{alert}").status_code == 404
        assert site.do(own, "far red", "claim", held_by=0).status_code == 403
        assert own.get("/inbox").status_code == 403


def test_drivers_are_named_to_those_who_check_them(site: Site) -> None:
    leak = site.alerts["leak"]
    name = site.rows(
        f"SELECT driver_name FROM waybills JOIN alerts USING (vehicle_id) WHERE alert_id = '{leak}'"
    )[0][0]
    assert isinstance(name, str)
    with site.client(Role.OFFICER) as officer, site.client(Role.INSPECTOR) as fire:
        page = f"/alerts/{site.alerts['leak']}"
        assert name in officer.get(page).text
        shown = fire.get(page).text
        assert name not in shown
        assert masked(name) in shown
    inspector = logins.account(Role.INSPECTOR)
    assert sees_names(replace(inspector, department=Department.TRANSPORT))
    assert not sees_names(replace(inspector, department=Department.FIRE))
    assert masked("欧阳建国") == "欧***"


def test_a_script_in_note_and_plate_is_text(site: Site) -> None:
    with psycopg.connect(site.dsn) as connection:
        connection.execute("UPDATE vehicles SET plate = %s, carrier_name = %s", [SCRIPT, SCRIPT])
    with site.client(Role.OFFICER) as officer:
        site.do(officer, "orange", "note", text=f"{SCRIPT}\x00\u202e")
        for path in ("/inbox", "/alerts", f"/alerts/{site.alerts['orange']}"):
            page = officer.get(path)
            assert page.status_code == 200
            assert SCRIPT not in page.text
            assert "&lt;script&gt;" in page.text
    assert site.rows("SELECT text FROM alert_handlings") == [(SCRIPT,)]


def test_an_empty_or_long_note_is_told_and_kept(site: Site) -> None:
    with site.client(Role.OFFICER) as officer:
        empty = site.do(officer, "orange", "note", text=" \n ")
        assert (empty.status_code, "备注内容为空" in empty.text) == (422, True)
        long = site.do(officer, "orange", "note", text="很" * 2001)
        assert (long.status_code, "文字超过 2000 字" in long.text) == (422, True)
        assert "很" * 2001 in long.text


def test_the_search_finds_by_every_field_and_names_what_is_wrong(site: Site) -> None:
    query = "SELECT plate FROM vehicles JOIN alerts USING (vehicle_id) WHERE alert_id = "
    plate = str(site.rows(f"{query}'{site.alerts['orange']}'")[0][0])

    def found(client: httpx.Client, **asked: str) -> set[str]:
        page = client.get("/alerts", params=asked)
        assert page.status_code == 200
        return {name for name, alert in site.alerts.items() if f'href="/alerts/{alert}"' in page.text}

    with site.client(Role.OFFICER) as officer:
        assert found(officer) == set(site.alerts)
        assert found(officer, level="blue") == {"near blue"}
        assert found(officer, rule="overspeed", state="resolved") == {"over"}
        assert found(officer, plate=f"{plate[:2]}·{plate[2:].lower()}") == {"orange"}
        assert found(officer, plate="%") == set()
        assert found(officer, start="2020-01-01", end="2020-01-31") == set()
        assert found(officer, sort="level", page="2") == set()
        for name, value in (("start", "yesterday"), ("level", "purple"), ("sort", "'; DROP"), ("state", "x")):
            wrong = officer.get("/alerts", params={name: value, "plate": "浙B1"})
            assert wrong.status_code == 422
            assert f'id="{name}-fault"' in wrong.text
            assert 'value="浙B1"' in wrong.text
        turned = officer.get("/alerts?start=2026-02-02&end=2026-02-01")
        assert (turned.status_code, "截止日期早于起始日期" in turned.text) == (422, True)
        assert officer.get("/alerts", params={"plate": "\x00"}).status_code == 200
