"""A score as rows: on the terminal, as Markdown to commit, and as JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from rich.console import Console
from rich.table import Table

from ingest.scoring.baseline import BASELINE_RULES
from ingest.scoring.catalogue import VERSION, About, in_order
from ingest.scoring.matching import Tally
from ingest.scoring.score import Score

HEADS = (
    "rule", "labelled", "marginal", "found", "missed", "false", "repeated", "precision", "recall", "delay s",
    "hold s", "in time", "false/1000 h",
)  # fmt: skip
BASELINE_HEADS = ("baseline recall", "baseline false", "baseline false/1000 h")


@dataclass(frozen=True, slots=True)
class Row:
    """One line: a rule, or the sum of several (``about`` None)."""

    name: str
    about: About | None
    ours: Tally
    theirs: Tally | None


def rows(score: Score) -> tuple[list[Row], list[Row]]:
    """(rules and the sum of each group, driver's pre-warnings), in the order of the catalogue."""
    rules = in_order({*score.ours, *score.theirs})
    told = [_row(score, each) for each in rules if not each.driver_only]
    sums = [_sum(group, told) for group in dict.fromkeys(row.about.group for row in told if row.about)]
    both = ("place", "conduct")
    if {row.name for row in sums} >= set(both):
        sums.append(_sum("place and conduct", told, both))
    return [*told, *sums], [_row(score, each) for each in rules if each.driver_only]


def _row(score: Score, about: About) -> Row:
    theirs = score.theirs.get(about.rule_id, Tally()) if about.rule_id in BASELINE_RULES else None
    return Row(about.rule_id, about, score.ours.get(about.rule_id, Tally()), theirs)


def _sum(name: str, told: Sequence[Row], groups: Sequence[str] = ()) -> Row:
    ours, theirs = Tally(), Tally()
    for row in told:
        if row.about and row.about.group in (groups or (name,)):
            ours.add(row.ours)
            theirs.add(row.theirs or Tally())
    return Row(f"all {name}", None, ours, theirs)


def cells(row: Row, score: Score, *, baseline: bool) -> list[str]:
    """The columns of ``HEADS``, and of ``BASELINE_HEADS`` if asked."""
    ours, hold_s = row.ours, row.about.hold_s if row.about else float("nan")
    delay = median_delay_s(ours)
    own = [
        row.name, str(ours.labelled), str(ours.marginal), str(ours.found), str(len(ours.missed)),
        str(len(ours.false)), str(ours.repeated), _share(ours.precision), _share(ours.recall),
        _number(delay), _number(hold_s), _yes_no(in_time(delay, hold_s, score.interval_s)),
        _number(_per_1000(ours, score), 2),
    ]  # fmt: skip
    theirs = row.theirs
    if not baseline:
        return own
    if theirs is None:
        return [*own, "–", "–", "–"]
    return [*own, _share(theirs.recall), str(len(theirs.false)), _number(_per_1000(theirs, score), 2)]


def median_delay_s(tally: Tally) -> float:
    """From the true start to the first alert; NaN where nothing was found."""
    return float(np.median(tally.delays_s)) if tally.delays_s else float("nan")


def in_time(delay_s: float, hold_s: float, interval_s: float) -> bool | None:
    """Whether the median delay is under hold + 2 report intervals; None where there is nothing to say."""
    if np.isnan(delay_s) or np.isnan(hold_s) or np.isnan(interval_s):
        return None
    return delay_s < hold_s + 2 * interval_s


def _per_1000(tally: Tally, score: Score) -> float:
    return len(tally.false) / score.hours * 1000 if score.hours else float("nan")


def _share(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.4f}"


def _number(value: float, digits: int = 0) -> str:
    return "–" if np.isnan(value) else f"{value:.{digits}f}"


def _yes_no(value: bool | None) -> str:
    return {True: "yes", False: "no", None: "–"}[value]


def facts(score: Score) -> Iterator[tuple[str, str]]:
    """What was scored, under which settings."""
    yield "vehicle-hours", f"{score.hours:,.1f}"
    yield "cases", f"{score.cases:,}"
    yield "fixes", f"{score.fixes:,}"
    yield "interval_s", f"{score.interval_s:g}"
    yield "rules_version", VERSION
    yield from score.settings.items()


def print_score(score: Score, console: Console, *, baseline: bool) -> None:
    """On the terminal."""
    told, warned = rows(score)
    heads = [*HEADS, *(BASELINE_HEADS if baseline else ())]
    for title, part in (("alerts", told), ("pre-warnings to drivers, scored apart", warned)):
        table = Table(*heads, title=title)
        for column in table.columns[1:]:
            column.justify = "right"
        for row in part:
            table.add_row(*cells(row, score, baseline=baseline), style=None if row.about else "bold")
        if part:
            console.print(table)
    console.print(", ".join(f"{name} {value}" for name, value in facts(score)), highlight=False)


def as_markdown(score: Score, *, baseline: bool = True) -> str:
    """A table fit to be committed: the same bytes for the same score."""
    told, warned = rows(score)
    heads = [*HEADS, *(BASELINE_HEADS if baseline else ())]
    lines = ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in facts(score)), ""]
    for title, part in (("Alerts", told), ("Pre-warnings to drivers", warned)):
        if part:
            lines += [
                f"### {title}",
                "",
                f"| {' | '.join(heads)} |",
                "|---" + "|--:" * (len(heads) - 1) + "|",
            ]
            lines += [f"| {' | '.join(cells(row, score, baseline=baseline))} |" for row in part]
            lines.append("")
    return "\n".join(lines)


def write_json(score: Score, path: Path) -> None:
    """Every count, and each missed truth and false alert by itself."""
    told, warned = rows(score)
    document = {
        "settings": dict(facts(score)),
        "rules": [_as_json(row, score) for row in told],
        "pre_warnings": [_as_json(row, score) for row in warned],
    }
    path.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")


def _as_json(row: Row, score: Score) -> dict[str, Any]:
    result: dict[str, Any] = {"rule": row.name}
    for name, tally in (("ours", row.ours), ("baseline", row.theirs)):
        if tally is not None:
            result[name] = {
                "labelled": tally.labelled,
                "found": tally.found,
                "false": len(tally.false),
                "repeated": tally.repeated,
                "marginal": tally.marginal,
                "marginal_alerts": tally.marginal_alerts,
                "precision": tally.precision,
                "recall": tally.recall,
                "delay_s": median_delay_s(tally),
                "false_per_1000_h": _per_1000(tally, score),
            }
    if row.about is not None:
        result["hold_s"] = row.about.hold_s
        result["missed"], result["false_alerts"] = row.ours.missed, row.ours.false
    return result
