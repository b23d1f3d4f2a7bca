"""The last step of each vehicle: from which fix to which, and where it led."""

import numpy as np

from hazmat.columns import NO_TIME
from rules.memory_together import TogetherMemory
from rules.places import COURSE_STEP_M
from rules.track import Track


def remember_step(track: Track, memory: TogetherMemory) -> None:
    """Advance ``memory`` in place past the fixes of a batch."""
    slot = track.slot
    # Of several fixes of one vehicle NumPy keeps the last one written: they are in order of time.
    memory.before_at[slot] = np.where(track.joined, track.before_at, NO_TIME)
    memory.before_x_m[slot] = track.from_x_m
    memory.before_y_m[slot] = track.from_y_m
    led = np.flatnonzero(track.joined & (track.step_m >= COURSE_STEP_M))
    east, north = track.x_m[led] - track.from_x_m[led], track.y_m[led] - track.from_y_m[led]
    memory.course_deg[slot[led]] = np.degrees(np.arctan2(east, north)) % 360.0
