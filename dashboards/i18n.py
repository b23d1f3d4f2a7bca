"""Words in the viewer's language: gettext catalogues, English in the sources, Chinese in ``locale/zh_CN``.

A part of the site has a catalogue of its own: ``<part>.po`` for templates and Python, ``<part>-js.po`` for
what its scripts say. The catalogues of a language are read together, once, at the start.
"""

import gettext
import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import cast

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from fastapi import Request

from hazmat.accounts import Language, Viewer
from hazmat.clock import SHANGHAI

LOCALES: Mapping[Language, str] = MappingProxyType({"zh": "zh_CN", "en": "en"})
HTML_LANGUAGE: Mapping[Language, str] = MappingProxyType({"zh": "zh-CN", "en": "en"})
DEFAULT: Language = "zh"
LANGUAGE_COOKIE = "hazmat_language"
FOLDER = Path(__file__).parent / "locale"
# A language's first part and its weight, 0 to 1: `en-GB;q=0.8`; what is written otherwise is passed over.
_ASKED = re.compile(
    r"(?:^|,)\s*([a-z]{1,8})(?:-[a-z0-9-]{1,30})?\s*(?:;\s*q\s*=\s*([01](?:\.\d{1,3})?)\s*)?(?=,|$)",
    re.IGNORECASE,
)
_MINUTE, _SECOND, _DAY = "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d"


def N_(text: str) -> str:  # noqa: N802
    """Mark a text for the catalogues where it stands; it is translated where it is shown."""
    return text


class Words(gettext.NullTranslations):
    """One language's words; ``t`` is short for ``gettext`` with values put in."""

    def __init__(self, language: Language) -> None:
        super().__init__()
        self.language = language
        self.catalogue = _messages(language, scripts=False)

    def gettext(self, message: str) -> str:
        """Return a text in this language; itself if it has no translation."""
        return self.catalogue.get(message) or message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return one of two texts; Chinese has one form for all numbers."""
        return self.catalogue.get(msgid1) or (msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        """Return a text whose English word alone has several meanings."""
        return self.catalogue.get(f"{context}\x04{message}") or message

    def t(self, message: str, **values: object) -> str:
        """Return a text with values in place of ``%(name)s``."""
        return self.gettext(message) % values if values else self.gettext(message)


@cache
def words(language: Language) -> Words:
    """Return a language's words."""
    return Words(language)


@cache
def script_texts(language: Language) -> Mapping[str, str]:
    """Return what scripts say, English to this language; for English nothing has to be translated."""
    return MappingProxyType(_messages(language, scripts=True))


def _messages(language: Language, scripts: bool) -> dict[str, str]:
    found: dict[str, str] = {}
    for file in sorted((FOLDER / LOCALES[language]).glob("*.po")):
        if file.stem.endswith("-js") is scripts:
            found |= _texts(read_catalogue(file))
    return found


def read_catalogue(file: Path) -> Catalog:
    """Return the catalogue in a .po file."""
    with file.open("rb") as stream:
        return read_po(stream)


def _texts(catalogue: Catalog) -> dict[str, str]:
    found = {}
    for message in catalogue:
        if message.id and message.string and not message.fuzzy:
            name = message.id if isinstance(message.id, str) else message.id[0]
            text = message.string if isinstance(message.string, str) else message.string[0]
            found[f"{message.context}\x04{name}" if message.context else name] = text
    return found


def language_of(request: Request, viewer: Viewer | None) -> Language:
    """Return the language to answer in: the account's, else the cookie's, else the browser's, else ours."""
    chosen = (viewer.account.language if viewer else None) or request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LOCALES:
        return cast("Language", chosen)
    return preferred(request.headers.get("accept-language", ""))


def say(request: Request, text: str, **values: object) -> str:
    """Return a marked text in the reader's language, with values in place of ``%(name)s``."""
    return words(language_of(request, getattr(request.state, "viewer", None))).t(text, **values)


def preferred(header: str) -> Language:
    """The first of our languages by the weights of an Accept-Language header (RFC 9110 12.5.4)."""
    asked = []
    for place, (tag, weight) in enumerate(_ASKED.findall(header[:1000].lstrip(" ,"))):
        asked.append((-float(weight or 1), place, tag.lower()))
    ours = (tag for weight, _, tag in sorted(asked) if tag in LOCALES and weight < 0)
    return cast("Language", next(ours, DEFAULT))


def local_time(at: datetime | str | None, seconds: bool = True) -> str:
    """Return a moment as Beijing time; texts are ISO 8601; an em dash for None."""
    if at is None or at == "":
        return "—"
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return moment.astimezone(SHANGHAI).strftime(_SECOND if seconds else _MINUTE)


def local_day(at: datetime | date | str | None) -> str:
    """Return a moment's day in Beijing; an em dash for None."""
    if isinstance(at, str):
        at = datetime.fromisoformat(at)
    if isinstance(at, datetime):
        at = at.astimezone(SHANGHAI)
    return at.strftime(_DAY) if at else "—"


def number(value: float | None, digits: int = 0, language: Language = DEFAULT) -> str:
    """Return a number with separated thousands (the same comma in both languages); an em dash for None."""
    return "—" if value is None else f"{value:,.{digits}f}"
