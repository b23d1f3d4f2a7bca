"""A real browser with the network closed: what a page asks of other hosts and complains about is counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Route

from hazmat.accounts import Language, Role
from tests import logins

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
DESKTOP, LAPTOP, PHONE, NARROW = (1920, 1080), (1366, 768), (390, 844), (360, 740)
LOCALES: dict[Language, str] = {"zh": "zh-CN", "en": "en-GB"}
_AXE = "axe.run(document, {resultTypes: ['violations']})"
_INK = """(layer) => {
  const canvas = document.querySelector(layer);
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let [count, sum] = [0, 0];
  for (let n = 3; n < pixels.length; n += 4) {
    if (pixels[n]) { count++; sum = (sum * 31 + n + pixels[n - 3]) | 0; }
  }
  return [count, sum];
}"""


@dataclass
class Watched:
    """A page, what it asked of others and complained about."""

    page: Page
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def ink(self, layer: str = ".truck-canvas") -> list[int]:
        found: list[int] = self.page.evaluate(_INK, layer)
        return found

    def until(self, expression: str, seconds: float = 10) -> None:
        """Wait for a JavaScript expression; the page's policy forbids the browser to poll a string itself."""
        deadline = time.monotonic() + seconds
        while not self.page.evaluate(f"!!({expression})"):
            assert time.monotonic() < deadline, expression
            self.page.wait_for_timeout(100)

    def axe(self) -> list[str]:
        """Rules of accessibility (axe-core) that the page breaks seriously, with the places."""
        self.page.evaluate(_axe_source())
        found: dict[str, Any] = self.page.evaluate(_AXE)
        return [
            f"{each['id']}: {node['target']} {node['failureSummary']}"
            for each in found["violations"]
            if each["impact"] in {"serious", "critical"}
            for node in each["nodes"]
        ]

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        wide: int = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return wide


@dataclass
class Visitor:
    """Opens pages of one site as an account of any role."""

    browser: Browser
    address: str
    dsn: str
    seen: list[Watched] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(
        self,
        path: str,
        size: tuple[int, int] = DESKTOP,
        role: Role | None = Role.CONTROL_ROOM,
        language: Language = "zh",
        script: bool = True,
        carrier_id: str = "",
        **options: Any,
    ) -> Watched:
        """Open a page in a browser context of its own; ``role`` None: nobody is signed in."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            has_touch=size[0] < 500,
            locale=LOCALES[language],
            timezone_id="Asia/Shanghai",
            java_script_enabled=script,
            **options,
        )
        self.contexts.append(context)
        if role is not None:
            cookies = logins.cookie(self.dsn, role, carrier_id)
            context.add_cookies([{"name": n, "value": v, "url": self.address} for n, v in cookies.items()])
        self.seen.append(watched := Watched(context.new_page()))
        self.watch(watched)
        watched.page.goto(f"{self.address}{path}")
        return watched

    def watch(self, watched: Watched) -> None:
        """Refuse and count every request to another host, and count errors."""

        def allow(route: Route) -> None:
            if route.request.url.startswith((self.address, "data:", "blob:")):
                route.continue_()
            else:
                watched.foreign.append(route.request.url)
                route.abort()

        watched.page.route("**/*", allow)
        watched.page.on("pageerror", lambda error: watched.errors.append(str(error)))
        watched.page.on(
            "console", lambda line: watched.errors.append(line.text) if line.type == "error" else None
        )


@contextmanager
def visiting(browser: Browser, address: str, dsn: str) -> Iterator[Visitor]:
    """A visitor; at the end all pages are closed and none may have asked elsewhere or complained."""
    visitor = Visitor(browser, address, dsn)
    yield visitor
    for context in visitor.contexts:
        context.close()
    for watched in visitor.seen:
        assert watched.foreign == []
        assert watched.errors == []


Opener = Callable[..., Watched]


@cache
def _axe_source() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
