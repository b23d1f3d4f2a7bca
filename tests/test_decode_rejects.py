"""Bad input is data: every fault of a payload has its reason, and never is an exception."""

import json
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hazmat.position import COLUMN_TYPES
from ingest.contract import DEFAULT, Limits
from ingest.decode import decode
from ingest.faults import Reason
from ingest.message import Message
from tests.payloads import FIX, FIX_TIME, RECEIVED_AT, array, fix, message


def _in(seconds: float) -> str:
    return (RECEIVED_AT + timedelta(seconds=seconds)).isoformat()


_BAD: list[tuple[Any, Reason, str]] = [
    (b"{", Reason.NOT_JSON, ""),
    (b"\xff\x00\x13", Reason.NOT_JSON, ""),
    (b'{"a":' + b"[" * 50_000, Reason.NOT_JSON, ""),
    (b"", Reason.EMPTY, ""),
    ([fix()], Reason.WRONG_TYPE, ""),
    ("text", Reason.WRONG_TYPE, ""),
    (fix(lon="121.58"), Reason.WRONG_TYPE, "lon"),
    (fix(fix_time="yesterday"), Reason.WRONG_TYPE, "fix_time"),
    (fix(fix_time=1772409605.25), Reason.WRONG_TYPE, "fix_time"),
    (fix(valve_open=1), Reason.WRONG_TYPE, "valve_open"),
    ({"lon": 121.58, "lat": 29.98}, Reason.MISSING_FIELD, "fix_time"),
    ({"fix_time": FIX_TIME, "lat": 29.98}, Reason.MISSING_FIELD, "lon"),
    (fix(lat=None), Reason.MISSING_FIELD, "lat"),
    (fix(lon=None, status=2), Reason.MISSING_FIELD, "lon"),
    (fix(lat=float("nan")), Reason.NOT_FINITE, "lat"),
    (fix(speed_kmh=float("-inf")), Reason.NOT_FINITE, "speed_kmh"),
    (json.dumps(FIX).replace("121.58", "1e999").encode(), Reason.NOT_FINITE, "lon"),
    (fix(speed_kmh=300.5), Reason.OUT_OF_RANGE, "speed_kmh"),
    (fix(speed_kmh=-1), Reason.OUT_OF_RANGE, "speed_kmh"),
    (fix(heading_deg=361), Reason.OUT_OF_RANGE, "heading_deg"),
    (fix(accuracy_m=-1), Reason.OUT_OF_RANGE, "accuracy_m"),
    (fix(tank_level_pct=101), Reason.OUT_OF_RANGE, "tank_level_pct"),
    (fix(status=-1), Reason.OUT_OF_RANGE, "status"),
    (fix(alarm=2**32), Reason.OUT_OF_RANGE, "alarm"),
    (fix(status=2**70), Reason.OUT_OF_RANGE, "status"),
    (fix(load="half"), Reason.OUT_OF_RANGE, "load"),
    (fix(datum="WGS84"), Reason.OUT_OF_RANGE, "datum"),
    (fix(fix_time=-5), Reason.OUT_OF_RANGE, "fix_time"),
    (fix(lon=29.98, lat=121.58), Reason.LON_LAT_SWAPPED, "lon, lat"),
    (fix(lon=0, lat=0), Reason.OUTSIDE_SERVICE_AREA, "lon, lat"),
    (fix(lon=-121.58), Reason.OUTSIDE_SERVICE_AREA, "lon, lat"),
    (fix(fix_time=_in(61)), Reason.TIME_IN_FUTURE, "fix_time"),
    (fix(fix_time=_in(-30 * 86400 - 1)), Reason.TIME_TOO_OLD, "fix_time"),
    (fix(fix_time="2004-01-01T00:00:00+08:00"), Reason.TIME_TOO_OLD, "fix_time"),
    (fix(fix_time=1772409605), Reason.TIME_TOO_OLD, "fix_time"),  # seconds where milliseconds are due
    (fix(fix_time="2026-03-02T08:00:05"), Reason.TIME_WITHOUT_ZONE, "fix_time"),
    (fix(vehicle_id="V2"), Reason.BAD_VEHICLE_ID, "vehicle_id"),
    (fix(vehicle_id="浙B12345"), Reason.BAD_VEHICLE_ID, "vehicle_id"),
]

