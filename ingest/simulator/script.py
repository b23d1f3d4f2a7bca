"""A small language for scripted tracks: what one truck does, leg by leg, and what its terminal reports.

``Drive().at("trunk", km=3).go(kmh=75, minutes=3).stop(minutes=2)`` is a whole track. Every leg covers the
seconds since the one before it; the terminal reports every ``interval_s``, with a small error that is the
same each time. Roads are those of the scripted town; at a road's end the truck turns round.
"""

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from shapely.geometry import LineString, Point

from ingest.simulator.scripted.terminal import Moment, Report, ScriptedTerminal
from ingest.simulator.scripted.town import ROADS_BY_ID

_FAR_M = 90_000.0
_HAIR_M = 1e-3  # short of a line's end, so that the truck is not yet on its way back


class Drive:
    """A truck's track, written down as it goes. Every method returns the drive itself.

    ``error_m`` is the receiver's sigma on each axis, ``accuracy_m`` what it claims; ``datum`` and ``times``
    (utc, local, epoch) are how positions and times are written. ``brief``: only the fields that must be
    there. ``start_s``: the first report, in seconds of the script.
    """

    def __init__(
        self, interval_s: float = 10.0, error_m: float = 1.5, accuracy_m: float = 5.0, start_s: float = 0.0,
        datum: str = "WGS-84", times: str = "utc", *, brief: bool = False,
    ) -> None:  # fmt: skip
        self.interval_s = interval_s
        self.datum, self.times = datum, times
        self._terminal = ScriptedTerminal(error_m, accuracy_m, brief)
        self._now_s = self._due_s = start_s
        self._line = LineString([(0, 0), (1, 0)])
        self._gone_m = self._right_m = 0.0

    @property
    def reports(self) -> Sequence[Report]:
        """What the terminal sends."""
        return self._terminal.reports

    # where

    def at(self, road: str, km: float, *, back: bool = False, lane: int = 0) -> Self:
        """On a road so many km from its start, facing its end (``back``: its start), in a lane."""
        way = ROADS_BY_ID[road]
        self._line, self._right_m = way.line, way.lane_m(lane)
        self._gone_m = 2 * self._line.length - km * 1000 if back else km * 1000
        return self

    def at_xy(self, x_m: float, y_m: float, heading_deg: float = 90.0) -> Self:
        """Anywhere, in metres from the town's corner."""
        east, north = np.sin(np.radians(heading_deg)), np.cos(np.radians(heading_deg))
        self._line = LineString([(x_m, y_m), (x_m + _FAR_M * east, y_m + _FAR_M * north)])
        self._gone_m = self._right_m = 0.0
        return self

    def turn(self, road: str, *, back: bool = False, lane: int = 0) -> Self:
        """Into a road that is met here."""
        km = ROADS_BY_ID[road].line.project(Point(self._here())) / 1000
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
        return self.at_xy(x_m, y_m, self._moment(0.0).heading_deg)

    # legs

    def go(self, kmh: float, minutes: float = 0.0, *, km: float = 0.0) -> Self:
        """At a steady speed, for so long or so far."""
        return self._leg(minutes * 60 or km * 3600 / kmh, kmh)

    def creep(self, kmh: float, minutes: float) -> Self:
        """Slowly forward, as in a queue."""
        return self.go(kmh, minutes)

    def stop(self, minutes: float) -> Self:
        """Standing."""
        return self._leg(minutes * 60, 0.0)

    def along(self, *points_m: tuple[float, float], kmh: float) -> Self:
        """From here through these points (metres from the corner), off any road."""
        self._line = LineString([self._here(), *points_m])
        self._gone_m = self._right_m = 0.0
        self._leg(self._line.length * 3.6 / kmh, kmh)
        self._gone_m = self._line.length - _HAIR_M
        return self

    def silent(self, minutes: float, kmh: float = 0.0) -> Self:
        """The terminal sends nothing; the truck may go on."""
        return self._leg(minutes * 60, kmh, lambda moment: None)

    def no_fix(self, minutes: float, kmh: float = 0.0) -> Self:
        """The terminal lives, but has no GNSS fix: it repeats the last position and says so."""
        before = self._terminal.lose_fix(self._here())
        self._leg(minutes * 60, kmh)
        self._terminal.restore(before)
        return self

    def late(self, minutes: float, kmh: float = 0.0, *, after_s: float = 0.0) -> Self:
        """Out of coverage: what was taken meanwhile comes as one array, out of order.

        It comes at the end of the leg, or so many seconds after it, behind newer fixes.
        """
        first = len(self.reports)
        self._leg(minutes * 60, kmh)
        self._terminal.send_late(first, self._now_s + after_s)
        return self

    def ramp(self, name: str, start: float, end: float, minutes: float, kmh: float = 0.0) -> Self:
        """A field runs evenly from one value to another on this leg, and keeps the last."""
        began_s, span_s = self._now_s, minutes * 60

        def report(moment: Moment) -> None:
            part = (moment.at_s - began_s) / span_s
            self.set(**{name: round(start + (end - start) * part, 2)})
            self._terminal.report(moment)

        self._leg(span_s, kmh, report)
        return self.set(**{name: end})

    # what the terminal says

    def set(self, **fields: Any) -> Self:
        """Fields of every report from now on (docs/mqtt.md); None: as it would be by itself."""
        self._terminal.set(fields)
        return self

    def every(self, seconds: float) -> Self:
        """The terminal reports now, and from then on at this interval."""
        self.interval_s, self._due_s = seconds, self._now_s
        return self

    def clock(self, offset_s: float) -> Self:
        """The device's clock is wrong by so much from now on."""
        self._terminal.offset_s = offset_s
        return self

    def freeze_clock(self, *, thaw: bool = False) -> Self:
        """The device repeats the time that it is now, until it thaws."""
        self._terminal.clock_s = None if thaw else self._now_s
        return self

    def freeze_position(self, *, thaw: bool = False) -> Self:
        """The device repeats the position that it has now, to the last digit, until it thaws."""
        self._terminal.spot = None if thaw else self._here()
        return self

    def duplicate(self) -> Self:
        """The last report once more, as after an acknowledgement that got lost."""
        self._terminal.repeat()
        return self

    # how

    def _leg(self, seconds: float, kmh: float, report: Callable[[Moment], None] | None = None) -> Self:
        began_s, began_m, end_s = self._now_s, self._gone_m, self._now_s + seconds
        while self._due_s < end_s - 1e-6:
            self._now_s, self._gone_m = self._due_s, began_m + (self._due_s - began_s) * kmh / 3.6
            (report or self._terminal.report)(self._moment(kmh))
            self._due_s += self.interval_s
        self._now_s, self._gone_m = end_s, began_m + seconds * kmh / 3.6
        return self

    def _here(self) -> tuple[float, float]:
        moment = self._moment(0.0)
        return moment.x_m, moment.y_m

    def _moment(self, kmh: float) -> Moment:
        """Now; beyond a line's end the way leads back."""
        length = self._line.length
        gone = self._gone_m % (2 * length)
        back = gone >= length
        here = 2 * length - gone if back else gone
        start = max(min(here, length - _HAIR_M) - _HAIR_M, 0.0)
        (x0, y0), (x1, y1) = (self._line.interpolate(m).coords[0] for m in (start, start + _HAIR_M))
        heading = np.arctan2(x1 - x0, y1 - y0) + (np.pi if back else 0.0)
        east, north = float(np.sin(heading)), float(np.cos(heading))
        point, right = self._line.interpolate(here), self._right_m
        degrees = float(np.degrees(heading)) % 360.0
        return Moment(self._now_s, point.x + north * right, point.y - east * right, degrees, kmh)
