"""The second dialect: OwnTracks."""

from typing import Any

import numpy as np
import pytest

from ingest.decode import decode
from ingest.faults import Reason
from tests.payloads import message

_TST = 1772409605
_LOCATION = {
    "_type": "location",
    "tst": _TST,
    "lat": 29.98,
    "lon": 121.58,
    "vel": 44,
    "cog": 271,
    "acc": 12,
    "alt": 7,
    "vac": 3,
    "batt": 81,
    "tid": "ab",
    "t": "p",
    "conn": "m",
    "created_at": _TST + 3,
    "inregions": ["yard"],
}


def _decoded(payload: Any, topic: str = "owntracks/fleet/truck7") -> Any:
    return decode([message(payload, topic)])


def test_a_location_in_its_units() -> None:
    positions, rejects = _decoded(_LOCATION)
    assert rejects == []
    assert positions.vehicle_id.tolist() == [b"fleet.truck7"]
    assert positions.fix_time[0] == np.datetime64("2026-03-02T00:00:05.000", "ms")
    found = [getattr(positions, name)[0] for name in ("lon", "lat", "speed_kmh", "heading_deg", "accuracy_m")]
    assert found == [121.58, 29.98, 44.0, 271.0, 12.0]
    assert positions.altitude_m[0] == 7.0
    assert positions.load[0] == -1
    assert positions.has_fix[0]


def test_a_transition_is_a_fix_too() -> None:
    said = {
        "_type": "transition",
        "tst": _TST,
        "lat": 29.98,
        "lon": 121.58,
        "acc": 9,
        "event": "enter",
        "wtst": 1,
    }
    positions, rejects = _decoded(said, "owntracks/fleet/truck7/event")
    assert (len(positions), rejects) == (1, [])


@pytest.mark.parametrize(
    "kind",
    [
        "lwt",
        "waypoint",
        "waypoints",
        "status",
        "cmd",
        "steps",
        "card",
        "beacon",
        "configuration",
        "request",
        "dump",
        "encrypted",
        "something new",
    ],
)
def test_other_types_are_ignored_whatever_they_hold(kind: str) -> None:
    positions, rejects = _decoded({"_type": kind, "tst": "not a number", "lat": []})
    assert (len(positions), rejects) == (0, [])


def test_arrays_are_read_element_by_element() -> None:
    positions, rejects = _decoded(
        [_LOCATION, {"_type": "card"}, {**_LOCATION, "lat": "x"}, {**_LOCATION, "vel": 1}]
    )
    assert positions.speed_kmh.tolist() == [44.0, 1.0]
    assert [(reject.reason, reject.field, reject.element) for reject in rejects] == [
        (Reason.WRONG_TYPE, "lat", 2)
    ]


def test_what_is_unknown_to_the_phone_is_missing() -> None:
    positions, _ = _decoded({**_LOCATION, "vel": -1, "cog": -1})
    assert np.isnan([positions.speed_kmh[0], positions.heading_deg[0]]).all()
    positions, _ = _decoded({"_type": "location", "tst": _TST, "lat": 29.98, "lon": 121.58})
    assert np.isnan([positions.speed_kmh[0], positions.accuracy_m[0], positions.altitude_m[0]]).all()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"tst": _TST * 1000}, Reason.OUT_OF_RANGE),
        ({"tst": _TST - 40 * 86400}, Reason.TIME_TOO_OLD),
        ({"lat": 121.58, "lon": 29.98}, Reason.LON_LAT_SWAPPED),
        ({"acc": -5}, Reason.OUT_OF_RANGE),
        ({"_type": 5}, Reason.WRONG_TYPE),
    ],
)
def test_faults_are_rejects(change: dict[str, Any], reason: Reason) -> None:
    positions, rejects = _decoded({**_LOCATION, **change})
    assert not positions.has_fix.any()
    assert len(positions) == (reason is Reason.TIME_TOO_OLD)  # then it is a sign of life
    assert [reject.reason for reject in rejects] == [reason]


def test_a_payload_without_type_is_refused() -> None:
    assert [reject.field for reject in _decoded({"lat": 1})[1]] == ["_type"]
