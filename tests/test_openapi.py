"""What our interface says of itself is true, and nothing that can be sent to it makes the server fail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dashboards.access import ROUTES
from hazmat.accounts import Role
from hazmat.clock import now
from hazmat.store.embedded import PostgresServer
from tests import logins
from tests.conftest import _cloned
from tests.screen_data import fill
from tests.test_dashboards_api import serving

STREAM = "/api/live/stream"  # never ends; tests/test_dashboards_stream.py reads it


@pytest.fixture(scope="module")
def client(postgres_template: PostgresServer) -> Iterator[httpx.Client]:
    for dsn in _cloned(postgres_template):
        fill(dsn, vehicles=40, at=now(), alerts=8)
        with psycopg.connect(dsn) as connection:
            known = connection.execute("SELECT min(alert_id), min(vehicle_id) FROM alerts").fetchone()
        with serving(dsn) as address, logins.client(address, dsn, Role.CONTROL_ROOM) as client:
            client.params = {}
            KNOWN.update(dict(zip(("alert_id", "vehicle_id"), known or (), strict=True)), un_no="1090")
            yield client


KNOWN: dict[str, str] = {}


def _schema(client: httpx.Client) -> dict[str, Any]:
    answer: dict[str, Any] = client.get("/api/openapi.json").json()
    return answer


def test_every_call_below_api_is_described_with_its_permission(client: httpx.Client) -> None:
    described = {
        f"{method.upper()} {path}": operation["x-permission"]
        for path, operations in _schema(client)["paths"].items()
        for method, operation in operations.items()
    }
    declared = {
        route: str(access.permission or "")
        for route, access in ROUTES.items()
        if " /api/" in route and not route.endswith("openapi.json")
    }
    assert described == declared


@settings(
    max_examples=1,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.data())
def test_no_call_makes_the_server_fail(client: httpx.Client, data: st.DataObject) -> None:
    schema = schemathesis.openapi.from_dict(_schema(client))
    seen = 0
    for operation in _operations(schema):
        if operation.path == STREAM:
            continue
        for number in range(30):
            case = data.draw(operation.as_strategy())
            for name in set(case.path_parameters or {}) & set(KNOWN) if number % 3 == 0 else ():
                case.path_parameters[name] = KNOWN[name]
            answer = case.call(base_url=str(client.base_url), session=None, **_signed(client))
            assert answer.status_code < 500, f"{operation.label}: {answer.status_code} {answer.text[:300]}"
            seen += 1
    assert seen >= 30 * 5


def _operations(schema: Any) -> Iterator[Any]:
    for found in schema.get_all_operations():
        yield found.ok()


def _signed(client: httpx.Client) -> dict[str, Any]:
    return {"cookies": dict(client.cookies), "headers": {"x-csrf": logins.CSRF}}
