"""A small language for scripted tracks: what one truck does, leg by leg, and what its terminal reports.

``Drive().at("trunk", km=3).go(kmh=75, minutes=3).stop(minutes=2)`` is a whole track. Every leg covers the
seconds since the one before it; the terminal reports every ``interval_s``, with a small error that is the
same each time. Roads are those of the scripted town; at a road's end the truck turns round.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from shapely.geometry import LineString, Point

from ingest.simulator.scripted.town import ROADS_BY_ID

ARRIVES_AFTER_S = 1.0
_CORRELATION_S = 60.0
_POSITIONED = 1 << 1
_STATUS = {"empty": 0x003, "part": 0x103, "full": 0x303}  # JT/T 808: engine on, positioned, load


@dataclass(frozen=True, slots=True)
class Report:
    """One fix as sent: the device's time, when it came in, where (metres), and all other fields.

    Reports of one ``burst`` (not -1) came in one array, in the order in which they stand.
    """

    at_s: float
    received_s: float
    x_m: float
    y_m: float
    fields: Mapping[str, Any]
    burst: int = -1


@dataclass(slots=True)
class Drive:
    """A truck's track, written down as it goes; ``reports`` is what its terminal sends.

    ``error_m`` is the receiver's sigma on each axis, ``accuracy_m`` what it claims. Every method returns the
    drive itself.
    """

    interval_s: float = 10.0
    error_m: float = 1.5
    accuracy_m: float = 5.0
    start_s: float = 0.0
    datum: str = "WGS-84"
    brief: bool = False
    reports: list[Report] = field(default_factory=list)
    _now_s: float = field(init=False)
    _due_s: float = field(init=False)
    _line: LineString = field(default_factory=lambda: LineString([(0, 0), (1, 0)]))
    _gone_m: float = 0.0
    _right_m: float = 0.0
    _fields: dict[str, Any] = field(default_factory=dict)
    _offset_s: float = 0.0
    _clock_s: float | None = None
    _spot: tuple[float, float] | None = None
    _bursts: int = 0
    _error: np.ndarray[Any, Any] = field(default_factory=lambda: np.zeros(2))
    _rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(808))

    def __post_init__(self) -> None:
        self._now_s = self._due_s = self.start_s

    # where

    def at(self, road: str, km: float, *, back: bool = False, lane: int = 0) -> Self:
        """On a road so many km from its start, facing its end (``back``: its start), in a lane."""
        way = ROADS_BY_ID[road]
        self._line, self._right_m = way.line, way.lane_m(lane)
        self._gone_m = 2 * self._line.length - km * 1000 if back else km * 1000
        return self

    def at_xy(self, x_m: float, y_m: float, heading_deg: float = 90.0) -> Self:
        """Anywhere, in metres from the town's corner."""
        ahead = np.radians(heading_deg)
        self._line = LineString([(x_m, y_m), (x_m + 9e4 * np.sin(ahead), y_m + 9e4 * np.cos(ahead))])
        self._gone_m = self._right_m = 0.0
        return self

    def turn(self, road: str, *, back: bool = False, lane: int = 0) -> Self:
        """Into a road that is met here."""
        x_m, y_m, _ = self._place()
        km = ROADS_BY_ID[road].line.project(Point(x_m, y_m)) / 1000
        return self.at(road, km, back=back, lane=lane)

    def turn_round(self) -> Self:
        """Back the way it came, on the other side of the road."""
        self._gone_m = 2 * self._line.length - self._gone_m
        return self

    def shift(self, right_m: float) -> Self:
        """So many metres right of the road's middle from now on (negative: against the traffic)."""
        self._right_m = right_m
        return self

    def jump(self, x_m: float, y_m: float) -> Self:
        """Elsewhere in no time, as a spoofed receiver claims; the heading stays."""
        return self.at_xy(x_m, y_m, self._place()[2])

    # legs

    def go(self, kmh: float, minutes: float = 0.0, *, km: float = 0.0) -> Self:
        """At a steady speed, for so long or so far."""
        return self._leg(minutes * 60 or km * 3600 / kmh, kmh, self._emit)

    def creep(self, kmh: float, minutes: float) -> Self:
        """Slowly forward, as in a queue."""
        return self.go(kmh, minutes)

    def stop(self, minutes: float) -> Self:
        """Standing."""
        return self._leg(minutes * 60, 0.0, self._emit)

    def along(self, *points_m: tuple[float, float], kmh: float) -> Self:
        """From here through these points (metres from the corner), off any road."""
        x_m, y_m, _ = self._place()
        self._line, self._gone_m, self._right_m = LineString([(x_m, y_m), *points_m]), 0.0, 0.0
        self._leg(self._line.length * 3.6 / kmh, kmh, self._emit)
        self._gone_m = self._line.length - 1e-3  # at the last point, not yet on the way back
        return self

    def silent(self, minutes: float, kmh: float = 0.0) -> Self:
        """The terminal sends nothing; the truck may go on."""
        return self._leg(minutes * 60, kmh, lambda kmh: None)

    def no_fix(self, minutes: float, kmh: float = 0.0) -> Self:
        """The terminal lives, but has no GNSS fix: no satellites, status bit 1 clear, the last position."""
        last = self.reports[-1] if self.reports else None
        where = (last.x_m, last.y_m) if last else self._place()[:2]
        held, self._spot = self._spot, where
        before = dict(self._fields)
        status = before.get("status", _STATUS[before.get("load", "full")])
        self.set(satellites=0, status=status & ~_POSITIONED)
        self._leg(minutes * 60, kmh, self._emit)
        self._spot, self._fields = held, before
        return self

    def late(self, minutes: float, kmh: float = 0.0) -> Self:
        """Out of coverage: what was taken meanwhile comes as one array at the end, out of order."""
        first, burst = len(self.reports), self._bursts
        self._leg(minutes * 60, kmh, self._emit)
        self._bursts += 1
        taken = self.reports[first:]
        shuffled = taken[1::2][::-1] + taken[::2]
        at = self._now_s
        self.reports[first:] = [Report(r.at_s, at, r.x_m, r.y_m, r.fields, burst) for r in shuffled]
        return self

    def ramp(self, name: str, start: float, end: float, minutes: float, kmh: float = 0.0) -> Self:
        """A field runs evenly from one value to another on this leg, and keeps the last."""
        begin, span = self._now_s, minutes * 60

        def emit(speed: float) -> None:
            self.set(**{name: round(start + (end - start) * min((self._due_s - begin) / span, 1.0), 2)})
            self._emit(speed)

        self._leg(span, kmh, emit)
        return self.set(**{name: end})

    # what the terminal says

    def set(self, **fields: Any) -> Self:
        """Fields of every report from now on (docs/mqtt.md); None: as it would be by itself."""
        self._fields |= fields
        self._fields = {name: value for name, value in self._fields.items() if value is not None}
        return self

    def every(self, seconds: float) -> Self:
        """The terminal reports now, and from then on at this interval."""
        self.interval_s, self._due_s = seconds, self._now_s
        return self

    def clock(self, offset_s: float) -> Self:
        """The device's clock is wrong by so much from now on."""
        self._offset_s = offset_s
        return self

    def freeze_clock(self, *, thaw: bool = False) -> Self:
        """The device repeats the time that it is now, until it thaws."""
        self._clock_s = None if thaw else self._now_s
        return self

    def freeze_position(self, *, thaw: bool = False) -> Self:
        """The device repeats the position that it has now, to the last digit, until it thaws."""
        self._spot = None if thaw else self._place()[:2]
        return self

    def duplicate(self) -> Self:
        """The last report once more, as after an acknowledgement that got lost."""
        r = self.reports[-1]
        self.reports.append(Report(r.at_s, r.received_s + 2.0, r.x_m, r.y_m, r.fields, r.burst))
        return self

    # how

    def _leg(self, seconds: float, kmh: float, emit: Callable[[float], None]) -> Self:
        end_s, began_s, began_m = self._now_s + seconds, self._now_s, self._gone_m
        while self._due_s < end_s - 1e-6:
            self._gone_m = began_m + (self._due_s - began_s) * kmh / 3.6
            emit(kmh)
            self._due_s += self.interval_s
        self._now_s, self._gone_m = end_s, began_m + seconds * kmh / 3.6
        return self

    def _place(self) -> tuple[float, float, float]:
        """(x, y, heading) now; beyond a road's end the way leads back."""
        length = self._line.length
        gone = self._gone_m % (2 * length)
        back = gone >= length
        here = 2 * length - gone if back else gone
        start = min(max(here - 0.5, 0.0), length - 1.0) if length > 1.0 else 0.0
        (x0, y0), (x1, y1) = (self._line.interpolate(m).coords[0] for m in (start, start + 1.0))
        east, north = (x0 - x1, y0 - y1) if back else (x1 - x0, y1 - y0)
        size = float(np.hypot(east, north)) or 1.0
        point = self._line.interpolate(here)
        right_x, right_y = north / size * self._right_m, -east / size * self._right_m
        heading = float(np.degrees(np.arctan2(east, north)) % 360.0)
        return point.x + right_x, point.y + right_y, heading

    def _emit(self, kmh: float) -> None:
        x_m, y_m, heading = self._place()
        east, north = self._next_error()
        if self._spot:
            (x_m, y_m), east, north = self._spot, 0.0, 0.0
        load = self._fields.get("load", "full")
        given = {
            "speed_kmh": round(float(kmh), 1), "heading_deg": round(heading) % 360,
            "accuracy_m": self.accuracy_m, "satellites": 12, "alarm": 0, "status": _STATUS[load],
            "load": load,
        }  # fmt: skip
        if self.brief:
            given = {name: given[name] for name in ("speed_kmh", "heading_deg", "accuracy_m", "load")}
        at = self._due_s if self._clock_s is None else self._clock_s
        received = self._due_s + ARRIVES_AFTER_S
        sent = {**given, **self._fields}
        self.reports.append(Report(at + self._offset_s, received, x_m + east, y_m + north, sent))

    def _next_error(self) -> tuple[float, float]:
        keep = float(np.exp(-self.interval_s / _CORRELATION_S)) if self.reports else 0.0
        fresh = self._rng.normal(0.0, 1.0, 2)
        self._error = keep * self._error + np.sqrt(1 - keep * keep) * fresh
        east, north = (self._error * self.error_m).tolist()
        return east, north
