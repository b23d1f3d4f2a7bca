"""The pages around accounts: signing in, one's own, those of others, and what the audit log kept of it."""

from fastapi import APIRouter

from dashboards.account_page import AccountPage
from dashboards.attempts import Attempts
from dashboards.audit_log import audit_router
from dashboards.context import Context
from dashboards.own_account import OwnAccount
from dashboards.sign_in import SignInPages
from dashboards.totp import TotpPages
from dashboards.users import UserPages


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
