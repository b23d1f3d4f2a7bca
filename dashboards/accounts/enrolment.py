"""Codes of an authenticator app (TOTP, RFC 6238: six digits, every 30 s) and the picture it reads."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest

import pyotp
import segno

_STEP_S = 30
_ISSUER = "Hazmat"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A secret that is shown and not yet stored; ``picture`` is a QR code as a data URI."""

    secret: str
    picture: str


def enrolment(login: str, secret: str = "") -> Enrolment:
    """Return a new secret, or the given one again, as an authenticator app reads it."""
    secret = secret or pyotp.random_base32()
    uri = pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=_ISSUER)
    return Enrolment(secret, segno.make(uri, error="m").svg_data_uri(scale=4, border=3, light="#fff"))


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """Return the step (30 s each, since 1970) that a code belongs to, one too early or late allowed; None:
    it belongs to none of these."""
    digits = "".join(unicodedata.normalize("NFKC", code).split())
    now, codes = int(at.timestamp()) // _STEP_S, pyotp.TOTP(secret)
    fits = [
        step
        for step in (now - 1, now, now + 1)
        if compare_digest(codes.generate_otp(step).encode(), digits.encode())
    ]
    return fits[-1] if fits else None