_TIMES = {Reason.TIME_IN_FUTURE, Reason.TIME_TOO_OLD}


@pytest.mark.parametrize(("payload", "reason", "field"), _BAD)
def test_each_fault_has_its_reason_and_field(payload: Any, reason: Reason, field: str) -> None:
    bad = message(payload)
    positions, rejects = decode([message(fix()), bad, message(fix())])
    sign_of_life = [1] if reason in _TIMES else []
    assert positions.message.tolist() == [0, *sign_of_life, 2]
    assert positions.has_fix.tolist() == [True, *([False] * len(sign_of_life)), True]
    assert [(reject.reason, reject.field, reject.element) for reject in rejects] == [(reason, field, -1)]
    assert rejects[0].raw == bad.payload[: DEFAULT.raw_bytes]
    assert (rejects[0].topic, rejects[0].received_at) == (bad.topic, bad.received_at)


@pytest.mark.parametrize(
    ("payload", "reason", "field"), [case for case in _BAD if not isinstance(case[0], bytes | list)]
)
def test_a_bad_element_rejects_itself_and_not_its_neighbours(
    payload: Any, reason: Reason, field: str
) -> None:
    positions, rejects = decode([array(fix(speed_kmh=1), payload, fix(speed_kmh=3))])
    assert positions.speed_kmh.tolist() == [1.0, 3.0]
    assert [(reject.reason, reject.field, reject.element) for reject in rejects] == [(reason, field, 1)]
    assert json.loads(rejects[0].raw) == payload or reason is Reason.NOT_FINITE


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        ("hazmat/v1/V1/postion", Reason.UNKNOWN_TOPIC),
        ("hazmat/v2/V1/position", Reason.UNKNOWN_TOPIC),
        ("hazmat/v1/gateway/g/position", Reason.UNKNOWN_TOPIC),
        ("hazmat/v1/浙B12345/position", Reason.BAD_VEHICLE_ID),
        ("hazmat/v1//position", Reason.BAD_VEHICLE_ID),
        (f"hazmat/v1/{'x' * 33}/position", Reason.BAD_VEHICLE_ID),
        ("owntracks/ann/my phone", Reason.BAD_VEHICLE_ID),
    ],
)
def test_topics_that_are_not_ours(topic: str, reason: Reason) -> None:
    positions, rejects = decode([message(fix(), topic)])
    assert len(positions) == 0
    assert [reject.reason for reject in rejects] == [reason]


def test_a_gateway_names_each_vehicle() -> None:
    positions, rejects = decode(
        [array(fix(), fix(vehicle_id="A"), fix(vehicle_id=""), topic="hazmat/v1/gateway/g/positions")]
    )
    assert positions.vehicle_id.tolist() == [b"A"]
    assert [(r.reason, r.element) for r in rejects] == [
        (Reason.MISSING_FIELD, 0),
        (Reason.BAD_VEHICLE_ID, 2),
    ]


def test_an_array_must_hold_something() -> None:
    rejects = decode([array(), message(fix(), "hazmat/v1/V1/positions")])[1]
    assert [reject.reason for reject in rejects] == [Reason.EMPTY, Reason.WRONG_TYPE]


def test_what_is_too_large_is_not_read_and_raw_is_cut() -> None:
    limits = Limits(payload_bytes=1000, raw_bytes=10)
    rejects = decode([message(b" " * 1001)], limits=limits)[1]
    assert [(r.reason, r.raw) for r in rejects] == [(Reason.TOO_LARGE, b" " * 10)]


def test_rejects_come_in_order_of_arrival() -> None:
    bad_late, bad_early = fix(speed_kmh=999), fix(lon="x")
    messages = [message(bad_late), array(fix(), bad_late, bad_early), message(bad_early)]
    rejects = decode(messages)[1]
    assert [(reject.topic[-1], reject.element) for reject in rejects] == [
        ("n", -1),
        ("s", 1),
        ("s", 2),
        ("n", -1),
    ]


