"""Opens connections, all in the same way: a server that vanishes is noticed within half a minute."""

from typing import TypeAlias

import psycopg

Connection: TypeAlias = psycopg.Connection[tuple[object, ...]]

_OPTIONS = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,  # milliseconds that sent data may stay unacknowledged
    "fallback_application_name": "hazmat",
}


def connect(dsn: str, autocommit: bool = True) -> Connection:
    """A new connection, to be closed by the caller; psycopg's errors pass.

    Without ``autocommit`` it commits when its ``with`` block ends well.
    """
    return psycopg.connect(dsn, autocommit=autocommit, **_OPTIONS)  # type: ignore[arg-type]
