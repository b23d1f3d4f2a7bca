"""MQTT messages in, columns and rejects out: the first stage of the flow. Never raises for any bytes."""

from collections.abc import Sequence
from dataclasses import replace

import msgspec
import numpy as np

from hazmat.clock import to_ms
from hazmat.outcome import Reject
from hazmat.position import Positions
from ingest.checks import describe, first_faults, inside, time_refused
from ingest.contract import DEFAULT, Fix, Limits
from ingest.faults import UNREADABLE, Fault, Reason, fault_of, lenient_elements, printable
from ingest.fixes import Columns, Gathered, in_wgs84, to_columns
from ingest.message import Message
from ingest.owntracks import read_owntracks
from ingest.signs_of_life import signs_of_life, with_our_time
from ingest.topics import Kind, Route, route

_fix = msgspec.json.Decoder(Fix)
_fixes = msgspec.json.Decoder(list[Fix])
_elements = msgspec.json.Decoder(list[msgspec.Raw])
_TOPIC_CHARS = 256


def decode(
    messages: Sequence[Message], first_message: int = 0, limits: Limits = DEFAULT
) -> tuple[Positions, list[Reject]]:
    """Fixes of all messages in order of arrival, WGS-84, and what could not be read as one.

    `message` of a row is `first_message` plus the place of its message in the sequence. Docs: docs/mqtt.md.
    """
    reading = _Reading(messages, limits)
    for index, message in enumerate(messages):
        reading.read(index, message)
    positions = reading.believed(first_message)
    return positions, reading.in_order()


class _Reading:
    """One call of `decode`: what was gathered so far."""

    def __init__(self, messages: Sequence[Message], limits: Limits) -> None:
        self.messages = messages
        self.limits = limits
        self.gathered = Gathered()
        self.rejects: list[tuple[int, Reject]] = []
        self.split: dict[int, list[bytes]] = {}

    def read(self, index: int, message: Message) -> None:
        """One message's fixes and faults."""
        way = route(message.topic)
        payload = message.payload
        if fault := way.fault or self._fault_of_size(payload):
            self._reject(index, -1, fault, payload)
            return
        try:
            if way.kind is Kind.POSITION:
                self.gathered.add(_fix.decode(payload), index, -1, way.vehicle_id)
            elif way.kind is Kind.OWNTRACKS:
                self._read_owntracks(index, payload, way)
            elif fixes := _fixes.decode(payload):
                self.gathered.extend(fixes, index, way.vehicle_id)
            else:
                self._reject(index, -1, Fault(Reason.EMPTY, "", "an array without elements"), payload)
        except UNREADABLE as error:
            self._read_bad(index, payload, way, error)

    def _fault_of_size(self, payload: bytes) -> Fault | None:
        size = len(payload)
        if 0 < size <= self.limits.payload_bytes:
            return None
        if not size:
            return Fault(Reason.EMPTY, "", "a payload without bytes")
        return Fault(Reason.TOO_LARGE, "", f"{size} bytes, at most {self.limits.payload_bytes} are read")

    def _read_owntracks(self, index: int, payload: bytes, way: Route) -> None:
        if payload.lstrip()[:1] == b"[":
            self._read_each(index, _elements.decode(payload), way)
        elif fix := read_owntracks(payload):
            self.gathered.add(fix, index, -1, way.vehicle_id)

    def _read_bad(self, index: int, payload: bytes, way: Route, error: Exception) -> None:
        """What was refused as a whole: of an array each element by itself, so that a bad one stands alone."""
        elements = [] if way.kind is Kind.POSITION else elements_of(payload)
        if elements:
            self._read_each(index, elements, way)
        else:
            self._reject(index, -1, fault_of(error, payload), payload)

    def _read_each(self, index: int, elements: Sequence[bytes | msgspec.Raw], way: Route) -> None:
        read = read_owntracks if way.kind is Kind.OWNTRACKS else _fix.decode
        for place, element in enumerate(elements):
            raw = bytes(element)
            try:
                if fix := read(raw):
                    self.gathered.add(fix, index, place, way.vehicle_id)
            except UNREADABLE as error:
                self._reject(index, place, fault_of(error, raw), raw)

    def believed(self, first_message: int) -> Positions:
        """The gathered fixes without those that a check refuses (which become rejects).

        Of one that is refused for its time alone a row stays as a sign of life.
        """
        if not self.gathered.fixes:
            return Positions.empty()
        received_ms = np.fromiter((to_ms(m.received_at) for m in self.messages), np.int64, len(self.messages))
        columns = to_columns(self.gathered, received_ms, first_message)
        faults, checks = first_faults(columns, self.limits)
        for row in np.flatnonzero(faults >= 0).tolist():
            self._reject_row(row, describe(checks[faults[row]], columns.positions, row))
        positions = self._in_wgs84(columns)
        if (faults < 0).all():
            return positions
        lives = signs_of_life(positions, faults < 0, time_refused(faults, checks))
        return with_our_time(positions, lives).take((faults < 0) | lives)

    def _in_wgs84(self, columns: Columns) -> Positions:
        lon, lat = in_wgs84(columns)
        fixes = columns.positions
        nowhere = ~fixes.has_fix & ~inside(lon, lat, self.limits)
        return replace(fixes, lon=np.where(nowhere, np.nan, lon), lat=np.where(nowhere, np.nan, lat))

    def _reject_row(self, row: int, fault: Fault) -> None:
        index, element = self.gathered.message[row], self.gathered.element[row]
        raw = self.messages[index].payload
        if element >= 0:
            if index not in self.split:
                self.split[index] = elements_of(raw)
            raw = self.split[index][element]
        self._reject(index, element, fault, raw)

    def _reject(self, index: int, element: int, fault: Fault, raw: bytes) -> None:
        message = self.messages[index]
        reject = Reject(
            received_at=message.received_at,
            topic=printable(message.topic, _TOPIC_CHARS),
            element=element,
            reason=fault.reason,
            field=fault.field,
            detail=fault.detail,
            raw=raw[: self.limits.raw_bytes],
        )
        self.rejects.append((index, reject))

    def in_order(self) -> list[Reject]:
        """All rejects in order of arrival."""
        return [reject for _, reject in sorted(self.rejects, key=lambda pair: (pair[0], pair[1].element))]


def elements_of(payload: bytes) -> list[bytes]:
    """The elements of a JSON array as bytes, NaN and Infinity allowed; none where it is no array."""
    try:
        return [bytes(element) for element in _elements.decode(payload)]
    except UNREADABLE:
        return lenient_elements(payload)
