"""Wire forms: what goes in comes out, in its version or not at all."""

import numpy as np
import pytest

from hazmat.position import COLUMN_TYPES, Positions
from ingest import wire
from ingest.wire import (
    BatchHeader,
    UnknownMemoryVersionError,
    memory_from_bytes,
    memory_to_bytes,
    positions_from_bytes,
    positions_to_bytes,
)
from rules.memory import Memory
from tests.fold import Fold, memory_rows
from tests.test_process_law import REGISTRY, drive


def test_positions_round_trip_with_missing_values() -> None:
    given = drive(3, 10)
    header = BatchHeader("gateway-1", 7, 42)
    back, same_header = positions_from_bytes(positions_to_bytes(given, header))
    assert same_header == header
    for name in COLUMN_TYPES:
        np.testing.assert_array_equal(getattr(back, name), getattr(given, name), err_msg=name)
        assert getattr(back, name).dtype == COLUMN_TYPES[name]


def test_no_positions_round_trip() -> None:
    back, _ = positions_from_bytes(positions_to_bytes(Positions.empty(), BatchHeader("", -1, 0)))
    assert len(back) == 0


def test_positions_of_another_version_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    content = positions_to_bytes(drive(3, 2), BatchHeader("", -1, 0))
    monkeypatch.setattr(wire, "POSITIONS_VERSION", 3)
    with pytest.raises(ValueError, match="schema version 2, not 3"):
        positions_from_bytes(content)


def test_memory_round_trips_by_partition_and_is_small() -> None:
    memory = Fold(REGISTRY).feed(drive(4, 40)).memory
    parts = [memory_from_bytes(memory_to_bytes(part)) for part in memory.split().values()]
    assert memory_rows(Memory.merge(parts)) == memory_rows(memory)


def test_memory_of_other_rules_or_damaged_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    content = memory_to_bytes(Fold(REGISTRY).feed(drive(4, 4)).memory)
    with pytest.raises(UnknownMemoryVersionError, match="checksum"):
        memory_from_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    monkeypatch.setattr(wire, "RULES_VERSION", 999)
    with pytest.raises(UnknownMemoryVersionError, match="999"):
        memory_from_bytes(content)
