"""What the screens read of vehicles, alerts and fences: short questions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, cast

import numpy as np
import psycopg

from hazmat.columns import Floats, Ids, Ints, Mask, Times
from hazmat.coverage import TripGroup
from hazmat.store.coverage import last_day, read_trips
from hazmat.store.pool import Pool, Row
from hazmat.store.queries import load_queries

TRACK_ROWS = 20_000
_QUERIES = load_queries("screens")
_COPY_HEADER_BYTES = 19  # signature, flags, length of the (empty) extension
_COPY_TRAILER_BYTES = 2
_EPOCH_2000_MS = 946_684_800_000
# One row of PostgreSQL's binary COPY when its fields have a fixed width; each is led by its length.
_FLEET_ROW = np.dtype(
    [
        *[("fields", ">i2"), ("_0", ">i4"), ("vehicle_id", "S32"), ("_1", ">i4"), ("fix_time", ">i8")],
        *[
            ("_2", ">i4"),
            ("received_at", ">i8"),
            ("_3", ">i4"),
            ("lon", ">f8"),
            ("_4", ">i4"),
            ("lat", ">f8"),
        ],
        *[("_5", ">i4"), ("speed_kmh", ">f8"), ("_6", ">i4"), ("heading_deg", ">f8")],
        *[("_7", ">i4"), ("phase", ">i2"), ("_8", ">i4"), ("loaded", "?")],
    ]
)


@dataclass(frozen=True, slots=True)
class FleetRows:
    """Where vehicles were last, one row a vehicle, sorted by id; no place (NaN) without a GNSS fix."""

    vehicle_id: Ids
    fix_time: Times
    received_at: Times
    lon: Floats
    lat: Floats
    speed_kmh: Floats
    heading_deg: Floats
    phase: Ints
    loaded: Mask


@dataclass(frozen=True, slots=True)
class AlertLevel:
    """An alert as far as a truck's colour needs it; ``changed_at`` tells whether its row was rewritten,
    ``handled`` (the newest handling's number, 0: none) whether somebody did something about it."""

    alert_id: str
    vehicle_id: str
    severity: str
    firing: bool
    changed_at: datetime
    handled: int = 0


class Plate(NamedTuple):
    """A registered vehicle's plate, its colour and whose it is."""

    plate: str
    colour: str
    carrier_id: str


@dataclass(frozen=True, slots=True)
class Track:
    """A vehicle's located fixes, oldest first."""

    fix_time: Times
    lon: Floats
    lat: Floats
    speed_kmh: Floats
    heading_deg: Floats


class Screens:
    """What the live map and the pages about alerts and vehicles ask. All may raise StoreUnavailable."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def close(self) -> None:
        """Close the pool."""
        self._pool.close()

    def fleet(self) -> FleetRows:
        """Return the last known place of every vehicle that ever reported."""
        return self._pool.ask(_read_fleet)

    def registry_version(self) -> int:
        """Return the version of the reference data."""
        return int(self._value("registry_version"))

    def registry_refusal(self) -> str:
        """Return why the flow does not judge by the newest reference data; empty: it does."""
        return str(self._value("registry_refusal"))

    def alert_levels(self, unseen: Sequence[str] = ()) -> list[AlertLevel]:
        """Return the alerts that are open, just written or lately handled, but for ``unseen`` rules."""
        query, values = _QUERIES["alert_levels"], {"unseen": list(unseen)}
        return self._pool.ask(lambda c: [AlertLevel(*row) for row in c.execute(query, values)])

    def alert_rows(
        self,
        ids: Sequence[str] | None = None,
        since: datetime | None = None,
        rows: int = 5000,
        unseen: Sequence[str] = (),
    ) -> list[Row]:
        """Return alerts as lists show them, newest first: those named, or those open or changed since.

        Of the latter not those of ``unseen`` rules.
        """
        values = {
            "ids": None if ids is None else list(ids), "since": since, "rows": rows, "unseen": list(unseen),
        }  # fmt: skip
        return self._pool.rows(_QUERIES["alert_rows"], **values)

    def plates(self, ids: Sequence[str]) -> dict[str, Plate]:
        """Return plates by vehicle id; an unregistered vehicle is left out."""
        query = _QUERIES["plates"]
        return self._pool.ask(
            lambda c: {name: Plate(*row) for name, *row in c.execute(query, {"ids": list(ids)})}
        )

    def fences(self, at: datetime, tenant: str | None = None) -> str:
        """Return the fences in force at a moment as GeoJSON text (FeatureCollection, WGS-84).

        For a tenant (a carrier_id) without the corridors of others' waybills.
        """
        return str(self._value("fences", at=at, tenant=tenant))

    def vehicle(self, vehicle_id: str, at: datetime) -> Row | None:
        """Return registration, last place and papers of a vehicle; None if it is unknown."""
        return cast("Row | None", self._value("vehicle", id=vehicle_id, at=at))

    def alert_file(self, alert_id: str) -> Row | None:
        """Return an alert with fence and documents as they stood when it opened; None if there is none."""
        return cast("Row | None", self._value("alert_file", id=alert_id))

    def last_fix_time(self, vehicle_id: str) -> datetime | None:
        """Return when a vehicle last reported, None if never."""
        return cast("datetime | None", self._value("last_fix_time", id=vehicle_id))

    def track(self, vehicle_id: str, start: datetime, end: datetime) -> Track:
        """Return a vehicle's located fixes from start to end, both included; at most ``TRACK_ROWS``."""
        values = {"id": vehicle_id, "start": start, "end": end, "rows": TRACK_ROWS}
        rows = self._pool.ask(lambda c: c.execute(_QUERIES["track"], values).fetchall())
        table = np.array(rows, float).reshape(-1, 5)
        return Track(table[:, 0].astype(np.int64).astype("datetime64[ms]"), *table[:, 1:].T)

    def trips(self, day: date | None, share: float) -> tuple[date | None, list[TripGroup]]:
        """Return (local day, its trips by gate and needs met), without a day of the last one with a trip."""

        def read(connection: psycopg.Connection[Any]) -> tuple[date | None, list[TripGroup]]:
            asked = day or last_day(connection)
            return asked, [] if asked is None else read_trips(connection, asked, asked, share)

        return self._pool.ask(read)

    def _value(self, name: str, **values: object) -> Any:
        return self._pool.value(_QUERIES[name], **values)


def _read_fleet(connection: psycopg.Connection[Any]) -> FleetRows:
    with connection.cursor() as cursor, cursor.copy(_QUERIES["fleet"]) as copy:
        data = b"".join(bytes(block) for block in copy)
    return decode_fleet(data)


def decode_fleet(data: bytes) -> FleetRows:
    """Return the rows of a binary COPY of the query ``fleet``; a ValueError if a field has another width."""
    body = data[_COPY_HEADER_BYTES:-_COPY_TRAILER_BYTES]
    if len(body) % _FLEET_ROW.itemsize:
        raise ValueError(
            f"binary COPY of {len(body)} bytes is no whole number of {_FLEET_ROW.itemsize}-byte rows"
        )
    rows = np.frombuffer(body, _FLEET_ROW)
    rows = rows[np.argsort(rows["vehicle_id"])]
    return FleetRows(
        vehicle_id=np.char.rstrip(rows["vehicle_id"]),
        fix_time=_times(rows["fix_time"]),
        received_at=_times(rows["received_at"]),
        lon=rows["lon"].astype(float),
        lat=rows["lat"].astype(float),
        speed_kmh=rows["speed_kmh"].astype(float),
        heading_deg=rows["heading_deg"].astype(float),
        phase=rows["phase"].astype(np.int64),
        loaded=rows["loaded"].astype(bool),
    )


def _times(microseconds: np.ndarray[Any, Any]) -> Times:
    return (microseconds.astype(np.int64) // 1000 + _EPOCH_2000_MS).astype("datetime64[ms]")
