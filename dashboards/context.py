"""What the parts of the web application share: doors, clock, live stream, settings, the page maker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from fastapi import Request

from hazmat.accounts import Viewer
from hazmat.settings import Settings
from hazmat.store.doors import Doors

if TYPE_CHECKING:
    from dashboards.live.live import Live
    from dashboards.page import PageMaker

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Context:
    """One instance an application; every router is made from it."""

    doors: Doors
    clock: Clock
    live: Live
    settings: Settings
    page: PageMaker


def viewer_of(request: Request) -> Viewer:
    """Return who asks, on a route that is not open to all: the gate has put them there."""
    viewer: Viewer | None = request.state.viewer
    if viewer is None:
        raise LookupError(f"{request.url.path} is open to all: nobody may have signed in")
    return viewer
