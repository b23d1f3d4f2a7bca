"""Administration and operations: all its pages in one router."""

from fastapi import APIRouter

from dashboards.admin.fence_list import fences_router
from dashboards.admin.rejects import rejects_router
from dashboards.admin.rule_admin import RulePages
from dashboards.admin.system_state import state_router
from dashboards.admin.terminals import terminals_router
from dashboards.context import Context
from dashboards.gate import GuardedRoute


def admin_router(context: Context) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False, route_class=GuardedRoute)
    for part in (
        state_router(context),
        RulePages(context).router(),
        fences_router(context),
        rejects_router(context),
        terminals_router(context),
    ):
        router.routes.extend(part.routes)
    return router
