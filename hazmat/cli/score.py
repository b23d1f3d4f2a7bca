"""`hazmat score`: how often the alerts of labelled tracks are right."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from hazmat.cli.complaint import ConditionError
from ingest.replay import ReplayError
from ingest.scoring.labels import LabelError, find_cases
from ingest.scoring.score import Score, score_cases
from ingest.scoring.tables import as_markdown, print_score, write_json


def run_score(options: argparse.Namespace) -> int:
    """Score, print, and write what is asked for; ConditionError for labels or tracks that cannot be read."""
    try:
        score = _score_folder(options.folder)
    except (LabelError, ReplayError) as error:
        raise ConditionError(str(error)) from None
    print_score(score, Console(), baseline=options.baseline)
    if options.json:
        write_json(score, options.json)
    if options.table:
        options.table.write_text(as_markdown(score), encoding="utf-8")
    return 0


def _score_folder(folder: Path | None) -> Score:
    if folder is None:
        raise ConditionError("name a folder with labelled cases, or --simulate HOURS")
    cases = find_cases(folder)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("score", total=len(cases))
        return score_cases(cases, lambda: progress.update(task, advance=1))
