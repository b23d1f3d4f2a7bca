"""How fast the map draws in a headless Chromium without a GPU, beside Leaflet's circles in the same run."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ZOOMS = (11.0, 13.0, 15.0)
_DRAGS = 3
_STEPS = 45  # mouse moves a drag, one a frame
_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")
_FIRST_ROW = """new MutationObserver((_, watch) => {
  if (!document.querySelector("#alert-list [data-id]")) return;
  window.firstRowMs = performance.now();
  watch.disconnect();
}).observe(document, { childList: true, subtree: true });"""
_REFERENCE = """(count) => {
  const box = document.body.appendChild(document.createElement("div"));
  Object.assign(box.style, { position: "fixed", inset: "0", zIndex: 9999 });
  const map = L.map(box, { preferCanvas: true, zoomSnap: 0.5 }).setView([29.985, 121.62], 12);
  for (let n = 0; n < count; n++)
    L.circleMarker([29.9 + Math.random() * 0.17, 121.46 + Math.random() * 0.3], { radius: 3 }).addTo(map);
  const times = [];
  for (let n = 0; n < 60; n++) {
    const began = performance.now();
    map.panBy([n % 20 < 10 ? 6 : -6, 3], { animate: false });
    times.push(performance.now() - began);
  }
  map.remove();
  box.remove();
  return times.slice(5);
}"""


class BrowserMissingError(RuntimeError):
    """The benchmark needs a browser that is not there."""


@dataclass(frozen=True, slots=True)
class Frames:
    """Milliseconds that a frame of the truck layer takes while the map is dragged and trucks glide."""

    trucks: int
    zoom: float
    median_ms: float
    p95_ms: float
    frames: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """How long until the first alert stands there, and what came over the wire until the page was quiet."""

    trucks: int
    first_row_ms: float
    transferred_kb: float


@dataclass(frozen=True, slots=True)
class Measured:
    """One size of fleet; ``reference_ms``: the median of Leaflet's circles, 0 where not measured."""

    arrival: Arrival
    frames: tuple[Frames, ...]
    reference_ms: float


def measure(browser: Browser, address: str, login: str, password: str, trucks: int, circles: int) -> Measured:
    """Sign in at a running site that shows ``trucks`` trucks and measure its live map."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    try:
        page.goto(f"{address}/login")
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", password)
        page.click("main button")
        page.wait_for_url(lambda url: "/login" not in url)
        arrival = _arrive(page, f"{address}/live", trucks)
        reference = np.median(page.evaluate(_REFERENCE, circles)) if circles else 0.0
        return Measured(arrival, tuple(_drag(page, trucks, zoom) for zoom in ZOOMS), float(reference))
    finally:
        page.close()


def launch(playwright: Any) -> Browser:
    """Start Chromium; BrowserMissingError says how to get one."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        raise BrowserMissingError("no chromium on the PATH: install the system's package chromium")
    browser: Browser = playwright.chromium.launch(executable_path=path, args=list(_ARGUMENTS))
    return browser


def _arrive(page: Page, url: str, trucks: int) -> Arrival:
    page.add_init_script(_FIRST_ROW)
    session = page.context.new_cdp_session(page)
    received: list[float] = []
    session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.goto(url)
    while not page.evaluate(f"window.firstRowMs > 0 && window.liveMap?.fleet.length >= {trucks}"):
        page.wait_for_timeout(100)
    page.wait_for_timeout(1500)
    return Arrival(trucks, float(page.evaluate("window.firstRowMs")), sum(received) / 1000)


def _drag(page: Page, trucks: int, zoom: float) -> Frames:
    page.evaluate(f"liveMap.map.setView([29.985, 121.62], {zoom}, {{ animate: false }})")
    page.wait_for_timeout(500)
    times: list[float] = []
    for _ in range(_DRAGS):
        page.mouse.move(640, 480)
        page.mouse.down()
        for step in range(_STEPS):
            page.mouse.move(640 + 3 * step, 480 + step)
            page.wait_for_timeout(16)
        times += page.evaluate("liveMap.trucks.frameTimes()")[-_STEPS:]
        page.mouse.up()
        page.wait_for_timeout(300)
    return Frames(trucks, zoom, float(np.median(times)), float(np.percentile(times, 95)), len(times))
