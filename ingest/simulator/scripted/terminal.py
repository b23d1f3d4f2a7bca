"""The terminal of a scripted truck: what it reports of a moment, rightly or with the faults it was told."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from hazmat.columns import Floats

ARRIVES_AFTER_S = 1.0
_REPEATED_AFTER_S = 2.0
_CORRELATION_S = 60.0
_POSITIONED = 1 << 1
_STATUS = {"empty": 0x003, "part": 0x103, "full": 0x303}  # JT/T 808: engine on, positioned, load
_NEEDED = ("speed_kmh", "heading_deg", "accuracy_m", "load")


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


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a truck really is, in metres and degrees, and how fast."""

    at_s: float
    x_m: float
    y_m: float
    heading_deg: float
    kmh: float


@dataclass(slots=True)
class ScriptedTerminal:
    """Writes ``reports``. ``error_m`` is sigma on each axis; the errors drift and are the same each time.

    ``fields`` overrule what it would say; ``clock_s`` and ``spot``: time and place that it is stuck at.
    ``brief``: only what must be there.
    """

    error_m: float
    accuracy_m: float
    brief: bool = False
    reports: list[Report] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)
    offset_s: float = 0.0
    clock_s: float | None = None
    spot: tuple[float, float] | None = None
    _bursts: int = 0
    _drift: Floats = field(default_factory=lambda: np.zeros(2))
    _last_s: float = -np.inf
    _rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(808))

    def report(self, moment: Moment) -> None:
        """Send a fix."""
        east, north = self._error(moment.at_s)
        x_m, y_m = self.spot or (moment.x_m + east, moment.y_m + north)
        at = (moment.at_s if self.clock_s is None else self.clock_s) + self.offset_s
        sent = {**self._usual(moment), **self.fields}
        self.reports.append(Report(at, moment.at_s + ARRIVES_AFTER_S, x_m, y_m, sent))

    def _usual(self, moment: Moment) -> dict[str, Any]:
        load = self.fields.get("load", "full")
        usual = {
            "speed_kmh": round(float(moment.kmh), 1), "heading_deg": round(moment.heading_deg) % 360,
            "accuracy_m": self.accuracy_m, "satellites": 12, "alarm": 0, "status": _STATUS[load],
            "load": load,
        }  # fmt: skip
        return {name: usual[name] for name in _NEEDED} if self.brief else usual

    def _error(self, at_s: float) -> tuple[float, float]:
        keep = float(np.exp(-(at_s - self._last_s) / _CORRELATION_S))
        self._drift = keep * self._drift + np.sqrt(1 - keep * keep) * self._rng.normal(0.0, 1.0, 2)
        self._last_s = at_s
        east, north = (self._drift * self.error_m).tolist()
        return east, north

    def set(self, fields: Mapping[str, Any]) -> None:
        """Fields of every report from now on; None: as it would be by itself."""
        self.fields = {name: v for name, v in {**self.fields, **fields}.items() if v is not None}

    def lose_fix(self, here: tuple[float, float]) -> "ScriptedTerminal":
        """No satellites, status bit 1 clear, the last position; the terminal as it was, for ``restore``."""
        before = replace(self)
        self.spot = (self.reports[-1].x_m, self.reports[-1].y_m) if self.reports else here
        status = self.fields.get("status", _STATUS[self.fields.get("load", "full")])
        self.set({"satellites": 0, "status": status & ~_POSITIONED})
        return before

    def restore(self, before: "ScriptedTerminal") -> None:
        """The fix is back."""
        self.spot, self.fields = before.spot, before.fields

    def send_late(self, first: int, at_s: float) -> None:
        """What was taken since the ``first`` report comes now, in one array and out of order."""
        taken = self.reports[first:]
        shuffled = taken[1::2][::-1] + taken[::2]
        self.reports[first:] = [replace(r, received_s=at_s, burst=self._bursts) for r in shuffled]
        self._bursts += 1

    def repeat(self) -> None:
        """The last report once more."""
        last = self.reports[-1]
        self.reports.append(replace(last, received_s=last.received_s + _REPEATED_AFTER_S))
