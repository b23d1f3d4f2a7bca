"""/users: accounts of others, made, changed, closed and given new passwords by an administrator."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from dashboards.accounts.passwords import hashed, random_password
from dashboards.accounts.role_words import DEPARTMENTS, ROLES
from dashboards.context import Context, viewer_of
from dashboards.gate import GuardedRoute, entry_of
from dashboards.i18n import N_, say
from hazmat.accounts import Account, Department, Role, account_faults, login_fault
from hazmat.store.audit import AuditEntry
from hazmat.store.users import LastAdministrator

_LAST = N_("The last administrator stays: nobody else could make accounts.")
_ONESELF = N_("Nobody closes, demotes or resets himself; another administrator can.")
_TAKEN = N_("This name is taken")
_LOGIN = N_("2 to 64 small letters, digits, dots, dashes and underscores; a letter or digit first")
_NO_NAME = N_("Say whose account it is")
_NO_ROLE = N_("Choose a role")
_NO_CARRIER = N_("Choose the enterprise: this role sees its vehicles alone")
_NO_DEPARTMENT = N_("Choose the department")
_Short = Annotated[str, Form(max_length=200)]


@dataclass(frozen=True, slots=True)
class Typed:
    """The form of an account as it was filled in."""

    login: str = ""
    name: str = ""
    role: str = ""
    carrier_id: str = ""
    department: str = ""

    def account(self, account_id: int = 0) -> Account:
        """The account that the form describes; ties that its role has not are left out."""
        role = Role(self.role)
        tied = role in {Role.OFFICER, Role.INSPECTOR}
        return Account(
            account_id=account_id,
            login=self.login,
            name=self.name,
            role=role,
            carrier_id=self.carrier_id if role is Role.ENTERPRISE else "",
            department=Department(self.department) if tied and self.department in set(Department) else None,
            must_change_password=True,
        )

    def faults(self, carriers: Mapping[str, str]) -> dict[str, str]:
        """What is wrong, as marked texts by field; empty: nothing."""
        faults = {}
        if login_fault(self.login):
            faults["login"] = _LOGIN
        if not self.name:
            faults["name"] = _NO_NAME
        if self.role not in set(Role):
            return faults | {"role": _NO_ROLE}
        account = self.account()
        missing = account_faults(account.role, account.carrier_id, account.department)
        if "department" in missing:
            faults["department"] = _NO_DEPARTMENT
        if "carrier_id" in missing or account.carrier_id not in {"", *carriers}:
            faults["carrier_id"] = _NO_CARRIER
        return faults


def typed_of(
    login: _Short = "", name: _Short = "", role: _Short = "", carrier_id: _Short = "", department: _Short = ""
) -> Typed:
    """Read the form of an account."""
    return Typed(login.strip().lower(), name.strip(), role, carrier_id, department)


class UserPages:
    """The pages of one application."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def router(self) -> APIRouter:
        """Return their routes."""
        router = APIRouter(include_in_schema=False, route_class=GuardedRoute, prefix="/users")
        router.add_api_route("", self.all)
        router.add_api_route("/new", self.ask_new)
        router.add_api_route("", self.add, methods=["POST"])
        router.add_api_route("/{account_id}", self.one)
        router.add_api_route("/{account_id}", self.edit, methods=["POST"])
        router.add_api_route("/{account_id}/reset", self.reset, methods=["POST"])
        router.add_api_route("/{account_id}/disable", self.disable, methods=["POST"])
        router.add_api_route("/{account_id}/enable", self.enable, methods=["POST"])
        return router

    async def all(self, request: Request) -> Response:
        """Return the list of accounts."""
        users = self._context.doors.users
        listed = await asyncio.to_thread(users.all, self._context.clock())
        carriers = await asyncio.to_thread(users.carriers)
        return self._page(request, "users.html", listed=listed, carriers=carriers)

    async def ask_new(self, request: Request) -> Response:
        """Return an empty form."""
        return await self._form(request, Typed(), {})

    async def add(self, request: Request, typed: Annotated[Typed, Depends(typed_of)]) -> Response:
        """Make an account and show its password, this once."""
        if faults := await self._faults(request, typed):
            return await self._form(request, typed, faults)
        account, password = typed.account(), random_password()
        entry = self._entry(request, "add account", typed.login, {"role": account.role})
        password_hash = await asyncio.to_thread(hashed, password)
        if await asyncio.to_thread(self._context.doors.accounts.add, account, password_hash, entry) is None:
            return await self._form(request, typed, {"login": say(request, _TAKEN)})
        return self._page(request, "user_password.html", account=account, password=password, new=True)

    async def one(self, request: Request, account_id: int) -> Response:
        """Return the form of an account."""
        return await self._form(request, _typed(await self._account(account_id)), {}, account_id)

    async def edit(
        self, request: Request, account_id: int, typed: Annotated[Typed, Depends(typed_of)]
    ) -> Response:
        """Change name, role and ties; the login stays."""
        was = await self._account(account_id)
        typed = replace(typed, login=was.login)
        faults = await self._faults(request, typed)
        if not faults and self._is_oneself(request, account_id) and typed.account().role is not was.role:
            faults = {"role": say(request, _ONESELF)}
        if faults:
            return await self._form(request, typed, faults, account_id)
        account = typed.account(account_id)
        entry = self._entry(request, "change account", was.login, _changes(was, account))
        try:
            await asyncio.to_thread(self._context.doors.users.edit, account, was, entry)
        except LastAdministrator:
            return await self._form(request, typed, {"role": say(request, _LAST)}, account_id)
        return RedirectResponse("/users", 303)

    async def disable(self, request: Request, account_id: int) -> Response:
        """Close an account and end its sessions."""
        return await self._set_disabled(request, account_id, True)

    async def enable(self, request: Request, account_id: int) -> Response:
        """Open an account again."""
        return await self._set_disabled(request, account_id, False)

    async def reset(self, request: Request, account_id: int) -> Response:
        """Give a new password and show it, this once; second step, sessions and tokens of the account end."""
        account = await self._account(account_id)
        if self._is_oneself(request, account_id):
            return await self._form(request, _typed(account), {"all": say(request, _ONESELF)}, account_id)
        password = random_password()
        password_hash = await asyncio.to_thread(hashed, password)
        entry = self._entry(request, "reset password", account.login)
        await asyncio.to_thread(self._context.doors.users.reset, account_id, password_hash, entry)
        await asyncio.to_thread(self._context.doors.accounts.clear_failures, account.login)
        return self._page(request, "user_password.html", account=account, password=password, new=False)

    async def _set_disabled(self, request: Request, account_id: int, disabled: bool) -> Response:
        account = await self._account(account_id)
        if disabled and self._is_oneself(request, account_id):
            return await self._form(request, _typed(account), {"all": say(request, _ONESELF)}, account_id)
        action = "disable account" if disabled else "enable account"
        entry = self._entry(request, action, account.login)
        try:
            await asyncio.to_thread(self._context.doors.users.set_disabled, account_id, disabled, entry)
        except LastAdministrator:
            return await self._form(request, _typed(account), {"all": say(request, _LAST)}, account_id)
        return RedirectResponse("/users", 303)

    async def _form(
        self, request: Request, typed: Typed, faults: Mapping[str, str], account_id: int = 0
    ) -> Response:
        carriers = await asyncio.to_thread(self._context.doors.users.carriers)
        account = await self._account(account_id) if account_id else None
        named = [(carrier, f"{name} · {carrier}" if name else carrier) for carrier, name in carriers.items()]
        choices = {
            "role_choices": _choices(request, ROLES),
            "department_choices": _choices(request, DEPARTMENTS),
            "carrier_choices": [("", "—"), *named],
        }
        status = 422 if faults else 200
        return self._page(
            request,
            "user.html",
            status,
            account=account,
            typed=typed,
            faults=defaultdict(str, faults),
            **choices,
        )

    async def _faults(self, request: Request, typed: Typed) -> dict[str, str]:
        carriers = await asyncio.to_thread(self._context.doors.users.carriers)
        return {field: say(request, text) for field, text in typed.faults(carriers).items()}

    async def _account(self, account_id: int) -> Account:
        found = await asyncio.to_thread(self._context.doors.accounts.by_id, account_id)
        if found is None:
            raise HTTPException(404, f"no account {account_id}")
        return found.account

    def _page(self, request: Request, template: str, status: int = 200, **values: object) -> Response:
        words = {"roles": ROLES, "departments": DEPARTMENTS}
        return self._context.page.render(request, template, words | values, status)

    def _entry(
        self, request: Request, action: str, login: str, detail: Mapping[str, object] | None = None
    ) -> AuditEntry:
        entry = entry_of(request, viewer_of(request), self._context.clock(), action)
        return replace(entry, object_kind="account", object_id=login, detail=detail or {})

    @staticmethod
    def _is_oneself(request: Request, account_id: int) -> bool:
        return viewer_of(request).account.account_id == account_id


def _choices(request: Request, marked: Mapping[Any, str]) -> list[tuple[str, str]]:
    return [("", "—"), *((str(value), say(request, text)) for value, text in marked.items())]


def _typed(account: Account) -> Typed:
    return Typed(account.login, account.name, account.role, account.carrier_id, account.department or "")


def _changes(was: Account, account: Account) -> dict[str, object]:
    """What is new, by field: before and after."""
    fields = ("name", "role", "carrier_id", "department")
    pairs = {field: [getattr(was, field), getattr(account, field)] for field in fields}
    return {field: pair for field, pair in pairs.items() if pair[0] != pair[1]}
