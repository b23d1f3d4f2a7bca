"""How the map draws, in a real browser: trucks on tiles in three planes, density, names, trail, measuring."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import psycopg
import pytest
from playwright.sync_api import Browser, expect

from hazmat.clock import now
from hazmat.coordinates import gcj_to_wgs, wgs_to_gcj
from hazmat.registry import World
from tests.browsing import LAPTOP, PHONE, Visitor, Watched, visiting
from tests.screen_data import along, fill, put_alert, put_last, put_track
from tests.test_dashboards_api import serving
from tests.test_tiles import tile_server

LON, LAT, ZOOM = 121.6, 29.98, 15
_TILE = """(name) => {
  const tile = [...document.querySelectorAll(".leaflet-tile-loaded")].find((t) => t.src.endsWith(name));
  if (!tile) return null;
  const [box, map] = [tile, document.getElementById("map")].map((one) => one.getBoundingClientRect());
  return [box.left - map.left, box.top - map.top, box.width];
}"""
_BRIGHT = """([x, y]) => {
  const canvas = document.querySelector(".truck-canvas");
  const box = canvas.getBoundingClientRect();
  const map = document.getElementById("map").getBoundingClientRect();
  const unit = canvas.width / box.width;
  const at = [x + map.left - box.left, y + map.top - box.top].map((place) => Math.round(place * unit));
  return [...canvas.getContext("2d").getImageData(...at, 1, 1).data];
}"""


@pytest.fixture
def world(postgres_database: str) -> World:
    return fill(postgres_database, vehicles=60, at=now(), alerts=0)


@pytest.fixture
def visitor(browser: Browser, postgres_database: str, world: World) -> Iterator[Visitor]:
    with serving(postgres_database) as address, visiting(browser, address, postgres_database) as made:
        yield made


def _alone(dsn: str, vehicle_id: str, copies: int = 0) -> None:
    """One truck at the known place, and as many unregistered ones on top of it."""
    with psycopg.connect(dsn) as connection:
        connection.execute("DELETE FROM last_known")
        for name in [vehicle_id, *(f"X{n}" for n in range(copies))]:
            put_last(connection, name, now(), LON, LAT)


def _ready(watched: Watched) -> None:
    watched.until("window.liveMap && liveMap.fleet.length > 0 && liveMap.trucks.frames > 0", 15)
    watched.until("document.querySelector('.label-canvas')")


def _view(watched: Watched, zoom: float = ZOOM) -> list[float]:
    """Look at the known place; returns where on the map it is, in CSS pixels."""
    watched.page.evaluate(f"void liveMap.map.setView([{LAT}, {LON}], {zoom}, {{animate: false}})")
    watched.page.wait_for_timeout(1200)  # until nothing glides
    found: list[float] = watched.page.evaluate(
        f"(({{x, y}}) => [x, y])(liveMap.map.latLngToContainerPoint([{LAT}, {LON}]))"
    )
    return found


def _tile_place(crs: str) -> tuple[float, float]:
    """Where the known place lies among the tiles of its level, reckoned apart from the page."""
    lon, lat = np.array([LON]), np.array([LAT])
    if crs == "EPSG:4490":
        return float((lon[0] + 180) / 360 * 2**ZOOM), float((90 - lat[0]) / 360 * 2**ZOOM)
    if crs == "GCJ-02":
        lon, lat = wgs_to_gcj(lon, lat)
    north = np.arcsinh(np.tan(np.radians(lat[0]))) / np.pi
    return float((lon[0] + 180) / 360 * 2**ZOOM), float((1 - north) / 2 * 2**ZOOM)


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:4490", "GCJ-02"])
def test_a_truck_stands_where_the_tiles_have_its_place(
    browser: Browser, postgres_database: str, world: World, tmp_path: Path, crs: str
) -> None:
    _alone(postgres_database, world.vehicles[0].vehicle_id)
    with tile_server() as tiles:
        settings = replace(tiles.settings(tmp_path), tile_crs=crs, tile_attribution="天地图 <b>GS(2024)</b>")
        with (
            serving(postgres_database, settings=settings) as address,
            visiting(browser, address, postgres_database) as visitor,
        ):
            one = visitor.open("/live", LAPTOP)
            _ready(one)
            _view(one)
            x, y = _tile_place(crs)
            one.until(f"document.querySelector('.leaflet-tile-loaded[src$=\"/{ZOOM}/{int(x)}/{int(y)}\"]')")
            left, top, width = one.page.evaluate(_TILE, f"/{ZOOM}/{int(x)}/{int(y)}")
            place = [left + x % 1 * width, top + y % 1 * width]
            assert one.page.evaluate("(at) => liveMap.trucks.find(L.point(at), 2)", place) == 0
            away = [place[0] + 12, place[1]]
            assert one.page.evaluate("(at) => liveMap.trucks.find(L.point(at), 2)", away) == -1
            expect(one.page.locator(".leaflet-control-attribution")).to_have_text("天地图 <b>GS(2024)</b>")
            assert tiles.asked


def test_the_shift_of_gcj_is_the_same_in_the_page_and_in_the_importer(visitor: Visitor) -> None:
    one = visitor.open("/live", LAPTOP)
    _ready(one)
    lon, lat = (grid.ravel() for grid in np.meshgrid(np.linspace(100, 123, 7), np.linspace(20, 45, 7)))
    script = """async ([lon, lat]) => {
      const module = document.querySelector('link[href*="map.css"]').href.replace("map.css", "basemap.js");
      const { wgsToGcj, gcjToWgs } = await import(module);
      return [lon.map((x, n) => wgsToGcj(x, lat[n])), lon.map((x, n) => gcjToWgs(x, lat[n]))];
    }"""
    there, back = one.page.evaluate(script, [lon.tolist(), lat.tolist()])
    assert np.allclose(np.array(there).T, wgs_to_gcj(lon, lat), rtol=0, atol=1e-10)
    assert np.allclose(np.array(back).T, gcj_to_wgs(lon, lat), rtol=0, atol=1e-10)


def test_many_trucks_on_one_spot_are_white_until_density_is_off(visitor: Visitor, world: World) -> None:
    _alone(visitor.dsn, world.vehicles[0].vehicle_id, copies=60)
    one = visitor.open("/live", LAPTOP)
    _ready(one)
    place = _view(one, 11)
    expect(one.page.get_by_text("车辆密集程度")).to_be_visible()
    assert min(one.page.evaluate(_BRIGHT, place)) > 240
    one.page.evaluate("void liveMap.trucks.setDensity(false)")
    one.page.wait_for_timeout(100)
    single = one.page.evaluate(_BRIGHT, place)
    assert single[0] < 120 < single[2]
    one.page.evaluate("void liveMap.trucks.setDensity(true)")
    _view(one, 14)
    expect(one.page.get_by_text("车辆密集程度")).to_be_hidden()


def test_an_alert_lies_on_top_of_the_crowd(visitor: Visitor, world: World) -> None:
    truck = world.vehicles[0].vehicle_id
    _alone(visitor.dsn, truck, copies=60)
    with psycopg.connect(visitor.dsn) as connection:
        put_alert(connection, truck, "overspeed", "red", now(), LON, LAT, value=90.0)
    one = visitor.open("/live", LAPTOP)
    _ready(one)
    red, green, _, _ = one.page.evaluate(_BRIGHT, _view(one, 11))
    assert red > 230
    assert green < 120


@pytest.mark.parametrize(("size", "unit"), [(LAPTOP, 1), (PHONE, 2), (LAPTOP, 1.5)])
def test_trucks_stand_right_on_every_screen_after_zoom_and_resize(
    visitor: Visitor, world: World, size: tuple[int, int], unit: float
) -> None:
    _alone(visitor.dsn, world.vehicles[0].vehicle_id)
    one = visitor.open("/live", size, device_scale_factor=unit)
    _ready(one)
    for zoom in (11, 14.5, 17):
        assert one.page.evaluate(_BRIGHT, _view(one, zoom))[3] == 255
    one.page.set_viewport_size({"width": size[0] - 20, "height": size[1] - 90})
    assert one.page.evaluate(_BRIGHT, _view(one))[3] == 255


def _found(watched: Watched, mask: str) -> list[int]:
    """The row found where the truck stands under a filter, and whether anything is drawn there."""
    script = f"""async () => {{
      liveMap.trucks.setFilter({mask});
      liveMap.map.setView([{LAT}, {LON}], 15, {{ animate: false }});
      liveMap.trucks.draw(performance.now());
      const {{ x, y }} = liveMap.map.latLngToContainerPoint([{LAT}, {LON}]);
      const ink = ({_BRIGHT})([x, y])[3];
      return [liveMap.trucks.find(L.point(x, y), 3), ink ? 1 : 0];
    }}"""
    found: list[int] = watched.page.evaluate(script)
    return found


def test_a_filter_hides_rows_and_a_drag_keeps_trucks_under_the_map(visitor: Visitor, world: World) -> None:
    _alone(visitor.dsn, world.vehicles[0].vehicle_id)
    one = visitor.open("/live", LAPTOP)
    _ready(one)
    x, y = _view(one)
    box = one.page.locator("#map").bounding_box()
    assert box
    one.page.mouse.move(box["x"] + x, box["y"] + y + 60)
    one.page.mouse.down()
    one.page.mouse.move(box["x"] + x - 150, box["y"] + y + 20, steps=12)
    one.page.wait_for_timeout(100)
    assert one.page.evaluate(_BRIGHT, [x - 150, y - 40])[3] == 255  # still dragging
    one.page.mouse.up()
    assert _found(one, "new Uint8Array(100)") == [-1, 0]
    row = one.page.evaluate(f"liveMap.fleet.row.get('{world.vehicles[0].vehicle_id}')")
    assert _found(one, "new Uint8Array(100).fill(1)") == [row, 1]
    assert len(one.page.evaluate("liveMap.trucks.frameTimes()")) > 1


def test_names_keep_apart_and_stay_while_the_map_is_moved(visitor: Visitor) -> None:
    one = visitor.open("/live", LAPTOP)
    _ready(one)
    layer = "Object.values(liveMap.map._layers).find((each) => each.boxes)"
    one.until(f"{layer}?.boxes.length > 5")
    before = one.page.evaluate(f"{layer}.boxes")
    for n, (left, top, right, bottom) in enumerate(before):
        for other in before[n + 1 :]:
            assert left >= other[2] or right <= other[0] or top >= other[3] or bottom <= other[1]
    kept = f"[...{layer}._kept].map(([id, at]) => [id, at.lat, at.lng])"
    places = {name: at for name, *at in one.page.evaluate(kept)}
    one.page.evaluate("void liveMap.map.panBy([60, 30], {animate: false})")
    one.page.wait_for_timeout(200)
    after = {name: at for name, *at in one.page.evaluate(kept)}
    same = places.keys() & after.keys()
    assert len(same) >= len(places) - 2
    assert all(places[name] == after[name] for name in same)


def test_a_trail_tells_speeds_by_keyboard_and_marks_alert_and_silence(visitor: Visitor, world: World) -> None:
    truck, at = world.vehicles[0].vehicle_id, now()
    road = next(fence for fence in world.fences if fence.fence_id == "road.haitian")
    places = along(road, 0.3, 0.6, 120)
    with psycopg.connect(visitor.dsn) as connection:
        put_last(connection, truck, at, *places[-1])
        put_track(connection, truck, at, places)
        connection.execute("DELETE FROM positions WHERE row_no BETWEEN 70 AND 105")
        put_alert(
            connection,
            truck,
            "overspeed",
            "red",
            at - timedelta(minutes=5),
            *places[90],
            "road.haitian",
            71.0,
        )
    one = visitor.open(f"/live#14/{places[60][1]}/{places[60][0]}/{truck}", LAPTOP)
    _ready(one)
    handle = one.page.get_by_role("slider", name="轨迹上的点")
    expect(handle).to_be_visible(timeout=10_000)
    expect(one.page.get_by_text("轨迹车速")).to_be_visible()
    handle.focus()
    last = handle.get_attribute("aria-valuetext") or ""
    assert last.endswith("38 km/h")
    one.page.keyboard.press("Home")
    first = handle.get_attribute("aria-valuetext") or ""
    assert first != last
    assert handle.get_attribute("aria-valuenow") == "0"
    expect(one.page.locator(".map-words").filter(has_text=first)).to_be_visible()
    expect(one.page.locator(".trail-mark.opened")).to_have_attribute("aria-label", re.compile("^预警起点"))
    expect(one.page.locator(".trail-mark.fired")).to_have_count(1)
    silence = one.page.locator(".trail-mark[aria-label*='无定位上报']")
    expect(silence).to_have_count(1)


def test_a_way_is_measured_by_clicks_and_by_keys(visitor: Visitor) -> None:
    one = visitor.open("/live", LAPTOP, language="en")
    _ready(one)
    x, y = _view(one)
    one.page.locator("#measure").click()
    box = one.page.locator("#map").bounding_box()
    assert box
    ends = [(x, y), (x + 90, y + 60)]
    for left, top in ends:
        one.page.mouse.click(box["x"] + left, box["y"] + top)
        one.page.wait_for_timeout(350)
    metres = one.page.evaluate(
        "(ends) => liveMap.map.distance(...ends.map((end) => liveMap.map.containerPointToLatLng(end)))", ends
    )
    status = one.page.locator(".measure-status")
    expect(status).to_have_text(f"Length {round(metres)} m")
    one.page.keyboard.press("Escape")
    expect(status).to_be_hidden()
    one.page.locator("#measure").click()
    one.page.keyboard.press("Enter")
    one.page.keyboard.press("ArrowRight")
    one.page.wait_for_timeout(600)
    one.page.keyboard.press("Enter")
    one.page.keyboard.press("Enter")
    expect(status).to_contain_text("Esc clears")
    assert not one.page.evaluate("document.querySelector('.measuring')")
