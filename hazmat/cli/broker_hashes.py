"""Password hashes as mosquitto and nats-server read them.

The passwords are random, of 144 bits: nobody guesses them whatever the hash costs, so both costs are the
smallest that the brokers accept, and 20,000 vehicles take seconds.
"""

from __future__ import annotations

import base64
import ctypes
import ctypes.util
import hashlib
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from hazmat.cli.complaint import ConditionError

MOSQUITTO_MARK, BCRYPT_MARK = "$7$", "$2b$"
_ITERATIONS = 101  # what mosquitto_passwd takes without -I
_SALT_BYTES = 12
_BCRYPT_SIGNS = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_BCRYPT_LAST = ".Oeu"  # the 22nd sign carries two bits
_CRYPT_DATA_BYTES = 131_232  # glibc's struct crypt_data; libxcrypt's is smaller
Crypt = Callable[[str], str]


def mosquitto_hashes(passwords: Sequence[str]) -> list[str]:
    """PBKDF2-SHA512, ``$7$iterations$salt$hash``, as mosquitto_passwd writes it."""
    return [_mosquitto_hash(password) for password in passwords]


def bcrypt_hashes(passwords: Sequence[str]) -> list[str]:
    """bcrypt of cost 4, by the system's libcrypt on all cores; ConditionError where that has none."""
    crypt = _libcrypt()
    with ThreadPoolExecutor() as pool:
        return list(pool.map(crypt, passwords, chunksize=64))


def _mosquitto_hash(password: str) -> str:
    salt = secrets.token_bytes(_SALT_BYTES)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    return f"{MOSQUITTO_MARK}{_ITERATIONS}${_base64(salt)}${_base64(digest)}"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _libcrypt() -> Crypt:
    try:
        crypt_r = ctypes.CDLL(ctypes.util.find_library("crypt")).crypt_r
    except (OSError, AttributeError):
        raise ConditionError("no libcrypt with crypt_r on this system: apt-get install libcrypt1") from None
    crypt_r.restype = ctypes.c_char_p
    crypt_r.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p)

    def crypt(password: str) -> str:
        work = ctypes.create_string_buffer(_CRYPT_DATA_BYTES)
        found = crypt_r(password.encode(), _bcrypt_setting().encode(), work)
        text = (found or b"").decode()
        if not text.startswith(BCRYPT_MARK):
            raise ConditionError("the system's libcrypt knows no bcrypt: install libxcrypt")
        return text

    return crypt


def _bcrypt_setting() -> str:
    salt = "".join(secrets.choice(_BCRYPT_SIGNS) for _ in range(21)) + secrets.choice(_BCRYPT_LAST)
    return f"{BCRYPT_MARK}04${salt}"
