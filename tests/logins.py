"""Accounts for tests, and sessions opened in the database as a sign-in would."""

from __future__ import annotations

import secrets
from contextlib import closing
from dataclasses import replace
from functools import cache

import httpx

from dashboards.accounts.passwords import hashed
from dashboards.gate import COOKIE, digest
from hazmat.accounts import Account, Department, Role
from hazmat.clock import now
from hazmat.store.accounts import NewSession
from hazmat.store.doors import Doors

PASSWORD = "correct horse battery"
CSRF = "csrf-of-the-test"


def account(role: Role, carrier_id: str = "", login: str = "") -> Account:
    """An account of a role as the tests use it; an enterprise needs its carrier."""
    department = {Role.OFFICER: Department.TRAFFIC_POLICE, Role.INSPECTOR: Department.EMERGENCY}.get(role)
    made = Account(account_id=0, login=login or f"{role.replace('_', '.')}", name=f"{role} 测试", role=role)
    return replace(made, carrier_id=carrier_id, department=department)


def add(dsn: str, wanted: Account) -> Account:
    """Store an account whose password is ``PASSWORD``, or find it; with its id."""
    with closing(Doors(dsn)) as doors:
        found = doors.accounts.add(wanted, _hash())
        if found is None:
            known = doors.accounts.sign_in(wanted.login)
            assert known is not None
            return known.account
        return replace(wanted, account_id=found)


def cookie(dsn: str, role: Role, carrier_id: str = "", login: str = "") -> dict[str, str]:
    """Cookies of a fresh session of an account of this role."""
    signed_in = add(dsn, account(role, carrier_id, login))
    key = secrets.token_urlsafe(16)
    with closing(Doors(dsn)) as doors:
        at = now()
        doors.accounts.open_session(
            NewSession(
                account_id=signed_in.account_id,
                key_hash=digest(key),
                csrf=CSRF,
                at=at,
                expires_at=at.replace(year=at.year + 1),
                address="127.0.0.1",
                user_agent="test",
            )
        )
    return {COOKIE: key}


def client(address: str, dsn: str, role: Role, carrier_id: str = "", login: str = "") -> httpx.Client:
    """A signed-in client; its changes carry the session's CSRF token."""
    return httpx.Client(
        base_url=address,
        cookies=cookie(dsn, role, carrier_id, login),
        headers={"x-csrf": CSRF},
        timeout=20,
    )


@cache
def _hash() -> str:
    return hashed(PASSWORD)
