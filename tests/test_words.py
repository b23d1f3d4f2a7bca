"""Every text that a reader meets is in the catalogues, once, translated, and none stands there unused."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest

from tests import words
from tests.words import CHINESE, DASHBOARDS, Marked, catalogues, entries, marked

_PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]|\{(\w+)\}")
_UNITS = re.compile(r"\b(?:km/h|km|m|t|h|min|MB|kPa|JSON|CSV)\b")
_WORD = re.compile(r"[a-z]{2}")
# Tables that carry each text in both languages side by side, as the rules do.
_PAIRS = {"document_labels.py", "evidence_labels.py", "explain_texts.py", "rule_words.py"}
_PRODUCTS = {"user_agents.py"}  # names of browsers
_SAMPLE = "（示例）"  # behind names of the sample world; the map leaves it out
_OWN_NAME = "中文"  # the language's name, for who cannot read the other

both = pytest.mark.parametrize("scripts", [False, True], ids=["pages", "scripts"])


def _translated(scripts: bool) -> list[Marked]:
    return [entry for file in catalogues(scripts) for entry in entries(file)]


@both
def test_every_text_is_translated(scripts: bool) -> None:
    known = {entry.key for entry in _translated(scripts)}
    found = marked(scripts)
    assert len(found) > 10
    assert [f"{each.place}: {each.key[1]}" for each in found if each.key not in known] == []


@both
def test_no_translation_is_unused(scripts: bool) -> None:
    used = {each.key for each in marked(scripts)}
    assert [f"{each.place}: {each.key[1]}" for each in _translated(scripts) if each.key not in used] == []


@both
def test_translations_are_whole(scripts: bool) -> None:
    found = _translated(scripts)
    assert [each.place for each in found if each.fuzzy or not all(each.text)] == []
    untouched = [each for each in found if each.text[0] == each.english[0]]
    bare = {e.place: _UNITS.sub("", _PLACEHOLDER.sub("", e.key[1])) for e in untouched}
    assert [f"{place}: {text}" for place, text in bare.items() if _WORD.search(text)] == []


@both
def test_values_are_put_into_both_languages(scripts: bool) -> None:
    def names(text: str) -> set[str]:
        return {a or b for a, b in _PLACEHOLDER.findall(text)}

    found = _translated(scripts)
    assert [e.place for e in found if names(e.english[-1]) != names(e.text[0])] == []
    plural = {e.key for e in marked(scripts) if len(e.english) > 1}
    assert [e.place for e in found if e.key in plural and len(e.english) != 2] == []


def test_catalogues_agree_and_say_nothing_twice() -> None:
    said: dict[words.Key, set[tuple[str, str]]] = defaultdict(set)
    for entry in [*_translated(False), *_translated(True)]:
        said[entry.key].add((entry.text[0], entry.place))
    differing = {key: sorted(places) for key, places in said.items() if len({text for text, _ in places}) > 1}
    assert differing == {}
    files = [*catalogues(False), *catalogues(True)]
    assert [fault for file in files for fault in words.written_twice(file)] == []


@pytest.mark.parametrize("pattern", ["templates/*.html", "static/*.js"])
def test_pages_and_scripts_hold_no_chinese_of_their_own(pattern: str) -> None:
    files = sorted(DASHBOARDS.glob(pattern))
    found = [place for file in files for place in words.foreign_literals(file)]
    assert [place for place in found if place.rpartition(": ")[2] not in {_OWN_NAME, _SAMPLE}] == []


def test_python_holds_chinese_in_tables_of_pairs_alone() -> None:
    files = [file for file in sorted(DASHBOARDS.rglob("*.py")) if file.name not in _PAIRS | _PRODUCTS]
    assert [place for file in files for place in words.chinese_constants(file)] == []


@both
def test_chinese_is_punctuated_as_chinese(scripts: bool) -> None:
    """A half-width comma, full stop or bracket beside a Chinese character is a slip of the keyboard."""
    slip = re.compile(rf"{CHINESE.pattern[:-1]}[,;!?(]|[,;!?)]{CHINESE.pattern[:-1]}")
    assert [f"{e.place}: {e.text[0]}" for e in _translated(scripts) if slip.search(e.text[0])] == []
