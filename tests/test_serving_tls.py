"""HTTPS, reverse proxies and secrets in files: what an installation can be told about its doors."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import psycopg
import pytest

from hazmat.accounts import Role
from hazmat.childprocess import LOOPBACK, free_port
from hazmat.cli.complaint import ConditionError
from hazmat.cli.servers import _own, page, serve
from hazmat.cli.tls import demand_pair
from hazmat.settings import Settings, read_settings, to_environment
from tests import logins
from tests.servers import unavailable

NAMES = ("--tls-cert", "--tls-key")
_OPENSSL = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=wall.example"
)


def certificate(folder: Path, name: str = "site") -> tuple[Path, Path]:
    cert, key = folder / f"{name}.pem", folder / f"{name}.key"
    command = [*_OPENSSL.split(), "-keyout", str(key), "-out", str(cert)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError:
        unavailable("openssl not found: apt-get install openssl")
    return cert, key


@contextmanager
def running(dsn: str, folder: Path, **given: str | Path) -> Iterator[str]:
    """The screens as the supervisor starts them and finds them ready; their address."""
    settings = replace(read_settings({}), database_url=dsn, data_dir=folder, port=free_port())
    settings = replace(settings, **given)  # type: ignore[arg-type]
    with _own("dashboards", ["run-dashboards"], settings):
        yield page(settings).rstrip("/")


def sign_in(client: httpx.Client, dsn: str) -> httpx.Response:
    logins.add(dsn, logins.account(Role.OFFICER))
    return client.post("/login", data={"login": "officer", "password": logins.PASSWORD})


def test_https_marks_the_cookie_and_says_to_stay(postgres_database: str, fresh_folder: Path) -> None:
    cert, key = certificate(fresh_folder)
    with (
        running(postgres_database, fresh_folder, tls_cert=cert, tls_key=key) as address,
        httpx.Client(base_url=address, verify=False) as client,
    ):
        assert address.startswith("https://")
        answer = sign_in(client, postgres_database)
        assert answer.status_code == 303
        assert "; Secure" in answer.headers["set-cookie"]
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        with pytest.raises(httpx.HTTPError):
            httpx.get(address.replace("https:", "http:"))


FORWARDED = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https"}


@pytest.mark.parametrize(
    ("trusted", "seen"), [("", LOOPBACK), ("10.0.0.0/8", LOOPBACK), (LOOPBACK, "203.0.113.9")]
)
def test_a_proxy_is_believed_only_if_it_is_listed(
    postgres_database: str, fresh_folder: Path, trusted: str, seen: str
) -> None:
    with (
        running(postgres_database, fresh_folder, trusted_proxies=trusted) as address,
        httpx.Client(base_url=address, headers=FORWARDED) as client,
    ):
        answer = sign_in(client, postgres_database)
        assert ("; Secure" in answer.headers["set-cookie"]) == (seen != LOOPBACK)
        assert ("strict-transport-security" in answer.headers) == (seen != LOOPBACK)
    with psycopg.connect(postgres_database) as connection:
        assert connection.execute("SELECT DISTINCT host(address::inet) FROM sessions").fetchall() == [(seen,)]


def test_certificates_that_do_not_fit_name_the_option(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    _, other = certificate(tmp_path, "other")
    demand_pair(cert, key, NAMES)
    demand_pair(None, None, NAMES)
    faults = [
        (cert, None, "--tls-key is missing: --tls-cert is given"),
        (None, key, "--tls-cert is missing: --tls-key is given"),
        (tmp_path / "no.pem", key, "--tls-cert: cannot read .*no.pem"),
        (cert, tmp_path, "--tls-key: cannot read"),
        (cert, other, "the key is not the certificate's"),
        (key, key, "no PEM certificate"),
    ]
    for given, its_key, says in faults:
        with pytest.raises(ConditionError, match=says):
            demand_pair(given, its_key, NAMES)


def test_serve_refuses_half_a_pair_before_it_starts_anything(tmp_path: Path) -> None:
    cert, _ = certificate(tmp_path)
    settings = replace(read_settings({"HAZMAT_DATA_DIR": str(tmp_path / "data")}), tls_cert=cert)
    with pytest.raises(ConditionError, match="--tls-key or HAZMAT_TLS_KEY is missing"):
        serve(settings)
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["lock"]


def _from(environ: dict[str, str]) -> Settings:
    return read_settings(environ)


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("postgresql://u:p%40@db/hazmat\n")
    settings = _from({"DATABASE_URL_FILE": str(file)})
    assert settings.database_url == "postgresql://u:p%40@db/hazmat"
    inherited = {"DATABASE_URL_FILE": str(file)} | to_environment(settings)
    assert _from(inherited).database_url == settings.database_url
    for environ, says in (
        (
            {"DATABASE_URL_FILE": str(file), "DATABASE_URL": "x"},
            "DATABASE_URL and DATABASE_URL_FILE are both set",
        ),
        ({"MQTT_URL_FILE": str(tmp_path / "none")}, "MQTT_URL_FILE: cannot read .*none"),
        ({"MQTT_URL_FILE": str(tmp_path)}, "MQTT_URL_FILE: cannot read"),
    ):
        with pytest.raises(ValueError, match=says):
            _from(environ)
    file.write_text("\n")
    with pytest.raises(ValueError, match=r"DATABASE_URL_FILE: .* is empty"):
        _from({"DATABASE_URL_FILE": str(file)})


@pytest.mark.parametrize("text", ["*", "proxy.example", "10.0.0.1,", "10.0.0.1/8"])
def test_proxies_are_addresses(text: str) -> None:
    with pytest.raises(ValueError, match="HAZMAT_TRUSTED_PROXIES must be IP addresses"):
        _from({"HAZMAT_TRUSTED_PROXIES": text})
    assert _from({"HAZMAT_TRUSTED_PROXIES": "10.0.0.0/8, ::1"}).trusted_proxies == "10.0.0.0/8,::1"
