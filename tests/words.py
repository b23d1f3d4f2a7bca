"""What our sources mark for translation, and what the catalogues hold, each with file and line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages.catalog import Message
from babel.messages.extract import extract_from_file

from dashboards.i18n import FOLDER, LOCALES, read_catalogue

HERE = Path(__file__).parents[1]
DASHBOARDS = HERE / "dashboards"
CHINESE = re.compile(r"[\u3400-\u9fff，。；：？！（）、]+")
_KEYWORDS: dict[str, Any] = {
    "_": None, "N_": None, "gettext": None, "t": None, "say": (2,), "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
_SCRIPT_KEYWORDS: dict[str, Any] = {"t": None, "N_": None, "tn": (1, 2)}
_JINJA = {"newstyle_gettext": "true", "silent": "false"}
_ENTRY = re.compile(r'(?:^msgctxt ((?:".*"\s*)+))?^msgid ((?:".*"\s*)+)', re.MULTILINE)
Key = tuple[str, str]  # context, English


@dataclass(frozen=True, slots=True)
class Marked:
    """A text as it stands in a source or a catalogue; ``text`` is the Chinese, in catalogues only."""

    place: str
    key: Key
    english: tuple[str, ...]
    text: tuple[str, ...] = ()
    fuzzy: bool = False


def marked(scripts: bool) -> list[Marked]:
    """Texts that scripts, or templates and Python, mark."""
    if scripts:
        return [found for file in _files("static/*.js") for found in _extract(file, "javascript")]
    templates = [
        found for file in _files("templates/*.html") for found in _extract(file, "jinja2.ext:babel_extract")
    ]
    return templates + [found for file in _files("*.py") for found in _extract(file, "python")]


def catalogues(scripts: bool) -> list[Path]:
    """The Chinese catalogues of scripts, or of templates and Python."""
    found = sorted((FOLDER / LOCALES["zh"]).glob("*.po"))
    return [file for file in found if file.stem.endswith("-js") is scripts]


def entries(file: Path) -> list[Marked]:
    """What a catalogue translates."""
    return [_entry(file, message) for message in read_catalogue(file) if message.id]


def written_twice(file: Path) -> list[str]:
    """Messages that one catalogue holds more than once; babel reads only the last."""
    keys = _ENTRY.findall(file.read_text("utf-8"))
    flat = [tuple("".join(re.findall(r'"(.*)"', part)) for part in key) for key in keys]
    return sorted({f"{file.name}: {key[1]}" for key in flat if flat.count(key) > 1})


def foreign_literals(file: Path) -> Iterator[str]:
    """Places of Chinese in a template or script, comments apart."""
    text = file.read_text("utf-8")
    comment = r"\{#.*?#\}|<!--.*?-->" if file.suffix == ".html" else r"/\*.*?\*/|(?<![:\w])//[^\n]*"
    bare = re.sub(comment, lambda found: "\n" * found[0].count("\n"), text, flags=re.DOTALL)
    for number, line in enumerate(bare.split("\n"), 1):
        if found := CHINESE.search(line):
            yield f"{file.name}:{number}: {found[0]}"


def chinese_constants(file: Path) -> Iterator[str]:
    """Places of Chinese in a Python module's texts, docstrings apart."""
    tree = ast.parse(file.read_text("utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in told else None
        if isinstance(text, str) and CHINESE.search(text):
            yield f"{file.name}:{getattr(node, 'lineno', 0)}: {text[:40]}"


def _files(pattern: str) -> list[Path]:
    return sorted(DASHBOARDS.glob(pattern))


def _extract(file: Path, method: str) -> Iterator[Marked]:
    keywords = _SCRIPT_KEYWORDS if method == "javascript" else _KEYWORDS
    options: dict[str, Any] = _JINJA if method.startswith("jinja2") else {}
    rows: list[Any] = extract_from_file(method, file, keywords, options=options)
    for line, found, _, context in rows:
        english = (found,) if isinstance(found, str) else tuple(found)
        if english[0]:
            yield Marked(f"{file.name}:{line}", (context or "", english[0]), english)


def _entry(file: Path, message: Message) -> Marked:
    english = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    text = (message.string,) if isinstance(message.string, str) else tuple(message.string)
    place = f"{file.name}:{message.lineno}"
    return Marked(place, (message.context or "", english[0]), english, text, message.fuzzy)
