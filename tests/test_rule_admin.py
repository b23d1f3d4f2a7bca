"""Changing a rule's numbers on the screen: checked as the flow checks, kept with who and why."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import numpy as np
import psycopg
import pytest
from markupsafe import escape

from dashboards.admin.rule_form import faults_of, numbers, read_form, values_at
from hazmat.accounts import Role
from hazmat.clock import SHANGHAI, now, to_time
from hazmat.contradictions import contradictions
from hazmat.rule_settings import RuleSetting
from hazmat.store.registry import import_world, load_registry
from ingest.registry_watch import RegistryWatch
from ingest.simulator.world import make_world
from rules.catalogue import CATALOGUE, rule_table
from tests import logins
from tests.flow_rig import wait_for
from tests.test_dashboards_api import serving

OVERSPEED = "/admin/rules/overspeed"


@pytest.fixture
def site(postgres_database: str) -> Iterator[tuple[str, str]]:
    world = make_world(4, 1, now().replace(microsecond=0), breach_percent=0)
    import_world(postgres_database, replace(world, rule_settings=()))
    with serving(postgres_database) as address:
        yield address, postgres_database


@pytest.fixture
def office(site: tuple[str, str]) -> Iterator[httpx.Client]:
    with logins.client(*site, Role.ADMINISTRATOR) as client:
        client.headers["accept-language"] = "en"
        yield client


def form(client: httpx.Client, **changes: str) -> dict[str, str]:
    """The form of the page as a browser would send it, with these fields changed."""
    page = client.get(OVERSPEED).text
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    fields = {n.field: f"{n.default:.12g}" for n in numbers("overspeed")}
    return {**fields, "enabled": "on", "valid_from": "", "reason": "spring campaign", "seen": seen, **changes}


def rows(dsn: str, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn, options="-c timezone=UTC") as connection:
        return connection.execute(statement.encode()).fetchall()


def local(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")


def test_the_flow_takes_a_change_and_the_log_keeps_old_and_new(
    site: tuple[str, str], office: httpx.Client
) -> None:
    stop = threading.Event()
    watch = RegistryWatch(site[1], stop)
    watch.start()
    try:
        answer = office.post(OVERSPEED, data=form(office, **{"limit.other_kmh": "55", "hold_s": "20"}))
        assert (answer.status_code, answer.headers["location"]) == (303, f"{OVERSPEED}?done=change")
        wait_for(lambda: bool(watch.registry.world.rule_settings))
        table, times = rule_table(watch.registry), np.array([to_time(now() + timedelta(seconds=1))])
        assert table.limit("overspeed", "other_kmh", times).tolist() == [55.0]
        assert table.definitions[table.at(np.array([table.number["overspeed"]]), times)[0]].hold.seconds == 20
    finally:
        stop.set()
    [(login, kind, name, detail)] = rows(
        site[1], "SELECT login, object_kind, object_id, detail FROM audit_log WHERE action = 'change rule'"
    )
    assert (login, kind, name) == ("administrator", "rule", "overspeed")
    assert detail["changes"] == {
        "limit.other_kmh": {"from": 60.0, "to": 55.0},
        "hold_s": {"from": 30.0, "to": 20.0},
    }
    assert detail["reason"] == "spring campaign"
    assert "spring campaign" in office.get(OVERSPEED).text
    assert rows(site[1], "SELECT set_by, note FROM rule_settings") == [("administrator", "spring campaign")]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"limit.other_kmh": "fast"}, "Please give a number"),
        ({"limit.other_kmh": "nan"}, "Please give a number"),
        ({"limit.other_kmh": "-3"}, "This may not be negative"),
        ({"hold_fixes": "1.5"}, "Please give a whole number"),
        ({"hold_s": "400", "hold_fixes": "1"}, "A hold longer than the gap"),
        ({"gap_s": "0"}, "This must be more than 0"),
        ({"clear_s": "1e300"}, "This is too large"),
        ({"limit.other_kmh": "55", "reason": "  "}, "Please say why"),
        ({"limit.other_kmh": "55", "valid_from": "2020-01-01T00:00"}, "This moment has passed"),
        ({"limit.other_kmh": "55", "valid_from": "soon"}, "Please give a day and time"),
        ({"limit.other_kmh": "55", "valid_from": "0001-01-01T00:00"}, "This moment has passed"),
        ({"enabled": "maybe"}, "Please choose on or off"),
        ({}, "Nothing differs from what is in force"),
    ],
)
def test_a_refused_value_is_named_and_what_was_typed_is_kept(
    site: tuple[str, str], office: httpx.Client, changes: dict[str, str], says: str
) -> None:
    typed = {"limit.tolerance_kmh": "1.25", **changes} if changes else {}
    answer = office.post(OVERSPEED, data=form(office, **typed))
    assert answer.status_code == 422
    assert says in answer.text
    assert not typed or 'value="1.25"' in answer.text
    assert rows(site[1], "SELECT * FROM rule_settings") == []
    assert rows(site[1], "SELECT * FROM audit_log WHERE action = 'change rule'") == []


def test_of_two_administrators_the_second_is_told(site: tuple[str, str], office: httpx.Client) -> None:
    first, second = form(office, hold_s="20"), form(office, hold_s="45")
    assert office.post(OVERSPEED, data=first).status_code == 303
    answer = office.post(OVERSPEED, data=second)
    assert answer.status_code == 409
    assert "Somebody else has changed this rule meanwhile" in answer.text
    assert 'value="45"' in answer.text
    assert rows(site[1], "SELECT hold_s FROM rule_settings") == [(20.0,)]
    again = form(office, hold_s="45")
    assert office.post(OVERSPEED, data=again).status_code == 303


def test_a_planned_change_cuts_the_present_one_and_may_be_taken_back(
    site: tuple[str, str], office: httpx.Client
) -> None:
    spans = "SELECT hold_s, valid_to IS NULL FROM rule_settings ORDER BY valid_from"
    assert office.post(OVERSPEED, data=form(office, hold_s="20")).status_code == 303
    begins = now() + timedelta(days=2)
    later = form(office, hold_s="45", valid_from=local(begins))
    assert office.post(OVERSPEED, data=later).status_code == 303
    assert rows(site[1], spans) == [(20.0, False), (45.0, True)]
    sooner = form(office, hold_s="25", valid_from=local(begins - timedelta(days=1)))
    assert office.post(OVERSPEED, data=sooner).status_code == 303
    assert rows(site[1], spans) == [(20.0, False), (25.0, False), (45.0, True)]
    registry = load_registry(site[1])
    assert contradictions(registry.world) == ()
    assert values_at(registry.world.rule_settings, "overspeed", now()).numbers["hold_s"] == 20
    moment = registry.world.rule_settings[2].valid_from.isoformat()
    gone = {"moment": moment, "seen": form(office)["seen"]}
    assert office.post(f"{OVERSPEED}/withdraw", data=gone).status_code == 303
    assert rows(site[1], spans) == [(20.0, False), (25.0, True)], "the younger one goes on in its place"
    moment = registry.world.rule_settings[1].valid_from.isoformat()
    gone = {"moment": moment, "seen": form(office)["seen"]}
    assert office.post(f"{OVERSPEED}/withdraw", data=gone).status_code == 303
    assert rows(site[1], spans) == [(20.0, True)]
    assert "Planned changes that were taken back" in office.get(OVERSPEED).text
    begun = {"moment": registry.world.rule_settings[0].valid_from.isoformat(), "seen": form(office)["seen"]}
    assert office.post(f"{OVERSPEED}/withdraw", data=begun).status_code == 409
    assert rows(site[1], spans) == [(20.0, True)]


def test_an_import_keeps_what_people_set_and_contradicts_nothing(
    site: tuple[str, str], office: httpx.Client
) -> None:
    begins = now().replace(microsecond=0) - timedelta(days=3)
    imported = RuleSetting(rule_id="overspeed", valid_from=begins, hold_s=40.0)
    world = replace(load_registry(site[1]).world, rule_settings=(imported,))
    import_world(site[1], world)
    assert office.post(OVERSPEED, data=form(office, hold_s="20")).status_code == 303
    import_world(site[1], world)
    found = load_registry(site[1]).world
    assert [each.hold_s for each in found.rule_settings] == [40.0, 20.0]
    assert contradictions(found) == ()
    same = RuleSetting(rule_id="overspeed", valid_from=found.rule_settings[1].valid_from, hold_s=50.0)
    import_world(site[1], replace(world, rule_settings=(same,)))
    assert rows(site[1], "SELECT hold_s, set_by FROM rule_settings") == [(50.0, None)]


def test_every_number_of_every_rule_can_be_changed_and_the_flow_takes_it() -> None:
    at = now()
    for rule_id in CATALOGUE:
        whole = {n.field: f"{n.default:.12g}" for n in numbers(rule_id)}
        for number in numbers(rule_id):
            typed = {**whole, number.field: f"{number.default + 1:.12g}", "enabled": "on", "reason": "a test"}
            asked = read_form(typed, rule_id, (), at)
            assert asked.setting is not None, (rule_id, number, asked.faults)
            assert faults_of((asked.setting,), rule_id) == ()
            assert values_at((asked.setting,), rule_id, at).numbers[number.field] == number.default + 1


def test_every_rule_has_its_page_in_both_languages(site: tuple[str, str]) -> None:
    with logins.client(*site, Role.AUDITOR) as client:
        for language in ("zh", "en"):
            client.headers["accept-language"] = language
            overview = client.get("/admin/rules").text
            for rule_id, rule in CATALOGUE.items():
                page = client.get(f"/admin/rules/{rule_id}")
                name = rule.name_zh if language == "zh" else rule.name_en
                assert page.status_code == 200, rule_id
                assert str(escape(name)) in page.text
                assert f'href="/admin/rules/{rule_id}"' in overview


def test_who_may_only_read_has_no_form_and_changes_nothing(site: tuple[str, str]) -> None:
    with logins.client(*site, Role.CONTROL_ROOM) as client:
        page = client.get(OVERSPEED)
        assert page.status_code == 200
        assert 'name="hold_s"' not in page.text
        assert client.post(OVERSPEED, data={"hold_s": "1"}).status_code == 403
        assert client.get("/admin/rules/underspeed").status_code == 404
    with logins.client(*site, Role.OFFICER) as client:
        assert client.get("/admin/rules").status_code == 403
    assert rows(site[1], "SELECT * FROM rule_settings") == []
