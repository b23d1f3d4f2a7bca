"""Payloads as terminals send them, for the tests of the wire."""

import json
from datetime import UTC, datetime
from typing import Any

from ingest.message import Message

RECEIVED_AT = datetime(2026, 3, 2, 0, 0, 10, tzinfo=UTC)
FIX_TIME = "2026-03-02T08:00:05.250+08:00"
FIX = {"fix_time": FIX_TIME, "lon": 121.58, "lat": 29.98}


def fix(**fields: Any) -> dict[str, Any]:
    """A good fix with some fields set or replaced."""
    return {**FIX, **fields}


def message(payload: Any, topic: str = "hazmat/v1/V1/position") -> Message:
    """The payload, as JSON unless it is bytes, on a topic."""
    return Message(
        topic, RECEIVED_AT, payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    )


def array(*elements: Any, topic: str = "hazmat/v1/V1/positions") -> Message:
    """An array of fixes."""
    return message(list(elements), topic)
