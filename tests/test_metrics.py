"""What machines ask of us: metrics, health, readiness; what every request leaves in the log."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from hazmat.accounts import Role
from hazmat.clock import now
from hazmat.logs import JsonFormatter, begin_request, rotate
from tests import logins
from tests.screen_data import fill, insert
from tests.test_dashboards_api import serving

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def site(postgres_database: str) -> Iterator[tuple[str, str]]:
    fill(postgres_database, vehicles=30, at=now(), alerts=8)
    with serving(postgres_database) as address:
        yield address, postgres_database


def scraped(client: httpx.Client) -> Samples:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples[name, frozenset(labels.items())]


def test_metrics_are_what_the_store_holds(site: tuple[str, str]) -> None:
    address, dsn = site
    with psycopg.connect(dsn) as connection:
        for name, times in (("a", 3), ("b", 4)):
            reject = {
                "reject_id": name, "received_at": now(), "last_received_at": now(), "times": times,
                "topic": "hazmat/v1/X/pos", "element": -1, "reason": "not_json", "field": "", "detail": "",
                "raw": b"{", "raw_size": 1,
            }  # fmt: skip
            insert(connection, "rejects", reject)
        insert(connection, "repairs", {"vehicle_id": "X", "first_late": now(), "asked_at": now()})
        connection.execute(
            "UPDATE progress SET batch_no = 77, committed_at = now() - interval '20 s' WHERE partition = 3"
        )
        open_red = connection.execute(
            "SELECT count(*) FROM alerts WHERE state = 'firing' AND severity = 'red'"
        ).fetchone()
    with logins.client(address, dsn, Role.ADMINISTRATOR) as client:
        client.get("/admin/rules/overspeed?x=secret")
        client.get("/made/up/by/the/client")
        found = scraped(client)
    assert value(found, "hazmat_database_up") == 1
    assert value(found, "hazmat_rejects_total", reason="not_json") == 7
    assert value(found, "hazmat_repairs_waiting") == 1
    assert value(found, "hazmat_batches_total") == 77
    assert 19 <= value(found, "hazmat_ingest_commit_age_seconds") < 60
    assert open_red and value(found, "hazmat_open_alerts", level="red") == open_red[0] > 0
    states = sum(number for (name, _), number in found.items() if name == "hazmat_trucks")
    assert states == 30
    route = {"method": "GET", "route": "/admin/rules/{rule_id}"}
    assert value(found, "hazmat_http_requests_total", **route, status="200") == 1
    assert value(found, "hazmat_http_request_seconds_count", **route) == 1
    assert value(found, "hazmat_http_requests_total", method="any", route="other", status="404") == 1
    assert not any("made" in label for _, labels in found for _, label in labels)


def test_metrics_are_for_those_who_may(site: tuple[str, str]) -> None:
    address, dsn = site
    assert httpx.get(f"{address}/metrics", headers={"accept": "application/json"}).status_code == 401
    with logins.client(address, dsn, Role.OFFICER) as client:
        assert client.get("/metrics").status_code == 403


def test_ready_says_in_a_word_what_is_not(site: tuple[str, str]) -> None:
    address, dsn = site
    assert httpx.get(f"{address}/healthz").json() == {"status": "ok"}
    first = httpx.get(f"{address}/readyz")
    assert (first.status_code, first.json()["faults"]) == (503, ["ingest"])
    with psycopg.connect(dsn) as connection:
        connection.execute("UPDATE progress SET committed_at = now()")
    ready = httpx.get(f"{address}/readyz")
    assert (ready.status_code, ready.json()) == (200, {"status": "ok", "faults": []})
    with psycopg.connect(dsn) as connection:
        stale = now() - timedelta(minutes=2)
        connection.execute("UPDATE progress SET committed_at = %s", [stale])
        connection.execute("DELETE FROM schema_migrations WHERE number = 9")
    assert httpx.get(f"{address}/readyz").json()["faults"] == ["migrations"]


def test_every_request_has_an_id_and_a_line_without_its_query(
    site: tuple[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    address, _ = site
    with caplog.at_level(logging.INFO, "dashboards.requests"):
        given = httpx.get(f"{address}/login?then=/secret", headers={"x-request-id": "proxy-0123456789"})
        forged = httpx.get(f"{address}/nowhere", headers={"x-request-id": "a b\tc"})
    assert given.headers["x-request-id"] == "proxy-0123456789"
    assert forged.headers["x-request-id"] not in {"", "a b\tc"}
    deadline = time.monotonic() + 10  # a line is written when its answer is already out
    while len(lines := [each.message for each in caplog.records if each.name == "dashboards.requests"]) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert lines[0].startswith("GET /login 200 ")
    assert lines[1].startswith("GET /nowhere 404 ")
    assert "secret" not in "".join(lines)


def test_a_log_line_is_one_json_object() -> None:
    begin_request("r-1")
    error = ValueError("two\nlines")
    trouble = (type(error), error, None)
    record = logging.LogRecord("hazmat.x", logging.ERROR, "x.py", 1, "浙B%s", ("1",), trouble)
    record.route = "/live"
    line = JsonFormatter("ingest").format(record)
    begin_request("")
    said = json.loads(line)
    assert "\n" not in line
    assert (said["message"], said["level"], said["process"]) == ("浙B1", "ERROR", "ingest")
    assert (said["request_id"], said["route"]) == ("r-1", "/live")
    assert said["time"].endswith("+00:00")
    assert "ValueError: two" in said["exception"]


def test_a_log_stays_small_while_its_writer_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "ingest.log"
    with log.open("ab") as writer:
        for number in range(1, 9):
            writer.write(b"%d" % number * 100)
            writer.flush()
            assert rotate(log, most_bytes=50, kept=3)
        writer.write(b"new")
    assert log.read_bytes() == b"new"
    assert not rotate(log, most_bytes=50, kept=3)
    kept = {file.name: file.read_bytes()[:1] for file in tmp_path.iterdir()}
    assert kept == {"ingest.log": b"n", "ingest.log.1": b"8", "ingest.log.2": b"7", "ingest.log.3": b"6"}
    assert not rotate(tmp_path / "none.log")
