"""Who may sign in and what each role may do. Pure: sessions and passwords are the store's and the gate's."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

Language = Literal["zh", "en"]


class Role(StrEnum):
    """Whom an account stands for; decides what it may do."""

    CONTROL_ROOM = "control_room"
    OFFICER = "officer"
    INSPECTOR = "inspector"
    ENTERPRISE = "enterprise"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Department(StrEnum):
    """Whose officer or inspector it is; the names are those of ``rules.rule.Receiver``."""

    TRAFFIC_POLICE = "traffic_police"
    TRANSPORT = "transport"
    EMERGENCY = "emergency_management"
    FIRE = "fire_rescue"
    MARKET = "market_supervision"


class Permission(StrEnum):
    """What a route asks for; the same words are the scopes of an API token."""

    OWN_ACCOUNT = "account:own"
    LIVE = "live:read"
    ALERTS = "alerts:read"
    HANDLE = "alerts:handle"
    VEHICLES = "vehicles:read"
    TRACKS = "tracks:read"
    PORTAL = "portal:read"
    REPORTS = "reports:read"
    COVERAGE = "coverage:read"
    RULES = "rules:read"
    RULES_WRITE = "rules:write"
    USERS = "users:manage"
    AUDIT = "audit:read"
    SYSTEM = "system:read"
    METRICS = "metrics:read"


_FIELD = (Permission.ALERTS, Permission.HANDLE, Permission.VEHICLES, Permission.TRACKS)
GRANTS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        role: frozenset((Permission.OWN_ACCOUNT, *granted))
        for role, granted in {
            Role.CONTROL_ROOM: (
                *_FIELD, Permission.LIVE, Permission.REPORTS, Permission.COVERAGE, Permission.RULES,
                Permission.SYSTEM,
            ),
            Role.OFFICER: (*_FIELD, Permission.LIVE),
            Role.INSPECTOR: _FIELD,
            Role.ENTERPRISE: (
                Permission.LIVE, Permission.ALERTS, Permission.VEHICLES, Permission.TRACKS, Permission.PORTAL,
            ),
            Role.AUDITOR: (Permission.AUDIT, Permission.COVERAGE, Permission.RULES),
            Role.ADMINISTRATOR: (
                Permission.USERS, Permission.RULES, Permission.RULES_WRITE, Permission.SYSTEM,
                Permission.METRICS,
            ),
        }.items()
    }
)  # fmt: skip


_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
_FREE_FAILURES = 5
_FIRST_LOCK, _LONGEST_LOCK = timedelta(seconds=30), timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One person's (or program's) account. ``carrier_id`` is set for an enterprise's accounts alone and
    ``department`` for those of officers and inspectors; ``language`` None: as the browser asks."""

    account_id: int
    login: str
    name: str
    role: Role
    carrier_id: str = ""
    department: Department | None = None
    language: Language | None = None
    disabled: bool = False
    must_change_password: bool = False
    has_totp: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """An account behind a request, as the gate let it in: ``permissions`` are its role's, or of these a
    token's scopes. ``session_id`` 0: no browser session but a token; ``csrf`` is then empty."""

    account: Account
    permissions: frozenset[Permission]
    session_id: int = 0
    csrf: str = ""
    address: str = ""

    @property
    def tenant(self) -> str | None:
        """The one carrier whose vehicles this viewer sees; None: an authority, which sees all."""
        return self.account.carrier_id if self.account.role is Role.ENTERPRISE else None

    @property
    def receiver(self) -> str | None:
        """The department whose alerts alone this viewer sees; None: those of all."""
        if self.account.role is not Role.INSPECTOR:
            return None
        return str(self.account.department or "")

    def may(self, permission: Permission | str) -> bool:
        """Whether this viewer holds a permission."""
        return permission in self.permissions


def account_faults(role: Role, carrier_id: str, department: Department | None) -> dict[str, str]:
    """What is wrong with an account's ties, by field; empty: nothing."""
    faults = {}
    if (role is Role.ENTERPRISE) != bool(carrier_id):
        faults["carrier_id"] = "an enterprise's account names its carrier, no other account does"
    if (role in {Role.OFFICER, Role.INSPECTOR}) != (department is not None):
        faults["department"] = "officers and inspectors belong to a department, others to none"
    return faults


def login_fault(login: str) -> str:
    """What is wrong with the name of a new account; empty: nothing."""
    if _LOGIN.fullmatch(login):
        return ""
    return "2 to 64 small letters, digits, dots, dashes and underscores; a letter or digit first"


def locked_for(failures: int) -> timedelta:
    """How long a name is locked after so many wrong passwords or codes in a row: from the 5th on half a
    minute, doubling to a quarter of an hour."""
    if failures < _FREE_FAILURES:
        return timedelta(0)
    return min(_FIRST_LOCK * (1 << min(failures - _FREE_FAILURES, 10)), _LONGEST_LOCK)


def offered_scopes(account: Account) -> tuple[Permission, ...]:
    """What a token of this account may be given. Never its own account nor those of others: who steals a
    token must not be able to make himself a password or another token of it."""
    kept_back = {Permission.OWN_ACCOUNT, Permission.USERS}
    return tuple(each for each in Permission if each in granted(account) - kept_back)


def granted(account: Account) -> frozenset[Permission]:
    """What an account may do; before its first password is changed no more than that."""
    if account.must_change_password:
        return frozenset((Permission.OWN_ACCOUNT,))
    return GRANTS[account.role]
