"""What a truck of the labelled days does wrong, from its motion without errors, fences and papers alone.

Each breach is a mask over seconds, and beside it where it is beyond doubt: further from every threshold
than the receiver may err. An episode counts as labelled if it lasts beyond doubt, and seen by the terminal,
for the rule's hold and two report intervals; else it is marginal. docs/labels.md says so in words.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from hazmat.columns import Floats, Mask
from hazmat.geofences import STOP_KINDS, FenceKind, Geofence
from hazmat.registry import World
from ingest.simulator import day_town as town
from ingest.simulator.day_drivers import Day
from ingest.simulator.day_papers import Papers
from ingest.simulator.ground import LEGAL_KMH, Ground, Inside, in_force, near
from ingest.simulator.law import HOLD_S, LAW

_STANDING_KMH = 0.5
_SURE_KMH = 1.5  # a terminal's speed errs by 0.4 km/h (one sigma)
_SUM_DOUBT = 0.01
_MERGE_S = 20  # a shorter pause does not part a breach in two
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Breach:
    """A stretch of a breach: seconds since 1970. ``marginal``: too short or too slight to be asked for."""

    vehicle_id: str
    rule_id: str
    object_id: str
    start: float
    end: float
    marginal: bool


@dataclass(frozen=True, slots=True)
class _Mark:
    """Seconds on which a rule is broken, and those on which this is beyond doubt."""

    rule_id: str
    object_id: str
    broken: Mask
    sure: Mask


class DayJudge:
    """Judges true motion by fences and papers. ``doubt_m``: as far as a receiver may err from an edge."""

    def __init__(self, world: World, doubt_m: float, interval_s: float) -> None:
        self.ground = Ground(world)
        self.doubt_m = doubt_m
        self.interval_s = interval_s
        self.wider, self.narrower = (_Widened(world, sign * doubt_m) for sign in (1, -1))

    def breaches(self, day: Day, papers: Papers, seen: Mask) -> list[Breach]:
        """All of one truck's day; ``seen``: the terminal had a fix and its message came."""
        found = []
        for mark in self._marks(day, papers, seen):
            need_s = max(HOLD_S.get(mark.rule_id, 0.0), 3 * self.interval_s) + 2 * self.interval_s
            sure = mark.sure & (seen | (mark.rule_id == "tunnel_barred"))
            for start, end in stretches(mark.broken):
                marginal = longest_run_s(sure[start:end]) < need_s
                times = float(day.motion.at[start]), float(day.motion.at[end - 1])
                found.append(
                    Breach(papers.vehicle.vehicle_id, mark.rule_id, mark.object_id, *times, marginal)
                )
        return found

    def _marks(self, day: Day, papers: Papers, seen: Mask) -> Iterator[_Mark]:
        motion = day.motion
        clear = ~np.asarray(shapely.contains_xy(town.canyons(), motion.x_m, motion.y_m), bool)
        place = (motion.x_m, motion.y_m, motion.at)
        inside, wider = self.ground.inside(*place), self.wider.inside(*place)
        narrower = self.narrower.inside(*place)
        at_place, near_place = inside.within(*STOP_KINDS), wider.within(*STOP_KINDS)
        out, surely_out = day.loaded & ~at_place, day.loaded & ~near_place & clear
        yield from self._off_road(inside, wider, narrower, out, surely_out)
        yield from self._corridor(day, papers, out, surely_out)
        yield from self._areas(day, papers, (inside, narrower), (~at_place, ~near_place), clear)
        yield from self._sites(day, inside, wider, out, surely_out)
        yield from self._stops(day, inside, narrower, out, surely_out)
        yield from _speeds(motion.speed_kmh, inside, wider)
        yield from _driving(day, seen, self.interval_s)

    def _off_road(
        self, inside: Inside, wider: Inside, narrower: Inside, out: Mask, surely_out: Mask
    ) -> Iterator[_Mark]:
        broken = out & inside.within(FenceKind.DISTRICT) & ~inside.within(FenceKind.DESIGNATED_ROAD)
        sure = surely_out & narrower.within(FenceKind.DISTRICT) & ~wider.within(FenceKind.DESIGNATED_ROAD)
        yield _Mark("off_designated_road", "", broken, broken & sure)

    def _corridor(self, day: Day, papers: Papers, out: Mask, surely_out: Mask) -> Iterator[_Mark]:
        motion = day.motion
        covered = np.zeros(len(motion.at), bool)
        for paper in papers.waybills:  # a dozen a day
            valid = (motion.at >= paper.valid_from.timestamp()) & (motion.at < paper.valid_to.timestamp())
            covered |= valid
            row = np.flatnonzero(valid & out)
            if not len(row):
                continue
            line = self.ground.fences[self.ground.row_of[paper.route_id]].geometry_m()
            points = shapely.points(motion.x_m[row], motion.y_m[row])
            away = shapely.distance(line, points) - self.ground.half_width_m(paper.route_id)
            yield _spread("off_corridor", paper.route_id, row, len(motion.at), away > 0,
                          (away > self.doubt_m) & surely_out[row])  # fmt: skip
            along = np.asarray(shapely.line_locate_point(line, points), float)
            along = np.where(away < 0, along, np.nan)
            back_m = np.fmax.accumulate(along) - along
            yield _spread("route_order", "", row, len(motion.at), back_m > LAW["back_m"],
                          back_m > LAW["back_m"] + self.doubt_m)  # fmt: skip
        yield _Mark("no_waybill", "", out & ~covered, surely_out & ~covered)

    def _areas(
        self, day: Day, papers: Papers, within: tuple[Inside, Inside], away: tuple[Mask, Mask], clear: Mask
    ) -> Iterator[_Mark]:
        """``within`` fences, and those narrowed; ``away`` from all plants and parks, and surely so."""
        inside, narrower = within
        moving = day.motion.speed_kmh > _STANDING_KMH
        since = float(day.motion.at[0])
        valid = [p for p in papers.permits if p.valid_from.timestamp() <= since < p.valid_to.timestamp()]
        permitted = {road for permit in valid for road in permit.roads}
        for row, fence in enumerate(self.ground.fences):
            here, surely = inside.on(row), narrower.on(row) & clear
            if fence.kind is FenceKind.BARRED_AREA:
                yield _Mark("barred_area", fence.fence_id, here, surely)
            elif fence.permit_required and fence.fence_id not in permitted:
                yield _Mark(
                    "no_permit", fence.fence_id, *(here & moving & off for off in (away[0], away[1] & clear))
                )
            elif _barring(fence, papers.tunnel_code):
                broken = here & day.loaded
                yield _Mark("tunnel_barred", fence.fence_id, broken, broken)

    def _sites(self, day: Day, inside: Inside, wider: Inside, out: Mask, surely_out: Mask) -> Iterator[_Mark]:
        """Within reach of a school: passing along a designated road is no breach, standing there is."""
        motion, standing = day.motion, day.motion.speed_kmh < _STANDING_KMH
        off, surely_off = (~each.within(FenceKind.DESIGNATED_ROAD) for each in (inside, wider))
        for fence, shape in zip(self.ground.fences, self.ground.shapes, strict=True):
            if fence.kind is FenceKind.SENSITIVE:
                open_ = in_force(fence, motion.at)
                here, deep = (
                    near(shape, LAW["site_m"] - less, motion.x_m, motion.y_m) & open_
                    for less in (0.0, self.doubt_m)
                )
                broken = at_least_s(here & (off | standing) & out, LAW["site_s"])
                sure = deep & (surely_off | standing) & surely_out
                yield _Mark("sensitive_site", fence.fence_id, broken, broken & sure)

    def _stops(
        self, day: Day, inside: Inside, narrower: Inside, out: Mask, surely_out: Mask
    ) -> Iterator[_Mark]:
        standing = day.motion.speed_kmh < _STANDING_KMH
        no_stop, deep = inside.within(FenceKind.NO_STOP), narrower.within(FenceKind.NO_STOP)
        broken = at_least_s(standing & out & ~no_stop, LAW["stop_s"])
        yield _Mark("illegal_stop", "", broken, broken & surely_out)
        broken = at_least_s(standing & day.loaded & no_stop, LAW["no_stop_s"])
        yield _Mark("stop_on_no_stop", "", broken, broken & deep)
        service = inside.within(FenceKind.SERVICE_AREA)
        broken = at_least_s(standing & day.loaded & service, LAW["long_stop_s"])
        yield _Mark("long_stop", "", broken, broken & narrower.within(FenceKind.SERVICE_AREA))


