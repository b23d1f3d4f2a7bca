"""`hazmat user`: accounts from the command line, the first administrator among them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from dashboards.accounts.passwords import hashed, password_fault, random_password
from hazmat.accounts import Account, Department, Role, account_faults, login_fault
from hazmat.cli.complaint import ConditionError
from hazmat.cli.database import bring_up_to_date, database
from hazmat.clock import SHANGHAI, now
from hazmat.settings import Settings
from hazmat.store.accounts import SignIn
from hazmat.store.audit import AuditEntry
from hazmat.store.doors import Doors
from hazmat.store.users import LastAdministrator


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An account as the command line asks for it."""

    login: str
    role: Role
    name: str = ""
    carrier_id: str = ""
    department: Department | None = None
    password_file: Path | None = None


def add_user(settings: Settings, wanted: Wanted) -> int:
    """Make an account; its password is the file's first line, else a random one that is printed once."""
    login = wanted.login.strip().lower()
    faults = account_faults(wanted.role, wanted.carrier_id, wanted.department)
    if fault := login_fault(login):
        faults["login"] = fault
    options = {"carrier_id": "--carrier", "department": "--department", "login": "LOGIN"}
    if faults:
        raise ConditionError("; ".join(f"{options[field]}: {fault}" for field, fault in faults.items()))
    password = _read_password(wanted.password_file, login) if wanted.password_file else random_password()
    account = Account(
        account_id=0,
        login=login,
        name=wanted.name.strip() or login,
        role=wanted.role,
        carrier_id=wanted.carrier_id,
        department=wanted.department,
        must_change_password=wanted.password_file is None,
    )
    with _doors(settings) as doors:
        if account.carrier_id and account.carrier_id not in doors.users.carriers():
            raise ConditionError(f"--carrier: the registry has no enterprise {account.carrier_id}")
        if doors.accounts.add(account, hashed(password), _entry("add account", login)) is None:
            raise ConditionError(f"LOGIN: {login} is taken")
    print(f"added {login} ({wanted.role})")
    if wanted.password_file is None:
        _print_password(password)
    return 0


def list_users(settings: Settings) -> int:
    """Print all accounts."""
    with _doors(settings) as doors:
        for each in doors.users.all(now()):
            account = each.account
            tie = account.carrier_id or account.department or ""
            seen = each.last_seen_at.astimezone(SHANGHAI) if each.last_seen_at else None
            state = "disabled" if account.disabled else "locked" if each.locked_until else ""
            when = f"{seen:%Y-%m-%d %H:%M}" if seen else "never seen"
            print(f"{account.login:24} {account.role:14} {tie:24} {when:16} {state}".rstrip())
    return 0


def set_disabled(settings: Settings, login: str, disabled: bool) -> int:
    """Close an account and end its sessions, or open it again."""
    with _doors(settings) as doors:
        found = _known(doors, login)
        entry = _entry("disable account" if disabled else "enable account", found.account.login)
        try:
            doors.users.set_disabled(found.account.account_id, disabled, entry)
        except LastAdministrator:
            raise ConditionError(f"{login} is the last administrator: add another one first") from None
    print(f"{'disabled' if disabled else 'enabled'} {found.account.login}")
    return 0


def reset_user(settings: Settings, login: str) -> int:
    """Give an account a new password, printed once; its sessions, tokens and second step end."""
    password = random_password()
    with _doors(settings) as doors:
        found = _known(doors, login)
        entry = _entry("reset password", found.account.login)
        doors.users.reset(found.account.account_id, hashed(password), entry)
        doors.accounts.clear_failures(found.account.login)
    print(f"reset {found.account.login}")
    _print_password(password)
    return 0


@contextmanager
def _doors(settings: Settings) -> Iterator[Doors]:
    with database(settings) as dsn:
        bring_up_to_date(dsn)
        with closing(Doors(dsn)) as doors:
            yield doors


def _known(doors: Doors, login: str) -> SignIn:
    found = doors.accounts.sign_in(login.strip().lower())
    if found is None:
        raise ConditionError(f"there is no account {login}; `hazmat user list` names them")
    return found


def _entry(action: str, login: str) -> AuditEntry:
    return AuditEntry(at=now(), action=action, login="(command line)", object_kind="account", object_id=login)


def _read_password(file: Path, login: str) -> str:
    password = (file.read_text("utf-8").splitlines() or [""])[0]
    if fault := password_fault(password, login):
        raise ConditionError(f"--password-file: {fault}")
    return password


def _print_password(password: str) -> None:
    print(f"password  {password}\nIt is shown this once and must be changed at the first sign-in.")
