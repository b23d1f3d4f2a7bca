"""Settings, read once from the environment; the only module that looks at it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an installation can set; the README lists the same table. None stands for the embedded server."""

    database_url: str | None
    mqtt_url: str | None
    mqtt_tls_ca: Path | None
    mqtt_client_id: str
    data_dir: Path
    host: str
    port: int
    postgres_bin: Path | None
    batch_rows: int
    batch_seconds: float
    retention_days: int


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """From the environment; a value that cannot be read is a ValueError that names the variable."""
    return Settings(
        database_url=environ.get("DATABASE_URL") or None,
        mqtt_url=environ.get("MQTT_URL") or None,
        mqtt_tls_ca=_path(environ, "MQTT_TLS_CA"),
        mqtt_client_id=environ.get("MQTT_CLIENT_ID") or "hazmat-ingest",
        data_dir=_path(environ, "HAZMAT_DATA_DIR") or Path("data"),
        host=environ.get("HAZMAT_HOST") or "127.0.0.1",
        port=int(_number(environ, "HAZMAT_PORT", 8080)),
        postgres_bin=_path(environ, "HAZMAT_POSTGRES_BIN"),
        batch_rows=int(_number(environ, "HAZMAT_BATCH_ROWS", 4096)),
        batch_seconds=_number(environ, "HAZMAT_BATCH_SECONDS", 0.1),
        retention_days=int(_number(environ, "HAZMAT_RETENTION_DAYS", 90)),
    )


def _path(environ: Mapping[str, str], name: str) -> Path | None:
    return Path(environ[name]).expanduser() if environ.get(name) else None


def _number(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name)
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{name} must be a number, not {text!r}") from None
    if not number > 0:
        raise ValueError(f"{name} must be greater than 0, not {text!r}")
    return number
