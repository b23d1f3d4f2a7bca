"""What is wrong with a truck's papers and terminal on a labelled day, apart from where it is."""

from collections.abc import Sequence

import numpy as np

from hazmat.columns import Mask
from hazmat.documents import BlacklistKind
from ingest.simulator.day_device import Spell
from ingest.simulator.day_drivers import Day, Trip
from ingest.simulator.day_papers import Papers
from ingest.simulator.day_receiver import Sent
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
            marginal = not seen[during].all()
            found.append(Breach(vehicle_id, rule_id, "", spell.start, spell.end, marginal))
    return found


def silences(day: Day, papers: Papers, sent: Sent) -> list[Breach]:
    """Terminals that were not heard on the move, and trucks that came back far from where they vanished.

    A gap that is filled later was a silence all the same, but nobody is asked to say so: marginal.
    """
    vehicle_id = papers.vehicle.vehicle_id
    order = np.argsort(sent.received, kind="stable")
    received = sent.received[order]
    found = []
    for nth in np.flatnonzero(np.diff(received) > LAW["silent_s"] - _DOUBT_S).tolist():  # few
        start, end = float(received[nth]), float(received[nth + 1])
        before, after = sent.row[order[nth]], sent.row[order[nth + 1]]
        if day.resting[before]:
            continue
        dead = not day.motion.heard[before:after].all()
        short = end - start < LAW["silent_s"] + _DOUBT_S
        dark = not sent.has_fix[order[nth]]
        found.append(Breach(vehicle_id, "silent", "", start, end, marginal=short or dark or not dead))
        away_m = float(
            np.hypot(
                day.motion.x_m[after] - day.motion.x_m[before], day.motion.y_m[after] - day.motion.y_m[before]
            )
        )
        if away_m > LAW["displaced_m"] - _DISPLACED_DOUBT_M:
            slight = short or not dead or away_m < LAW["displaced_m"] + _DISPLACED_DOUBT_M
            found.append(Breach(vehicle_id, "offline_displacement", "", end, end + _DOUBT_S, slight))
    return found