class _Widened(Ground):
    """The same fences, all edges moved outwards by so many metres (inwards if negative)."""

    def __init__(self, world: World, by_m: float) -> None:
        super().__init__(world)
        self.shapes = np.asarray(shapely.buffer(self.shapes, by_m))
        shapely.prepare(self.shapes)


def _barring(fence: Geofence, tunnel_code: str) -> bool:
    """ADR 8.6.4: goods of a code may not pass tunnels of its category and beyond."""
    category = fence.tunnel_category
    return category is not None and category.value != "A" and tunnel_code <= category.value


def _spread(
    rule_id: str, object_id: str, row: NDArray[np.intp], rows: int, broken: Mask, sure: Mask
) -> _Mark:
    """A mark of some seconds as one of the whole day."""
    masks = np.zeros((2, rows), bool)
    masks[0, row], masks[1, row] = broken, broken & sure
    return _Mark(rule_id, object_id, masks[0], masks[1])


def _speeds(speed_kmh: Floats, inside: Inside, wider: Inside) -> Iterator[_Mark]:
    """Where it may be on two roads the higher limit counts; off all roads the expressway's."""
    highest = max(LEGAL_KMH.values())
    limit, sure_limit = (np.nan_to_num(each.highest_limit_kmh(), nan=highest) for each in (inside, wider))
    for rule_id, share in (("overspeed", 1.0), ("overspeed_20", LAW["serious_share"]),
                           ("overspeed_50", LAW["grave_share"])):  # fmt: skip
        yield _Mark(rule_id, "", speed_kmh > share * limit, speed_kmh > share * sure_limit + _SURE_KMH)


