"""Accounts as an administrator handles them. Every change is written with its audit entry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from hazmat.accounts import Account
from hazmat.store.accounts import account_of
from hazmat.store.audit import AuditEntry, write_entry
from hazmat.store.pool import Connection, Pool
from hazmat.store.queries import load_queries

_QUERIES = load_queries("users")
_OWN = load_queries("credentials")
_ALL_WAYS_IN = ("revoke_sessions", "revoke_tokens", "end_waiting", "end_browsers")


class LastAdministrator(Exception):  # noqa: N818
    """The change would leave nobody who can make accounts; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An account in the list; ``locked_until`` None: it is not locked just now."""

    account: Account
    created_at: datetime
    last_seen_at: datetime | None
    locked_until: datetime | None


class Users:
    """The door to accounts for those who manage them; all may raise StoreUnavailable."""

    def __init__(self, reading: Pool, writing: Pool) -> None:
        self._reading = reading
        self._writing = writing

    def all(self, at: datetime) -> list[Listed]:
        """Return all accounts by login."""
        rows = self._reading.rows(_QUERIES["users"], at=at)
        return [
            Listed(account_of(row), row["created_at"], row["last_seen_at"], row["locked_until"])
            for row in rows
        ]

    def exist(self) -> bool:
        """Whether anybody can sign in at all."""
        return bool(self._reading.value(_QUERIES["any_account"]))

    def carriers(self) -> Mapping[str, str]:
        """Return the carriers an enterprise's account can be tied to, id to name."""
        return {row["carrier_id"]: row["name"] for row in self._reading.rows(_QUERIES["carriers"])}

    def busiest_carrier(self) -> str:
        """Return the carrier with the most vehicles; empty: there is none."""
        return str(self._reading.value(_QUERIES["busiest_carrier"]) or "")

    def edit(self, account: Account, was: Account, entry: AuditEntry) -> None:
        """Store name, role and ties; sessions end when more than the name changes. LastAdministrator."""
        values = {
            name: getattr(account, name)
            for name in ("account_id", "name", "role", "carrier_id", "department")
        }

        def edit(connection: Connection) -> None:
            connection.execute(_QUERIES["edit"], values)
            ties = [(each.role, each.carrier_id, each.department) for each in (was, account)]
            if ties[0] != ties[1]:
                _end(connection, account.account_id, entry.at, "revoke_sessions")

        self._change(edit, entry)

    def set_disabled(self, account_id: int, disabled: bool, entry: AuditEntry) -> None:
        """Close an account, which ends its sessions, or open it again. LastAdministrator."""

        def change(connection: Connection) -> None:
            connection.execute(_QUERIES["set_disabled"], {"account_id": account_id, "disabled": disabled})
            if disabled:
                _end(connection, account_id, entry.at, "revoke_sessions")

        self._change(change, entry)

    def reset(self, account_id: int, password_hash: str, entry: AuditEntry) -> None:
        """Give a password made by us, to be changed at once; second step, sessions and tokens end."""

        def reset(connection: Connection) -> None:
            values = {"account_id": account_id, "password_hash": password_hash}
            connection.execute(_QUERIES["reset"], values)
            _end(connection, account_id, entry.at, *_ALL_WAYS_IN)

        self._change(reset, entry)

    def _change(self, change: Callable[[Connection], None], entry: AuditEntry) -> None:
        def all_of_it(connection: Connection) -> None:
            connection.execute(_QUERIES["lock_users"])
            before = _administrators(connection)
            change(connection)
            if before and not _administrators(connection):
                raise LastAdministrator
            write_entry(connection, entry)

        self._writing.ask(all_of_it)


def _administrators(connection: Connection) -> int:
    row = connection.execute(_QUERIES["administrators"]).fetchone()
    return int(row[0]) if row else 0


def _end(connection: Connection, account_id: int, at: datetime, *what: str) -> None:
    for query in what:
        connection.execute(_OWN[query], {"account_id": account_id, "at": at, "kept": 0})
