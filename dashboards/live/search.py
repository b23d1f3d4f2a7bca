"""What the live map looks up: vehicles by plate, enterprise, waybill or goods; papers to filter by; goods."""

import hashlib
from functools import lru_cache
from typing import Annotated

import orjson
from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import Response

from dashboards.context import Context, viewer_of
from dashboards.gate import GuardedRoute
from dashboards.i18n import language_of
from dashboards.live.goods_card import GoodsCard, goods_card, numbers_meant
from hazmat.clock import to_ms
from hazmat.goods import find_goods
from hazmat.store.pool import Row
from hazmat.store.search import PAPERS

_HOUR_MS = 3_600_000
_TENANTS_KEPT = 64
UnNumber = Annotated[str, Path(pattern=r"^(UN)? ?[0-9]{1,4}$")]


class Finder:
    """The answers; one instance an application."""

    def __init__(self, context: Context) -> None:
        self._search = context.doors.search
        self._live = context.live
        self._clock = context.clock
        self._papers = lru_cache(maxsize=_TENANTS_KEPT)(self._read_papers)

    def router(self) -> APIRouter:
        """Return the routes under /api."""
        router = APIRouter(prefix="/api", route_class=GuardedRoute)
        router.add_api_route("/search", self.search)
        router.add_api_route("/live/papers", self.papers)
        router.add_api_route("/goods/{un_no}", self.goods)
        return router

    def search(self, request: Request, q: Annotated[str, Query(min_length=1, max_length=60)]) -> list[Row]:
        """Return at most 20 vehicles by plate, id, enterprise, waybill, UN number or name of goods."""
        text = q.strip().replace("\0", "")
        if not text:
            return []
        return self._search.find(text, numbers_meant(text), viewer_of(request).tenant, self._clock())

    def papers(self, request: Request) -> Response:
        """Return carrier, waybill and goods of each vehicle in columns sorted by id; sent once a version."""
        tenant = viewer_of(request).tenant
        # Waybills begin and end by the clock too: an hour is soon enough for a filter.
        version = (self._live.scene.registry, to_ms(self._clock()) // _HOUR_MS, len(self._live.scene.fleet))
        tag = entity_tag(tenant, *version)
        headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(self._papers(tenant, version), media_type="application/json", headers=headers)

    def goods(self, request: Request, un_no: UnNumber) -> GoodsCard:
        """Return hazards, first measures and isolation distances of a UN number; 404 for an unknown one."""
        goods = find_goods(un_no)
        if goods is None:
            raise HTTPException(404, f"no goods {un_no}")
        return goods_card(goods, language_of(request, viewer_of(request)))

    def _read_papers(self, tenant: str | None, _: tuple[int, int, int]) -> bytes:
        rows = self._search.papers(tenant, self._clock())
        columns = list(zip(*rows, strict=True)) or [()] * len(PAPERS)
        return orjson.dumps(dict(zip(PAPERS, columns, strict=True)))


def entity_tag(tenant: str | None, *version: int) -> str:
    """An ETag of what one tenant sees in one version: another account in this browser has another one."""
    seen = hashlib.sha256(repr((tenant, version)).encode()).hexdigest()[:16]
    return f'"{seen}"'
