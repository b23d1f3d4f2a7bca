"""An alert explained in words, from what is stored."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from dashboards.alerts.explain import explain
from hazmat.accounts import Language
from hazmat.cli.explain import as_text
from hazmat.clock import now
from hazmat.registry import World
from hazmat.store.pool import Pool
from hazmat.store.screens import Screens
from tests.screen_data import along, fill, put_alert, put_track

EVIDENCE = {
    "rule_version": 1, "registry_version": 7, "hold_s": 60.0, "hold_fixes": 3, "limit_unused_m": 1.0,
    "speed_kmh": 41.5, "accuracy_m": 6.2, "loaded": True, "road_name": "海天路", "waybill_no": "W1",
}  # fmt: skip


def off_road(dsn: str, world: World) -> str:
    name, opened = world.vehicles[0].vehicle_id, (now() - timedelta(minutes=20)).replace(microsecond=0)
    road = next(fence for fence in world.fences if fence.fence_id == "road.haitian")
    places = along(road, 0.3, 0.5, 150)
    with psycopg.connect(dsn) as connection:
        put_track(connection, name, opened + timedelta(minutes=12), places)
        return put_alert(
            connection, name, "off_designated_road", "orange", opened, *places[80], "road.haitian", 61.0,
            evidence=EVIDENCE,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", ["偏离指定道路", "道路交通安全法", "第 1 版", "基础数据第 7 版", "61 米", "60 秒", "3 个定位",
                "首次符合", "发出预警", "海天路", "解除条件", "仍在持续", "判为载货: 是"]),
        ("en", ["Off the designated road", "version 1", "registry version 7", "61 m", "60 s", "first hit",
                "fired", "What ends it", "still going on", "counted as loaded: yes", "valid"]),
    ],
)  # fmt: skip
def test_it_tells_rule_facts_fixes_documents_and_what_ends_it(
    postgres_database: str, language: Language, words: list[str]
) -> None:
    world = fill(postgres_database, vehicles=2, at=now(), alerts=0)
    store = Screens(Pool(postgres_database))
    told = explain(store, off_road(postgres_database, world), language)
    store.close()
    text = as_text(told, language)
    assert [word for word in words if word not in text] == []
    assert world.vehicles[0].plate in told.title
    assert world.waybills[0].waybill_no in text
    marks = [fix.mark for fix in told.fixes]
    assert marks.index(next(m for m in marks if m)) >= 3  # fixes before it are shown
    assert not marks[-1]  # and after it
    assert "limit_" not in text


def test_an_alert_that_is_not_there(postgres_database: str) -> None:
    store = Screens(Pool(postgres_database))
    with pytest.raises(LookupError):
        explain(store, "0" * 32, "zh")
    store.close()


def test_withdrawn_and_retrospective_are_said(postgres_database: str) -> None:
    world = fill(postgres_database, vehicles=2, at=now(), alerts=0)
    name = off_road(postgres_database, world)
    with psycopg.connect(postgres_database) as connection:
        connection.execute(
            "UPDATE alerts SET state = 'withdrawn', end_reason = 'repaired', retrospective = true,"
            " withdrawn_at = now(), resolved_at = last_hit_at,"
            ' note = \'[{"state": "firing", "opened_at": "2026-11-20T04:00:00+00:00", "fixes": 4}]\''
            " WHERE alert_id = %s",
            [name],
        )
    store = Screens(Pool(postgres_database))
    told = explain(store, name, "zh")
    store.close()
    assert len(told.notes) == 3
    assert "持续中，自 2026-11-20 12:00:00 起" in told.notes[-1]
    assert "撤销" in "".join(told.notes)
    assert "条件不成立" in told.ended
