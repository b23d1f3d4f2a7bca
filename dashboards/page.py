"""Makes pages: a template in the viewer's language, with the shell's menu, form token and script nonce."""

import hashlib
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dashboards.i18n import FOLDER, HTML_LANGUAGE, LOCALES, language_of, local_day, local_time, number, words
from dashboards.menu import menu_for
from dashboards.security import page_policy
from hazmat.accounts import Language, Viewer

HERE = Path(__file__).parent
STATIC = HERE / "static"


class PageMaker:
    """Renders templates; one instance an application."""

    def __init__(self) -> None:
        self.version = _version()
        self._environments = {language: self._environment(language) for language in LOCALES}

    def render(
        self,
        request: Request,
        template: str,
        values: Mapping[str, object] | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> HTMLResponse:
        """Return a page. Besides ``values`` a template knows ``viewer`` (None: nobody signed in),
        ``language``, ``csrf``, ``nonce``, ``menu``, ``here`` (the path) and the filters of this module."""
        viewer: Viewer | None = getattr(request.state, "viewer", None)
        language = language_of(request, viewer)
        nonce = secrets.token_urlsafe(16)
        known = {
            "viewer": viewer,
            "language": language,
            "html_language": HTML_LANGUAGE[language],
            "csrf": viewer.csrf if viewer else "",
            "nonce": nonce,
            "menu": menu_for(viewer) if viewer else (),
            "here": request.url.path,
            "query": request.url.query,
        }
        html = self._environments[language].get_template(template).render(known | dict(values or {}))
        policy = {"Content-Security-Policy": page_policy(nonce), "Cache-Control": "no-store"}
        return HTMLResponse(html, status, headers=policy | dict(headers or {}))

    def asset(self, name: str) -> str:
        """Return the address of one of our static files; another version of the program has another one."""
        return f"/static/v-{self.version}/{name}"

    def _environment(self, language: Language) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
        )
        say: Any = environment
        say.install_gettext_translations(words(language), newstyle=True)
        environment.filters |= {"local_time": local_time, "local_day": local_day, "number": number}
        environment.globals |= {"asset": self.asset, "version": self.version}
        return environment


def _version() -> str:
    """A few letters that change when a script, a style or a text changes."""
    summed = hashlib.sha256()
    for file in sorted([*STATIC.rglob("*"), *FOLDER.rglob("*.po")]):
        if file.is_file():
            summed.update(file.read_bytes())
    return summed.hexdigest()[:10]
