"""The table of `hazmat score sample_tracks`, compared with the committed one: alerts gained and lost."""

from pathlib import Path

from ingest.scoring.labels import find_cases
from ingest.scoring.score import score_cases
from ingest.scoring.tables import as_markdown

SAMPLES = Path(__file__).parent.parent / "sample_tracks"
TABLE = SAMPLES / "score.md"
_OF_THE_RUN = ("| vehicle-hours", "| rules_version")  # not of what was found


def rows(text: str) -> dict[str, str]:
    """Lines of a table by their first cell."""
    lines = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith(_OF_THE_RUN)]
    return {line.split("|")[1].strip(): line for line in lines}


def test_the_committed_table_is_what_comes_out() -> None:
    now = as_markdown(score_cases(find_cases(SAMPLES)))
    found, expected = rows(now), rows(TABLE.read_text("utf-8"))
    gained = [line for name, line in found.items() if expected.get(name) != line]
    lost = [line for name, line in expected.items() if found.get(name) != line]
    assert not gained and not lost, "\n".join(
        ["hazmat score sample_tracks --table sample_tracks/score.md", "gained:", *gained, "lost:", *lost]
    )
