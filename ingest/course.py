"""The memory at moments within a batch, for rules about several vehicles: from one fold over all of it."""

from dataclasses import dataclass, fields, replace

import numpy as np

from hazmat.columns import Rows, Times
from hazmat.position import Positions
from rules.facts import Facts
from rules.last_step import remember_step
from rules.memory import Memory
from rules.together import of_together
from rules.track import Track

_OF_FIXES = ("fix_time", "speed_kmh", "heading_deg")
_OF_FACTS = ("stop_since", "at_stop_place", "loaded")
_OF_TRACK = ("x_m", "y_m")
_OF_TICKS = ("seen_at", "seen_x_m", "seen_y_m", "passed_at", "passed_by")  # of the table `together`


@dataclass(frozen=True, slots=True)
class Course:
    """Usable fixes by (slot, fix_time), what was true of each, and the ``row`` of each in its batch."""

    row: Rows
    fixes: Positions
    facts: Facts


class Unfolding:
    """The memory as far as those rules ask about it, on its way through a batch from ``before`` it.

    ``memory`` has their episodes only. ``received`` is aligned with the batch.
    """

    def __init__(self, before: Memory, course: Course, received: Times) -> None:
        written = (*_OF_FIXES, *_OF_FACTS, *_OF_TRACK)
        own = {name: getattr(before.vehicles, name).copy() for name in written}
        vehicles = replace(before.vehicles, **own, together=before.vehicles.together.copy())
        mine = before.episodes.take(of_together(before.episodes))
        self.memory = replace(before, vehicles=vehicles, episodes=mine)
        came = received[course.row]
        self._course, self._order = course, np.argsort(came, kind="stable")
        self._came, self._done = came[self._order], 0

    @property
    def next_received(self) -> np.datetime64 | None:
        """When the next fix is received that has not been taken up; None: all have."""
        return None if self._done == len(self._came) else self._came[self._done]

    def advance(self, moment: np.datetime64) -> None:
        """Take up all fixes received before a moment."""
        upto = int(np.searchsorted(self._came, moment, "left"))
        row, self._done = self._order[self._done : upto], upto
        if not len(row):
            return
        # Of several fixes of one vehicle NumPy keeps the last one written: they are in order of time.
        facts, vehicles = self._course.facts, self.memory.vehicles
        slot = facts.slot[row]
        sources = ((self._course.fixes, _OF_FIXES), (facts, _OF_FACTS), (facts.track, _OF_TRACK))
        for source, names in sources:
            for name in names:
                getattr(vehicles, name)[slot] = getattr(source, name)[row]
        remember_step(_steps(facts.track, row), vehicles.together)

    def carried_to(self, after: Memory) -> Memory:
        """The memory ``after`` the batch, with what the ticks made of it."""
        ticked = {name: getattr(self.memory.vehicles.together, name) for name in _OF_TICKS}
        vehicles = replace(after.vehicles, together=replace(after.vehicles.together, **ticked))
        others = after.episodes.take(~of_together(after.episodes))
        return replace(after, vehicles=vehicles, episodes=others.append(self.memory.episodes).ordered())


def _steps(track: Track, row: Rows) -> Track:
    return Track(**{each.name: getattr(track, each.name)[row] for each in fields(Track)})
