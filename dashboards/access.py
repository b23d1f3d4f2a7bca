"""The declared table: every route, what it asks for, whose objects its path names, what the audit log keeps.

The gate lets nobody through a route that is not here. tests/test_access.py walks the table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from hazmat.accounts import Permission
from hazmat.store.ownership import ObjectKind

KILOBYTE = 1024
# A path parameter of this name is an object of this kind, whichever route names it.
OBJECTS = MappingProxyType(
    {
        "vehicle_id": ObjectKind.VEHICLE,
        "alert_id": ObjectKind.ALERT,
        "person_id": ObjectKind.PERSON,
        "carrier_id": ObjectKind.CARRIER,
    }
)


@dataclass(frozen=True, slots=True)
class Access:
    """What one route asks for; ``permission`` None: open to all. ``audit`` is the action that the audit log
    keeps when the route has answered (empty: none); ``body`` the largest request in bytes."""

    permission: Permission | None
    audit: str = ""
    body: int = field(default=64 * KILOBYTE, kw_only=True)


PUBLIC = Access(None)
SIGN_IN_BYTES = 256 * KILOBYTE  # what was typed before a session ended goes along
PHOTOS_BYTES = 4 * 12 * 1024 * KILOBYTE + 64 * KILOBYTE  # four photos of the most bytes, and a text
ROUTES: Mapping[str, Access] = MappingProxyType(
    {
        "GET /": Access(Permission.OWN_ACCOUNT),
        # signing in, one's own account
        "GET /login": PUBLIC,
        "POST /login": Access(None, body=SIGN_IN_BYTES),
        "POST /login/code": Access(None, body=SIGN_IN_BYTES),
        "POST /language": PUBLIC,
        "POST /logout": Access(Permission.OWN_ACCOUNT),
        "GET /account": Access(Permission.OWN_ACCOUNT),
        "POST /account/password": Access(Permission.OWN_ACCOUNT),
        "POST /account/totp": Access(Permission.OWN_ACCOUNT),
        "POST /account/totp/off": Access(Permission.OWN_ACCOUNT),
        "POST /account/sessions/{session_id}/revoke": Access(Permission.OWN_ACCOUNT),
        "POST /account/tokens": Access(Permission.OWN_ACCOUNT),
        "POST /account/tokens/{token_id}/revoke": Access(Permission.OWN_ACCOUNT),
        # accounts of others, the audit log
        "GET /users": Access(Permission.USERS),
        "GET /users/new": Access(Permission.USERS),
        "POST /users": Access(Permission.USERS),
        "GET /users/{account_id}": Access(Permission.USERS),
        "POST /users/{account_id}": Access(Permission.USERS),
        "POST /users/{account_id}/reset": Access(Permission.USERS),
        "POST /users/{account_id}/disable": Access(Permission.USERS),
        "POST /users/{account_id}/enable": Access(Permission.USERS),
        "GET /audit": Access(Permission.AUDIT, "read audit log"),
        "GET /audit.csv": Access(Permission.AUDIT, "export audit log"),
        # the live map
        "GET /live": Access(Permission.LIVE),
        "GET /api/live/snapshot": Access(Permission.LIVE),
        "GET /api/live/stream": Access(Permission.LIVE),
        "GET /api/live/papers": Access(Permission.LIVE),
        "GET /api/rules": Access(Permission.LIVE),
        "GET /api/fences": Access(Permission.TRACKS),
        "GET /api/search": Access(Permission.LIVE),
        "GET /api/goods/{un_no}": Access(Permission.LIVE),
        "GET /api/vehicles/{vehicle_id}": Access(Permission.VEHICLES, "read vehicle card"),
        "GET /api/vehicles/{vehicle_id}/trail": Access(Permission.TRACKS, "read track"),
        "GET /api/vehicles/{vehicle_id}/playback": Access(Permission.TRACKS, "read track"),
        "GET /api/playback": Access(Permission.TRACKS, "read tracks of an area"),
        "GET /playback": Access(Permission.TRACKS),
        "GET /tiles/{z}/{x}/{y}": Access(Permission.TRACKS),
        # alerts and how they are handled
        "GET /inbox": Access(Permission.HANDLE),
        "GET /alerts": Access(Permission.ALERTS),
        "GET /alerts/{alert_id}": Access(Permission.ALERTS, "read alert"),
        "GET /alerts/{alert_id}/map": Access(Permission.ALERTS, "read evidence map"),
        "POST /alerts/{alert_id}/acknowledge": Access(Permission.HANDLE, "acknowledge alert"),
        "POST /alerts/{alert_id}/claim": Access(Permission.HANDLE, "claim alert"),
        "POST /alerts/{alert_id}/release": Access(Permission.HANDLE, "release alert"),
        "POST /alerts/{alert_id}/note": Access(Permission.HANDLE, "note on alert"),
        "POST /alerts/{alert_id}/photo": Access(Permission.HANDLE, "photo on alert", body=PHOTOS_BYTES),
        "GET /alerts/{alert_id}/photos/{handling_id}": Access(Permission.HANDLE, "read photo"),
        "GET /api/alerts/{alert_id}": Access(Permission.ALERTS, "read alert"),
        "GET /api/alerts/{alert_id}/explain": Access(Permission.ALERTS, "read alert"),
        # reports
        "GET /reports": Access(Permission.REPORTS),
        "GET /reports/heat": Access(Permission.REPORTS),
        "GET /vehicles/{vehicle_id}/day": Access(Permission.TRACKS, "read track"),
        "GET /coverage": Access(Permission.COVERAGE),
        "GET /api/coverage": Access(Permission.COVERAGE),
        # an enterprise's own
        "GET /portal": Access(Permission.PORTAL),
        "GET /portal/vehicles": Access(Permission.PORTAL),
        "GET /portal/documents": Access(Permission.PORTAL),
        "GET /portal/people": Access(Permission.PORTAL, "read people"),
        "GET /portal/rating": Access(Permission.PORTAL),
        # administration
        "GET /admin": Access(Permission.SYSTEM),
        "GET /admin/rules": Access(Permission.RULES),
        "GET /admin/rules/{rule_id}": Access(Permission.RULES),
        "POST /admin/rules/{rule_id}": Access(Permission.RULES_WRITE),
        "POST /admin/rules/{rule_id}/withdraw": Access(Permission.RULES_WRITE),
        "GET /admin/fences": Access(Permission.SYSTEM),
        "GET /admin/rejects": Access(Permission.SYSTEM),
        "GET /admin/rejects/{reject_id}": Access(Permission.SYSTEM, "read reject"),
        "GET /admin/terminals": Access(Permission.SYSTEM),
        "GET /metrics": Access(Permission.METRICS),
        "GET /healthz": PUBLIC,
        "GET /readyz": PUBLIC,
        # the look of all of it
        "GET /styles": Access(Permission.OWN_ACCOUNT),
        "GET /texts/{language}.js": PUBLIC,
        "GET /api/openapi.json": Access(Permission.OWN_ACCOUNT),
    }
)
FILES = frozenset({"/static", "/vendor/leaflet"})  # mounted folders of our own scripts, for all
