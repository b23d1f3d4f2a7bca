"""Certificates given on the command line or by settings: checked before anything is started."""

from __future__ import annotations

import ssl
from pathlib import Path

from hazmat.cli.complaint import ConditionError


def demand_pair(cert: Path | None, key: Path | None, names: tuple[str, str]) -> None:
    """ConditionError that names the option unless certificate and key are both there and fit, or neither."""
    if cert is None and key is None:
        return
    if cert is None or key is None:
        given, missing = names if key is None else names[::-1]
        raise ConditionError(f"{missing} is missing: {given} is given, and both are needed")
    _demand_readable(cert, names[0])
    _demand_readable(key, names[1])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(cert, key, password=lambda: b"")
    except ssl.SSLError as error:
        raise ConditionError(f"{names[0]} {cert} and {names[1]} {key}: {_trouble(error)}") from None


def _demand_readable(path: Path, name: str) -> None:
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        raise ConditionError(f"{name}: cannot read {path} ({error.strerror})") from None


def _trouble(error: ssl.SSLError) -> str:
    if error.reason == "KEY_VALUES_MISMATCH":
        return "the key is not the certificate's"
    return f"no PEM certificate with its unencrypted key ({error.reason or error})"
