"""The fleet's MQTT messages in the order in which they arrive, the same for the same seed."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from hazmat.registry import World
from ingest.message import Message
from ingest.simulator.breaches import Breach
from ingest.simulator.fleet import REST_S, make_fleet
from ingest.simulator.terminal import Network, Sent, Terminal, encode, topic_of

_WINDOW_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How trucks and terminals behave; ``full``: terminals send all fields that they know."""

    rest_s: tuple[float, float] = REST_S
    idle_interval_s: float = 60.0
    network: Network = field(default_factory=Network)
    full: bool = True


def messages(
    world: World, vehicles: int | Sequence[str], start: datetime, seconds: float, interval_s: float,
    seed: int, breaches: Sequence[Breach] = (), habits: Habits | None = None,
) -> Iterator[Message]:  # fmt: skip
    """Messages of the world's first ``vehicles`` trucks, or of those named, by ``received_at``.

    Each truck reports every ``interval_s`` seconds on the way, seldom at rest. The iterator computes a
    second at a time, so that it can be followed live; ``seconds`` may be infinite.
    """
    habits = habits or Habits()
    ids = [v.vehicle_id for v in world.vehicles[:vehicles]] if isinstance(vehicles, int) else list(vehicles)
    begin = start.timestamp()
    trucks = make_fleet(ids, begin, seed, breaches, habits.rest_s)
    terminals = [Terminal(truck, habits.network, habits.full) for truck in trucks]
    phases = np.random.default_rng([seed, 2]).uniform(0.0, interval_s, len(trucks))
    due = [(begin + phase, row) for row, phase in enumerate(phases.tolist())]
    heapq.heapify(due)
    under_way: list[tuple[float, int, Message]] = []
    count = 0
    while due and due[0][0] < begin + seconds:
        until = due[0][0] + _WINDOW_S
        for sent, payload in _window(due, terminals, until, interval_s, habits):
            arrived = Message(topic_of(sent), datetime.fromtimestamp(round(sent.arrives, 3), UTC), payload)
            heapq.heappush(under_way, (sent.arrives, count, arrived))
            count += 1
        while under_way and under_way[0][0] <= until:
            yield heapq.heappop(under_way)[2]
    while under_way:
        yield heapq.heappop(under_way)[2]


def _window(
    due: list[tuple[float, int]],
    terminals: Sequence[Terminal],
    until: float,
    interval_s: float,
    habits: Habits,
) -> list[tuple[Sent, bytes]]:
    """What is sent of the fixes taken before ``until``."""
    sent: list[Sent] = []
    while due and due[0][0] < until:
        moment, row = due[0]
        terminal = terminals[row]
        state = terminal.truck.at(moment)
        sent += terminal.report(moment, state)
        after = moment + interval_s
        if state.parked:  # the engine's start wakes the terminal
            after = max(after, min(moment + habits.idle_interval_s, state.leaves + 0.5))
        heapq.heapreplace(due, (after, row))
    return list(zip(sent, encode(sent), strict=True)) if sent else []
