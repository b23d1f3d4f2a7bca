"""What stands against what was found when a track was judged again: kept, moved, withdrawn, new."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from hazmat.alerts import AlertChange, AlertState, EndReason
from hazmat.journeys import JourneyChange
from rules.catalogue import CATALOGUE

_FOREVER = datetime.max.replace(tzinfo=UTC)
_JUDGED = (
    "severity", "state", "opened_at", "fired_at", "last_hit_at", "resolved_at", "end_reason", "fixes",
    "named_at",
)  # fmt: skip
_Key = tuple[str, str, str]


@dataclass(slots=True)
class Compared:
    """What has to change; ``named``: the found alerts that go on under the id of one that stood."""

    changes: list[AlertChange] = field(default_factory=list)
    named: dict[str, AlertChange] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moments:
    """By vehicle: ``since``, its first late fix; what ended before is left; ``told``: when the last came.

    By ``told`` a finding is early enough to be a warning, or late and evidence.
    """

    since: Mapping[str, datetime]
    told: Mapping[str, datetime]


def compare(standing: Sequence[AlertChange], found: Sequence[AlertChange], moments: Moments) -> Compared:
    """Alerts of some vehicles. Those of one vehicle, rule and object are one story.

    A found alert goes on under its own id, else under that of one standing in the same stretch of time, else
    under that of one that was withdrawn there. It loops over alerts: a few for each vehicle repaired.
    """
    compared = Compared()
    stood, came = stories(standing), stories(found)
    for key in sorted(stood.keys() | came.keys()):
        vehicle = key[0]
        _compare(
            stood.get(key, []), came.get(key, []), moments.since[vehicle], moments.told[vehicle], compared
        )
    return compared


def stories(alerts: Iterable[AlertChange]) -> dict[_Key, list[AlertChange]]:
    """Alerts of one vehicle, rule and object, in the order in which they were opened."""
    stories: dict[_Key, list[AlertChange]] = {}
    for alert in sorted(alerts, key=lambda each: (each.opened_at, each.alert_id)):
        stories.setdefault((alert.vehicle_id, alert.rule_id, alert.object_id), []).append(alert)
    return stories


def _compare(
    standing: list[AlertChange], found: list[AlertChange], since: datetime, told: datetime, into: Compared
) -> None:
    withdrawn = [alert for alert in standing if alert.state is AlertState.WITHDRAWN]
    upright = [alert for alert in standing if alert.state is not AlertState.WITHDRAWN]
    pairs: list[tuple[AlertChange, AlertChange]] = []
    rest = pair(found, upright, pairs, same_id)
    rest = pair(rest, upright, pairs, overlap)
    rest = pair(rest, withdrawn, pairs, same_id)
    rest = pair(rest, withdrawn, pairs, overlap)
    for one, stood in pairs:
        if max(_end(one), _end(stood)) >= since:
            _go_on(one, stood, into)
    for stood in upright:
        if _end(stood) >= since:
            into.changes.append(_withdrawn(stood, merged=any(overlap(one, stood) for one in found)))
    into.changes += [discovered(one, told) for one in rest if _end(one) >= since]


def pair(
    found: list[AlertChange],
    standing: list[AlertChange],
    pairs: list[tuple[AlertChange, AlertChange]],
    same: Callable[[AlertChange, AlertChange], bool],
) -> list[AlertChange]:
    """Take from ``standing`` the first that is the same as each found one; those without one are returned."""
    rest = []
    for one in found:
        partner = next((stood for stood in standing if same(one, stood)), None)
        if partner is None:
            rest.append(one)
        else:
            standing.remove(partner)
            pairs.append((one, partner))
    return rest


def _end(alert: AlertChange) -> datetime:
    return alert.resolved_at or _FOREVER


def same_id(one: AlertChange, other: AlertChange) -> bool:
    """Whether both are one alert."""
    return one.alert_id == other.alert_id


def overlap(one: AlertChange, other: AlertChange) -> bool:
    """Whether there was a moment at which both stood."""
    return one.opened_at <= _end(other) and other.opened_at <= _end(one)


def _go_on(found: AlertChange, stood: AlertChange, into: Compared) -> None:
    same = replace(found, alert_id=stood.alert_id, named_at=stood.named_at, retrospective=stood.retrospective)
    if found.alert_id != stood.alert_id:
        into.named[found.alert_id] = same
    if any(getattr(same, name) != getattr(stood, name) for name in _JUDGED) or _differ(
        same.value, stood.value
    ):
        into.changes.append(same)


def _differ(one: float, other: float) -> bool:
    return one != other and not (one != one and other != other)  # noqa: PLR0124  NaN is not itself


def _withdrawn(stood: AlertChange, *, merged: bool) -> AlertChange:
    return replace(
        stood,
        state=AlertState.WITHDRAWN,
        resolved_at=stood.resolved_at or stood.last_hit_at,
        end_reason=EndReason.MERGED if merged else EndReason.REPAIRED,
        retrospective=None,
    )


def discovered(found: AlertChange, told: datetime) -> AlertChange:
    """A new finding: a warning if it is told soon enough after it fired, else evidence."""
    late = told - found.fired_at > timedelta(seconds=CATALOGUE[found.rule_id].late_s)
    return replace(found, retrospective=late)


def compare_journeys(
    standing: Sequence[JourneyChange], found: Sequence[JourneyChange], since: Mapping[str, datetime]
) -> tuple[list[JourneyChange], list[str]]:
    """(journeys to save, ids of those to withdraw). A journey whose entry moved is another one.

    Entry and exit are reckoned between two fixes: a late one may move them to before its own time.
    """
    stood = {journey.journey_id: journey for journey in standing}
    came = {journey.journey_id: journey for journey in found}
    saved = [came[each] for each in sorted(came) if came[each] != stood.get(each)]
    vanished = [
        each.journey_id
        for each in standing
        if each.journey_id not in came
        and (_exit(each) >= since[each.vehicle_id] or any(_at_once(each, other) for other in found))
    ]
    return saved, sorted(vanished)


def _exit(journey: JourneyChange) -> datetime:
    return journey.exited_at or _FOREVER


def _at_once(one: JourneyChange, other: JourneyChange) -> bool:
    same = one.vehicle_id == other.vehicle_id
    return same and one.entered_at < _exit(other) and other.entered_at < _exit(one)
