"""Why a payload, or one element of it, is no fix: a closed list of reasons, told from the error."""

import json
import re
from dataclasses import dataclass
from enum import StrEnum

from msgspec import DecodeError, ValidationError

_PATH = re.compile(r" - at `\$(?P<path>.*)`$")
_NAMED = re.compile(r"field `(\w+)`")
_DETAIL_CHARS = 200
_NOT_FINITE = object()


class Reason(StrEnum):
    """Why something was rejected; docs/mqtt.md lists the same table."""

    NOT_JSON = "not_json"
    WRONG_TYPE = "wrong_type"
    MISSING_FIELD = "missing_field"
    NOT_FINITE = "not_finite"
    OUT_OF_RANGE = "out_of_range"
    LON_LAT_SWAPPED = "lon_lat_swapped"
    OUTSIDE_SERVICE_AREA = "outside_service_area"
    TIME_IN_FUTURE = "time_in_future"
    TIME_TOO_OLD = "time_too_old"
    TIME_WITHOUT_ZONE = "time_without_zone"
    UNKNOWN_TOPIC = "unknown_topic"
    BAD_VEHICLE_ID = "bad_vehicle_id"
    TOO_LARGE = "too_large"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong and in which field ("" for the whole)."""

    reason: Reason
    field: str
    detail: str


UNREADABLE = (DecodeError, RecursionError)  # all that msgspec raises for bytes that it does not like


def printable(text: str, limit: int = _DETAIL_CHARS) -> str:
    """The text, cut, without control characters: PostgreSQL takes no NUL and a log line no line break."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text[:limit])


def fault_of(error: Exception, payload: bytes) -> Fault:
    """The fault that msgspec's error tells of; its texts are all there is to go by."""
    if isinstance(error, ValidationError):
        return _of_validation(str(error))
    if isinstance(error, DecodeError) and (field := field_not_finite(payload)) is not None:
        return Fault(Reason.NOT_FINITE, field, "NaN and Infinity are no JSON")
    return Fault(Reason.NOT_JSON, "", printable(str(error)))


def _of_validation(text: str) -> Fault:
    path = _PATH.search(text)
    named = _NAMED.search(text)
    field = named[1] if named else re.sub(r"\[[^\]]*\]", "", path["path"] if path else "").lstrip(".")
    return Fault(_reason(text), field, printable(_PATH.sub("", text)))


def _reason(text: str) -> Reason:
    if text.startswith("Object missing"):
        return Reason.MISSING_FIELD
    if "timezone component" in text:
        return Reason.TIME_WITHOUT_ZONE
    if text.startswith("Number out of range"):
        return Reason.NOT_FINITE
    if text.startswith(("Integer value out of range", "Invalid enum value")) or re.search(r" [<>]= ", text):
        return Reason.OUT_OF_RANGE
    return Reason.WRONG_TYPE


def field_not_finite(payload: bytes) -> str | None:
    """The first field whose value is NaN or Infinity, "" if it has no name; None if there is none."""
    found: list[str] = []

    def note(pairs: list[tuple[str, object]]) -> None:
        found.extend(name for name, value in pairs if value is _NOT_FINITE)

    try:
        value = json.loads(payload.decode(), parse_constant=lambda _: _NOT_FINITE, object_pairs_hook=note)
    except (ValueError, RecursionError):
        return None
    return found[0] if found else ("" if value is _NOT_FINITE else None)


def lenient_elements(payload: bytes) -> list[bytes]:
    """The elements of an array in which NaN or Infinity stands; one that is broken otherwise has none."""
    try:
        value = json.loads(payload.decode())
    except (ValueError, RecursionError):
        return []
    return [json.dumps(element).encode() for element in value] if isinstance(value, list) else []
