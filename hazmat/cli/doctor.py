"""`hazmat doctor`: what is there, what is in force, what is missing and how to get it."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata

from hazmat.childprocess import ChildError, ProgramNotFoundError
from hazmat.cli.broker_probe import ask_broker
from hazmat.settings import OPTIONS, Settings, without_password
from hazmat.store.binaries import closed_folder, find_binaries, server_user
from hazmat.store.capability import detect_at
from hazmat.store.errors import StoreError, door
from hazmat.store.local import local_server
from ingest.broker import find_nats_server

_PACKAGES = ("numpy", "shapely", "pyproj", "msgspec", "pyarrow", "paho-mqtt", "psycopg", "fastapi", "folium")
_NEEDED_BYTES = 1 << 30


class Level(StrEnum):
    """How a finding is to be taken."""

    OK = "ok"
    NOTE = "note"
    MISSING = "MISSING"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; ``remedy`` says how to mend what is missing."""

    level: Level
    text: str
    remedy: str = ""


def doctor(settings: Settings) -> int:
    """Print the report; returns 1 if something needed is missing, else 0."""
    missing = 0
    for title, examine in _CHAPTERS.items():
        print(f"\n{title}")
        for finding in examine(settings):
            missing += finding.level is Level.MISSING
            print(f"  {finding.level:8} {finding.text}")
            if finding.remedy:
                print(f"  {'':8} -> {finding.remedy}")
    print(f"\n{missing} missing" if missing else "\nnothing is missing")
    return 1 if missing else 0


def _versions(_: Settings) -> Iterator[Finding]:
    ours = metadata.version("hazmat-supervision")
    yield Finding(Level.OK, f"hazmat {ours}, Python {platform.python_version()}, {platform.system()}")
    found = ", ".join(f"{name} {metadata.version(name)}" for name in _PACKAGES)
    yield Finding(Level.OK, found)


def _database(settings: Settings) -> Iterator[Finding]:
    if settings.database_url:
        yield from _reached(settings.database_url, Level.MISSING)
        return
    try:
        server = local_server(settings.data_dir, settings.postgres_bin)
    except ProgramNotFoundError as error:
        yield Finding(Level.MISSING, "no DATABASE_URL and no embedded PostgreSQL", str(error))
        return
    yield Finding(Level.OK, f"embedded PostgreSQL, programs in {find_binaries(settings.postgres_bin)}")
    user = server_user(server.data_dir)
    if user and (closed := closed_folder(server.data_dir, user)):
        remedy = "set HAZMAT_DATA_DIR to a folder elsewhere, or run as another user than root"
        yield Finding(Level.MISSING, f"it runs as {user.pw_name}, who may not enter {closed}", remedy)
    yield from _reached(server.dsn, Level.NOTE)


def _reached(dsn: str, otherwise: Level) -> Iterator[Finding]:
    place = without_password(dsn)
    try:
        with door():
            found = detect_at(dsn)
    except StoreError as error:
        if otherwise is Level.NOTE:
            yield Finding(Level.NOTE, "not running now; `hazmat demo` and `hazmat serve` start it")
        else:
            yield Finding(
                otherwise,
                f"{place}: {' '.join(str(error).split())}",
                "start the server or correct DATABASE_URL",
            )
        return
    yield Finding(Level.OK, f"{place}: PostgreSQL {found.server_version}")
    yield from _edition(found.edition, found.timescaledb_version)


def _edition(edition: str, version: str | None) -> Iterator[Finding]:
    match edition:
        case "timescale":
            yield Finding(Level.OK, f"TimescaleDB {version}, Timescale edition")
        case "apache":
            yield Finding(
                Level.OK, f"TimescaleDB {version}, Apache edition: no compression; retention is ours"
            )
        case _:
            remedy = "for many vehicles: install timescaledb and add it to shared_preload_libraries"
            yield Finding(Level.NOTE, "no TimescaleDB: positions are kept in day partitions", remedy)


def _broker(settings: Settings) -> Iterator[Finding]:
    if settings.mqtt_url:
        place = without_password(settings.mqtt_url)
        reply = ask_broker(settings.mqtt_url, settings.mqtt_tls_ca)
        if reply.trouble:
            yield Finding(Level.MISSING, f"{place}: {reply.trouble}", "start the broker or correct MQTT_URL")
        else:
            yield Finding(Level.OK, f"{place}: {reply.kind}")
        return
    try:
        program = find_nats_server()
    except ChildError as error:
        yield Finding(Level.MISSING, "no MQTT_URL and no embedded broker", str(error))
        return
    yield Finding(Level.OK, f"embedded NATS server {program}, port {settings.mqtt_port} of this machine only")
    if ask_broker(f"mqtt://127.0.0.1:{settings.mqtt_port}", None).trouble:
        yield Finding(Level.NOTE, "not running now; `hazmat demo` and `hazmat serve` start it")


def _disk(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir.absolute()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    text = f"{folder}: {free / 1e9:.1f} GB free"
    if free < _NEEDED_BYTES:
        yield Finding(Level.MISSING, text, "free 1 GB, or set HAZMAT_DATA_DIR to a larger disk")
    elif not os.access(existing, os.W_OK):
        yield Finding(Level.MISSING, f"{text}, but we may not write to {existing}", "set HAZMAT_DATA_DIR")
    else:
        yield Finding(Level.OK, text)


def _settings(settings: Settings, environ: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    for name, option in OPTIONS.items():
        value = getattr(settings, name)
        shown = "-" if value is None else without_password(str(value))
        source = "environment" if environ.get(option.variable) else "default"
        yield Finding(Level.OK, f"{option.variable:22} {shown:30} {source}")


_CHAPTERS: Mapping[str, Callable[[Settings], Iterator[Finding]]] = {
    "Versions": _versions,
    "Database": _database,
    "Broker": _broker,
    "Disk": _disk,
    "Settings": _settings,
}
