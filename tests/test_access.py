"""The matrix: every route of the application, asked by every role about own, foreign and unknown objects,
answers what the declared table says; and no route is missing from the table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import httpx
import psycopg
import pytest
from fastapi.routing import APIRoute
from starlette.routing import Mount

from dashboards.access import FILES, OBJECTS, ROUTES, Access
from dashboards.accounts.audit_words import ACTIONS
from dashboards.app import create_app
from dashboards.gate import GuardedRoute
from hazmat.accounts import GRANTS, Role
from hazmat.clock import now
from hazmat.settings import read_settings
from hazmat.store.doors import Doors
from hazmat.store.ownership import ObjectKind
from rules.catalogue import CATALOGUE
from tests import logins
from tests.screen_data import fill, insert, put_alert
from tests.test_dashboards_api import serving

# What stands in a path besides objects of the gate; numbers of accounts and the like that nobody has.
VALUES = {
    "un_no": "1203", "language": "zh", "z": "10", "x": "855", "y": "421", "rule_id": "overspeed",
    "account_id": "987654321", "session_id": "987654321", "token_id": "987654321",
    "handling_id": "987654321", "reject_id": "987654321",
}  # fmt: skip
UNKNOWN = "NOBODY-HAS-THIS"
INSPECTORS = "emergency_management"  # the department of the tests' inspector


@dataclass(frozen=True)
class Owned:
    """Objects of one carrier, the alert's rule going to inspectors of our department or not."""

    carrier_id: str
    for_inspectors: bool
    ids: dict[str, str]

    def seen_by(self, role: Role, tenant: str, kind: ObjectKind) -> bool:
        if role is Role.ENTERPRISE:
            return self.carrier_id == tenant
        return role is not Role.INSPECTOR or kind is not ObjectKind.ALERT or self.for_inspectors


@dataclass(frozen=True)
class Town:
    """The served application and the objects that it is asked about."""

    address: str
    dsn: str
    objects: tuple[Owned, ...]


@pytest.fixture
def town(postgres_database: str) -> Iterator[Town]:
    world = fill(postgres_database, vehicles=30, at=now(), alerts=0)
    carriers = sorted({vehicle.carrier_id for vehicle in world.vehicles})
    with psycopg.connect(postgres_database) as connection:
        objects = (
            _objects(connection, carriers[0], _rule(for_inspectors=True)),
            _objects(connection, carriers[1], _rule(for_inspectors=False)),
        )
    with serving(postgres_database) as address:
        yield Town(address, postgres_database, objects)


def _rule(for_inspectors: bool) -> str:
    return next(name for name, rule in CATALOGUE.items() if (INSPECTORS in rule.receivers) is for_inspectors)


def _objects(connection: psycopg.Connection[tuple[object, ...]], carrier_id: str, rule_id: str) -> Owned:
    found = connection.execute("SELECT min(vehicle_id) FROM vehicles WHERE carrier_id = %s", [carrier_id])
    row = found.fetchone()
    assert row
    vehicle_id = str(row[0])
    alert_id = put_alert(connection, vehicle_id, rule_id, "red", now(), 121.7, 29.95)
    person_id = f"P{carrier_id}"
    insert(connection, "people", {"person_id": person_id, "carrier_id": carrier_id} | _person())
    ids = {"vehicle_id": vehicle_id, "alert_id": alert_id, "carrier_id": carrier_id, "person_id": person_id}
    return Owned(carrier_id, INSPECTORS in CATALOGUE[rule_id].receivers, ids)


def _person() -> dict[str, object]:
    year = timedelta(days=365)
    return {
        "name": "张三", "certificate_no": "", "may_drive": True, "may_escort": False, "hazard_classes": [],
        "code": "blue", "valid_from": now() - year, "valid_to": now() + year,
    }  # fmt: skip


def application_routes(dsn: str = "") -> list[APIRoute | Mount]:
    """What the application answers, one by one."""
    routes = create_app(Doors(dsn), now, read_settings({})).routes
    assert all(isinstance(route, APIRoute | Mount) for route in routes)
    return [route for route in routes if isinstance(route, APIRoute | Mount)]


def asked() -> list[str]:
    """Method and path of each route that is not a folder of files."""
    guarded = [route for route in application_routes() if isinstance(route, APIRoute)]
    return sorted(f"{method} {route.path}" for route in guarded for method in route.methods or ())


