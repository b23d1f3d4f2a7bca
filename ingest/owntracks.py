"""The second dialect: OwnTracks JSON (owntracks.org booklet, "JSON"), turned into our own fixes."""

from typing import Annotated

from msgspec import Meta, Struct, field
from msgspec.json import Decoder

from ingest.contract import Fix

_NAN = float("nan")
_WITH_FIX = frozenset({"location", "transition"})


class _Typed(Struct, gc=False):
    type: str = field(name="_type")


class _Location(Struct, gc=False):
    tst: Annotated[float, Meta(ge=0, le=253402300799)]
    lat: float
    lon: float
    vel: float | None = None
    cog: float | None = None
    acc: float | None = None
    alt: float | None = None


_typed = Decoder(_Typed)
_location = Decoder(_Location)


def read_owntracks(payload: bytes) -> Fix | None:
    """The fix in one OwnTracks object; None for the types that carry none (lwt, waypoint, card, unknown …).

    tst is epoch seconds, vel km/h, acc and alt metres, cog degrees. Raises what msgspec raises.
    """
    if _typed.decode(payload).type not in _WITH_FIX:
        return None
    said = _location.decode(payload)
    return Fix(
        fix_time=round(said.tst * 1000),
        lon=said.lon,
        lat=said.lat,
        speed_kmh=_unless_negative(said.vel),
        heading_deg=_unless_negative(said.cog),
        accuracy_m=said.acc,
        altitude_m=said.alt,
    )


def _unless_negative(value: float | None) -> float:
    return _NAN if value is None or value < 0 else value  # iOS says -1 for unknown
