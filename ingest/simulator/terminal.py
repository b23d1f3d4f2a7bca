"""What a truck's terminal makes of its state: noisy fixes as JSON, that travel late, twice, in arrays."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import orjson

from hazmat.clock import SHANGHAI
from hazmat.coordinates import to_lonlat, wgs_to_gcj
from ingest.simulator.fleet import Truck, TruckState
from ingest.simulator.gnss import Receiver

TOPIC = "hazmat/v1/{}/position"
TOPIC_ARRAY = "hazmat/v1/{}/positions"
_ARRAY_FIXES = 50
_ACC_ON, _POSITIONED, _HALF, _FULL = 1, 1 << 1, 0b01 << 8, 0b11 << 8  # status bits of JT/T 808
_PART_BELOW_PCT, _EMPTY_BELOW_PCT = 80.0, 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How well the mobile network carries messages. Shares are of messages, gaps are per hour of driving."""

    latency_s: tuple[float, float] = (0.15, 1.2)
    gaps_per_hour: float = 0.4
    gap_s: tuple[float, float] = (30.0, 240.0)
    lost_share: float = 0.25  # of gaps: the terminal kept nothing
    late_share: float = 0.5  # of the others: the live fix goes first, what was kept follows
    duplicate_share: float = 0.004


@dataclass(frozen=True, slots=True)
class Fix:
    """A fix not yet placed on the map: seconds since 1970, metres with the error, the rest as sent."""

    moment: float
    x_m: float
    y_m: float
    rest: dict[str, object]


@dataclass(frozen=True, slots=True)
class Sent:
    """Fixes of one vehicle that travel together and when they arrive; ``array``: on the topic for arrays."""

    vehicle_id: str
    arrives: float
    fixes: Sequence[Fix]
    array: bool