def test_texts_of_a_reject_can_be_stored_anywhere() -> None:
    bad = message(fix(load="a\x00\nb"))
    reject = decode([Message("hazmat/v1/a\x00\u2028b/position", bad.received_at, bad.payload), bad])[1]
    assert all(text.isprintable() for r in reject for text in (r.topic, r.field, r.detail))


_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
_JSON = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = st.sampled_from([*COLUMN_TYPES, "datum", "_type", "tst", "vel"])
_MUTATED = st.builds(lambda fields: fix(**fields), st.dictionaries(_FIELDS, _JSON, max_size=4))
_TOPICS = st.sampled_from(
    ["hazmat/v1/V1/position", "hazmat/v1/V1/positions", "hazmat/v1/gateway/g/positions", "owntracks/u/d"]
) | st.text(max_size=20)
_CUT = st.builds(lambda value, end: json.dumps(value).encode()[:end], _MUTATED, st.integers(0, 200))
_PAYLOADS = (
    st.binary(max_size=60)
    | _CUT
    | (_JSON | _MUTATED | st.lists(_MUTATED, max_size=4)).map(lambda value: json.dumps(value).encode())
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(_TOPICS, _PAYLOADS), max_size=4))
def test_no_bytes_raise_and_all_rows_are_sound(said: list[tuple[str, bytes]]) -> None:
    messages = [Message(topic, RECEIVED_AT, payload) for topic, payload in said]
    positions, rejects = decode(messages)
    assert {name: column.dtype for name, column in positions.columns().items()} == COLUMN_TYPES
    assert len({len(column) for column in positions.columns().values()}) == 1
    assert not (positions.vehicle_id == b"").any()
    fixed = positions.take(positions.has_fix)
    assert ((fixed.lon >= 72) & (fixed.lon <= 137) & (fixed.lat >= 2) & (fixed.lat <= 55)).all()
    assert {reject.reason for reject in rejects} <= set(Reason)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(_TOPICS, _PAYLOADS), max_size=6), st.integers(0, 6))
def test_a_batch_decodes_as_its_parts_do(said: list[tuple[str, bytes]], cut: int) -> None:
    messages = [Message(topic, RECEIVED_AT, payload) for topic, payload in said]
    whole, rejects = decode(messages)
    first, second = decode(messages[:cut]), decode(messages[cut:], first_message=len(messages[:cut]))
    assert rejects == first[1] + second[1]
    parts = type(whole).concat([first[0], second[0]])
    for name, column in whole.columns().items():
        assert column.tobytes() == getattr(parts, name).tobytes(), name


def test_a_fix_refused_for_its_time_is_a_sign_of_life_at_the_time_it_came() -> None:
    ahead = fix(fix_time=_in(120), speed_kmh=43, alarm=1)
    positions, rejects = decode([message(ahead)], first_message=5)
    assert [reject.reason for reject in rejects] == [Reason.TIME_IN_FUTURE]
    assert positions.fix_time.tolist() == positions.received_at.tolist()
    assert positions.clock_off_s.tolist() == [120.0]
    assert (positions.has_fix[0], positions.message[0]) == (False, 5)
    assert (positions.speed_kmh[0], positions.alarm[0]) == (43.0, 1)


def test_a_message_is_one_sign_of_life_of_each_vehicle_and_none_where_a_good_fix_is_one() -> None:
    wrong, good = fix(fix_time=_in(120)), fix()
    topic = "hazmat/v1/gateway/g/positions"
    said = array(
        {**wrong, "vehicle_id": "A"},
        {**wrong, "vehicle_id": "A", "fix_time": _in(150)},
        {**wrong, "vehicle_id": "B"},
        {**good, "vehicle_id": "B"},
        topic=topic,
    )
    positions, rejects = decode([said])
    assert len(rejects) == 3
    assert positions.vehicle_id.tolist() == [b"A", b"B"]
    assert positions.clock_off_s[0] == 150.0
    assert np.isnan(positions.clock_off_s[1])


def test_a_fix_wrong_in_more_than_its_time_is_no_sign_of_life() -> None:
    positions, rejects = decode([message(fix(fix_time=_in(120), lon=0, lat=0))])
    assert len(positions) == 0
    assert [reject.reason for reject in rejects] == [Reason.OUTSIDE_SERVICE_AREA]
