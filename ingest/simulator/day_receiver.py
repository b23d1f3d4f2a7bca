"""What receiver and network make of a truck's day: errors that drift, tunnels, lost and late fixes."""

from dataclasses import dataclass

import numpy as np
import shapely

from hazmat.columns import Floats, Mask, Rows
from ingest.simulator import day_town as town
from ingest.simulator.day_drivers import Day
from ingest.simulator.day_trips import Motion

CORRELATION_S = (30.0, 300.0)
CLAIMED = (0.8, 1.25)  # of twice its sigma: what a receiver says of itself
CANYON = (3.0, 5.0)  # times the error between houses
CANYON_CLAIMED = (0.6, 1.2)  # of the error there
BURSTS_PER_MINUTE, BURST_M = 0.5, (40.0, 150.0)
_SPEED_SIGMA_KMH, _STANDING_SIGMA_KMH, _HEADING_SIGMA_DEG = 0.4, 0.15, 1.5
_MOVING_KMH = 0.5
_CLOCK_S = 15.0  # some clocks are wrong by so much, the others by none
_IDLE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Air:
    """How a fleet measures and sends. ``error_m``: sigma of each axis; gaps are per hour on the move."""

    error_m: float = 5.0
    interval_s: float = 10.0
    gaps_per_hour: float = 0.4
    gap_s: tuple[float, float] = (30.0, 240.0)
    blind_per_hour: float = 0.02
    blind_s: tuple[float, float] = (1200.0, 3600.0)
    lost_share: float = 0.2  # of gaps: the terminal kept nothing
    live_first_share: float = 0.5  # of the others: the live fix goes first, what was kept follows
    duplicate_share: float = 0.004
    wrong_clock_share: float = 0.1


@dataclass(frozen=True, slots=True)
class Sent:
    """Fixes of one truck, aligned: ``row`` of its day; seconds since 1970; metres with the error.

    ``batch``: fixes with one number travel in one message. ``has_fix`` is false in tunnels.
    """

    row: Rows
    fix_time: Floats
    received: Floats
    batch: Rows
    has_fix: Mask
    x_m: Floats
    y_m: Floats
    heading_deg: Floats
    speed_kmh: Floats
    accuracy_m: Floats


def send(day: Day, air: Air, rng: np.random.Generator) -> tuple[Sent, Mask]:
    """(what arrives, second by second whether it was seen): a fix was taken, and came, now or late."""
    row = _report_rows(day, air.interval_s, rng)
    row = row[day.motion.heard[row]]
    received, batch, lost = _travel(day, row, air, rng)
    hidden = dark(day)
    seen = ~hidden & day.motion.heard & _came(day, row, lost)
    row, received, batch = row[~lost], received[~lost], batch[~lost]
    if rng.random() < 0.5:  # half of the makes say nothing without a fix
        audible = ~hidden[row]
        row, received, batch = row[audible], received[audible], batch[audible]
    sent = _measure(day.motion, row, received, batch, hidden, air, rng)
    return _twice(sent, air, rng), seen


def dark(day: Day) -> Mask:
    """Seconds on which the truck is in a tunnel."""
    return np.asarray(shapely.contains_xy(town.dark(), day.motion.x_m, day.motion.y_m), bool)


def _report_rows(day: Day, interval_s: float, rng: np.random.Generator) -> Rows:
    """Rows of the day at which a fix is taken: every interval on the move, seldom at rest."""
    at, resting = day.motion.at, day.resting
    beats = np.arange(at[0] + rng.uniform(0.0, interval_s), at[-1], interval_s)
    rows = np.searchsorted(at, beats)
    due = np.append(True, np.diff(rows) > 0)
    rows = rows[due]
    every = max(1, round(_IDLE_S / interval_s))
    return np.asarray(rows[~resting[rows] | (np.arange(len(rows)) % every == 0)], np.intp)


def _travel(day: Day, row: Rows, air: Air, rng: np.random.Generator) -> tuple[Floats, Rows, Mask]:
    """(when each fix is received, in which message, whether it is lost)."""
    at = day.motion.at[row]
    received = at + rng.uniform(0.15, 1.2, len(row))
    batch = np.arange(len(row))
    lost = np.zeros(len(row), bool)
    for start, end in _gaps(day, air, rng):  # a few a day
        kept = np.flatnonzero((at >= start) & (at < end))
        if not len(kept) or kept[-1] + 1 >= len(row):
            continue
        if rng.random() < air.lost_share:
            lost[kept] = True
            continue
        live = received[kept[-1] + 1]
        first = rng.random() < air.live_first_share
        received[kept] = live + (rng.uniform(2.0, 20.0) if first else -0.01)
        batch[kept] = kept[0]
    return received, batch, lost


