"""What an account proves itself with, changed by its owner: password, second step, API tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hazmat.store.accounts import SignIn, sign_in_of
from hazmat.store.audit import AuditEntry, write_entry
from hazmat.store.pool import Connection, Pool, Row
from hazmat.store.queries import load_queries

_QUERIES = load_queries("credentials")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token to be made; ``key_hash`` is SHA-256 of what its owner is shown once."""

    account_id: int
    name: str
    key_hash: bytes
    scopes: Sequence[str]
    at: datetime
    expires_at: datetime


class Credentials:
    """The door to them; all may raise StoreUnavailable. What changes is written with its audit entry."""

    def __init__(self, reading: Pool, writing: Pool) -> None:
        self._reading = reading
        self._writing = writing

    def change_password(self, account_id: int, password_hash: str, kept: int, entry: AuditEntry) -> None:
        """Store an owner's new password; all sessions but ``kept`` end."""

        def change(connection: Connection) -> None:
            values = {"account_id": account_id, "password_hash": password_hash, "kept": kept, "at": entry.at}
            connection.execute(_QUERIES["set_password"], values)
            connection.execute(_QUERIES["revoke_sessions"], values)
            connection.execute(_QUERIES["end_waiting"], values)
            write_entry(connection, entry)

        self._writing.ask(change)

    def set_totp(self, account_id: int, secret: str | None, step: int, entry: AuditEntry) -> None:
        """Turn the second step on with a secret and the code's step that proved it, or off (None)."""

        def change(connection: Connection) -> None:
            values = {"account_id": account_id, "secret": secret, "step": step}
            connection.execute(_QUERIES["set_totp"], values)
            connection.execute(_QUERIES["end_waiting"], values)
            write_entry(connection, entry)

        self._writing.ask(change)

    def await_code(self, key_hash: bytes, account_id: int, at: datetime, expires_at: datetime) -> None:
        """Keep that a password was right, until its code comes."""

        def keep(connection: Connection) -> None:
            values = {"key_hash": key_hash, "account_id": account_id, "at": at, "expires_at": expires_at}
            connection.execute(_QUERIES["drop_pending"], values)
            connection.execute(_QUERIES["add_pending"], values)

        self._writing.ask(keep)

    def awaiting_code(self, key_hash: bytes, at: datetime) -> SignIn | None:
        """Return whose code is awaited; None: nobody's, or the time for it is over."""
        row = self._reading.row(_QUERIES["pending"], key_hash=key_hash, at=at)
        return None if row is None else sign_in_of(row)

    def code_came(self, key_hash: bytes, at: datetime) -> None:
        """Await a code no more."""
        values = {"key_hash": key_hash, "at": at}
        self._writing.ask(lambda c: c.execute(_QUERIES["drop_pending"], values))

    def tokens(self, account_id: int, at: datetime) -> list[Row]:
        """Return an account's tokens that have not ended, the newest first."""
        return self._reading.rows(_QUERIES["tokens"], account_id=account_id, at=at)

    def add_token(self, token: NewToken, entry: AuditEntry) -> None:
        """Store a new token."""
        values = {name: getattr(token, name) for name in NewToken.__slots__} | {"scopes": list(token.scopes)}

        def add(connection: Connection) -> None:
            connection.execute(_QUERIES["add_token"], values)
            write_entry(connection, entry)

        self._writing.ask(add)

    def revoke_token(self, account_id: int, token_id: int, entry: AuditEntry) -> bool:
        """End one of an account's tokens; False: it has none such."""
        values = {"account_id": account_id, "token_id": token_id, "at": entry.at}

        def revoke(connection: Connection) -> bool:
            if connection.execute(_QUERIES["revoke_token"], values).fetchone() is None:
                return False
            write_entry(connection, entry)
            return True

        return self._writing.ask(revoke)
