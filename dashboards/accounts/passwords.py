"""Passwords as argon2id hashes (RFC 9106, the library's second recommended setting: 64 MiB, 3 passes)."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dashboards.i18n import N_

SHORTEST, LONGEST = 12, 1024
TOO_SHORT = N_("A password has at least 12 characters; four words are easy to remember.")
TOO_LONG = N_("A password has at most 1024 characters.")
LIKE_LOGIN = N_("The password must not contain the name of the account.")
COMMON = N_("This password is among those that everybody tries first.")
_HASHER = PasswordHasher()
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another one
# What is tried first when twelve characters are asked for; beside it whatever has few different characters.
_COMMON = frozenset(
    {
        "123456789012", "1234567890123", "12345678901234", "1234567890ab", "123456789abc", "abcdefghijkl",
        "qwertyuiop12", "qwertyuiop123", "qwertyuiopas", "qwertyuiop[]", "1q2w3e4r5t6y", "1qaz2wsx3edc",
        "1qaz2wsx3edc4rfv", "zaq12wsxcde3", "password1234", "password12345", "passwordpassword",
        "administrator", "adminadminadmin", "admin1234567", "admin12345678", "letmeinletmein", "iloveyou1234",
        "woaini1314520", "woaini123456", "5201314woaini", "a123456789012", "qq123456789012", "asdfghjkl123",
        "correct horse battery staple", "correcthorsebatterystaple", "hazmat123456", "jiaojing1234",
        "weixianpin123", "zhenhai123456", "changeme1234", "welcome12345", "p@ssw0rd1234", "passw0rd1234",
    }
)  # fmt: skip


def hashed(password: str) -> str:
    """Return the hash to store."""
    return _HASHER.hash(password)


def fits(password_hash: str | None, password: str) -> bool:
    """Whether a password is the one hashed; without a hash it takes as long and is wrong."""
    try:
        return _HASHER.verify(password_hash or _nobodys(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def password_fault(password: str, login: str) -> str:
    """What is wrong with a new password, as a marked text; empty: nothing."""
    plain = password.casefold()
    if len(password) < SHORTEST:
        return TOO_SHORT
    if len(password) > LONGEST:
        return TOO_LONG
    if login and login.casefold() in plain:
        return LIKE_LOGIN
    return COMMON if plain in _COMMON or len(set(plain)) < 5 else ""


def random_password() -> str:
    """Return a password that nobody has had: 20 letters in groups of four, 99 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(5))


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody has this password")
