"""World files: what is written is read again, and a file with faults is refused with every one of them."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hazmat.clock import SHANGHAI
from hazmat.coordinates import wgs_to_gcj
from hazmat.fence_geojson import fences_to_geojson, read_fences
from hazmat.geofences import FenceKind
from hazmat.registry import Registry
from hazmat.schedule import Holidays
from ingest.simulator.world import make_world
from ingest.world import WorldError, load_world, save_world

AT = datetime(2026, 3, 16, 9, tzinfo=SHANGHAI)
SQUARE = [[121.6, 29.9], [121.7, 29.9], [121.7, 30.0], [121.6, 30.0], [121.6, 29.9]]
LINE = [[121.6, 29.9], [121.7, 30.0]]
AREA = {"fence_id": "a", "kind": "barred_area", "name": "区", "valid_from": "2025-01-01T00:00:00+08:00"}
ROAD = {
    **AREA, "fence_id": "r", "kind": "designated_road", "half_width_m": 12.0,
    "lanes": {"count": 2, "designated": 2},
}  # fmt: skip


def feature(properties: dict[str, Any], kind: str, coordinates: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def collection(*features: Any, datum: Any = "WGS-84") -> dict[str, Any]:
    return {"type": "FeatureCollection", "datum": datum, "features": list(features)}


def without(properties: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in properties.items() if key != name}


def faults_of(*features: Any, datum: Any = "WGS-84") -> tuple[str, ...]:
    fences, faults = read_fences(collection(*features, datum=datum))
    assert bool(fences) != bool(faults)
    return faults


def test_a_saved_world_is_loaded_again_the_same(tmp_path: Path) -> None:
    world = make_world(60, 3, AT)
    save_world(world, tmp_path, "note")
    assert load_world(tmp_path) == world


def test_the_same_seed_makes_the_same_world() -> None:
    assert make_world(30, 3, AT) == make_world(30, 3, AT)
    assert make_world(30, 3, AT).vehicles != make_world(30, 4, AT).vehicles


def test_every_trip_of_a_clean_world_has_papers() -> None:
    world = make_world(40, 3, AT, breach_percent=0)
    registry = Registry(world)
    ids = np.array([v.vehicle_id for v in world.vehicles], "S32")
    times = np.full(len(ids), np.datetime64("2026-03-18T03:00", "ms"))
    waybill = registry.waybills.at(registry.vehicles.find(ids), times)
    assert (waybill >= 0).all()
    assert not registry.waybill_matches.any()
    assert (registry.waybill_route >= 0).all()


def test_hours_lanes_and_a_polygon_with_a_hole_survive() -> None:
    area = AREA | {"hours": "22:00-06:00", "weekdays": [5, 6], "hazard_classes": ["2.3"], "loaded_only": True}
    hole = [[121.64, 29.94], [121.66, 29.94], [121.66, 29.96], [121.64, 29.94]]
    given = collection(feature(area, "Polygon", [SQUARE, hole]), feature(ROAD, "LineString", LINE))
    fences, faults = read_fences(given)
    assert not faults
    again, faults = read_fences(json.loads(json.dumps(fences_to_geojson(fences))))
    assert (again, faults) == (fences, ())
    assert (fences[0].schedule.hours, fences[0].schedule.weekdays) == ("22:00-06:00", (5, 6))
    assert fences[1].lanes and fences[1].lanes.designated == 2


def test_a_layer_in_another_datum_comes_out_in_wgs84() -> None:
    lon, lat = wgs_to_gcj(np.array([p[0] for p in SQUARE]), np.array([p[1] for p in SQUARE]))
    shifted = [list(point) for point in zip(lon.tolist(), lat.tolist(), strict=True)]
    fences, faults = read_fences(collection(feature(AREA, "Polygon", [shifted]), datum="GCJ-02"))
    assert not faults
    assert np.allclose(np.array(fences[0].geometry.exterior.coords), SQUARE, atol=1e-8)


BOW_TIE = [[121.6, 29.9], [121.7, 30.0], [121.7, 29.9], [121.6, 30.0], [121.6, 29.9]]
SWAPPED = [[lat, lon] for lon, lat in SQUARE]


@pytest.mark.parametrize(
    ("properties", "kind", "coordinates", "fault"),
    [
        (AREA, "Polygon", [BOW_TIE], "geometry: not valid: Self-intersection"),
        (AREA, "Polygon", [], "geometry: empty"),
        (AREA, "Polygon", [[]], "geometry: empty"),
        (AREA, "Polygon", [SQUARE[:4]], "geometry: the ring is not closed"),
        (AREA, "Polygon", [SWAPPED], "geometry: point 0 [29.9, 121.6] lies outside"),
        (AREA, "Polygon", [[*SQUARE[:2], [121.7, None], SQUARE[0]]], "geometry: point 2 is not [lon, lat]"),
        (AREA, "LineString", LINE, "geometry: a barred_area cannot be a LineString"),
        (without(AREA, "kind"), "Polygon", [SQUARE], "kind: missing"),
        (AREA | {"kind": "wall"}, "Polygon", [SQUARE], "kind: must be one of"),
        (AREA | {"fence_id": "区一"}, "Polygon", [SQUARE], "fence_id: must be 1 to 32"),
        (AREA | {"fence_id": "x" * 33}, "Polygon", [SQUARE], "fence_id: must be 1 to 32"),
        (AREA | {"name": 7}, "Polygon", [SQUARE], "name: must be a text"),
        (AREA | {"loaded_only": "yes"}, "Polygon", [SQUARE], "loaded_only: must be true or false"),
        (AREA | {"hazard_classes": ["3", "12"]}, "Polygon", [SQUARE], "unknown hazard class ['12']"),
        (AREA | {"hours": "25:00-26:00"}, "Polygon", [SQUARE], "hours"),
        (AREA | {"weekdays": [0]}, "Polygon", [SQUARE], "weekdays must be of 1"),
        (AREA | {"valid_from": "2025-01-01"}, "Polygon", [SQUARE], "valid_from: must be an ISO 8601 time"),
        (AREA | {"valid_to": "2024-01-01T00:00:00Z"}, "Polygon", [SQUARE], "valid_to: not after valid_from"),
        (AREA | {"speed_limit": 60}, "Polygon", [SQUARE], "speed_limit: no such field"),
        (AREA | {"half_width_m": 5}, "Polygon", [SQUARE], "half_width_m: only a line has one"),
        (without(ROAD, "half_width_m"), "LineString", LINE, "half_width_m: missing for a designated_road"),
        (without(ROAD, "lanes"), "LineString", LINE, "lanes: missing for a designated_road"),
        (ROAD | {"lanes": {"count": 2, "designated": 3}}, "LineString", LINE, "designated must be a lane"),
        (ROAD | {"half_width_m": -1}, "LineString", LINE, "half_width_m: must be a number greater than 0"),
        (ROAD | {"half_width_m": True}, "LineString", LINE, "half_width_m: must be a number greater than 0"),
    ],
)
def test_each_fault_of_a_fence_is_named(
    properties: dict[str, Any], kind: str, coordinates: Any, fault: str
) -> None:
    faults = faults_of(feature(properties, kind, coordinates))
    assert any(fault in each and each.startswith("feature 0") for each in faults), faults


@pytest.mark.parametrize("datum", [None, "WGS84", 4326])
def test_a_datum_that_is_missing_or_unknown_is_a_fault(datum: object) -> None:
    assert faults_of(feature(AREA, "Polygon", [SQUARE]), datum=datum)[0].startswith("datum: must be one of")


def test_all_faults_are_listed_and_nothing_is_loaded() -> None:
    good = feature(AREA, "Polygon", [SQUARE])
    bad = feature(without(ROAD, "kind") | {"lanes": 3}, "Polygon", [BOW_TIE])
    faults = faults_of(good, bad, good, "nonsense", datum="x")
    assert len(faults) == 6, faults
    assert "feature 2 (a): fence_id: same id and valid_from as feature 0" in faults


def test_a_second_version_of_a_fence_is_no_fault() -> None:
    later = AREA | {"valid_from": "2026-01-01T00:00:00+08:00"}
    assert not faults_of(feature(AREA, "Polygon", [SQUARE]), feature(later, "Polygon", [SQUARE]))


def test_both_files_are_refused_together_with_every_fault(tmp_path: Path) -> None:
    save_world(make_world(3, 1, AT), tmp_path)
    tables = json.loads((tmp_path / "registry.json").read_bytes())
    tables["vehicles"][0]["vehicle_id"] = "浙B1"
    tables["vehicles"][1]["hazard_classes"] = ["3", "99"]
    tables["waybills"][0]["quantity_t"] = "much"
    tables["waybills"][1]["valid_to"] = "2020-01-01T00:00:00Z"
    tables["waybills"][2] |= {"waybill_no": tables["waybills"][3]["waybill_no"], "colour": "red"}
    del tables["permits"][0]["permit_no"]
    tables["permits"][1]["hours"] = "soon"
    tables["trailers"] = []
    (tmp_path / "registry.json").write_text(json.dumps(tables))
    fences = json.loads((tmp_path / "fences.geojson").read_bytes())
    del fences["datum"]
    (tmp_path / "fences.geojson").write_text(json.dumps(fences))
    with pytest.raises(WorldError) as refused:
        load_world(tmp_path)
    text = "\n".join(refused.value.faults)
    for part in ("datum", "vehicles[0]", "vehicles[1]", "waybills[0] ", "quantity_t", "waybills[1]",
                 "valid_to", "colour: no such field", "waybill_no: same as row", "permit_no: missing",
                 "hours must look like", "trailers: no such table"):  # fmt: skip
        assert part in text
    assert len(refused.value.faults) == 10, text


def test_a_missing_and_an_unreadable_file_are_named(tmp_path: Path) -> None:
    (tmp_path / "registry.json").write_text("{")
    with pytest.raises(WorldError, match=r"fences\.geojson: No such file") as refused:
        load_world(tmp_path)
    assert "registry.json: not JSON" in str(refused.value)


def test_the_sample_world_says_that_it_is_invented() -> None:
    folder = Path(__file__).parent.parent / "sample_tracks" / "world"
    world = load_world(folder)
    for name in ("fences.geojson", "registry.json"):
        assert "illustrative, not the police's" in json.loads((folder / name).read_bytes())["note"]
    roads = [f.name for f in world.fences if f.kind is FenceKind.DESIGNATED_ROAD]
    assert {"海天路（示例）", "雄镇路（示例）", "北环快速路（示例）"} <= set(roads)
    assert all("示例" in fence.name for fence in world.fences)


def test_fences_keep_tunnels_capacities_and_holidays() -> None:
    tunnel = AREA | {"kind": "tunnel", "tunnel_category": "D", "holidays": "not"}
    park = AREA | {"fence_id": "p", "kind": "parking", "capacity": 30}
    fences, faults = read_fences(
        collection(feature(tunnel, "Polygon", [SQUARE]), feature(park, "Polygon", [SQUARE]))
    )
    assert not faults
    assert (fences[0].tunnel_category, fences[0].schedule.holidays) == ("D", Holidays.NOT)
    assert fences[1].capacity == 30
    assert read_fences(json.loads(json.dumps(fences_to_geojson(fences)))) == (fences, ())


@pytest.mark.parametrize(
    ("field", "fault"),
    [
        ({"tunnel_category": "F"}, "tunnel_category: must be one of A, B, C, D, E"),
        ({"capacity": 0}, "capacity: must be a whole number greater than 0"),
        ({"holidays": "never"}, "holidays: must be one of too, only, not"),
    ],
)
def test_new_fields_of_a_fence_are_checked(field: dict[str, Any], fault: str) -> None:
    assert any(fault in each for each in faults_of(feature(AREA | field, "Polygon", [SQUARE])))