class Terminal:
    """A truck's terminal: measures, keeps what it cannot send, sends again what it need not."""

    def __init__(self, truck: Truck, network: Network, full: bool) -> None:
        self.truck = truck
        self._rng = np.random.default_rng([*truck.seed, 1])  # not the truck's: its ways depend on no terminal
        self._receiver = Receiver(self._rng)
        self._network = network
        self._full = full  # all fields; else only what every terminal sends
        self._gcj = self._rng.random() < 0.05  # some makes report the shifted datum, and say so
        self._epoch_ms = self._rng.random() < 0.3
        self._mileage_km = float(self._rng.uniform(20_000, 400_000))
        self._last = np.nan
        self._down_until = -np.inf
        self._kept: list[Fix] = []

    def report(self, moment: float, state: TruckState) -> Iterator[Sent]:
        """What it sends for a fix taken now; nothing while the network or the terminal is down."""
        since = 0.0 if np.isnan(self._last) else moment - self._last
        self._last = moment
        self._mileage_km += state.speed_kmh * since / 3600
        if not state.terminal:
            return
        self._kept.append(self._measure(moment, state))
        self._maybe_lose_contact(moment, since, state)
        if moment < self._down_until:
            return
        yield from self._send(moment)

    def _maybe_lose_contact(self, moment: float, since: float, state: TruckState) -> None:
        if not state.parked and self._rng.random() < self._network.gaps_per_hour * min(since, 60.0) / 3600:
            self._down_until = max(self._down_until, moment + self._rng.uniform(*self._network.gap_s))

    def _send(self, moment: float) -> Iterator[Sent]:
        *kept, live = self._kept
        self._kept = []
        if kept and self._rng.random() < self._network.lost_share:
            kept = []
        arrives = moment + self._rng.uniform(*self._network.latency_s)
        late_s = self._rng.uniform(2.0, 20.0) if self._rng.random() < self._network.late_share else 0.0
        yield from self._arrays(kept, arrives + late_s)
        sent = Sent(self.truck.vehicle_id, arrives + (0.05 if kept and not late_s else 0.0), (live,), False)
        yield sent
        if self._rng.random() < self._network.duplicate_share:
            again = sent.arrives + self._rng.uniform(0.2, 5.0)
            yield Sent(sent.vehicle_id, again, sent.fixes, False)

    def _arrays(self, kept: Sequence[Fix], arrives: float) -> Iterator[Sent]:
        for number, start in enumerate(range(0, len(kept), _ARRAY_FIXES)):
            part = kept[start : start + _ARRAY_FIXES]
            yield Sent(self.truck.vehicle_id, arrives + 0.01 * number, part, True)

    def _measure(self, moment: float, state: TruckState) -> Fix:
        east, north = self._receiver.error(moment)
        moving = state.speed_kmh > 0.5
        speed = state.speed_kmh + self._rng.normal(0.0, 0.4) if moving else abs(self._rng.normal(0.0, 0.15))
        heading = (state.heading_deg + (self._rng.normal(0.0, 1.5) if moving else 0.0)) % 360
        load = _load(state.level_pct)
        rest: dict[str, object] = {
            "fix_time": self._time(moment),
            "speed_kmh": round(max(speed, 0.0), 1),
            "heading_deg": round(heading) % 360,
            "accuracy_m": self._receiver.accuracy_m,
            "load": load,
        }
        if self._gcj:
            rest["datum"] = "GCJ-02"
        if self._full:
            rest |= self._more(state, load)
        return Fix(moment, state.x_m + east, state.y_m + north, rest)

    def _more(self, state: TruckState, load: str) -> dict[str, object]:
        status = (
            (0 if state.parked else _ACC_ON) | _POSITIONED | {"empty": 0, "part": _HALF, "full": _FULL}[load]
        )
        return {
            "altitude_m": round(6.0 + self._rng.normal(0.0, 1.5), 1),
            "satellites": int(self._rng.integers(8, 17)),
            "mileage_km": round(self._mileage_km, 1),
            "alarm": 0,
            "status": status,
            "tank_level_pct": round(state.level_pct, 1),
            "tank_temp_c": round(18.0 + self._rng.normal(0.0, 0.2), 1),
            "tank_pressure_kpa": round(105.0 + self._rng.normal(0.0, 0.5), 1),
            "valve_open": state.parked
            and state.at_plant
            and _EMPTY_BELOW_PCT < state.level_pct < _PART_BELOW_PCT,
        }

    def _time(self, moment: float) -> object:
        milliseconds = round(moment * 1000)
        if self._epoch_ms:
            return milliseconds
        zone = datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone(SHANGHAI)
        return zone.isoformat(timespec="milliseconds")


def _load(level_pct: float) -> str:
    if level_pct < _EMPTY_BELOW_PCT:
        return "empty"
    return "part" if level_pct < _PART_BELOW_PCT else "full"


def encode(sent: Sequence[Sent]) -> list[bytes]:
    """The payload of each; all fixes are placed on the map at once."""
    fixes = [fix for each in sent for fix in each.fixes]
    lon, lat = to_lonlat(np.array([f.x_m for f in fixes]), np.array([f.y_m for f in fixes]))
    shifted = np.array(["datum" in f.rest for f in fixes], bool)
    gcj_lon, gcj_lat = wgs_to_gcj(lon, lat)
    lon, lat = np.where(shifted, gcj_lon, lon).round(6), np.where(shifted, gcj_lat, lat).round(6)
    placed = iter(
        {"fix_time": f.rest["fix_time"], "lon": x, "lat": y} | f.rest
        for f, x, y in zip(fixes, lon.tolist(), lat.tolist(), strict=True)
    )
    payloads = []
    for each in sent:
        items = [next(placed) for _ in each.fixes]
        payloads.append(orjson.dumps(items if each.array else items[0]))
    return payloads


def topic_of(sent: Sent) -> str:
    """The MQTT topic that it goes to."""
    return (TOPIC_ARRAY if sent.array else TOPIC).format(sent.vehicle_id)
