"""Documents say what is so: paths exist, the catalogue of rules is the present one, every command is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hazmat.__main__ import parser
from hazmat.cli.catalogue import rules_as_markdown
from rules.catalogue import CATALOGUE

ROOT = Path(__file__).parent.parent
DOCUMENTS = (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"))
_FOLDERS = "hazmat|rules|ingest|dashboards|tests|sample_tracks|docs"


def paths_in(text: str) -> set[str]:
    ticked = re.findall(rf"`((?:{_FOLDERS})/[\w./*-]*)`", text)
    linked = re.findall(r"\]\((?!https?:|#)([\w./-]+)\)", text)
    return {path for path in (*ticked, *linked) if "NNNN" not in path}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_paths_exist(document: Path) -> None:
    missing = [path for path in sorted(paths_in(document.read_text("utf-8"))) if not list(ROOT.glob(path))]
    assert not missing


def test_the_catalogue_in_the_docs_is_the_present_one() -> None:
    assert (ROOT / "docs" / "rules.md").read_text("utf-8") == rules_as_markdown(), (
        "hazmat rules > docs/rules.md"
    )
    assert len(re.findall(r"^## ", rules_as_markdown(), re.MULTILINE)) == len(CATALOGUE)


def test_the_readme_tells_every_command() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    listed = re.findall(r"^    (\w+) ", parser().format_help(), re.MULTILINE)
    assert {"demo", "serve", "doctor"} <= set(listed)
    assert [name for name in listed if f"`hazmat {name}" not in readme] == []
