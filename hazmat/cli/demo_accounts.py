"""The demo's accounts: one a role with random passwords, printed once. Nothing else brings accounts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from dashboards.accounts.passwords import hashed, random_password
from hazmat.accounts import Account, Department, Role
from hazmat.clock import now
from hazmat.store.audit import AuditEntry
from hazmat.store.doors import Doors

_NAMES = {
    Role.CONTROL_ROOM: "指挥中心大屏",
    Role.OFFICER: "王警官",
    Role.INSPECTOR: "应急局 李工",
    Role.ENTERPRISE: "企业安全员",
    Role.AUDITOR: "审计员",
    Role.ADMINISTRATOR: "系统管理员",
}
_DEPARTMENTS = {Role.OFFICER: Department.TRAFFIC_POLICE, Role.INSPECTOR: Department.EMERGENCY}


def ensure_demo_accounts(dsn: str, say: Callable[[str], None]) -> None:
    """Make the accounts at the first start and say their passwords; later say how to get new ones."""
    with closing(Doors(dsn)) as doors:
        if doors.users.exist():
            say("accounts: kept; passwords were printed at the first start; `hazmat user reset LOGIN`")
            return
        say("\n  Accounts of the demo; the passwords are printed this once:\n")
        say(f"  {'account':16} {'password':26} role")
        for account in _accounts(doors.users.busiest_carrier()):
            password = random_password()
            entry = AuditEntry(
                at=now(), action="add account", login="(demo)", object_kind="account", object_id=account.login
            )
            doors.accounts.add(account, hashed(password), entry)
            tie = f" of {account.carrier_id}" if account.carrier_id else ""
            say(f"  {account.login:16} {password:26} {account.role.replace('_', ' ')}{tie}")
        say("")


def say_if_nobody_can_sign_in(dsn: str, say: Callable[[str], None]) -> None:
    """One line about the first account, where there is none."""
    with closing(Doors(dsn)) as doors:
        if not doors.users.exist():
            say("accounts: none yet; `hazmat user add LOGIN --role administrator` makes the first one")


def _accounts(carrier_id: str) -> list[Account]:
    return [
        Account(
            account_id=0,
            login=role.replace("_", "."),
            name=name,
            role=role,
            carrier_id=carrier_id if role is Role.ENTERPRISE else "",
            department=_DEPARTMENTS.get(role),
        )
        for role, name in _NAMES.items()
        if role is not Role.ENTERPRISE or carrier_id
    ]
