"""Day map and heat map: their numbers against the stored rows, and as files with the network closed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import numpy as np
import psycopg
import pytest
from playwright.sync_api import Browser, expect

from dashboards.reports.day_map import write_day_map
from dashboards.reports.day_track import DayTrack, figures, stops, touched
from dashboards.reports.heat_map import by_rule, cells, top_places
from hazmat.accounts import Role
from hazmat.clock import SHANGHAI, to_time
from hazmat.coordinates import to_lonlat, to_metres
from hazmat.registry import World
from tests import logins
from tests.browsing import DESKTOP, PHONE, Visitor, Watched, visiting
from tests.screen_data import along, fill, put_alert, put_track
from tests.test_dashboards_api import serving

NOON = (datetime.now(SHANGHAI) - timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
DAY = NOON.date().isoformat()


class Town:
    def __init__(self, address: str, dsn: str, world: World) -> None:
        self.address, self.dsn, self.world = address, dsn, world
        self.truck = world.vehicles[0]
        self.day = f"/vehicles/{self.truck.vehicle_id}/day?day={DAY}"

    def get(self, path: str, role: Role = Role.CONTROL_ROOM, carrier: str = "") -> httpx.Response:
        with logins.client(self.address, self.dsn, role, carrier, carrier.lower()) as client:
            return client.get(path)


@pytest.fixture
def town(postgres_database: str) -> Iterator[Town]:
    world = fill(postgres_database, vehicles=6, at=NOON, alerts=0)
    road = next(fence for fence in world.fences if fence.fence_id == "road.haitian")
    with psycopg.connect(postgres_database) as connection:
        put_track(connection, world.vehicles[0].vehicle_id, NOON, along(road, 0.1, 0.6, 180))
        for number, (rule, level) in enumerate(
            [("overspeed", "orange"), ("overspeed", "orange"), ("barred_area", "red"), ("silent", "blue")]
        ):
            lon, lat = along(road, 0.5, 0.6, 2)[0]
            opened, ended = NOON - timedelta(minutes=20 - number), NOON - timedelta(minutes=10)
            vehicle = world.vehicles[number // 2].vehicle_id
            put_alert(connection, vehicle, rule, level, opened, lon, lat, "road.haitian", None, ended)
    with serving(postgres_database) as address:
        yield Town(address, postgres_database, world)


def driven(metres: list[float], seconds: list[float], speed_kmh: list[float]) -> DayTrack:
    x_m, y_m = to_metres(np.array([121.6]), np.array([29.95]))
    lon, lat = to_lonlat(x_m + np.cumsum([0.0, *metres]), np.repeat(y_m, len(metres) + 1))
    start = to_time(datetime(2026, 11, 21, 2, tzinfo=UTC))
    time = start + (1000 * np.cumsum([0.0, *seconds])).astype("timedelta64[ms]")
    return DayTrack(time, lon, lat, np.array(speed_kmh, float))


def test_figures_leave_holes_out() -> None:
    track = driven([500, 0, 9000, 250], [30, 60, 1200, 30], [60, 0, 0, 30, np.nan])
    found = figures(track)
    assert found.distance_km == pytest.approx(0.75, abs=0.001)
    assert found.driving == timedelta(seconds=60)
    assert (found.max_speed_kmh, found.gaps, found.lost) == (60, 1, timedelta(seconds=1200))


def test_a_stop_is_told_from_five_minutes_on() -> None:
    short = driven([500, 5, 500], [30, 300, 30], [60, 0, 0, 60])
    assert stops(short) == []
    track = driven([500, 5, 5, 5, 500], [30, 200, 1800, 30, 30], [60, 1, 0, np.nan, 2, 60])
    (stop,) = stops(track)  # the terminal slept half an hour, and the truck had not gone
    assert stop.start == datetime(2026, 11, 21, 2, 0, 30, tzinfo=UTC)
    assert (stop.end - stop.start).total_seconds() == 2030
    moved = driven([500, 5, 900, 5, 500], [30, 200, 1800, 200, 30], [60, 1, 0, 0, 2, 60])
    assert stops(moved) == []


def test_fences_touched_with_the_time_in_them() -> None:
    track = driven([100.0] * 10, [10.0] * 10, [36.0] * 11)
    edge = [[float(track.lon[n]), lat] for n, lat in ((2, 29.9), (5, 29.9), (5, 30.0), (2, 30.0), (2, 29.9))]
    feature = {
        "type": "Feature", "geometry": {"type": "Polygon", "coordinates": [edge]},
        "properties": {"kind": "plant", "name": "甲厂"},
    }  # fmt: skip
    text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    (one,) = touched(track, text, frozenset({"plant"}))
    assert (one.name, one.kind) == ("甲厂", "plant")
    assert one.spent.total_seconds() == pytest.approx(30, abs=10)
    assert touched(track, text, frozenset({"parking"})) == []


def test_cells_and_tables_count_every_alert_once() -> None:
    def row(lon: float | None, level: str, rule: str = "overspeed", fence: str = "") -> dict[str, object]:
        return {"rule": rule, "level": level, "lon": lon, "lat": 29.95, "fence": fence}

    rows = [row(121.6, "yellow", fence="甲路"), row(121.60001, "red"), row(121.7, "blue", "silent")]
    rows.append(row(None, "blue", "silent", "甲路"))
    found = cells(rows)
    assert [(cell.count, cell.level) for cell in found] == [(2, "red"), (1, "blue")]
    assert found[0].lon == pytest.approx(121.6, abs=0.002)
    assert [(rule, counts.total()) for rule, counts in by_rule(rows)] == [("overspeed", 2), ("silent", 2)]
    assert top_places(rows, '{"features": []}') == [("甲路", 2)]
    assert cells([]) == []


def test_a_day_is_told_with_alerts_papers_and_figures(town: Town) -> None:
    page = town.get(town.day)
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    for text in (town.truck.plate, town.truck.carrier_name, "超速", "里程", "前一天", "海天路"):
        assert text in page.text
    papers = [w for w in town.world.waybills if w.vehicle_id == town.truck.vehicle_id]
    for paper in papers:
        in_force = paper.valid_from < NOON + timedelta(hours=12) and paper.valid_to > NOON - timedelta(
            hours=12
        )
        assert (paper.waybill_no in page.text) is in_force
    with psycopg.connect(town.dsn) as connection:
        said = connection.execute("SELECT action, object_id FROM audit_log ORDER BY entry_id").fetchall()
    assert said[-1] == ("read track", town.truck.vehicle_id)


def test_a_day_without_fixes_says_so(town: Town) -> None:
    page = town.get(town.day.replace(DAY, "2026-01-01"))
    assert page.status_code == 200
    assert "当日没有定位数据" in page.text
    wrong = town.get(town.day.replace(DAY, "someday"))
    assert wrong.status_code == 422
    assert "day: 不是有效日期" in wrong.text


def test_another_tenant_s_day_does_not_exist(town: Town) -> None:
    other = next(v for v in town.world.vehicles if v.carrier_id != town.truck.carrier_id)
    assert town.get(town.day, Role.ENTERPRISE, town.truck.carrier_id).status_code == 200
    assert town.get(town.day, Role.ENTERPRISE, other.carrier_id).status_code == 404
    assert town.get("/reports/heat?from=2026-01-01&to=2026-01-02", Role.OFFICER).status_code == 403


def test_the_heat_map_counts_what_was_asked_for(town: Town) -> None:
    def total(query: str) -> str:
        page = town.get(f"/reports/heat?from={DAY}&to={DAY}{query}").text
        found = re.search(r"<dt>预警</dt><dd>([\d,]+)</dd>", page)
        return found[1] if found else page

    assert total("") == "4"
    assert total("&level=orange") == "2"
    assert total("&rule=silent") == "1"
    assert "没有符合条件的预警" in total("&rule=silent&level=red")
    assert "没有符合条件的预警" in total("&rule=no_such_rule")
    turned = town.get(f"/reports/heat?from={DAY}&to=2026-01-01")
    assert turned.status_code == 422
    assert "截止日期早于起始日期" in turned.text
    assert f'value="{DAY}"' in turned.text
    assert "日期不正确" in town.get("/reports/heat?from=someday").text
    assert "<h1>预警热力图</h1>" in town.get("/reports/heat").text
    assert town.get("/reports/heat?from=2020-01-01&to=2026-01-01").status_code == 422
    assert town.get(f"/reports/heat?from={DAY}&to={DAY}&level=pink").status_code == 422


def test_the_index_leads_to_the_reports(town: Town) -> None:
    page = town.get("/reports").text
    assert page.count('/map"') == 4
    led = town.get(f"/reports?vehicle={town.truck.plate}&day={DAY}")
    assert (led.status_code, led.headers["location"]) == (303, town.day)
    assert "没有查到" in town.get(f"/reports?vehicle=nobody&day={DAY}").text


# --- as files


@pytest.fixture
def visitor(town: Town, browser: Browser) -> Iterator[Visitor]:
    with visiting(browser, town.address, town.dsn) as visitor:
        yield visitor


def drawn(watched: Watched) -> None:
    expect(watched.page.locator(".leaflet-container")).to_be_visible()
    watched.until("document.querySelectorAll('.leaflet-overlay-pane path').length > 4")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_served_pages_draw_under_their_policy(town: Town, visitor: Visitor, language: str) -> None:
    day = visitor.open(town.day, DESKTOP, language="en" if language == "en" else "zh")
    drawn(day)
    assert day.axe() == []
    expect(
        day.page.get_by_text("Driving time" if language == "en" else "行驶时间", exact=True)
    ).to_be_visible()
    heat = visitor.open(
        f"/reports/heat?from={DAY}&to={DAY}", PHONE, language="en" if language == "en" else "zh"
    )
    drawn(heat)
    assert heat.axe() == []
    assert heat.overflow() <= 0
    index = visitor.open("/reports", PHONE, script=False)
    assert index.overflow() <= 0


def test_a_file_opens_from_disk_and_prints(town: Town, browser: Browser, tmp_path: Path) -> None:
    out = tmp_path / "day.html"
    write_day_map(town.dsn, town.truck.plate, NOON.date(), out, "zh")
    with pytest.raises(LookupError):
        write_day_map(town.dsn, "nobody", NOON.date(), out, "zh")
    asked: list[str] = []
    page = browser.new_page(viewport={"width": 794, "height": 1123})
    page.on("request", lambda request: asked.append(request.url))
    watched = Watched(page)
    page.on("pageerror", lambda error: watched.errors.append(str(error)))
    page.on("console", lambda line: watched.errors.append(line.text) if line.type == "error" else None)
    page.goto(out.as_uri())
    drawn(watched)
    page.emulate_media(media="print")
    assert watched.overflow() <= 0
    assert page.locator(".leaflet-control-zoom").is_hidden()
    assert page.pdf()[:5] == b"%PDF-"
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert watched.errors == []
    page.close()
