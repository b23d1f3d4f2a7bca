"""MQTT PUBLISH packets by the thousand: patterns, over which moments and places are written."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hazmat.clock import now, to_ms
from hazmat.columns import Floats, Ints
from hazmat.coordinates import to_lonlat
from ingest.simulator.motion import STEP_M, path_of
from ingest.simulator.roads import clean_way
from ingest.simulator.world import BASES, PLANTS

Bytes = NDArray[np.uint8]

_PUBLISH_QOS1 = 0x32
_SPEED_KMH = 50.0
_ARRAY_TOPIC = "hazmat/v1/gateway/flood/positions"
_ELEMENT = (
    '"fix_time":0000000000000,"lon":000.000000,"lat":00.000000,"speed_kmh":50.0,'
    '"heading_deg":000,"accuracy_m":5.0,"satellites":12,"load":"full"}'
)
_FIELDS = ("fix_time", "lon", "lat", "heading_deg")


@dataclass(frozen=True, slots=True)
class _Tracks:
    """Ways of the town as micro-degrees and headings, one row a way, padded by going back."""

    lon: Ints
    lat: Ints
    heading: Ints
    length: Ints

    @classmethod
    def of_town(cls) -> "_Tracks":
        paths = [path_of(clean_way(base, plant)) for base in BASES for plant in PLANTS]
        size = max(len(path.x_m) for path in paths)
        rows = [np.minimum(np.arange(size), len(path.x_m) - 1) for path in paths]
        places = [to_lonlat(path.x_m[row], path.y_m[row]) for path, row in zip(paths, rows, strict=True)]
        headings = [
            np.degrees(np.arctan2(path.east[row], path.north[row])) % 360
            for path, row in zip(paths, rows, strict=True)
        ]
        return cls(
            lon=_whole(np.array([lon for lon, _ in places]) * 1e6),
            lat=_whole(np.array([lat for _, lat in places]) * 1e6),
            heading=_whole(np.array(headings)) % 360,
            length=np.array([len(path.x_m) for path in paths], np.int64),
        )

    def at(self, vehicle: Ints, seconds: float) -> tuple[Ints, Ints, Ints]:
        """(lon, lat in micro-degrees, heading): each vehicle goes to and fro on its way."""
        way = vehicle % len(self.length)
        last = self.length[way] - 1
        step = (vehicle * 37 + int(seconds * _SPEED_KMH / 3.6 / STEP_M)) % (2 * last)
        back = step > last
        row = np.where(back, 2 * last - step, step)
        return self.lon[way, row], self.lat[way, row], (self.heading[way, row] + 180 * back) % 360


def _whole(values: Floats) -> Ints:
    return np.round(values).astype(np.int64)


class Packets:
    """PUBLISH packets of one size, one row each; moments, places and packet ids overwrite a pattern."""

    def __init__(self, vehicle_ids: Sequence[str], array: int) -> None:
        if len({len(each) for each in vehicle_ids}) != 1:
            raise ValueError("a flood needs vehicle ids of one length")
        self.count = len(vehicle_ids)
        self.array = array
        self._tracks = _Tracks.of_town()
        self._last_ms = np.zeros(self.count, np.int64)
        self._next = 0
        self._mid = 0
        self._pattern = self._patterns(vehicle_ids)

    def _patterns(self, vehicle_ids: Sequence[str]) -> Bytes:
        """One packet for each vehicle (array 1), or one element of an array."""
        rows = [self._element(each) if self.array > 1 else _alone(each) for each in vehicle_ids]
        self._at = {name: rows[0].index(f'"{name}":'.encode()) + len(name) + 3 for name in _FIELDS}
        self._mid_at = rows[0].index(b"{") - 2
        return np.frombuffer(b"".join(rows), np.uint8).reshape(self.count, -1)

    @staticmethod
    def _element(vehicle_id: str) -> bytes:
        return f'{{"vehicle_id":"{vehicle_id}",{_ELEMENT}'.encode()

    def take(self, messages: int, seconds: float) -> Bytes:
        """So many packets, stamped with the present moment, one row each."""
        rows = (self._next + np.arange(messages * self.array)) % self.count
        self._next = int(rows[-1] + 1) % self.count
        made = self._pattern[rows]
        # Strictly later than the vehicle's last one, also where it stands in a burst more than once.
        turn = np.arange(len(rows)) // self.count
        moment = np.maximum(to_ms(now()), self._last_ms[rows] + 1) + turn
        self._last_ms[rows] = moment
        lon, lat, heading = self._tracks.at(rows, seconds)
        _write(made, self._at["fix_time"], moment, 13)
        _write(made, self._at["lon"], lon // 10**6, 3)
        _write(made, self._at["lon"] + 4, lon % 10**6, 6)
        _write(made, self._at["lat"], lat // 10**6, 2)
        _write(made, self._at["lat"] + 3, lat % 10**6, 6)
        _write(made, self._at["heading_deg"], heading, 3)
        _blank_zeros(made, self._at["heading_deg"])
        return self._numbered(made if self.array == 1 else self._joined(made, messages))

    def _joined(self, elements: Bytes, messages: int) -> Bytes:
        width = elements.shape[1] + 1
        body = np.full((messages, self.array, width), ord(","), np.uint8)
        body[:, :, 1:] = elements.reshape(messages, self.array, -1)
        body[:, 0, 0] = ord("[")
        head = np.frombuffer(_head(_ARRAY_TOPIC, self.array * width + 1), np.uint8)
        self._mid_at = len(head) - 2
        packets = np.empty((messages, len(head) + self.array * width + 1), np.uint8)
        packets[:, : len(head)] = head
        packets[:, len(head) : -1] = body.reshape(messages, -1)
        packets[:, -1] = ord("]")
        return packets

    def _numbered(self, packets: Bytes) -> Bytes:
        mids = (self._mid + np.arange(len(packets))) % 65_535 + 1
        self._mid = int(mids[-1])
        packets[:, self._mid_at] = mids >> 8
        packets[:, self._mid_at + 1] = mids & 255
        return packets


def _alone(vehicle_id: str) -> bytes:
    body = f"{{{_ELEMENT}".encode()
    return _head(f"hazmat/v1/{vehicle_id}/position", len(body)) + body


def _head(topic: str, body_bytes: int) -> bytes:
    """A PUBLISH packet with QoS 1 up to its packet id (left 0)."""
    name = topic.encode()
    return (
        bytes([_PUBLISH_QOS1])
        + size_bytes(2 + len(name) + 2 + body_bytes)
        + len(name).to_bytes(2, "big")
        + name
        + b"\0\0"
    )


def size_bytes(remaining: int) -> bytes:
    """Remaining length of an MQTT packet as the protocol writes it."""
    out = bytearray()
    while True:
        remaining, low = divmod(remaining, 128)
        out.append(low | (128 if remaining else 0))
        if not remaining:
            return bytes(out)


def _write(rows: Bytes, at: int, values: Ints, digits: int) -> None:
    """Decimal digits of non-negative numbers, with leading zeros."""
    powers = 10 ** np.arange(digits - 1, -1, -1)
    rows[:, at : at + digits] = values[:, None] // powers % 10 + ord("0")


def _blank_zeros(rows: Bytes, at: int) -> None:
    """Leading zeros of three digits become spaces, which JSON wants."""
    no_hundreds = rows[:, at] == ord("0")
    rows[no_hundreds & (rows[:, at + 1] == ord("0")), at + 1] = ord(" ")
    rows[no_hundreds, at] = ord(" ")