def _gaps(day: Day, air: Air, rng: np.random.Generator) -> list[tuple[float, float]]:
    """When the network is down: short gaps and blind areas."""
    hours = float(np.count_nonzero(~day.resting)) / 3600
    moving = day.motion.at[~day.resting]
    gaps = []
    for rate, span in ((air.gaps_per_hour, air.gap_s), (air.blind_per_hour, air.blind_s)):
        for _ in range(int(rng.poisson(rate * hours)) if len(moving) else 0):
            start = float(rng.choice(moving))
            gaps.append((start, start + float(rng.uniform(*span))))
    return gaps


def _came(day: Day, row: Rows, lost: Mask) -> Mask:
    """Seconds around which no fix was lost."""
    came = np.ones(len(day.motion.at), bool)
    for start, end in zip(row[:-1][lost[:-1]].tolist(), row[1:][lost[:-1]].tolist(), strict=True):
        came[start:end] = False
    return came


def _measure(
    motion: Motion, row: Rows, received: Floats, batch: Rows, hidden: Mask, air: Air, rng: np.random.Generator
) -> Sent:
    at = motion.at[row]
    canyon = np.asarray(shapely.contains_xy(town.canyons(), motion.x_m[row], motion.y_m[row]), bool)
    worse = np.where(canyon, rng.uniform(*CANYON), 1.0)
    east, north = (_drift(at, float(rng.uniform(*CORRELATION_S)), rng) * air.error_m * worse for _ in "xy")
    burst = canyon & (rng.random(len(row)) < BURSTS_PER_MINUTE * air.interval_s / 60)
    leap, angle = rng.uniform(*BURST_M, len(row)) * burst, rng.uniform(0.0, 2 * np.pi, len(row))
    claimed = rng.uniform(*CLAIMED) * np.where(canyon, worse * rng.uniform(*CANYON_CLAIMED, len(row)), 1.0)
    moving = motion.speed_kmh[row] > _MOVING_KMH
    clock_s = rng.uniform(-_CLOCK_S, _CLOCK_S) if rng.random() < air.wrong_clock_share else 0.0
    return Sent(
        row=row,
        fix_time=np.round(at + clock_s, 3),
        received=received,
        batch=batch,
        has_fix=~hidden[row],
        x_m=motion.x_m[row] + east + leap * np.cos(angle),
        y_m=motion.y_m[row] + north + leap * np.sin(angle),
        heading_deg=(motion.heading_deg[row] + rng.normal(0.0, _HEADING_SIGMA_DEG, len(row)) * moving) % 360,
        speed_kmh=_reported(motion.speed_kmh[row], rng),
        accuracy_m=np.round(2 * air.error_m * claimed, 1),
    )


def _reported(speed_kmh: Floats, rng: np.random.Generator) -> Floats:
    sigma = np.where(speed_kmh > _MOVING_KMH, _SPEED_SIGMA_KMH, _STANDING_SIGMA_KMH)
    noisy: Floats = np.abs(speed_kmh + rng.normal(0.0, 1.0, len(speed_kmh)) * sigma)
    return noisy.round(1)


def _drift(at: Floats, correlation_s: float, rng: np.random.Generator) -> Floats:
    """A first-order Gauss-Markov process of unit sigma. Each value hangs on the one before: a loop."""
    keep = np.exp(-np.diff(at, prepend=at[:1]) / correlation_s)
    shocks = rng.normal(0.0, 1.0, len(at)) * np.sqrt(1 - keep**2)
    value, values = float(rng.normal()), []
    for part, shock in zip(keep.tolist(), shocks.tolist(), strict=True):
        value = part * value + shock
        values.append(value)
    return np.array(values)


def _twice(sent: Sent, air: Air, rng: np.random.Generator) -> Sent:
    """With some fixes sent again a little later, as they were."""
    again = np.flatnonzero(rng.random(len(sent.row)) < air.duplicate_share)
    order = np.concatenate([np.arange(len(sent.row)), again])
    late = np.concatenate([np.zeros(len(sent.row)), rng.uniform(0.2, 5.0, len(again))])
    columns = {name: getattr(sent, name)[order] for name in Sent.__dataclass_fields__}
    columns["received"] = columns["received"] + late
    columns["batch"] = np.where(late > 0, len(sent.row) + np.arange(len(order)), columns["batch"])
    return Sent(**columns)
