"""Accounts, their sessions and tokens in the database. Passwords come and go as hashes only."""

from dataclasses import dataclass
from datetime import datetime

from hazmat.accounts import Account, Department, Permission, Role, Viewer, granted
from hazmat.store.pool import Pool, Row
from hazmat.store.queries import load_queries

_QUERIES = load_queries("accounts")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """An account with what a sign-in is checked by; ``failures`` are wrong passwords in a row."""

    account: Account
    password_hash: str
    failures: int
    locked_until: datetime | None
    totp_secret: str | None
    totp_last_step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """A session to be opened; ``key_hash`` is SHA-256 of the cookie's value."""

    account_id: int
    key_hash: bytes
    csrf: str
    at: datetime
    expires_at: datetime
    address: str
    user_agent: str


class Accounts:
    """The door to accounts; all may raise StoreUnavailable."""

    def __init__(self, reading: Pool, writing: Pool) -> None:
        self._reading = reading
        self._writing = writing

    def sign_in(self, login: str) -> SignIn | None:
        """Return the account of a login, disabled ones too; None if there is none."""
        row = self._reading.row(_QUERIES["account"], login=login)
        if row is None:
            return None
        return SignIn(
            account=account_of(row),
            **{name: row[name] for name in ("password_hash", "failures", "locked_until")},
            **{name: row[name] for name in ("totp_secret", "totp_last_step")},
        )

    def all(self) -> list[Row]:
        """Return all accounts by login, with when each was last seen."""
        return self._reading.rows(_QUERIES["accounts"])

    def add(self, account: Account, password_hash: str) -> int | None:
        """Store a new account (its id is not read) and return its id; None if the login is taken."""
        found = self._writing.value(
            _QUERIES["add"],
            login=account.login,
            name=account.name,
            role=account.role,
            carrier_id=account.carrier_id,
            department=account.department,
            language=account.language,
            password_hash=password_hash,
            must_change_password=account.must_change_password,
        )
        return None if found is None else int(found)

    def open_session(self, session: NewSession) -> int:
        """Store a session and return its id."""
        values = {name: getattr(session, name) for name in NewSession.__slots__}
        return int(self._writing.value(_QUERIES["open_session"], **values))

    def by_session(
        self, key_hash: bytes, at: datetime, idle_since: datetime
    ) -> tuple[Viewer, datetime] | None:
        """Return who is behind a session and when it was last used; None: it is unknown or over."""
        row = self._reading.row(_QUERIES["session"], key_hash=key_hash, at=at, idle_since=idle_since)
        if row is None:
            return None
        account = account_of(row)
        viewer = Viewer(
            account=account,
            permissions=granted(account),
            session_id=row["session_id"],
            csrf=row["csrf"],
        )
        return viewer, row["last_seen_at"]

    def by_token(self, key_hash: bytes, at: datetime) -> tuple[Viewer, int, datetime | None] | None:
        """Return who is behind a token, its id and when it was last used; None: it is unknown or over."""
        row = self._reading.row(_QUERIES["token"], key_hash=key_hash, at=at)
        if row is None:
            return None
        account = account_of(row)
        scopes = frozenset(Permission(scope) for scope in row["scopes"] if scope in Permission)
        return (
            Viewer(account=account, permissions=scopes & granted(account)),
            row["token_id"],
            row["last_used_at"],
        )

    def see_session(self, session_id: int, at: datetime) -> None:
        """Note that a session is in use."""
        self._writing.ask(lambda c: c.execute(_QUERIES["see_session"], {"session_id": session_id, "at": at}))

    def see_token(self, token_id: int, at: datetime) -> None:
        """Note that a token is in use."""
        self._writing.ask(lambda c: c.execute(_QUERIES["see_token"], {"token_id": token_id, "at": at}))

    def revoke_session(self, account_id: int, session_id: int, at: datetime) -> bool:
        """End one of an account's sessions; False: it has none such."""
        values = {"account_id": account_id, "session_id": session_id, "at": at}
        return self._writing.value(_QUERIES["revoke_session"], **values) is not None

    def revoke_sessions(self, account_id: int, at: datetime, kept: int = 0) -> int:
        """End all of an account's sessions but one; return how many."""
        return len(self._writing.rows(_QUERIES["revoke_sessions"], account_id=account_id, at=at, kept=kept))


def account_of(row: Row) -> Account:
    """Return the account in a row of the queries here."""
    return Account(
        role=Role(row["role"]),
        department=Department(row["department"]) if row["department"] else None,
        **{name: row[name] for name in ("account_id", "login", "name", "carrier_id", "language")},
        **{name: row[name] for name in ("disabled", "must_change_password", "has_totp")},
    )
