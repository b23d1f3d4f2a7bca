"""The shell's menu: which pages a viewer is led to, in this order; and where each role begins."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dashboards.i18n import N_
from hazmat.accounts import Permission, Role, Viewer


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu."""

    path: str
    name: str
    permission: Permission


ENTRIES = (
    Entry("/live", N_("Live map"), Permission.LIVE),
    Entry("/inbox", N_("Inbox"), Permission.HANDLE),
    Entry("/portal", N_("My enterprise"), Permission.PORTAL),
    Entry("/portal/vehicles", N_("Vehicles"), Permission.PORTAL),
    Entry("/alerts", N_("Alerts"), Permission.ALERTS),
    Entry("/portal/documents", N_("Documents"), Permission.PORTAL),
    Entry("/portal/people", N_("People"), Permission.PORTAL),
    Entry("/portal/rating", N_("Rating"), Permission.PORTAL),
    Entry("/playback", N_("Playback"), Permission.TRACKS),
    Entry("/reports", N_("Reports"), Permission.REPORTS),
    Entry("/coverage", N_("Coverage"), Permission.COVERAGE),
    Entry("/admin", N_("System"), Permission.SYSTEM),
    Entry("/admin/terminals", N_("Terminals"), Permission.SYSTEM),
    Entry("/admin/rejects", N_("Rejects"), Permission.SYSTEM),
    Entry("/admin/fences", N_("Fences"), Permission.SYSTEM),
    Entry("/admin/rules", N_("Rules"), Permission.RULES),
    Entry("/users", N_("Accounts"), Permission.USERS),
    Entry("/audit", N_("Audit log"), Permission.AUDIT),
)
HOME: Mapping[Role, str] = MappingProxyType(
    {
        Role.CONTROL_ROOM: "/live",
        Role.OFFICER: "/inbox",
        Role.INSPECTOR: "/inbox",
        Role.ENTERPRISE: "/portal",
        Role.AUDITOR: "/audit",
        Role.ADMINISTRATOR: "/admin",
    }
)


def menu_for(viewer: Viewer) -> tuple[Entry, ...]:
    """Return the lines that this viewer may open."""
    return tuple(entry for entry in ENTRIES if viewer.may(entry.permission))


def home_of(viewer: Viewer) -> str:
    """Return the page on which this viewer begins; the own account while the password must be changed."""
    return "/account" if viewer.account.must_change_password else HOME[viewer.account.role]
