"""Settings, read once from the environment; the only module that looks at it."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from hazmat.logs import LogFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an installation can set. For the two addresses None stands for the embedded server."""

    database_url: str | None
    mqtt_url: str | None
    mqtt_tls_ca: Path | None
    mqtt_client_id: str
    mqtt_redelivery_seconds: float
    mqtt_port: int
    data_dir: Path
    host: str
    port: int
    postgres_bin: Path | None
    batch_rows: int
    batch_seconds: float
    retention_days: int
    log_format: LogFormat
    tile_url: str | None
    tile_crs: str
    tile_attribution: str
    tls_cert: Path | None
    tls_key: Path | None
    trusted_proxies: str


@dataclass(frozen=True, slots=True)
class Option:
    """How one setting is given: its variable, how the text is read, what holds without it, what it means.

    ``secret``: it may stand in a file instead, which the variable with ``_FILE`` appended names.
    """

    variable: str
    read: Callable[[str], object]
    default: object
    meaning: str
    secret: bool = False


def _path(text: str) -> Path:
    return Path(text).expanduser()


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise ValueError
    return number


def _duration(text: str) -> float:
    return _positive(text) if float(text) else 0.0


def _count(text: str) -> int:
    number = _positive(text)
    if number != int(number):
        raise ValueError
    return int(number)


def _port(text: str) -> int:
    number = _count(text)
    if number > 65535:
        raise ValueError
    return number


def _tile_url(text: str) -> str:
    parts = urlsplit(text)
    named = all(mark in text for mark in ("{z}", "{x}", "{y}"))
    if parts.scheme not in {"http", "https"} or not parts.hostname or "{" in parts.netloc or not named:
        raise ValueError
    if "{" in re.sub(r"\{[zxy]\}", "", text):
        raise ValueError
    return text


def _tile_crs(text: str) -> str:
    if text not in TILE_CRS:
        raise ValueError
    return text


# 4490: degrees (CGCS2000), levels as TianDiTu counts them, 2 × 1 tiles at level 1
TILE_CRS = ("EPSG:3857", "EPSG:4490", "GCJ-02")
_UNSHOWN = frozenset({_tile_url})  # may hold a key: an error does not repeat it


def _log_format(text: str) -> str:
    if text not in {"text", "json"}:
        raise ValueError
    return text


def _networks(text: str) -> str:
    """Addresses or networks, divided by commas, as uvicorn takes them; names would have to be looked up."""
    return ",".join(
        str(ip_network(part.strip())) if "/" in part else str(ip_address(part.strip()))
        for part in text.split(",")
    )