def test_every_route_is_declared_and_every_declared_route_is_there() -> None:
    assert set(asked()) - set(ROUTES) == set()
    assert set(ROUTES) == set(asked())
    assert len(asked()) == len(set(asked()))


def test_every_route_stands_behind_the_gate() -> None:
    for route in application_routes():
        if isinstance(route, Mount):
            assert route.path in FILES
        else:
            assert isinstance(route, GuardedRoute), route.path
    assert {route.path for route in application_routes() if isinstance(route, Mount)} == FILES


def test_every_action_of_the_table_has_a_word_in_the_audit_log() -> None:
    assert {access.audit for access in ROUTES.values() if access.audit} - set(ACTIONS) == set()


def test_only_what_must_be_is_open_to_all() -> None:
    assert {route for route, access in ROUTES.items() if access.permission is None} == {
        "GET /login", "POST /login", "POST /login/code", "POST /language", "GET /healthz", "GET /readyz",
        "GET /texts/{language}.js",
    }  # fmt: skip


@pytest.mark.parametrize("role", [None, *Role])
def test_every_role_is_let_in_and_kept_out_as_declared(town: Town, role: Role | None) -> None:
    carrier_id = town.objects[0].carrier_id if role is Role.ENTERPRISE else ""
    wrong = []
    visitor = _visitor(town, role, carrier_id)
    for route in asked():
        access = ROUTES[route]
        for objects in _asked_about(town, route):
            expected = _expected(access, role, carrier_id, route, objects)
            answer = _ask(visitor, route, objects)
            if _outcome(answer) != expected or (answer.status_code >= 500 and route != "GET /readyz"):
                wrong.append(
                    (route, objects and objects.carrier_id, expected, answer.status_code, answer.text)
                )
        if route == "POST /logout":
            visitor.close()
            visitor = _visitor(town, role, carrier_id)
    visitor.close()
    assert wrong == []


def test_nobody_s_pages_lead_to_the_sign_in(town: Town) -> None:
    with httpx.Client(base_url=town.address, timeout=20) as client:
        for route in asked():
            method, path = route.split()
            if method != "GET" or ROUTES[route].permission is None or path.startswith("/api/"):
                continue
            answer = client.get(_path(path, town.objects[0]))
            assert (answer.status_code, answer.headers["location"][:12]) == (303, "/login?then="), route


def _visitor(town: Town, role: Role | None, carrier_id: str) -> httpx.Client:
    # Answers are left unread, so connections are not used again.
    json = {"accept": "application/json", "connection": "close"}
    if role is None:
        return httpx.Client(base_url=town.address, headers=json, timeout=20)
    client = logins.client(town.address, town.dsn, role, carrier_id)
    client.headers.update(json)
    return client


def _asked_about(town: Town, route: str) -> list[Owned | None]:
    if not OBJECTS.keys() & set(re.findall(r"\{(\w+)\}", route)):
        return [None]
    nobody_s = replace(town.objects[0], carrier_id="", ids=dict.fromkeys(OBJECTS, UNKNOWN))
    return [*town.objects, nobody_s]


def _expected(access: Access, role: Role | None, tenant: str, route: str, objects: Owned | None) -> str:
    if access.permission is None:
        return "in"
    if role is None:
        return "sign in"
    if access.permission not in GRANTS[role]:
        return "forbidden"
    kinds = [kind for name, kind in OBJECTS.items() if f"{{{name}}}" in route]
    if objects and not (objects.carrier_id and all(objects.seen_by(role, tenant, kind) for kind in kinds)):
        return "missing"
    return "in"


def _ask(client: httpx.Client, route: str, objects: Owned | None) -> httpx.Response:
    method, path = route.split()
    with client.stream(method, _path(path, objects)) as answer:  # a live stream would never end
        if answer.status_code >= 400:
            answer.read()
        else:
            answer._content = b""
        return answer


def _path(path: str, objects: Owned | None) -> str:
    values = VALUES | (objects.ids if objects else {})
    return re.sub(r"\{(\w+)\}", lambda name: values[name[1]], path)


def _outcome(answer: httpx.Response) -> str:
    """What the gate decided; whatever the handler said after it is "in"."""
    if answer.status_code == 401 and "sign in first" in answer.text:
        return "sign in"
    if answer.status_code == 403 and "not yours to see" in answer.text:
        return "forbidden"
    gates = "|".join(ObjectKind)
    missing = answer.status_code == 404 and re.search(rf'"no ({gates}) ', answer.text)
    return "missing" if missing else "in"
