"""Which language a page answers in, and how it writes moments and numbers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import httpx
import psycopg
import pytest

from dashboards.alerts.rule_names import RULE_NAMES, rule_name, rule_names
from dashboards.alerts.rule_words import basis_words, unit_words
from dashboards.i18n import local_day, local_time, number, preferred, words
from hazmat.accounts import Role
from tests import logins
from tests.test_dashboards_api import serving
from tests.words import CHINESE


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh"),
        ("en;q=0.4, zh-CN;q=0.6", "zh"),
        ("zh; q=0.2, en ; q = 0.7", "en"),
        ("fr, en;q=0.1", "en"),
        ("en;q=0", "zh"),
        ("fr,de;q=0.5,*;q=0.1", "zh"),
        ("enm, zh;q=0.1", "zh"),
        ("EN-us", "en"),
        ("en;q=nan, zh;q=0.1", "zh"),
        ("en;q=1e9,zh", "zh"),
        (";;;,,=q;en\x00", "zh"),
        ("," * 5000 + "en", "zh"),
    ],
)
def test_the_browser_s_wish_is_read_by_its_weights(header: str, language: str) -> None:
    assert preferred(header) == language


@pytest.fixture
def site(postgres_database: str) -> Iterator[tuple[str, str]]:
    with serving(postgres_database) as address:
        yield address, postgres_database


def _language(client: httpx.Client, path: str, asks: str) -> str:
    page = client.get(path, headers={"accept-language": asks}).text
    return page.partition('<html lang="')[2].partition('"')[0]


def test_the_account_s_language_comes_before_the_cookie_s_and_that_before_the_browser_s(
    site: tuple[str, str],
) -> None:
    address, dsn = site
    with httpx.Client(base_url=address) as nobody:
        assert (_language(nobody, "/login", "en"), _language(nobody, "/login", "fr")) == ("en", "zh-CN")
        nobody.cookies.set("hazmat_language", "en")
        assert _language(nobody, "/login", "zh") == "en"
        nobody.cookies.set("hazmat_language", "../../etc")
        assert _language(nobody, "/login", "zh") == "zh-CN"
    with logins.client(address, dsn, Role.CONTROL_ROOM) as client:
        client.cookies.set("hazmat_language", "en")
        assert _language(client, "/login", "zh") == "en"
        with psycopg.connect(dsn) as connection:
            connection.execute("UPDATE accounts SET language = 'zh'")
        assert _language(client, "/login", "en") == "zh-CN"


def test_scripts_get_the_words_of_their_language(site: tuple[str, str]) -> None:
    assert httpx.get(f"{site[0]}/texts/en.js").text.strip() == "export default {};"
    assert CHINESE.search(httpx.get(f"{site[0]}/texts/zh.js").text)
    assert httpx.get(f"{site[0]}/texts/fr.js").status_code == 422


def test_moments_are_beijing_s_in_both_languages() -> None:
    at = datetime(2026, 3, 1, 16, 30, 5, tzinfo=UTC)
    assert local_time(at) == "2026-03-02 00:30:05"
    assert local_time(at, seconds=False) == "2026-03-02 00:30"
    assert local_time("2026-03-01T16:30:05Z") == "2026-03-02 00:30:05"
    assert (local_day(at), local_day(date(2026, 3, 1)), local_day(None)) == ("2026-03-02", "2026-03-01", "—")
    assert local_time(None) == "—"


def test_numbers_have_separated_thousands() -> None:
    assert (number(21453), number(1234.56, 1), number(None)) == ("21,453", "1,234.6", "—")


def test_words_fall_back_to_english_and_chinese_has_one_plural() -> None:
    zh, en = words("zh"), words("en")
    assert zh.gettext("Sign in") == "登录"
    assert (en.gettext("Sign in"), zh.gettext("never said")) == ("Sign in", "never said")
    assert en.ngettext("%(num)d fix", "%(num)d fixes", 1) == "%(num)d fix"
    assert en.ngettext("%(num)d fix", "%(num)d fixes", 2) == "%(num)d fixes"
    assert zh.ngettext("%(num)d fix", "%(num)d fixes", 1) == "%(num)d 个定位"


def test_rules_are_named_in_both_languages_with_their_law() -> None:
    assert rule_names("zh") is RULE_NAMES
    assert rule_name("overspeed").name != rule_name("overspeed", "en").name
    for rule_id, rule in rule_names("en").items():
        assert not CHINESE.search(rule.name + rule.basis + unit_words(rule.unit, "en")), rule_id
    assert rule_name("no such rule", "en").name == "no such rule"
    assert basis_words("道路交通安全法实施条例 §63", "en").endswith("Road Traffic Safety Law §63")
    assert (unit_words("vehicles", "zh"), unit_words("km/h", "zh")) == ("辆", "km/h")
