"""The evidence map: one file, no other host, nothing in it that an imported name could run."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import folium
import psycopg
import pytest
from branca.element import JavascriptLink

from dashboards.reports.evidence import evidence_map, write_evidence_map
from dashboards.reports.figure import OfflineFigure, Text, UnknownLinkError, policy
from hazmat.clock import now
from hazmat.registry import World
from hazmat.store.pool import Pool
from hazmat.store.screens import Screens
from tests.screen_data import along, fill, put_alert, put_track

_LINK = re.compile(r"""(?:src|href)\s*=\s*["']?(?!data:|#)[^"'\s>]+""")


def _alert(dsn: str, world: World, object_id: str = "road.haitian") -> str:
    name, opened = world.vehicles[0].vehicle_id, now() - timedelta(minutes=20)
    road = next(fence for fence in world.fences if fence.fence_id == "road.haitian")
    places = along(road, 0.3, 0.5, 150)
    with psycopg.connect(dsn) as connection:
        put_track(connection, name, opened + timedelta(minutes=12), places)
        return put_alert(connection, name, "off_designated_road", "red", opened, *places[80], object_id, 61.0)


def test_the_map_shows_track_fence_breach_and_papers(postgres_database: str, tmp_path: Path) -> None:
    world = fill(postgres_database, vehicles=2, at=now(), alerts=0)
    out = tmp_path / "alert.html"
    write_evidence_map(postgres_database, _alert(postgres_database, world), out)
    page = out.read_text("utf-8")
    for word in (
        world.vehicles[0].plate,
        world.vehicles[0].carrier_name,
        "海天路",
        "偏离",
        "符合条件的定位数",
        "61",
    ):
        assert word in page
    assert page.count("L.circleMarker(") > 60
    without_libraries = re.sub(r"<(script|style)>.*?</\1>", "", page, flags=re.DOTALL)
    assert not _LINK.search(without_libraries)
    assert "@import" not in page


def test_names_from_files_cannot_run(postgres_database: str) -> None:
    world = fill(postgres_database, vehicles=1, at=now(), alerts=0)
    evil = "`${alert(1)}</script><img src=x onerror=alert(1)>{{ 7*7 }}"
    with psycopg.connect(postgres_database) as connection:
        connection.execute("UPDATE fences SET name = %s", [evil])
        connection.execute("UPDATE vehicles SET plate = %s, carrier_name = %s", [evil, evil])
    store = Screens(Pool(postgres_database))
    page = evidence_map(store, _alert(postgres_database, world))
    store.close()
    scripts = "".join(re.findall("<script>(.*?)</script>", page, re.DOTALL))
    assert "${alert" not in scripts
    assert "海天" not in scripts
    assert "&#36;&#123;alert(1)" in scripts
    assert "<img src=x" not in page
    assert "</script><img" not in page
    assert ">49" not in page


def test_an_alert_without_track_fence_or_papers_still_has_a_map(postgres_database: str) -> None:
    with psycopg.connect(postgres_database) as connection:
        alert = put_alert(connection, "ghost", "silent", "blue", now(), 121.6, 29.97)
    store = Screens(Pool(postgres_database))
    page = evidence_map(store, alert)
    with pytest.raises(LookupError):
        evidence_map(store, "f" * 32)
    store.close()
    assert "未备案车辆" in page
    assert "当时无有效运单" in page


def test_an_unknown_link_is_refused() -> None:
    figure = OfflineFigure("x")
    figure.add_child(folium.Map(tiles=None))
    figure.header.add_child(JavascriptLink("https://example.org/heatmap.js"))
    with pytest.raises(UnknownLinkError, match="heatmap"):
        figure.render()


@pytest.mark.parametrize(
    "html",
    [
        '<img src="//example.org/x.png">',
        "<link href=https://example.org/x.css>",
        "<style>@import 'x';</style>",
    ],
)
def test_a_link_in_the_page_itself_is_refused(html: str) -> None:
    figure = OfflineFigure("x")
    figure.html.add_child(Text(html))
    with pytest.raises(UnknownLinkError):
        figure.render()


def test_a_tile_layer_is_refused() -> None:
    figure = OfflineFigure("x")
    figure.add_child(folium.Map(tiles="OpenStreetMap"))
    with pytest.raises(UnknownLinkError):
        figure.render()


def test_the_policy_allows_just_the_page_s_own_scripts() -> None:
    allowed = policy("<style>a{}</style><script>one</script><script>two</script>")
    assert allowed.count("'sha256-") == 3
    assert "unsafe" not in allowed
    assert policy("<script>one</script>") != policy("<script>other</script>")


def test_the_english_map_has_no_chinese_but_names(postgres_database: str) -> None:
    world = fill(postgres_database, vehicles=1, at=now(), alerts=0)
    with psycopg.connect(postgres_database) as connection:
        connection.execute("UPDATE fences SET name = fence_id")
        connection.execute("UPDATE vehicles SET plate = vehicle_id, carrier_name = carrier_id")
        connection.execute("UPDATE permits SET permit_no = replace(permit_no, '危通', 'P')")
        connection.execute("UPDATE waybills SET goods_name = 'x', driver_name = 'x', escort_name = 'x'")
    store = Screens(Pool(postgres_database))
    page = evidence_map(store, _alert(postgres_database, world), "en")
    store.close()
    without_libraries = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    assert '<html lang="en">' in page
    assert "Off the designated road" in page
    assert "Fixes that hit" in page
    assert re.findall(r"[\u4e00-\u9fff，。；：（）]+", without_libraries) == []
