"""Fixes to and from PostgreSQL's binary COPY, whole blocks at a time: no Python call per row.

Format: PostgreSQL manual, COPY, "Binary Format". A row is a count of fields, then length and value of each,
big-endian; length -1 is NULL. Rows are laid out at full width first; the octets that a NULL or a short id
does not have are then left out by one mask.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hazmat.columns import ID_WIDTH, TIME_DTYPE, Ints, Mask
from hazmat.outcome import Outcome
from hazmat.position import COLUMN_TYPES, Positions

_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER = b"\xff\xff"
_EPOCH_MS = 946_684_800_000  # 2000-01-01, where PostgreSQL counts microseconds from
_PAD = b"\x01"  # fills ids to full width on the way out of the database; no id holds it
_TIME_COLUMNS = ("fix_time", "received_at")
_FLOAT_COLUMNS = tuple(name for name, dtype in COLUMN_TYPES.items() if dtype == np.float64)
_WIDE = (*_TIME_COLUMNS, *_FLOAT_COLUMNS)
_WORDS = ("alarm", "status", "load")  # -1 is NULL
_FLAGS = ("has_fix", "late", "known")
_SQL_TYPES = (
    {"vehicle_id": f"S{ID_WIDTH}"}
    | dict.fromkeys(_TIME_COLUMNS, ">i8")
    | dict.fromkeys(_FLOAT_COLUMNS, ">f8")
    | {"alarm": ">i8", "status": ">i8", "load": ">i2", "has_fix": "?", "late": "?", "known": "?"}
    | {"row_no": ">i4"}
)
STAGED_COLUMNS = (*_SQL_TYPES, "phase", "loaded")
STORED_COLUMNS = (*_SQL_TYPES, "batch_no")


def _row_dtype(types: dict[str, str]) -> np.dtype[Any]:
    """A row at full width: each field is `<name>_size` (the length that goes before it) and `<name>`."""
    parts: list[tuple[str, str]] = [("fields", ">i2")]
    for name, code in types.items():
        parts += [(f"{name}_size", ">i4"), (name, code)]
    return np.dtype(parts)


_STAGED = _row_dtype(_SQL_TYPES | {"phase": ">i2", "loaded": "?"})
_STORED = _row_dtype(_SQL_TYPES | {"batch_no": ">i8"})


@dataclass(frozen=True, slots=True)
class _Block:
    """Rows at full width, and which octets of them are sent."""

    rows: NDArray[Any]
    sent: NDArray[np.bool_]

    def put(self, name: str, values: NDArray[Any], missing: Mask | None = None) -> None:
        width = _STAGED[name].itemsize
        self.rows[name] = values
        self.rows[f"{name}_size"] = width if missing is None else np.where(missing, -1, width)
        if missing is not None and missing.any():
            self._drop(name, ~missing[:, None])

    def put_ids(self, name: str, values: NDArray[np.bytes_]) -> None:
        length = np.char.str_len(values)
        self.rows[name] = values
        self.rows[f"{name}_size"] = length
        self._drop(name, np.arange(_STAGED[name].itemsize) < length[:, None])

    def _drop(self, name: str, keep: Mask) -> None:
        fields = _STAGED.fields
        assert fields is not None
        dtype, start = fields[name][:2]
        self.sent[:, start : start + dtype.itemsize] = keep

    def octets(self) -> bytes:
        flat = self.rows.view(np.uint8).reshape(len(self.rows), _STAGED.itemsize)
        return _HEADER + flat[self.sent].tobytes() + _TRAILER


def to_copy(outcome: Outcome) -> bytes:
    """The accepted fixes of a batch as one binary COPY of STAGED_COLUMNS, in their order of arrival.

    ``phase`` and ``loaded`` are set on the rows where a vehicle was last, NULL on the others.
    """
    positions = outcome.positions
    count = len(positions)
    block = _Block(np.zeros(count, _STAGED), np.ones((count, _STAGED.itemsize), np.bool_))
    block.rows["fields"] = len(STAGED_COLUMNS)
    block.put_ids("vehicle_id", positions.vehicle_id)
    for name in _TIME_COLUMNS:
        block.put(name, _to_microseconds(getattr(positions, name)))
    for name in _FLOAT_COLUMNS:
        block.put(name, getattr(positions, name), np.isnan(getattr(positions, name)))
    for name in _WORDS:
        block.put(name, getattr(positions, name), getattr(positions, name) == -1)
    block.put("has_fix", positions.has_fix)
    block.put("late", outcome.late)
    block.put("known", outcome.known)
    block.put("row_no", np.arange(count))
    _put_last_known(block, outcome)
    return block.octets()


def _put_last_known(block: _Block, outcome: Outcome) -> None:
    last, count = outcome.last_known, len(outcome.positions)
    phase, loaded, absent = np.zeros(count, np.int16), np.zeros(count, np.bool_), np.ones(count, np.bool_)
    phase[last.row], loaded[last.row], absent[last.row] = last.phase, last.loaded, False
    block.put("phase", phase, absent)
    block.put("loaded", loaded, absent)


def _to_microseconds(times: NDArray[np.datetime64]) -> Ints:
    if np.isnat(times).any():
        raise ValueError("a fix without a time cannot be stored")
    milliseconds: Ints = times.astype(TIME_DTYPE).astype(np.int64)
    return (milliseconds - _EPOCH_MS) * 1000


def from_copy(data: bytes) -> NDArray[Any]:
    """Rows at full width of a binary COPY without its header: what the query `stored_rows` sends."""
    return np.frombuffer(data, _STORED)


def to_positions(rows: NDArray[Any]) -> Positions:
    """The fixes of such rows; ``message`` is their batch_no."""
    columns: dict[str, NDArray[Any]] = {}
    for name, dtype in COLUMN_TYPES.items():
        source = rows["batch_no" if name == "message" else name]
        columns[name] = source.astype(dtype)
    columns["vehicle_id"] = np.char.rstrip(columns["vehicle_id"], _PAD)
    for name in _TIME_COLUMNS:
        columns[name] = (rows[name].astype(np.int64) // 1000 + _EPOCH_MS).astype(TIME_DTYPE)
    return Positions(**columns)


def came_late(rows: NDArray[Any]) -> Mask:
    """Which of such rows were late."""
    return rows["late"].astype(np.bool_)


def whole_rows(pieces: Iterator[bytes], at_least: int = 20_000) -> Iterator[NDArray[Any]]:
    """Rows of a binary COPY of STORED_COLUMNS that arrives in pieces, some thousand at a time."""
    buffer = bytearray()
    skip = len(_HEADER)
    for piece in pieces:
        buffer += piece
        count = (len(buffer) - skip) // _STORED.itemsize
        if count >= at_least:
            yield from_copy(bytes(buffer[skip : skip + count * _STORED.itemsize]))
            del buffer[: skip + count * _STORED.itemsize]
            skip = 0
    rest = bytes(buffer[skip : -len(_TRAILER)])
    if len(rest) % _STORED.itemsize:
        raise ValueError(f"binary COPY of {len(rest)} octets is no whole number of rows")
    if rest:
        yield from_copy(rest)
