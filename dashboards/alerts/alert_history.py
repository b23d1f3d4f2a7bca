"""The history of an alert's handling as its page tells it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hazmat.store.pool import Row


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One deed; ``taken_from``: who held the alert until this claim, empty for nobody."""

    handling_id: int
    kind: str
    at: datetime
    name: str
    text: str
    photo: str | None
    size: tuple[int, int] | None
    taken_from: str


def told_history(rows: Sequence[Row]) -> list[HistoryLine]:
    """Return what was done, oldest first, and from whom each claim took the alert."""
    lines, holder = [], ""
    for row in rows:  # few: what people did about one alert
        kind = row["kind"]
        size = (row["width"], row["height"]) if row["photo"] else None
        taken_from = holder if kind == "claim" else ""
        what = (row["handling_id"], kind, row["at"], row["name"], row["text"])
        lines.append(HistoryLine(*what, row["photo"], size, taken_from))
        holder = row["name"] if kind == "claim" else "" if kind == "release" else holder
    return lines
