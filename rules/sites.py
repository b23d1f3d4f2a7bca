"""Sensitive sites near each fix: schools, hospitals, water sources."""

from dataclasses import dataclass

import numpy as np

from hazmat.columns import Floats, Ids, Mask, Rows, Times
from hazmat.registry import Registry
from rules.papers import Papers
from rules.places import concerns
from rules.track import Track

SITE_REACH_M = 1000.0  # no rule asks about sites further away


@dataclass(frozen=True, slots=True)
class Sites:
    """(``row``, ``fence``) pairs: sensitive sites in force within 1 km; ``away_m`` from the outline, 0
    inside.

    Looked for only around the fixes that a rule may ask about: loaded, in no plant or park, and not passing
    along a designated road.
    """

    row: Rows
    fence: Rows
    object_id: Ids
    away_m: Floats


def find_sites(
    asked: Mask, track: Track, fix_time: Times, papers: Papers, loaded: Mask, registry: Registry
) -> Sites:
    """Sensitive sites near the fixes asked about, in force at their time and for what is on board."""
    fences = registry.fences
    row = np.flatnonzero(asked) if len(fences.sensitive_rows) else np.zeros(0, np.intp)
    nth, fence, away = fences.sensitive_near(track.points[row], SITE_REACH_M)
    row = row[nth]
    keep = fences.in_force(fence, fix_time[row]) & concerns(row, fence, papers, loaded, registry)
    row, fence = row[keep], fence[keep]
    return Sites(row, fence, fences.ids[fence], away[keep])