_WANTED: Mapping[Callable[[str], object], str] = {
    _positive: "a number greater than 0",
    _duration: "a number, 0 or greater",
    _count: "a whole number greater than 0",
    _port: "a port from 1 to 65535",
    _networks: "IP addresses or networks, divided by commas",
    _log_format: "text or json",
    _tile_url: "an http or https address of one host with {z}, {x} and {y}; {s} and others are not known",
    _tile_crs: f"one of {', '.join(TILE_CRS)}",
}
OPTIONS: Mapping[str, Option] = {
    "database_url": Option(
        "DATABASE_URL", str, None, "PostgreSQL or TimescaleDB; without it the embedded one", secret=True
    ),
    "mqtt_url": Option(
        "MQTT_URL", str, None, "`mqtt://` or `mqtts://user:password@host:port`; likewise", secret=True
    ),
    "mqtt_tls_ca": Option("MQTT_TLS_CA", _path, None, "CA certificates for `mqtts://`, else the system's"),
    "mqtt_client_id": Option("MQTT_CLIENT_ID", str, "hazmat-ingest", "names our session at the broker"),
    "mqtt_redelivery_seconds": Option(
        "MQTT_REDELIVERY_SECONDS",
        _duration,
        0.0,
        "how late a broker may send again what was unacknowledged; NATS: its `ack_wait`",
    ),
    "mqtt_port": Option("HAZMAT_MQTT_PORT", _port, 1883, "port of the embedded broker, on this machine only"),
    "data_dir": Option("HAZMAT_DATA_DIR", _path, Path("data"), "embedded servers, logs, poisoned batches"),
    "host": Option("HAZMAT_HOST", str, "127.0.0.1", "address on which the screens are served"),
    "port": Option("HAZMAT_PORT", _port, 8080, "port on which the screens are served"),
    "postgres_bin": Option(
        "HAZMAT_POSTGRES_BIN", _path, None, "folder with `postgres` and `initdb` for the embedded database"
    ),
    "batch_rows": Option("HAZMAT_BATCH_ROWS", _count, 4096, "a batch is closed at this many fixes"),
    "batch_seconds": Option("HAZMAT_BATCH_SECONDS", _positive, 0.1, "or at this age"),
    "retention_days": Option(
        "HAZMAT_RETENTION_DAYS", _count, 90, "how long positions are kept; alerts: for ever"
    ),
    "log_format": Option("HAZMAT_LOG_FORMAT", _log_format, "text", "`text`, or `json`: an object a line"),
    "tile_url": Option(
        "HAZMAT_TILE_URL", _tile_url, None, "map tiles, `https://host/{z}/{x}/{y}.png`; without: own layers"
    ),
    "tile_crs": Option(
        "HAZMAT_TILE_CRS", _tile_crs, "EPSG:3857", "of the tiles: `EPSG:3857`, `EPSG:4490` or `GCJ-02`"
    ),
    "tile_attribution": Option("HAZMAT_TILE_ATTRIBUTION", str, "", "whose tiles they are, shown on the map"),
    "tls_cert": Option("HAZMAT_TLS_CERT", _path, None, "certificate (PEM): the screens by HTTPS"),
    "tls_key": Option("HAZMAT_TLS_KEY", _path, None, "its key, not encrypted"),
    "trusted_proxies": Option(
        "HAZMAT_TRUSTED_PROXIES",
        _networks,
        "",
        "reverse proxies whose `X-Forwarded-*` is believed; `,` between",
    ),
}


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """From the environment; a value that cannot be read is a ValueError that names the variable."""
    values: dict[str, Any] = {name: _value(option, environ) for name, option in OPTIONS.items()}
    return Settings(**values)


def to_environment(settings: Settings) -> dict[str, str]:
    """The same settings as variables, for a process that starts in another folder: paths are absolute."""
    values = {option.variable: getattr(settings, name) for name, option in OPTIONS.items()}
    # The process inherits our environment too: a secret's file has been read, it is not given twice.
    values |= {f"{option.variable}_FILE": "" for option in OPTIONS.values() if option.secret}
    return {
        variable: str(value.absolute() if isinstance(value, Path) else value)
        for variable, value in values.items()
        if value is not None
    }


def without_password(url: str) -> str:
    """The address as it may be shown, its password replaced by ``***``."""
    parts = urlsplit(url)
    if not parts.password:
        return re.sub(r"(password\s*=\s*)('[^']*'|\S+)", r"\1***", url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:***@{place}"))


def _value(option: Option, environ: Mapping[str, str]) -> object:
    text, file = environ.get(option.variable), f"{option.variable}_FILE"
    if option.secret and environ.get(file):
        if text:
            raise ValueError(f"{option.variable} and {file} are both set; one is enough")
        text = _from_file(file, environ[file])
    if not text:
        return option.default
    try:
        return option.read(text)
    except ValueError:
        given = "" if option.read in _UNSHOWN else f", not {text!r}"
        raise ValueError(f"{option.variable} must be {_WANTED[option.read]}{given}") from None


def _from_file(name: str, path: str) -> str:
    """A secret as Docker, Kubernetes and systemd hand it over: in a file, its last line break left out."""
    try:
        text = Path(path).expanduser().read_text("utf-8").rstrip("\r\n")
    except OSError as error:
        raise ValueError(f"{name}: cannot read {path} ({error.strerror})") from None
    except UnicodeDecodeError:
        raise ValueError(f"{name}: {path} is not a text") from None
    if not text:
        raise ValueError(f"{name}: {path} is empty")
    return text
