"""What is wrong with a truck's papers and terminal on a labelled day, apart from where it is."""

from collections.abc import Sequence

import numpy as np

from hazmat.columns import Mask
from hazmat.documents import BlacklistKind
from ingest.simulator.day_device import Spell, Trouble
from ingest.simulator.day_drivers import Day, Trip
from ingest.simulator.day_papers import Papers
from ingest.simulator.day_receiver import Sent, dark
from ingest.simulator.day_truth import Breach
from ingest.simulator.law import LAW

_BY_PLACE = frozenset({"no_permit", "no_waybill"})  # the judge of places finds it
_WHOLE_DAY = (BlacklistKind.VEHICLE, BlacklistKind.ENTERPRISE)  # a driver is known by the waybill
_DOUBT_S = 60.0
_DISPLACED_DOUBT_M = 500.0


def paper_breaches(day: Day, papers: Papers, spoiled: str) -> list[Breach]:
    """One for each loaded trip while the papers are wrong; of a blacklist one for the whole day."""
    if not spoiled or spoiled in _BY_PLACE:
        return []
    until = float(day.motion.at[-1])
    moving = np.flatnonzero(day.motion.speed_kmh > 0.5)
    if not len(moving):
        return []
    if any(entry.kind in _WHOLE_DAY for entry in papers.blacklist):
        since = float(day.motion.at[moving[0]])
        return [Breach(papers.vehicle.vehicle_id, spoiled, "", since, until, marginal=False)]
    trips = [_on_the_way(day, trip) for trip in day.trips if trip.loaded]
    return [
        Breach(papers.vehicle.vehicle_id, spoiled, "", start, end, marginal=end - start < 10 * _DOUBT_S)
        for start, end in trips
        if end > start
    ]


def _on_the_way(day: Day, trip: Trip) -> tuple[float, float]:
    """From leaving its place until it is unloaded, within the day."""
    on_trip = (day.motion.at >= trip.load_from) & (day.motion.at < trip.load_to) & ~day.resting
    at = day.motion.at[on_trip]
    return (float(at[0]), float(at[-1])) if len(at) else (0.0, 0.0)


def trouble_breaches(day: Day, papers: Papers, troubles: Sequence[Spell], seen: Mask) -> list[Breach]:
    """Troubles of the terminal that were long enough; marginal if messages of that time are missing."""
    found = []
    for spell in troubles:
        during = (day.motion.at >= spell.start) & (day.motion.at < spell.end)
        vehicle_id, rule_id = papers.vehicle.vehicle_id, spell.trouble.value
        if not spell.near_miss:
            span, marginal = (spell.start, spell.end), not bool(seen[during].all())
            found.append(Breach(vehicle_id, rule_id, "", *span, marginal))
            if spell.trouble is Trouble.TWO_PLACES:  # they lie leaps apart
                found.append(Breach(vehicle_id, "implausible_speed", "", *span, marginal=True))
    return found


def silences(day: Day, papers: Papers, sent: Sent) -> list[Breach]:
    """Terminals that were not heard on the move, and trucks that came back far from where they vanished.

    A gap that is filled later was a silence all the same, but nobody is asked to say so: marginal.
    """
    order = np.argsort(sent.received, kind="stable")
    received = np.append(sent.received[order], day.motion.at[-1])
    found = []
    for nth in np.flatnonzero(np.diff(received) > LAW["silent_s"] - _DOUBT_S).tolist():  # few
        row = int(sent.row[order[nth]])
        if not day.resting[row]:
            after = np.searchsorted(np.sort(sent.row), row, side="right")
            back = int(np.sort(sent.row)[after]) if after < len(sent.row) else len(day.motion.at) - 1
            found += _silence(day, papers, (float(received[nth]), float(received[nth + 1])), row, back)
    return found + _holes(day, papers, sent)


def _holes(day: Day, papers: Papers, sent: Sent) -> list[Breach]:
    """Marginal: reappearances after a hole in the fixes themselves, whose edges came late, or in disorder."""
    motion, row = day.motion, np.unique(sent.row)
    away_m = np.hypot(np.diff(motion.x_m[row]), np.diff(motion.y_m[row]))
    far = away_m > LAW["displaced_m"] - _DISPLACED_DOUBT_M
    times = motion.at[row[1:][far & (np.diff(motion.at[row]) > LAW["silent_s"] - _DOUBT_S)]]
    vehicle_id = papers.vehicle.vehicle_id
    return [
        Breach(vehicle_id, "offline_displacement", "", at, at + _DOUBT_S, marginal=True)
        for at in times.tolist()
    ]


def _silence(day: Day, papers: Papers, span: tuple[float, float], row: int, back: int) -> list[Breach]:
    """``row`` and ``back``: seconds of the day of the last fix before and of the first one after it."""
    vehicle_id, motion = papers.vehicle.vehicle_id, day.motion
    start, end = span
    tunnel = dark(day)[row : row + round(2 * _DOUBT_S)].any()
    gap_s = min(
        end - start, float(motion.at[back] - motion.at[row])
    )  # by arrival, and by the fixes' own time
    slight = bool(gap_s < LAW["silent_s"] + _DOUBT_S or tunnel or motion.heard[row:back].all())
    found = [Breach(vehicle_id, "silent", "", start, end, slight)]
    if end - start > LAW["silent_loaded_s"] - _DOUBT_S and day.loaded[row]:
        found.append(Breach(vehicle_id, "silent_loaded", "", start, end, marginal=True))
    away_m = float(np.hypot(motion.x_m[back] - motion.x_m[row], motion.y_m[back] - motion.y_m[row]))
    if away_m > LAW["displaced_m"] - _DISPLACED_DOUBT_M:
        slight |= away_m < LAW["displaced_m"] + _DISPLACED_DOUBT_M
        slight |= end >= float(motion.at[-1])
        first = min(float(motion.at[back]), end)
        found.append(Breach(vehicle_id, "offline_displacement", "", first, end + _DOUBT_S, slight))
    return found
