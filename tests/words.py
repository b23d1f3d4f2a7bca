"""What our sources mark for translation, and what the catalogues hold, each with file and line."""

from __future__ import annotations

import ast
import json
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
_CALLS = {  # function: places of its texts, place of its context (-1: none)
    "_": ((0,), -1), "N_": ((0,), -1), "gettext": ((0,), -1), "t": ((0,), -1), "say": ((0, 1), -1),
    "ngettext": ((0, 1), -1), "pgettext": ((1,), 0),
}  # fmt: skip
_KEYWORDS: dict[str, Any] = {
    "_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2),
}  # fmt: skip
_JS_TEXT = r'("(?:[^"\\\n]|\\.)*"(?:\s*\+\s*"(?:[^"\\\n]|\\.)*")*)'
_JS_CALL = re.compile(rf"\b(t|tn|N_)\(\s*{_JS_TEXT}(?:\s*,\s*{_JS_TEXT})?")
_COMMENTS = {".html": r"\{#.*?#\}|<!--.*?-->", ".js": r"/\*.*?\*/|(?<![:\w\"])//[^\n]*"}
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
        return [found for file in _files("static/*.js") for found in _of_script(file)]
    templates = [found for file in _files("templates/*.html") for found in _of_template(file)]
    return templates + [found for file in _files("**/*.py") for found in _of_python(file)]


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
    bare = _without_comments(file)
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


def _without_comments(file: Path) -> str:
    text, comment = file.read_text("utf-8"), _COMMENTS[file.suffix]
    return re.sub(comment, lambda found: "\n" * found[0].count("\n"), text, flags=re.DOTALL)


def _of_template(file: Path) -> Iterator[Marked]:
    rows: list[Any] = extract_from_file("jinja2.ext:babel_extract", file, _KEYWORDS, options=_JINJA)
    for line, found, _, context in rows:
        english = (found,) if isinstance(found, str) else tuple(found)
        yield Marked(f"{file.name}:{line}", (context or "", english[0]), english)


def _of_script(file: Path) -> Iterator[Marked]:
    """Calls of t and tn; babel's own reader loses those between the braces of a template literal."""
    text = _without_comments(file)
    for call in _JS_CALL.finditer(text):
        parts = call.groups()[1:] if call[1] == "tn" else call.groups()[1:2]
        english = tuple("".join(map(json.loads, re.findall(r'"(?:[^"\\]|\\.)*"', part))) for part in parts)
        yield Marked(f"{file.name}:{text.count(chr(10), 0, call.start()) + 1}", ("", english[0]), english)


def _of_python(file: Path) -> Iterator[Marked]:
    """Calls of the marking functions; babel's own reader takes a key in brackets for a text."""
    told: set[ast.AST] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or node in told:
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in _CALLS:
            continue
        places, context = _CALLS[name]
        texts = [_literal(argument) for argument in node.args]
        english = tuple(texts[place] for place in places if place < len(texts) and texts[place])
        if english:
            told |= set(node.args)  # a mark inside a plural is the plural's
            key = (texts[context] if context >= 0 else "", english[0])
            yield Marked(f"{file.name}:{node.lineno}", key, english)


def _literal(node: ast.AST) -> str:
    """The text of a literal or of one that is marked; empty for anything else."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "N_":
        return _literal(node.args[0])
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _entry(file: Path, message: Message) -> Marked:
    english = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    text = (message.string,) if isinstance(message.string, str) else tuple(message.string)
    place = f"{file.name}:{message.lineno}"
    return Marked(place, (message.context or "", english[0]), english, text, message.fuzzy)
