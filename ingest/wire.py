"""Wire forms: positions as an Arrow batch, memory as compressed bytes. Each carries its version."""

import io
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from hazmat.position import COLUMN_TYPES, Positions
from rules.catalogue import RULES_VERSION
from rules.memory import MEMORY_VERSION, Episodes, Memory, VehicleMemory

POSITIONS_VERSION = 2


class UnknownMemoryVersionError(Exception):
    """A checkpoint of another version of memory or rules: rebuild from stored positions instead."""


@dataclass(frozen=True, slots=True)
class BatchHeader:
    """Where a batch came from: gateway, partition (-1: all), counter of that gateway's batches."""

    gateway: str
    partition: int
    counter: int


def positions_to_bytes(positions: Positions, header: BatchHeader) -> bytes:
    """One Arrow IPC stream; header, schema version and first/last received_at (ms) stand in its metadata."""
    received = positions.received_at.astype(np.int64)
    metadata = {
        "positions_version": str(POSITIONS_VERSION),
        "gateway": header.gateway,
        "partition": str(header.partition),
        "counter": str(header.counter),
        "first_received_at": str(received.min()) if len(received) else "",
        "last_received_at": str(received.max()) if len(received) else "",
    }
    return _to_bytes(positions.columns(), metadata)


def positions_from_bytes(content: bytes) -> tuple[Positions, BatchHeader]:
    """The inverse; another schema version is a ValueError."""
    columns, metadata = _from_bytes(content, COLUMN_TYPES)
    if metadata["positions_version"] != str(POSITIONS_VERSION):
        raise ValueError(
            f"positions in schema version {metadata['positions_version']}, not {POSITIONS_VERSION}"
        )
    header = BatchHeader(metadata["gateway"], int(metadata["partition"]), int(metadata["counter"]))
    return Positions(**columns), header


def memory_to_bytes(memory: Memory) -> bytes:
    """Vehicles and episodes as two lz4 Arrow streams, one after the other."""
    version = {"memory_version": str(MEMORY_VERSION), "rules_version": str(RULES_VERSION)}
    first, second = _to_bytes(memory.vehicles.flat(), version), _to_bytes(memory.episodes.flat(), version)
    content = len(first).to_bytes(8, "big") + first + second
    return zlib.crc32(content).to_bytes(4, "big") + content


def memory_from_bytes(content: bytes) -> Memory:
    """The inverse; bytes of another version, or that are damaged, raise UnknownMemoryVersionError."""
    body = content[4:]
    if zlib.crc32(body).to_bytes(4, "big") != content[:4]:
        raise UnknownMemoryVersionError("checkpoint is damaged: its checksum does not fit")
    split = 8 + int.from_bytes(body[:8], "big")
    vehicles = VehicleMemory.from_flat(_checked(body[8:split], VehicleMemory.flat_types()))
    return Memory.of(vehicles, Episodes.from_flat(_checked(body[split:], Episodes.flat_types())))


def _checked(content: bytes, types: dict[str, np.dtype[Any]]) -> dict[str, NDArray[Any]]:
    reader = pa.ipc.open_stream(io.BytesIO(content))
    metadata = {key.decode(): value.decode() for key, value in (reader.schema.metadata or {}).items()}
    found = metadata.get("memory_version"), metadata.get("rules_version")
    if found != (str(MEMORY_VERSION), str(RULES_VERSION)):
        raise UnknownMemoryVersionError(
            f"memory and rules in version {found}, not {MEMORY_VERSION}, {RULES_VERSION}"
        )
    return _from_bytes(content, types)[0]


def _to_bytes(columns: dict[str, NDArray[Any]], metadata: dict[str, str]) -> bytes:
    arrays = {name: _array(column) for name, column in columns.items()}
    batch = pa.RecordBatch.from_pydict(arrays).replace_schema_metadata(metadata)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, batch.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as writer:
        writer.write_batch(batch)
    return sink.getvalue()


def _array(column: NDArray[Any]) -> pa.Array:
    if column.ndim == 2:
        return pa.FixedSizeListArray.from_arrays(pa.array(column.ravel()), column.shape[1])
    return pa.array(column.astype(object) if column.dtype.kind == "S" else column)


def _column(values: pa.ChunkedArray, dtype: np.dtype[Any]) -> NDArray[Any]:
    if dtype.shape:
        flat = values.combine_chunks().flatten().to_numpy(zero_copy_only=False)
        return flat.astype(dtype.base).reshape(-1, *dtype.shape)  # type: ignore[no-any-return]
    return values.to_numpy(zero_copy_only=False).astype(dtype)  # type: ignore[no-any-return]


def _from_bytes(
    content: bytes, types: dict[str, np.dtype[Any]]
) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    table = pa.ipc.open_stream(io.BytesIO(content)).read_all()
    metadata = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    columns = {name: _column(table.column(name), dtype) for name, dtype in types.items()}
    return columns, metadata
