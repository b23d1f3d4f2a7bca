"""The pages around accounts: signing in, one's own, those of others, and what the audit log kept of it."""

from fastapi import APIRouter

from dashboards.accounts.account_page import AccountPage
from dashboards.accounts.attempts import Attempts
from dashboards.accounts.audit_log import audit_router
from dashboards.accounts.own_account import OwnAccount
from dashboards.accounts.sign_in import SignInPages
from dashboards.accounts.totp import TotpPages
from dashboards.accounts.users import UserPages
from dashboards.context import Context


def account_routers(context: Context) -> list[APIRouter]:
    """Their routes; wrong passwords are counted together, wherever they are entered."""
    attempts = Attempts(context)
    page = AccountPage(context, attempts)
    return [
        SignInPages(context, attempts).router(),
        OwnAccount(context, page).router(),
        TotpPages(context, page).router(),
        UserPages(context).router(),
        audit_router(context),
    ]
