"""The contract with terminals: what a good payload becomes."""

from typing import Any

import numpy as np
import pytest

from hazmat.coordinates import wgs_to_gcj
from hazmat.position import COLUMN_TYPES, Load, Positions
from ingest.decode import decode
from ingest.message import Message
from tests.payloads import FIX_TIME, array, fix, message

_FULL = fix(
    speed_kmh=43.5,
    heading_deg=359.9,
    accuracy_m=5,
    altitude_m=-3.5,
    satellites=14,
    mileage_km=12345.6,
    alarm=1,
    status=0x302,
    load="part",
    tank_level_pct=61.5,
    tank_temp_c=-33,
    tank_pressure_kpa=101.3,
    valve_open=True,
)


def _good(*messages: Message, first_message: int = 0) -> Positions:
    positions, rejects = decode(messages, first_message)
    assert rejects == []
    return positions


def _time(text: str) -> np.datetime64:
    return np.datetime64(text, "ms")


def test_all_fields_reach_their_columns() -> None:
    positions = _good(message(_FULL))
    assert {name: column.dtype for name, column in positions.columns().items()} == COLUMN_TYPES
    row = {name: column[0] for name, column in positions.columns().items()}
    assert row.pop("vehicle_id") == b"V1"
    assert row.pop("fix_time") == _time("2026-03-02T00:00:05.250")
    assert row.pop("received_at") == _time("2026-03-02T00:00:10")
    assert row.pop("message") == 0
    assert row.pop("has_fix")
    assert row.pop("load") == Load.PART
    assert row.pop("valve_open") == 1.0
    assert np.isnan(row.pop("clock_off_s"))
    assert row == {name: _FULL[name] for name in row}


def test_what_is_missing_or_null_is_nan_or_minus_one() -> None:
    optional = set(_FULL) - {"fix_time", "lon", "lat"}
    positions = _good(message(fix()), message(fix(**dict.fromkeys(optional))))
    for name in optional:
        column = getattr(positions, name)
        assert (np.isnan(column) if column.dtype.kind == "f" else column == -1).all(), name
    assert positions.has_fix.all()


@pytest.mark.parametrize(
    "said",
    [
        FIX_TIME,
        "2026-03-02T00:00:05.25Z",
        "2026-03-02 00:00:05.250+00:00",
        "2026-03-01T19:00:05.250-05:00",
        1772409605250,
    ],
)
def test_a_time_has_an_offset_or_is_in_epoch_milliseconds(said: Any) -> None:
    assert _good(message(fix(fix_time=said))).fix_time[0] == _time("2026-03-02T00:00:05.250")


def test_arrays_keep_order_and_count_messages() -> None:
    positions = _good(
        message(fix()),
        array(fix(speed_kmh=1), fix(speed_kmh=2)),
        array(fix(vehicle_id="B"), fix(vehicle_id="A"), topic="hazmat/v1/gateway/g7/positions"),
        first_message=10,
    )
    assert positions.vehicle_id.tolist() == [b"V1", b"V1", b"V1", b"B", b"A"]
    assert positions.message.tolist() == [10, 11, 11, 12, 12]
    assert positions.speed_kmh[1:3].tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("fields", "load"),
    [
        ({"status": 0x002}, Load.EMPTY),
        ({"status": 0x102}, Load.PART),
        ({"status": 0x202}, Load.UNKNOWN),
        ({"status": 0x302}, Load.FULL),
        ({"status": 0x302, "load": "empty"}, Load.EMPTY),
        ({"load": "full"}, Load.FULL),
        ({}, Load.UNKNOWN),
    ],
)
def test_load_comes_from_its_field_else_from_the_status_word(fields: dict[str, Any], load: Load) -> None:
    assert _good(message(fix(**fields))).load[0] == load


@pytest.mark.parametrize(
    "fields",
    [
        {"status": 0x301},  # bit 1 clear: not positioned
        {"status": 0x322},  # bit 5: coordinates encrypted
        {"status": 0, "lon": None, "lat": None},
        {"status": 0, "lon": 0, "lat": 0},
        {"satellites": 0, "lon": 0, "lat": 0},
        {"status": 1, "lon": 29.98, "lat": 121.58},
    ],
)
def test_without_a_gnss_fix_the_row_is_kept_and_says_so(fields: dict[str, Any]) -> None:
    positions = _good(message(fix(**fields)))
    assert not positions.has_fix[0]
    stale = positions.lon[0] == 121.58 and positions.lat[0] == 29.98
    assert stale or (np.isnan(positions.lon[0]) and np.isnan(positions.lat[0]))


def test_each_message_has_its_own_datum() -> None:
    lon, lat = wgs_to_gcj(np.array([121.58]), np.array([29.98]))
    shifted = {"lon": float(lon[0]), "lat": float(lat[0])}
    positions = _good(
        message(fix(datum="GCJ-02", **shifted)),
        message(fix(datum="WGS-84")),
        message(fix(datum="CGCS2000")),
        message(fix(datum="BD-09")),
    )
    assert positions.lon[:3] == pytest.approx([121.58] * 3, abs=1e-7)
    assert positions.lat[:3] == pytest.approx([29.98] * 3, abs=1e-7)
    assert abs(positions.lon[3] - 121.58) > 0.005  # BD-09 lies about a kilometre off


def test_a_vehicle_may_name_itself_on_its_own_topic() -> None:
    assert _good(message(fix(vehicle_id="V1", anything={"else": [1]}))).vehicle_id[0] == b"V1"


def test_nothing_gives_empty_columns() -> None:
    assert len(_good()) == 0
    assert _good().fix_time.dtype == COLUMN_TYPES["fix_time"]
