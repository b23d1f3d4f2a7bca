"""How the live stream looks on the wire: whole numbers in columns, each message made and compressed once."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import orjson

from dashboards.live.fleet import Fleet
from hazmat.columns import Ints, Rows
from hazmat.store.screens import Plate

COLUMNS = ("lon", "lat", "speed", "heading", "state", "phase")
# A gzip stream is this header and then blocks; each message is compressed by itself and ends on a full flush,
# so that the same bytes continue anybody's stream.
GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_OPTIONS = orjson.OPT_SERIALIZE_NUMPY


@dataclass(frozen=True, slots=True)
class Message:
    """One server-sent event, ready to send either way."""

    plain: bytes
    gzipped: bytes

    @classmethod
    def of(cls, event: str, identity: str, data: bytes) -> Self:
        """From an event's name, its id for ``Last-Event-ID`` (may be empty) and one line of JSON."""
        lead = f"id: {identity}\n" if identity else ""
        plain = f"event: {event}\n{lead}data: ".encode() + data + b"\n\n"
        packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
        return cls(plain, packer.compress(plain) + packer.flush(zlib.Z_FULL_FLUSH))


def changes(fleet: Fleet, before: Fleet, at_ms: int) -> dict[str, Any]:
    """Return what differs from the fleet before as small numbers, which compress to a few bytes a truck.

    ``i``: each changed row's distance from the changed row before it, the first from row 0. The columns: what
    to add to the value that the row had (0 for a new row); nothing is rounded. ``age`` as ``columns`` has it.
    """
    rows = fleet.changed_since(before)
    old = rows[: np.searchsorted(rows, len(before))]

    def grown(name: str) -> Ints:
        moved = getattr(fleet, name)[rows]
        moved[: len(old)] -= getattr(before, name)[old]
        return np.ascontiguousarray(moved)

    steps = np.diff(rows, prepend=0)
    return {"i": steps, **{name: grown(name) for name in COLUMNS}, "age": _age(fleet, rows, at_ms)}


def columns(fleet: Fleet, at_ms: int) -> dict[str, Any]:
    """Return the columns of all trucks; ``age`` is seconds since each was last heard at ``at_ms``."""
    wanted: dict[str, Any] = {name: np.ascontiguousarray(getattr(fleet, name)) for name in COLUMNS}
    return wanted | {"age": _age(fleet, np.arange(len(fleet)), at_ms)}


def _age(fleet: Fleet, rows: Rows, at_ms: int) -> Ints:
    return np.ascontiguousarray(np.maximum(0, (at_ms - fleet.seen[rows]) // 1000))


def names(fleet: Fleet, start: int, plates: Mapping[str, Plate]) -> dict[str, list[str]]:
    """Return ids, plates, colours of the trucks from row ``start`` on; an id stands for a missing plate."""
    ids = [name.decode() for name in fleet.ids[start:].tolist()]
    known = [plates.get(name) or Plate(name, "", "") for name in ids]
    return {"id": ids, "plate": [each.plate for each in known], "colour": [each.colour for each in known]}


def encode(message: Mapping[str, Any]) -> bytes:
    """Return JSON in one line; NumPy columns as arrays of whole numbers."""
    return orjson.dumps(message, option=_OPTIONS)


def identity(epoch: str, tick: int) -> str:
    """Return an event's id: which process's numbering, and its number."""
    return f"{epoch}-{tick}"


def parse_identity(text: str | None) -> tuple[str, int] | None:
    """Return what ``identity`` wrote; None for anything else."""
    epoch, _, number = (text or "").partition("-")
    return (epoch, int(number)) if epoch and number.isascii() and number.isdigit() else None
