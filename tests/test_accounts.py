"""Signing in and what surrounds it, over real HTTP: locks, second step, sessions, tokens, forms kept."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import httpx
import psycopg
import pyotp
import pytest

from dashboards.accounts.enrolment import step_of
from dashboards.accounts.passwords import password_fault, random_password
from dashboards.gate import COOKIE
from hazmat.accounts import Account, Role, locked_for
from hazmat.cli.complaint import ConditionError
from hazmat.cli.demo_accounts import ensure_demo_accounts
from hazmat.cli.user import Wanted, add_user, reset_user, set_disabled
from hazmat.clock import now
from hazmat.settings import read_settings
from tests import logins
from tests.screen_data import fill
from tests.test_dashboards_api import serving

PASSWORD = logins.PASSWORD
ANOTHER = "a lantern under water"


@dataclass
class Site:
    """The served application and its database."""

    address: str
    dsn: str

    def browser(self) -> httpx.Client:
        return httpx.Client(base_url=self.address, timeout=20, headers={"origin": self.address})

    def sql(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        with psycopg.connect(self.dsn) as connection:
            found = connection.execute(statement.encode(), values)
            return found.fetchall() if found.description else []

    def account(self, role: Role = Role.OFFICER, login: str = "") -> Account:
        return logins.add(self.dsn, logins.account(role, login=login))

    def client(self, role: Role = Role.OFFICER, login: str = "") -> httpx.Client:
        return logins.client(self.address, self.dsn, role, login=login)

    def logged(self) -> list[tuple[object, ...]]:
        return self.sql("SELECT action, outcome FROM audit_log ORDER BY entry_id")


@pytest.fixture
def site(postgres_database: str) -> Iterator[Site]:
    with serving(postgres_database) as address:
        yield Site(address, postgres_database)


def sign_in(client: httpx.Client, login: str, password: str = PASSWORD, **fields: str) -> httpx.Response:
    return client.post("/login", data={"login": login, "password": password, **fields})


def field(page: httpx.Response, name: str) -> str:
    found = re.findall(rf'name="{name}"[^>]* value="([^"]*)"', page.text)
    assert found, name
    return html.unescape(found[-1])  # the first ones may be the shell's


def text_of(page: httpx.Response, mark: str) -> str:
    found = re.findall(rf'class="{mark}"[^>]*>([^<]*)<', page.text)
    assert found, mark
    return html.unescape(found[-1]).strip()


@pytest.mark.parametrize("login", ["officer", "nobody.of.this.name"])
def test_a_name_is_locked_after_five_wrong_passwords_whether_it_exists_or_not(site: Site, login: str) -> None:
    site.account()
    with site.browser() as client:
        answers = [sign_in(client, login, "wrong") for _ in range(6)]
        assert {answer.status_code for answer in answers} == {401}
        assert ["锁定" in answer.text for answer in answers] == [False] * 4 + [True] * 2
        assert re.search("(29|30) 秒", answers[4].text)
        assert "锁定" in sign_in(client, login).text
        site.sql("UPDATE sign_in_failures SET locked_until = now() - interval '1 s'")
        assert sign_in(client, login).status_code == (303 if login == "officer" else 401)
    assert site.sql("SELECT failures FROM sign_in_failures") == ([] if login == "officer" else [(6,)])


def test_locks_double_up_to_a_quarter_of_an_hour() -> None:
    assert [locked_for(n).total_seconds() for n in (0, 4, 5, 6, 9, 10, 11, 99)] == [
        0, 0, 30, 60, 480, 900, 900, 900,
    ]  # fmt: skip


def test_a_disabled_account_looks_like_a_wrong_password(site: Site) -> None:
    site.account()
    site.sql("UPDATE accounts SET disabled = true")
    with site.browser() as client:
        closed, unknown = sign_in(client, "officer"), sign_in(client, "unknown")
    assert (closed.status_code, COOKIE in closed.cookies) == (401, False)
    plain = [
        re.sub(r'nonce="[^"]*"', "", page.text).replace("officer", "unknown") for page in (closed, unknown)
    ]
    assert plain[0] == plain[1]


def test_an_address_has_ten_attempts_at_once_and_what_was_typed_stays(site: Site) -> None:
    with site.browser() as client:
        kept = json.dumps({"path": "/x", "fields": [["text", "雨中"]], "files": [], "back": "/"})
        answers = [sign_in(client, f"name{n}", "wrong", kept=kept) for n in range(10)]
        while answers[-1].status_code == 401 and len(answers) < 40:  # a busy machine earns some more
            answers.append(sign_in(client, f"name{len(answers)}", "wrong", kept=kept))
    assert {answer.status_code for answer in answers[:-1]} == {401}
    assert answers[-1].status_code == 429
    assert json.loads(field(answers[-1], "kept"))["fields"] == [["text", "雨中"]]


def test_a_session_has_a_new_key_and_a_cookie_that_no_script_and_no_other_site_gets(site: Site) -> None:
    site.account()
    with site.browser() as client:
        client.cookies.set(COOKIE, "planted by another")
        answer = sign_in(client, "officer")
    said = answer.headers["set-cookie"]
    assert "planted" not in said
    assert re.search(r"HttpOnly.*SameSite=lax", said)
    assert "Secure" not in said  # plain HTTP; behind TLS uvicorn knows the scheme
    assert site.sql("SELECT count(*) FROM sessions") == [(1,)]


def test_signing_in_again_ends_the_browser_s_session_of_before(site: Site) -> None:
    site.account()
    site.account(Role.AUDITOR)
    with site.browser() as client:
        sign_in(client, "officer")
        old = client.cookies[COOKIE]
        sign_in(client, "auditor")
        client.cookies.set(COOKIE, old)
        assert client.get("/api/coverage").status_code == 401


@pytest.mark.parametrize(
    "then",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "javascript:x", ""],
)
def test_a_sign_in_leads_to_no_other_site(site: Site, then: str) -> None:
    site.account()
    with site.browser() as client:
        assert sign_in(client, "officer", then=then).headers["location"] == "/"


def test_the_second_step_asks_for_a_code_that_counts_once(site: Site) -> None:
    secret = pyotp.random_base32()
    with site.client() as client:
        code = pyotp.TOTP(secret).now()
        form = {"secret": secret, "code": code, "totp_password": "wrong password"}
        assert client.post("/account/totp", data=form).status_code == 422
        assert (
            client.post("/account/totp", data=form | {"totp_password": PASSWORD, "code": "1"}).status_code
            == 422
        )
        assert client.post("/account/totp", data=form | {"totp_password": PASSWORD}).status_code == 303
    with site.browser() as client:
        asked = sign_in(client, "officer", then="/inbox")
        assert (asked.status_code, COOKIE in client.cookies) == (200, False)
        assert client.get("/api/search?q=1").status_code == 401
        assert client.post("/login/code", data={"code": code}).status_code == 401  # used at the enrolment
        fresh = pyotp.TOTP(secret).at(now() + timedelta(seconds=30))
        answer = client.post(
            "/login/code", data={"code": f" {fresh[:3]} {fresh[3:]} ", "then": field(asked, "then")}
        )
        assert (answer.status_code, answer.headers["location"]) == (303, "/inbox")
        assert client.post("/login/code", data={"code": fresh}).status_code == 401
    with site.browser() as thief:
        sign_in(thief, "officer")
        assert thief.post("/login/code", data={"code": fresh}).status_code == 401
        assert COOKIE not in thief.cookies
    assert ("turn on second step", "done") in site.logged()


def test_codes_cannot_be_guessed_by_giving_the_password_again_and_again(site: Site) -> None:
    site.account()
    site.sql("UPDATE accounts SET totp_secret = %s", pyotp.random_base32())
    with site.browser() as client:
        for _ in range(4):
            sign_in(client, "officer")
            client.post("/login/code", data={"code": "abc"})
        sign_in(client, "officer")
        assert "锁定" in client.post("/login/code", data={"code": "abc"}).text
        assert site.sql("SELECT failures FROM sign_in_failures") == [(5,)]


def test_a_code_is_good_for_its_step_and_the_ones_beside_it() -> None:
    secret, at = pyotp.random_base32(), now()
    code = pyotp.TOTP(secret).at(at)
    step = int(at.timestamp()) // 30
    found = [step_of(secret, code, at + timedelta(seconds=30 * steps)) for steps in (-2, -1, 0, 1, 2)]
    assert found == [None, step, step, step, None]
    assert step_of(secret, code.translate(str.maketrans("0123456789", "０１２３４５６７８９")), at) == step


def test_a_new_password_is_checked_and_ends_other_sessions(site: Site) -> None:
    with site.client() as elsewhere, site.client() as client:

        def change(new: str, again: str = "", password: str = PASSWORD) -> httpx.Response:
            return client.post(
                "/account/password",
                data={"password": password, "new_password": new, "password_again": again or new},
            )

        assert "至少 12 位" in change("short").text
        assert "不一致" in change(ANOTHER, "something else").text
        assert "常见" in change("password1234").text
        assert "包含账号" in change("Officer in the rain").text
        assert "当前密码不正确" in change(ANOTHER, password="wrong").text
        assert elsewhere.get("/account").status_code == 200
        assert change(ANOTHER).status_code == 200
        assert client.get("/account").status_code == 200
        assert elsewhere.get("/account").status_code == 303
        assert PASSWORD not in change(ANOTHER).text
    with site.browser() as client:
        assert sign_in(client, "officer").status_code == 401
        assert sign_in(client, "officer", ANOTHER).status_code == 303


def test_random_passwords_are_good_and_never_twice_the_same() -> None:
    made = {random_password() for _ in range(50)}
    assert len(made) == 50
    assert {password_fault(each, "officer") for each in made} == {""}


def test_a_password_made_by_others_is_changed_before_anything_else(site: Site) -> None:
    with site.client() as client:
        site.sql("UPDATE accounts SET must_change_password = true")
        assert client.get("/inbox").headers["location"] == "/account"
        assert client.get("/api/search?q=1").status_code == 403
        assert client.post("/account/tokens", data={"name": "x"}).headers["location"] == "/account"
        form = {"password": PASSWORD, "new_password": ANOTHER, "password_again": ANOTHER}
        assert client.post("/account/password", data=form).headers["location"] == "/"
        assert client.get("/inbox").status_code == 200


def test_sessions_are_listed_and_ended_one_s_own_alone(site: Site) -> None:
    with site.client() as client, site.client() as other, site.client(Role.AUDITOR) as foreign:
        numbers = re.findall(r"/account/sessions/(\d+)/revoke", client.get("/account").text)
        assert len(numbers) == 1
        assert foreign.post(f"/account/sessions/{numbers[0]}/revoke").status_code == 404
        assert other.get("/account").status_code == 200
        assert client.post(f"/account/sessions/{numbers[0]}/revoke").status_code == 303
        assert other.get("/account").status_code == 303
    assert ("end session", "done") in site.logged()


def test_a_token_may_what_its_scopes_say_until_it_is_revoked(site: Site) -> None:
    with site.client() as client:
        form = {"name": "wall", "days": "400", "scopes": ["live:read"]}
        assert client.post("/account/tokens", data=form).status_code == 422
        assert client.post("/account/tokens", data=form | {"scopes": "users:manage"}).status_code == 422
        token = text_of(client.post("/account/tokens", data=form | {"days": "30"}), "secret")
        assert token not in client.get("/account").text
        with httpx.Client(base_url=site.address, headers={"authorization": f"Bearer {token}"}) as program:
            assert program.get("/api/live/snapshot").status_code == 200
            assert program.get("/api/vehicles/X").status_code == 403
            assert program.post("/account/tokens", data=form).status_code == 403
            site.sql("UPDATE accounts SET disabled = true")
            assert program.get("/api/live/snapshot").status_code == 401
            site.sql("UPDATE accounts SET disabled = false")
            client.post("/account/tokens/1/revoke")
            assert program.get("/api/live/snapshot").status_code == 401
        bad = {"authorization": "Bearer nonsense"}  # the cookie beside it counts for nothing
        assert client.get("/api/live/snapshot", headers=bad).status_code == 401
    assert site.sql("SELECT detail ->> 'name' FROM audit_log WHERE action = 'make token'") == [("wall",)]


def test_a_form_of_an_ended_session_comes_back_as_it_was_typed(site: Site) -> None:
    typed = {"login": "new.one", "name": "<b>王</b> & “雨”", "role": "auditor", "csrf": "old"}
    headers = {"referer": f"{site.address}/users/new"}
    site.account(Role.ADMINISTRATOR)
    with site.browser() as client:
        asked = client.post("/users", data=typed, headers=headers)
        assert (asked.status_code, "登录已过期" in asked.text) == (401, True)
        wrong = sign_in(client, "administrator", "wrong", kept=field(asked, "kept"))
        shown = sign_in(client, "administrator", kept=field(wrong, "kept"))
        assert shown.status_code == 200
        assert "&lt;b&gt;王&lt;/b&gt; &amp; “雨”" in shown.text
        again = {name: field(shown, name) for name in ("csrf", "login", "name", "role")}
        assert again == typed | {"csrf": again["csrf"]} != typed
        assert 'href="/users/new"' in shown.text
        assert client.post("/users", data=again).status_code == 200
    assert site.sql("SELECT name FROM accounts WHERE login = 'new.one'") == [(typed["name"],)]


def test_passwords_and_files_are_not_kept_and_the_file_is_asked_for_again(site: Site) -> None:
    files = {"photo": ("现场.jpg", b"content", "image/jpeg")}
    with site.browser() as client:
        photo = client.post("/alerts/x/photo", data={"text": "槽罐"}, files=files)
        secret = client.post(
            "/account/password", data={"password": PASSWORD, "new_password": ANOTHER, "x": "1"}
        )
        site.account()
        shown = sign_in(client, "officer", kept=field(photo, "kept"))
    assert json.loads(field(photo, "kept"))["files"] == [["photo", "现场.jpg"]]
    assert "现场.jpg" in shown.text
    assert 'enctype="multipart/form-data"' in shown.text
    assert PASSWORD not in secret.text
    assert ANOTHER not in secret.text


def test_a_form_with_an_old_token_is_shown_again_to_its_own_site_only(site: Site) -> None:
    form = {"csrf": "of the session before", "name": "备注", "login": "a.b"}
    cookies = logins.cookie(site.dsn, Role.ADMINISTRATOR)
    with httpx.Client(base_url=site.address, cookies=cookies) as client:
        own = client.post("/users", data=form, headers={"origin": site.address})
        silent = client.post("/users", data=form)
        foreign = client.post("/users", data=form, headers={"origin": "http://evil.example"})
    assert {own.status_code, silent.status_code, foreign.status_code} == {403}
    assert ["备注" in page.text for page in (own, silent, foreign)] == [True, False, False]
    assert field(own, "name") == "备注"


def test_a_page_from_before_an_update_still_finds_its_files(site: Site) -> None:
    assert httpx.get(f"{site.address}/static/v-0123456789/shell.js").status_code == 200


def test_the_language_is_kept_for_the_browser_and_for_the_account(site: Site) -> None:
    with site.client() as client:
        answer = client.post("/language", data={"language": "en", "then": "//evil.example"})
        assert answer.headers["location"] == "/"
        assert "Own account" in client.get("/account").text
    assert site.sql("SELECT language FROM accounts") == [("en",)]
    with site.browser() as client:
        client.post("/language", data={"language": "en"})
        assert "Sign in" in client.get("/login").text


def test_an_administrator_makes_changes_closes_and_resets_accounts(site: Site) -> None:
    world = fill(site.dsn, vehicles=10, at=now())
    carrier = world.vehicles[0].carrier_id
    with site.client(Role.ADMINISTRATOR) as client:
        form = {"login": "Plant.One", "name": "<script>alert(1)</script>", "role": "enterprise"}
        refused = client.post("/users", data=form)
        assert (refused.status_code, field(refused, "login")) == (422, "plant.one")
        made = client.post("/users", data=form | {"carrier_id": carrier})
        passwords = re.findall(r'class="secret">([a-z0-9-]{24})<', made.text)
        assert client.post("/users", data=form | {"carrier_id": carrier}).status_code == 422
        listed = client.get("/users").text
        assert "<script>alert" not in listed
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in listed
        (number,) = re.findall(r'href="/users/(\d+)">plant.one', listed)
        with site.browser() as person:
            assert sign_in(person, "plant.one", passwords[0]).status_code == 303
            assert person.get("/live").headers["location"] == "/account"
            changed = {"name": "张三", "role": "inspector", "department": "fire_rescue"}
            assert client.post(f"/users/{number}", data=changed).status_code == 303
            assert person.get("/account").status_code == 303  # another role: its session is over
        row = "SELECT name, role, carrier_id, department FROM accounts WHERE login = 'plant.one'"
        assert site.sql(row) == [("张三", "inspector", "", "fire_rescue")]
        again = client.post(f"/users/{number}/reset")
        client.post(f"/users/{number}/disable")
        with site.browser() as person:
            new = re.findall(r'class="secret">([a-z0-9-]{24})<', again.text)[0]
            assert sign_in(person, "plant.one", new).status_code == 401
            client.post(f"/users/{number}/enable")
            assert sign_in(person, "plant.one", new).status_code == 303
    actions = [action for action, _ in site.logged()]
    for action in ("add account", "change account", "reset password", "disable account", "enable account"):
        assert action in actions


def test_an_administrator_stays(site: Site) -> None:
    one = site.account(Role.ADMINISTRATOR)
    with site.client(Role.ADMINISTRATOR) as client:
        path = f"/users/{one.account_id}"
        for what in ("disable", "reset"):
            assert client.post(f"{path}/{what}").status_code == 422
        assert client.post(path, data={"name": "x", "role": "auditor"}).status_code == 422
        assert client.post(path, data={"name": "new name", "role": "administrator"}).status_code == 303
        assert client.get("/users").status_code == 200
    assert site.sql("SELECT name, role, disabled FROM accounts") == [("new name", "administrator", False)]


def test_an_auditor_searches_and_exports_and_formulas_are_defused(site: Site) -> None:
    with site.browser() as client:
        sign_in(client, "=cmd|' /c calc'!a1", "wrong")
        sign_in(client, "someone", "wrong")
    site.sql(
        "INSERT INTO audit_log (at, login, role, address, action, object_kind, object_id, outcome) SELECT "
        "now() - n * interval '1 min', 'bulk', 'officer', '', 'read track', 'vehicle', 'V' || n, 'done' "
        "FROM generate_series(1, 120) n"
    )
    with site.client(Role.AUDITOR) as client:
        page = client.get("/audit", params={"login": "bulk"})
        assert page.text.count("查看车辆轨迹</td>") == 50
        older = html.unescape(re.findall(r'href="(/audit\?[^"]*before[^"]*)"', page.text)[0])
        assert client.get(older).text.count("查看车辆轨迹</td>") == 50
        assert client.get("/audit", params={"object_id": "V7"}).text.count("查看车辆轨迹</td>") == 1
        failed = client.get("/audit", params={"outcome": "failed", "login": "someone"})
        assert failed.text.count('<td data-label="操作">登录</td>') == 1
        wrong = client.get("/audit", params={"since": "yesterday"})
        assert (wrong.status_code, 'value="yesterday"' in wrong.text) == (422, True)
        export = client.get("/audit.csv", headers={"accept-language": "en"})
        lines = export.content.decode("utf-8-sig").splitlines()
        assert lines[0].startswith("Time (Beijing),Name of the account,Role")
        assert len(lines) > 121
        assert any("'=cmd|" in line for line in lines)
    assert ("export audit log", "done") in site.logged()


def test_what_is_logged_stays_as_it_is(site: Site) -> None:
    with site.browser() as client:
        sign_in(client, "someone", "wrong")
    for statement in ("UPDATE audit_log SET login = ''", "DELETE FROM audit_log", "TRUNCATE audit_log"):
        with pytest.raises(psycopg.errors.RestrictViolation):
            site.sql(statement)


def test_accounts_are_made_on_the_command_line_and_the_last_administrator_stays(
    postgres_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = read_settings({"DATABASE_URL": postgres_database})
    assert add_user(settings, Wanted(login="Chief", role=Role.ADMINISTRATOR)) == 0
    password = capsys.readouterr().out.split("password")[1].split()[0]
    with pytest.raises(ConditionError, match="taken"):
        add_user(settings, Wanted(login="chief", role=Role.ADMINISTRATOR))
    with pytest.raises(ConditionError, match="--carrier"):
        add_user(settings, Wanted(login="plant", role=Role.ENTERPRISE, carrier_id="NOBODY"))
    with pytest.raises(ConditionError, match="last administrator"):
        set_disabled(settings, "chief", True)
    assert reset_user(settings, "chief") == 0
    assert password not in capsys.readouterr().out


def test_the_demo_has_one_account_a_role_and_prints_each_password_once(postgres_database: str) -> None:
    fill(postgres_database, vehicles=10, at=now(), alerts=0)
    first: list[str] = []
    again: list[str] = []
    ensure_demo_accounts(postgres_database, first.append)
    ensure_demo_accounts(postgres_database, again.append)
    passwords = re.findall(r"[a-z0-9]{4}(?:-[a-z0-9]{4}){4}", "\n".join(first))
    assert len(set(passwords)) == len(Role)
    assert "hazmat user reset" in again[0]
    assert not re.search(r"(?:[a-z0-9]{4}-){4}", "\n".join(again))
    with serving(postgres_database) as address, httpx.Client(base_url=address) as client:
        assert sign_in(client, "enterprise", passwords[3]).status_code == 303
