"""An alert's page: what, why, which truck, which papers and goods, where; for officers how it is handled."""

import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from dashboards.alerts.alert_history import told_history
from dashboards.alerts.alert_sight import alert_file, masked, sees_names
from dashboards.alerts.explain import compose
from dashboards.alerts.rule_names import rule_name
from dashboards.context import Context, viewer_of
from dashboards.gate import GuardedRoute
from dashboards.i18n import language_of
from dashboards.live.api import AlertId
from dashboards.live.basemap import basemap
from dashboards.live.goods_card import goods_card
from hazmat.accounts import Account, Permission, Viewer
from hazmat.clock import to_ms
from hazmat.goods import find_goods
from hazmat.store.pool import Row
from hazmat.store.screens import Track

AROUND = timedelta(minutes=15)
_TRACK_POINTS = 300


@dataclass(frozen=True, slots=True)
class Said:
    """What a form sent and what is wrong with it, so that the page can show both again."""

    fault: str = ""
    fault_in: str = ""
    values: dict[str, object] = field(default_factory=dict)
    note: str = ""
    caption: str = ""


NOTHING_SAID = Said()


class AlertPages:
    """The pages of one application."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def router(self) -> APIRouter:
        """Return their route."""
        router = APIRouter(include_in_schema=False, route_class=GuardedRoute)
        router.add_api_route("/alerts/{alert_id}", self.alert)
        return router

    def alert(self, request: Request, alert_id: AlertId) -> Response:
        """Return an alert's page."""
        return self.show(request, alert_id)

    def show(self, request: Request, alert_id: str, said: Said = NOTHING_SAID, status: int = 200) -> Response:
        """Return an alert's page with what a form of it said; HTTPException 404: no such alert."""
        viewer, doors = viewer_of(request), self._context.doors
        language = language_of(request, viewer)
        file = alert_file(doors.screens, alert_id, viewer)
        if file is None:
            raise HTTPException(404, f"no alert {alert_id}")
        alert = file["alert"]
        opened, last = (datetime.fromisoformat(alert[name]) for name in ("opened_at", "last_hit_at"))
        track = doors.screens.track(alert["vehicle_id"], opened - AROUND, last + AROUND)
        un_no = (file["waybill"] or {}).get("un_no") or alert["evidence"].get("un_no") or ""
        goods = find_goods(un_no) if un_no else None
        values = {
            "alert": alert,
            "rule": rule_name(alert["rule_id"], language),
            "told": compose(file, track, language),
            "track": track_json(track, alert),
            "people": self._people(file["waybill"], viewer.account),
            "goods": goods_card(goods, language) if goods else None,
            "said": said,
            "day": opened,
            "basemap": basemap(self._context.settings),
            **{name: file[name] for name in ("vehicle", "fence", "waybill", "permits")},
        }
        values |= self._handling(alert_id, viewer) if viewer.may(Permission.HANDLE) else {"handled": False}
        return self._context.page.render(request, "alert.html", values, status)

    def _handling(self, alert_id: str, viewer: Viewer) -> dict[str, object]:
        history = told_history(self._context.doors.handling.history(alert_id))
        seen = next((line for line in history if line.kind == "acknowledge"), None)
        holder = self._context.doors.handling.holder(alert_id)
        mine = holder is not None and holder.account_id == viewer.account.account_id
        return {
            "handled": True, "history": history, "acknowledged": seen, "holder": holder, "mine": mine,
            "draft_key": secrets.token_urlsafe(16),
        }  # fmt: skip

    def _people(self, waybill: Row | None, account: Account) -> list[dict[str, Any]]:
        """Driver and escort of the waybill; by name and certificate only for who checks them."""
        if not waybill:
            return []
        asked = [(role, waybill[f"{role}_id"], waybill[f"{role}_name"]) for role in ("driver", "escort")]
        known = self._context.doors.alert_list.people([number for _, number, _ in asked if number])
        named = sees_names(account)
        return [
            {"role": role, "name": name if named else masked(name), "papers": known.get(number),
             "named": named}
            for role, number, name in asked if name or number
        ]  # fmt: skip


def track_json(track: Track, alert: Row) -> str:
    """Return the way around an alert for the small map: columns as the trail's answer has them."""
    count = min(len(track.lon), _TRACK_POINTS)
    rows = np.linspace(0, len(track.lon) - 1, count).astype(int)
    place = {name: alert[name] for name in ("lon", "lat") if isinstance(alert[name], int | float)}
    span = {
        name: to_ms(datetime.fromisoformat(alert[f"{name}_at"])) for name in ("opened", "fired", "last_hit")
    }
    columns = {
        "t": track.fix_time[rows].astype(np.int64).tolist(),
        "lon": np.rint(track.lon[rows] * 1e6).astype(int).tolist(),
        "lat": np.rint(track.lat[rows] * 1e6).astype(int).tolist(),
        "speed": np.rint(np.nan_to_num(track.speed_kmh[rows], nan=-1)).astype(int).tolist(),
    }
    return json.dumps({"track": columns, "alert": place | span, "level": alert["severity"]})
