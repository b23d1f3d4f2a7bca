"""A scripted case: its trucks with their papers, and what of it is a breach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from hazmat.clock import SHANGHAI
from ingest.simulator.script import Drive

Row: TypeAlias = Mapping[str, Any]
# (rule id, start, end or None) in seconds of the script, and the object of the alert where it matters
Truth: TypeAlias = tuple[str, float, float | None] | tuple[str, float, float | None, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Truck:
    """A drive with its papers, which differ from full and proper ones as said.

    Fields are those of ``hazmat.documents``; a time ``valid_to_s`` stands for ``valid_to`` in seconds of the
    script. Two trucks with one ``key`` report as one vehicle. ``waybills`` empty: none at all.
    """

    drive: Drive
    key: str = ""
    truth: Sequence[Truth] = ()
    vehicle: Row = field(default_factory=dict)
    waybills: Sequence[Row] = ({},)
    permits: Sequence[Row] = ()
    driver: Row | None = field(default_factory=dict)
    escort: Row | None = field(default_factory=dict)
    carrier: Row = field(default_factory=dict)
    blacklist: Sequence[Row] = ()
    registered: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A named case; ``rules`` are those it is a labelled case for, whether they fire in it or must not.

    ``start``: when second 0 is. ``until_s``: silence lasted until then.
    """

    name: str
    text: str
    rules: tuple[str, ...]
    trucks: tuple[Truck, ...]
    start: datetime
    until_s: float | None = None

    def vehicle_id(self, truck: Truck) -> str:
        """Id of a truck in the world that all cases share."""
        return f"{self.name}.{truck.key}" if truck.key else self.name


def case(
    name: str, rules: str, text: str, *trucks: Truck, drive: Drive | None = None,
    start: str = "2026-06-10 12:00", until_s: float | None = None,
    **papers: Any,
) -> Case:  # fmt: skip
    """A case of one ``drive`` with its papers, or of several trucks. ``rules`` are parted by spaces.

    ``start`` is Shanghai time; the usual one is a Wednesday noon, no holiday.
    """
    alone = (Truck(drive=drive, **papers),) if drive else ()
    return Case(
        name=name, text=text, rules=tuple(rules.split()), trucks=(*alone, *trucks), until_s=until_s,
        start=datetime.fromisoformat(start).replace(tzinfo=SHANGHAI),
    )  # fmt: skip
