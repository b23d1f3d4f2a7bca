"""What the live map asks: snapshot, stream, fences, one vehicle, its trail, one alert."""

import time
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import asdict
from datetime import timedelta
from functools import lru_cache
from typing import Annotated

import numpy as np
import orjson
from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import AwareDatetime

from dashboards.alerts.alert_sight import alert_file, with_people
from dashboards.alerts.explain import explain
from dashboards.alerts.rule_names import rule_name, rule_names
from dashboards.context import Context, viewer_of
from dashboards.gate import Gate, GuardedRoute
from dashboards.i18n import language_of
from dashboards.live.roads import Places
from dashboards.live.search import entity_tag
from dashboards.live.wire import GZIP_HEADER
from hazmat.accounts import Language
from hazmat.clock import to_ms
from hazmat.store.errors import StoreUnavailable
from hazmat.store.screens import Track

RETRY_MS = 2000  # how soon a browser asks again after a broken stream
TRAIL_MINUTES = 60
_LOOK_AGAIN_SECONDS = 20.0  # how soon a stream ends after its session did
_TENANTS_KEPT = 64
VehicleId = Annotated[str, Path(min_length=1, max_length=32)]
AlertId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


class Api:
    """The answers; one instance an application."""

    def __init__(self, context: Context) -> None:
        self._screens = context.doors.screens
        self._live = context.live
        self._clock = context.clock
        self._version_of_page = context.page.version
        self._fences = lru_cache(maxsize=_TENANTS_KEPT)(self._read_fences)

    def router(self) -> APIRouter:
        """Return the routes under /api."""
        router = APIRouter(prefix="/api", route_class=GuardedRoute)
        router.add_api_route("/live/snapshot", self.snapshot)
        router.add_api_route("/live/stream", self.stream, response_class=StreamingResponse)
        router.add_api_route("/rules", self.rules)
        router.add_api_route("/fences", self.fences)
        router.add_api_route("/vehicles/{vehicle_id}", self.vehicle)
        router.add_api_route("/vehicles/{vehicle_id}/trail", self.trail)
        router.add_api_route("/alerts/{alert_id}", self.alert)
        router.add_api_route("/alerts/{alert_id}/explain", self.explain)
        return router

    async def snapshot(self, request: Request) -> Response:
        """Return the trucks and alerts that the viewer may see; the stream goes on after its ``tick``.

        The header ``X-Version`` names the program's version: a page of another one is out of date.
        """
        made = self._live.snapshot(viewer_of(request).tenant)
        headers = {"X-Version": self._version_of_page, "Vary": "Accept-Encoding, Cookie"}
        if not _takes_gzip(request):
            return _json(made.plain, headers)
        return _json(made.gzipped, headers | {"Content-Encoding": "gzip"})

    async def stream(
        self, request: Request, after: Annotated[str | None, Query(max_length=60)] = None
    ) -> StreamingResponse:
        """Return the stream of ticks after the event named by Last-Event-ID, or else by ``after``."""
        place = request.headers.get("last-event-id") or after
        gzipped = _takes_gzip(request)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": "Accept-Encoding"}
        headers |= {"Content-Encoding": "gzip"} if gzipped else {"Content-Encoding": "identity"}
        return StreamingResponse(
            self._bytes(request, place, gzipped), media_type="text/event-stream", headers=headers
        )

    async def _bytes(self, request: Request, after: str | None, gzipped: bool) -> AsyncIterator[bytes]:
        if gzipped:
            yield GZIP_HEADER
        else:
            yield f"retry: {RETRY_MS}\n\n".encode()
        gate: Gate = request.app.state.gate
        checked = time.monotonic()
        async with aclosing(self._live.messages(after, viewer_of(request).tenant)) as messages:
            async for message in messages:
                yield message.gzipped if gzipped else message.plain
                if time.monotonic() - checked > _LOOK_AGAIN_SECONDS:
                    checked = time.monotonic()
                    with suppress(StoreUnavailable):  # the messages say so; nobody is signed out by it
                        if not await gate.still_in(request):
                            return

    def rules(self, request: Request) -> dict[str, dict[str, object]]:
        """Return name, unit, basis and receivers of each rule by its id, in the viewer's language."""
        language = language_of(request, viewer_of(request))
        return {rule_id: asdict(entry) for rule_id, entry in rule_names(language).items()}

    def fences(self, request: Request, at: AwareDatetime | None = None) -> Response:
        """Return the fences in force now or ``at`` a moment as GeoJSON; unchanged ones are not sent again."""
        version, tenant = self._version(), viewer_of(request).tenant
        if at is not None:
            return _json(self._screens.fences(at, tenant).encode())
        headers = {"ETag": entity_tag(tenant, *version), "Cache-Control": "private, no-cache"}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return _json(self._fences(version, tenant)[0], headers)

    def vehicle(self, request: Request, vehicle_id: VehicleId) -> Response:
        """Return a vehicle's card: registration, last place with road and area, waybill, permits, journey."""
        at = self._clock()
        known = self._screens.vehicle(vehicle_id, at)
        if known is None:
            raise HTTPException(404, f"no vehicle {vehicle_id}")
        last = known["last"] or {}
        road, area = self._place(last.get("lon"), last.get("lat"))
        waybill = with_people(known["waybill"], viewer_of(request).account)
        return _json(orjson.dumps({**known, "waybill": waybill, "road": road, "area": area, "at": to_ms(at)}))

    def trail(
        self, vehicle_id: VehicleId, minutes: Annotated[int, Query(ge=1, le=24 * 60)] = TRAIL_MINUTES
    ) -> Response:
        """Return a vehicle's last fixes as columns: ``t`` ms since 1970, ``lon`` and ``lat`` 1e-6 degrees."""
        end = self._screens.last_fix_time(vehicle_id)
        if end is None:
            raise HTTPException(404, f"no fix of vehicle {vehicle_id}")
        return _json(_track(self._screens.track(vehicle_id, end - timedelta(minutes=minutes), end)))

    def alert(self, request: Request, alert_id: AlertId) -> Response:
        """Return one alert with the facts and documents it rests on."""
        file = alert_file(self._screens, alert_id, viewer_of(request))
        if file is None:
            raise HTTPException(404, f"no alert {alert_id}")
        return _json(orjson.dumps({**file, "rule": asdict(rule_name(file["alert"]["rule_id"]))}))

    def explain(self, request: Request, alert_id: AlertId, language: Language | None = None) -> Response:
        """Return in words why an alert was raised and what ends it; in the viewer's language if none is
        named."""
        try:
            viewer = viewer_of(request)
            told = explain(self._screens, alert_id, language or language_of(request, viewer), viewer)
        except LookupError as error:
            raise HTTPException(404, f"no alert {alert_id}") from error
        return _json(orjson.dumps(told.as_json()))

    def _place(self, lon: float | None, lat: float | None) -> tuple[str, str]:
        if lon is None or lat is None:
            return "", ""
        return self._fences(self._version(), None)[1].at(lon, lat)

    def _version(self) -> tuple[int, int]:
        # Fences begin and end by the clock too: an hour is soon enough for a map.
        return self._live.scene.registry, to_ms(self._clock()) // 3_600_000

    def _read_fences(self, _: tuple[int, int], tenant: str | None) -> tuple[bytes, Places]:
        fences = self._screens.fences(self._clock(), tenant)
        return fences.encode(), Places.of(fences)


def _takes_gzip(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "")


def _track(track: Track) -> bytes:
    columns = {
        "t": track.fix_time.astype(np.int64),
        "lon": np.rint(track.lon * 1e6).astype(np.int64),
        "lat": np.rint(track.lat * 1e6).astype(np.int64),
        "speed": np.rint(np.nan_to_num(track.speed_kmh, nan=-1)).astype(np.int64),
    }
    return orjson.dumps(columns, option=orjson.OPT_SERIALIZE_NUMPY)


def _json(data: bytes, headers: dict[str, str] | None = None) -> Response:
    return Response(
        data, media_type="application/json", headers={"Cache-Control": "no-store"} | (headers or {})
    )
