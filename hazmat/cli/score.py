"""`hazmat score`: how often the alerts of labelled tracks are right."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from hazmat.cli.complaint import ConditionError
from ingest.replay import ReplayError
from ingest.scoring.days import score_days
from ingest.scoring.labels import LabelError, find_cases
from ingest.scoring.lane_table import LANE_ERRORS_M, LANE_TRUCKS, lanes_as_markdown
from ingest.scoring.lanes import score_lanes
from ingest.scoring.score import Score, score_cases
from ingest.scoring.tables import as_markdown, print_score, write_json
from ingest.simulator.day_receiver import Air
from ingest.simulator.days import DaySettings

_WIDTH = 150


def run_score(options: argparse.Namespace) -> int:
    """Score, print, and write what is asked for; ConditionError for labels or tracks that cannot be read."""
    if options.lanes:
        return _lanes(options)
    try:
        score = _simulated(options) if options.simulate is not None else _of_folder(options.folder)
    except (LabelError, ReplayError) as error:
        raise ConditionError(str(error)) from None
    print_score(score, _console(), baseline=options.baseline)
    if options.json:
        write_json(score, options.json)
    if options.table:
        options.table.write_text(as_markdown(score), encoding="utf-8")
    return 0


def _console() -> Console:
    console = Console()  # what is narrower would cut every number; a terminal wraps the lines itself
    return console if console.width >= _WIDTH else Console(width=_WIDTH)


def _lanes(options: argparse.Namespace) -> int:
    scores = [score_lanes(error_m, LANE_TRUCKS, options.seed) for error_m in LANE_ERRORS_M]
    text = lanes_as_markdown(scores, options.seed)
    print(text, end="")
    if options.table:
        options.table.write_text(text, encoding="utf-8")
    return 0


def _of_folder(folder: Path | None) -> Score:
    if folder is None:
        raise ConditionError("name a folder with labelled cases, or --simulate HOURS")
    cases = find_cases(folder)
    with _progress() as progress:
        task = progress.add_task("score", total=len(cases))
        return score_cases(cases, lambda: progress.update(task, advance=1))


def _simulated(options: argparse.Namespace) -> Score:
    for name in ("simulate", "error_m", "interval_s"):
        if getattr(options, name) <= 0:
            raise ConditionError(f"--{name.replace('_', '-')} must be more than 0")
    air = Air(error_m=options.error_m, interval_s=options.interval_s)
    settings = DaySettings(hours=options.simulate, seed=options.seed, air=air)
    with _progress() as progress:
        task = progress.add_task("simulate and score", total=settings.hours)
        return score_days(settings, lambda hours: progress.update(task, advance=hours))


def _progress() -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console(stderr=True), transient=True)
