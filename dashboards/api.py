"""What the live map asks: snapshot, stream, fences, one vehicle, its trail, one alert."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import timedelta
from functools import lru_cache
from typing import Annotated

import numpy as np
import orjson
from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import Response, StreamingResponse

from dashboards.context import Context
from dashboards.explain import Language, explain
from dashboards.gate import GuardedRoute
from dashboards.roads import Places
from dashboards.rule_names import RULE_NAMES, rule_name
from dashboards.wire import GZIP_HEADER
from hazmat.clock import to_ms
from hazmat.store.screens import Track

RETRY_MS = 2000  # how soon a browser asks again after a broken stream
TRAIL_MINUTES = 60
VehicleId = Annotated[str, Path(min_length=1, max_length=32)]
AlertId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


class Api:
    """The answers; one instance an application."""

    def __init__(self, context: Context) -> None:
        self._screens = context.doors.screens
        self._live = context.live
        self._clock = context.clock
        self._fences = lru_cache(maxsize=2)(self._read_fences)

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

    async def snapshot(self) -> Response:
        """Return all trucks and the alerts shown; the stream goes on after its ``tick``."""
        return _json(self._live.snapshot())

    async def stream(
        self, request: Request, after: Annotated[str | None, Query(max_length=40)] = None
    ) -> StreamingResponse:
        """Return the stream of ticks after the event named by Last-Event-ID, or else by ``after``."""
        place = request.headers.get("last-event-id") or after
        gzipped = "gzip" in request.headers.get("accept-encoding", "")
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": "Accept-Encoding"}
        headers |= {"Content-Encoding": "gzip"} if gzipped else {"Content-Encoding": "identity"}
        return StreamingResponse(self._bytes(place, gzipped), media_type="text/event-stream", headers=headers)

    async def _bytes(self, after: str | None, gzipped: bool) -> AsyncIterator[bytes]:
        if gzipped:
            yield GZIP_HEADER
        else:
            yield f"retry: {RETRY_MS}\n\n".encode()
        async for message in self._live.messages(after):
            yield message.gzipped if gzipped else message.plain

    def rules(self) -> dict[str, dict[str, object]]:
        """Return name, unit, basis and receivers of each rule by its id."""
        return {rule_id: asdict(entry) for rule_id, entry in RULE_NAMES.items()}

    def fences(self, request: Request) -> Response:
        """Return the fences in force as GeoJSON; unchanged ones are not sent again."""
        version = self._version()
        tag = f'"{version}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"ETag": tag})
        return _json(self._fences(version)[0], {"ETag": tag, "Cache-Control": "no-cache"})

    def vehicle(self, vehicle_id: VehicleId) -> Response:
        """Return a vehicle's card: registration, last place with road and area, waybill, permits, journey."""
        at = self._clock()
        known = self._screens.vehicle(vehicle_id, at)
        if known is None:
            raise HTTPException(404, f"no vehicle {vehicle_id}")
        last = known["last"] or {}
        road, area = self._place(last.get("lon"), last.get("lat"))
        return _json(orjson.dumps({**known, "road": road, "area": area, "at": to_ms(at)}))

    def trail(
        self, vehicle_id: VehicleId, minutes: Annotated[int, Query(ge=1, le=24 * 60)] = TRAIL_MINUTES
    ) -> Response:
        """Return a vehicle's last fixes as columns: ``t`` ms since 1970, ``lon`` and ``lat`` 1e-6 degrees."""
        end = self._screens.last_fix_time(vehicle_id)
        if end is None:
            raise HTTPException(404, f"no fix of vehicle {vehicle_id}")
        return _json(_track(self._screens.track(vehicle_id, end - timedelta(minutes=minutes), end)))

    def alert(self, alert_id: AlertId) -> Response:
        """Return one alert with the facts and documents it rests on."""
        file = self._screens.alert_file(alert_id)
        if file is None:
            raise HTTPException(404, f"no alert {alert_id}")
        return _json(orjson.dumps({**file, "rule": asdict(rule_name(file["alert"]["rule_id"]))}))

    def explain(self, alert_id: AlertId, language: Language = "zh") -> Response:
        """Return in words why an alert was raised and what ends it, Chinese or English."""
        try:
            told = explain(self._screens, alert_id, language)
        except LookupError as error:
            raise HTTPException(404, f"no alert {alert_id}") from error
        return _json(orjson.dumps(told.as_json()))

    def _place(self, lon: float | None, lat: float | None) -> tuple[str, str]:
        if lon is None or lat is None:
            return "", ""
        return self._fences(self._version())[1].at(lon, lat)

    def _version(self) -> tuple[int, int]:
        # Fences begin and end by the clock too: an hour is soon enough for a map.
        return self._live.scene.registry, to_ms(self._clock()) // 3_600_000

    def _read_fences(self, _: tuple[int, int]) -> tuple[bytes, Places]:
        fences = self._screens.fences(self._clock())
        return fences.encode(), Places.of(fences)


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
