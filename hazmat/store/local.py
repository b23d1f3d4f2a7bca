"""The embedded server of an installation: where its data is, TimescaleDB preloaded if it comes with it."""

from collections.abc import Mapping
from pathlib import Path

from hazmat.store.binaries import find_binaries
from hazmat.store.embedded import PostgresServer

_TIMESCALE = {"shared_preload_libraries": "timescaledb", "timescaledb.telemetry_level": "off"}


def local_server(
    data_dir: Path, bin_dir: Path | None, settings: Mapping[str, str] | None = None
) -> PostgresServer:
    """The server on `data_dir`/postgres, not started; ProgramNotFoundError if its programs are not there."""
    preload = _TIMESCALE if _has_timescale(find_binaries(bin_dir)) else {}
    return PostgresServer(data_dir / "postgres", bin_dir, {**preload, **(settings or {})})


def _has_timescale(bin_dir: Path) -> bool:
    return any((bin_dir.parent / "lib").glob("**/timescaledb.so"))