def _driving(day: Day, seen: Mask, interval_s: float) -> Iterator[_Mark]:
    """Driving since the last rest of 20 minutes, and within 24 hours: the sum of seconds in motion.

    Beyond doubt is what was seen of it: where nobody looked a driver may have rested, and a stop that is
    less than a report interval short of a rest may have been one.
    """
    moving = day.motion.speed_kmh >= LAW["standing_kmh"]
    true = _sums_s(moving, LAW["rest_s"])
    sure = _sums_s(moving & seen, LAW["rest_s"] - interval_s)
    limits = {"fatigue": LAW["fatigue_s"], "daily_driving": LAW["daily_s"]}
    for (rule_id, limit_s), driven_s, sure_s in zip(limits.items(), true, sure, strict=True):
        yield _Mark(rule_id, "", driven_s >= limit_s, sure_s >= limit_s * (1 + _SUM_DOUBT))


def _sums_s(driving: Mask, rest_s: float) -> tuple[Floats, Floats]:
    """(seconds driven since the last pause of ``rest_s``, within 24 hours), a row a second."""
    driven = np.cumsum(driving).astype(float)
    rested = at_least_s(~driving, rest_s)
    since = driven - np.maximum.accumulate(np.where(rested, driven, 0.0))
    return since, driven - np.append(np.zeros(min(_DAY_S, len(driven))), driven)[: len(driven)]


def at_least_s(mask: Mask, seconds: float) -> Mask:
    """The runs of a mask (a row a second) that last so long, the others cleared."""
    kept = np.zeros(len(mask), bool)
    for start, end in runs(mask):  # few
        if end - start >= seconds:
            kept[start:end] = True
    return kept


def runs(mask: Mask) -> list[list[int]]:
    """[from, to) of each run of a mask."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    spans: list[list[int]] = edges.reshape(-1, 2).tolist()
    return spans


def stretches(mask: Mask) -> list[list[int]]:
    """Runs of a mask (a row a second), merged over short pauses."""
    merged: list[list[int]] = []
    for start, end in runs(mask):
        if merged and start - merged[-1][1] < _MERGE_S:
            merged[-1][1] = end
        else:
            merged.append([start, end])
    return merged


def longest_run_s(mask: Mask) -> int:
    """Seconds of the longest run; short pauses (a junction passed, a message lost) do not part it."""
    return max((end - start for start, end in stretches(mask)), default=0)
