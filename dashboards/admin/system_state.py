"""/admin: the state of the installation in plain lines, each with a verdict and what to do."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import metadata
from pathlib import Path
from time import perf_counter
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from dashboards.context import Context, viewer_of
from dashboards.gate import GuardedRoute
from dashboards.i18n import N_, Words, language_of, local_day, local_time, number, words
from hazmat.store.administration import Administration

Verdict = Literal["good", "look", "bad"]
STALE = timedelta(seconds=60)  # the flow commits at least once a second, also when no terminal reports
QUIET = timedelta(minutes=5)
_SLOW_MS = 200.0
_CROWDED = 0.8
_FEW_BYTES, _LITTLE = 2e9, 0.1
_OLD_CHECKPOINT = timedelta(minutes=15)
_OLD_REPAIR = timedelta(minutes=10)
_LAG_S = 5.0
VERDICTS = {"good": N_("good"), "look": N_("have a look"), "bad": N_("bad")}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the page, its texts in the reader's language; ``advice`` empty: nothing to do."""

    title: str
    text: str
    verdict: Verdict = "good"
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What every examination works with."""

    door: Administration
    context: Context
    at: datetime
    words: Words


def state_router(context: Context) -> APIRouter:
    """The page."""

    def state(request: Request) -> Response:
        """Examine everything now."""
        say = words(language_of(request, viewer_of(request)))
        look = Look(context.doors.administration, context, context.clock(), say)
        lines = [line for examine in EXAMINATIONS for line in examine(look)]
        worst = max(lines, key=lambda line: list(VERDICTS).index(line.verdict)).verdict
        values = {"findings": lines, "worst": worst, "verdicts": VERDICTS, "at": look.at}
        return context.page.render(request, "admin.html", values)

    router = APIRouter(include_in_schema=False, route_class=GuardedRoute)
    router.add_api_route("/admin", state)
    return router


def _program(look: Look) -> Iterator[Line]:
    say, landed = look.words.t, look.door.migrations()
    yield Line(
        say(N_("Program")),
        say(N_("version %(version)s"), version=metadata.version("hazmat-supervision")),
    )
    text = say(
        N_("%(count)s applied, the last: %(name)s, %(at)s"),
        count=landed["count"], name=landed["name"], at=local_time(landed["applied_at"]),
    )  # fmt: skip
    current = look.door.is_current()
    advice = "" if current else say(N_("Run `hazmat migrate`"))
    yield Line(say(N_("Schema of the database")), text, "good" if current else "bad", advice)


def _database(look: Look) -> Iterator[Line]:
    say, began = look.words.t, perf_counter()
    server = look.door.server()
    latency_ms = (perf_counter() - began) * 1000
    capability = look.door.capability()
    kind = f"TimescaleDB {capability.timescaledb_version}, " if capability.timescaledb_version else ""
    yield Line(say(N_("Database")), f"{kind}PostgreSQL {server['version']}")
    layout = {"hypertable": N_("hypertable, a chunk a day"), "day_partitions": N_("a partition a day")}
    yield Line(
        say(N_("Positions are kept as")),
        say(layout[capability.layout or "day_partitions"]),
    )
    yield Line(say(N_("Size of the database")), f"{number(server['bytes'] / 1e6, 1)} MB")
    crowded = server["connections"] > _CROWDED * server["most_connections"]
    yield Line(
        say(N_("Connections")),
        say(N_("%(open)s of %(most)s"), open=server["connections"], most=server["most_connections"]),
        "look" if crowded else "good",
        say(N_("Raise max_connections, or find who holds them")) if crowded else "",
    )
    slow = latency_ms > _SLOW_MS
    yield Line(
        say(N_("Answer time")),
        f"{latency_ms:.0f} ms",
        "look" if slow else "good",
        say(N_("Look at the load and the disk of the database server")) if slow else "",
    )


def _ingest(look: Look) -> Iterator[Line]:
    say, progress = look.words.t, look.door.progress()
    title, committed = say(N_("Last batch stored")), progress["committed_at"]
    if committed is None:
        advice = say(N_("Start ingest: `hazmat serve`, or look into log/ingest.log"))
        yield Line(title, say(N_("none yet")), "bad", advice)
        return
    stale = look.at - committed > STALE
    text = f"{local_time(committed)} · {_ago(look, committed)} · {number(progress['batch_no'])}"
    advice = say(N_("Ingest does not store: look into log/ingest.log and whether the broker answers"))
    yield Line(title, text, "bad" if stale else "good", advice if stale else "")
    rate = look.door.rate(look.at, progress["batch_no"])
    yield Line(
        say(N_("Fixes received in the last minute")),
        say(
            N_("%(fixes)s, %(rate)s a second"),
            fixes=number(rate["fixes"]),
            rate=number(rate["fixes"] / 60, 1),
        ),
    )
    yield from _lag(look, rate["lag_s"])
    yield from _heard(look)


def _lag(look: Look, lag_s: float | None) -> Iterator[Line]:
    say = look.words.t
    if lag_s is None:
        return
    behind = lag_s > _LAG_S
    yield Line(
        say(N_("From reception to storing")),
        f"{number(lag_s, 2)} s",
        "look" if behind else "good",
        say(N_("Ingest is behind: the rest waits at the broker")) if behind else "",
    )


def _heard(look: Look) -> Iterator[Line]:
    say, heard = look.words.t, look.door.heard(look.at - QUIET)
    if heard["received_at"] is None:
        yield Line(say(N_("Last message of a terminal")), say(N_("none yet")), "look")
        return
    quiet = look.at - heard["received_at"] > QUIET
    advice = say(N_("No terminal reports: look at the broker and the lines of the operators"))
    text = f"{local_time(heard['received_at'])} · {_ago(look, heard['received_at'])}"
    yield Line(
        say(N_("Last message of a terminal")), text, "look" if quiet else "good", advice if quiet else ""
    )


def _registry(look: Look) -> Iterator[Line]:
    say, registry = look.words.t, look.door.registry()
    text = say(
        N_("version %(version)s of %(at)s"),
        version=registry["version"],
        at=local_time(registry["changed_at"]),
    )
    if not registry["refusal"]:
        yield Line(say(N_("Reference data")), text)
        return
    advice = say(N_("Correct the rows named and import again; an older version is judged by until then"))
    yield Line(say(N_("Reference data")), f"{text} · {registry['refusal']}", "bad", advice)


def _upkeep(look: Look) -> Iterator[Line]:
    say, repairs, saved = look.words.t, look.door.repairs(), look.door.checkpoints()
    late = repairs["since"] is not None and look.at - repairs["since"] > _OLD_REPAIR
    text = number(repairs["waiting"])
    if repairs["since"]:
        text += " · " + say(N_("the first since %(at)s"), at=local_time(repairs["since"]))
    advice = say(N_("Tracks with late fixes are not judged again; look into log/ingest.log"))
    yield Line(say(N_("Repairs that wait")), text, "look" if late else "good", advice if late else "")
    if saved["oldest"] is None:
        yield Line(say(N_("Checkpoints")), say(N_("none yet")), "look")
        return
    old = look.at - saved["oldest"] > _OLD_CHECKPOINT
    text = say(
        N_("%(count)s, the oldest of %(at)s, %(size)s KB"),
        count=saved["count"], at=local_time(saved["oldest"]), size=number(saved["bytes"] / 1024),
    )  # fmt: skip
    advice = say(N_("A restart would take longer; it is usual while no terminal reports"))
    yield Line(say(N_("Checkpoints")), text, "look" if old else "good", advice if old else "")


def _space(look: Look) -> Iterator[Line]:
    say, settings = look.words.t, look.context.settings
    oldest = look.door.oldest_day()
    text = say(
        N_("%(days)s days; the oldest kept is %(day)s"), days=settings.retention_days, day=local_day(oldest)
    )
    kept = (look.at.date() - oldest).days if oldest else 0
    behind = kept > settings.retention_days + 2
    advice = say(N_("The timers do not drop old days: look into log/timers.log"))
    yield Line(
        say(N_("Positions are kept for")), text, "look" if behind else "good", advice if behind else ""
    )
    folder = existing(settings.data_dir)
    disk = shutil.disk_usage(folder)
    low = disk.free < _FEW_BYTES or disk.free < _LITTLE * disk.total
    text = say(
        N_("%(free)s of %(total)s GB"), free=number(disk.free / 1e9, 1), total=number(disk.total / 1e9, 1)
    )
    advice = say(N_("Free space or shorten HAZMAT_RETENTION_DAYS; a full disk stops the database"))
    verdict: Verdict = "bad" if disk.free < _FEW_BYTES else "look" if low else "good"
    yield Line(say(N_("Free space of the data folder")), text, verdict, advice if low else "")


def existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    absolute = folder.absolute()
    return next(path for path in (absolute, *absolute.parents) if path.exists())


def _ago(look: Look, moment: datetime) -> str:
    seconds = max(0, round((look.at - moment).total_seconds()))
    if seconds < 120:
        return look.words.t(N_("%(count)s s ago"), count=seconds)
    if seconds < 7200:
        return look.words.t(N_("%(count)s min ago"), count=seconds // 60)
    return look.words.t(N_("%(count)s h ago"), count=seconds // 3600)


EXAMINATIONS: tuple[Callable[[Look], Iterator[Line]], ...] = (
    _program,
    _database,
    _ingest,
    _registry,
    _upkeep,
    _space,
)
