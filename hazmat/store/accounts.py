"""Who signs in: accounts, wrong attempts, sessions. Passwords come and go as hashes only."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hazmat.accounts import Account, Department, Language, Role, Viewer, granted, locked_for
from hazmat.store.audit import AuditEntry, write_entry
from hazmat.store.pool import Connection, Pool, Row
from hazmat.store.queries import load_queries

_QUERIES = load_queries("accounts")
BROWSER_KNOWN = timedelta(days=180)
_FORGOTTEN = timedelta(days=1)  # failures in a row are those without a longer pause


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """An account with what a sign-in is checked by."""

    account: Account
    password_hash: str
    totp_secret: str | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """Whether a password or code may be tried, and until when the name is locked if it is (or was) wrong."""

    allowed: bool
    locked_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """A session to be opened; ``key_hash`` is SHA-256 of the cookie's value, ``browser_hash`` that of the
    cookie by which the browser is known from now on (empty: it is not)."""

    account_id: int
    key_hash: bytes
    csrf: str
    at: datetime
    expires_at: datetime
    address: str
    user_agent: str
    browser_hash: bytes = b""


class Accounts:
    """The door to accounts; all may raise StoreUnavailable."""

    def __init__(self, reading: Pool, writing: Pool) -> None:
        self._reading = reading
        self._writing = writing

    def sign_in(self, login: str) -> SignIn | None:
        """Return the account of a login, disabled ones too; None if there is none."""
        row = self._reading.row(_QUERIES["account"], login=login)
        return None if row is None else sign_in_of(row)

    def by_id(self, account_id: int) -> SignIn | None:
        """Return an account by its number, disabled ones too; None if there is none."""
        row = self._reading.row(_QUERIES["account_by_id"], account_id=account_id)
        return None if row is None else sign_in_of(row)

    def add(self, account: Account, password_hash: str, entry: AuditEntry | None = None) -> int | None:
        """Store a new account (its id is not read) and return its id; None if the login is taken."""
        values = {
            name: getattr(account, name)
            for name in ("login", "name", "role", "carrier_id", "department", "language")
        } | {"must_change_password": account.must_change_password, "password_hash": password_hash}

        def add(connection: Connection) -> int | None:
            row = connection.execute(_QUERIES["add"], values).fetchone()
            if row and entry:
                write_entry(connection, entry)
            return int(row[0]) if row else None

        return self._writing.ask(add)

    def set_language(self, account_id: int, language: Language) -> None:
        """Keep the language that an account has chosen."""
        values = {"account_id": account_id, "language": language}
        self._writing.ask(lambda c: c.execute(_QUERIES["set_language"], values))

    def attempt(self, login: str, at: datetime) -> Attempt:
        """Count an attempt before it is judged, so that many at once are no more than one after the other."""
        return self._writing.ask(lambda c: _attempt(c, login, at))

    def known_by(self, browser_hash: bytes, at: datetime) -> set[str]:
        """Return the names that have signed in from a browser lately; none: it is not known."""
        rows = self._reading.rows(_QUERIES["browser"], browser_hash=browser_hash, since=at - BROWSER_KNOWN)
        return {row["login"] for row in rows}

    def forgive(self, login: str) -> None:
        """Take the last attempt back: it was right, though the sign-in is not complete."""
        self._writing.ask(lambda c: c.execute(_QUERIES["forgive"], {"login": login}))

    def clear_failures(self, login: str) -> None:
        """Forget the wrong attempts of a name."""
        self._writing.ask(lambda c: c.execute(_QUERIES["clear_failures"], {"login": login}))

    def open_session(
        self,
        session: NewSession,
        entry: AuditEntry | None = None,
        *,
        replaced: int = 0,
        step: int | None = None,
        counted: str = "",
    ) -> int | None:
        """Store a session and return its id; failures under the name ``counted`` are forgotten.
        ``replaced``: a session of the same browser that ends; ``step``: the code used. None: this code has
        been used before."""
        values = {name: getattr(session, name) for name in NewSession.__slots__}

        def open_session(connection: Connection) -> int | None:
            code = {"account_id": session.account_id, "step": step}
            if step is not None and not connection.execute(_QUERIES["use_code"], code).fetchone():
                return None
            connection.execute(_QUERIES["replace_session"], values | {"replaced": replaced})
            row = connection.execute(_QUERIES["open_session"], values).fetchone()
            if session.browser_hash:
                connection.execute(_QUERIES["forget_browsers"], {"since": session.at - BROWSER_KNOWN})
                connection.execute(_QUERIES["know_browser"], values)
            if entry:
                connection.execute(_QUERIES["clear_failures"], {"login": counted or entry.login})
                write_entry(connection, entry)
            return int(row[0]) if row else None

        return self._writing.ask(open_session)

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
        scopes = set(row["scopes"])
        return (
            Viewer(
                account=account, permissions=frozenset(each for each in granted(account) if each in scopes)
            ),
            row["token_id"],
            row["last_used_at"],
        )

    def see_session(self, session_id: int, at: datetime) -> None:
        """Note that a session is in use."""
        self._writing.ask(lambda c: c.execute(_QUERIES["see_session"], {"session_id": session_id, "at": at}))

    def see_token(self, token_id: int, at: datetime) -> None:
        """Note that a token is in use."""
        self._writing.ask(lambda c: c.execute(_QUERIES["see_token"], {"token_id": token_id, "at": at}))

    def sessions(self, account_id: int, at: datetime, idle_since: datetime) -> list[Row]:
        """Return an account's open sessions, the one used last first."""
        return self._reading.rows(_QUERIES["sessions"], account_id=account_id, at=at, idle_since=idle_since)

    def revoke_session(self, account_id: int, session_id: int, at: datetime, entry: AuditEntry) -> bool:
        """End one of an account's sessions; False: it has none such."""
        values = {"account_id": account_id, "session_id": session_id, "at": at}

        def revoke(connection: Connection) -> bool:
            if connection.execute(_QUERIES["revoke_session"], values).fetchone() is None:
                return False
            write_entry(connection, entry)
            return True

        return self._writing.ask(revoke)


def account_of(row: Row) -> Account:
    """Return the account in a row of the queries here."""
    return Account(
        role=Role(row["role"]),
        department=Department(row["department"]) if row["department"] else None,
        **{name: row[name] for name in ("account_id", "login", "name", "carrier_id", "language")},
        **{name: row[name] for name in ("disabled", "must_change_password", "has_totp")},
    )


def sign_in_of(row: Row) -> SignIn:
    """Return the account in a row, with what a sign-in is checked by."""
    return SignIn(account=account_of(row), password_hash=row["password_hash"], totp_secret=row["totp_secret"])


def _attempt(connection: Connection, login: str, at: datetime) -> Attempt:
    name = {"login": login, "at": at, "since": at - _FORGOTTEN}
    connection.execute(_QUERIES["forget_failures"], name)
    connection.execute(_QUERIES["begin_failures"], name)
    row = connection.execute(_QUERIES["failures"], name).fetchone()
    failures, locked_until = row or (0, None)
    if locked_until is not None and locked_until > at:
        return Attempt(False, locked_until)
    wait = locked_for(failures + 1)
    locked_until = at + wait if wait else None
    connection.execute(
        _QUERIES["set_failures"], name | {"failures": failures + 1, "locked_until": locked_until}
    )
    return Attempt(True, locked_until)
