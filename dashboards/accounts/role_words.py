"""What roles, departments and permissions are called on the screens; marked, translated where shown."""

from collections.abc import Mapping
from types import MappingProxyType

from dashboards.i18n import N_
from hazmat.accounts import Department, Permission, Role

ROLES: Mapping[Role, str] = MappingProxyType(
    {
        Role.CONTROL_ROOM: N_("Control room"),
        Role.OFFICER: N_("Police officer"),
        Role.INSPECTOR: N_("Inspector"),
        Role.ENTERPRISE: N_("Enterprise"),
        Role.AUDITOR: N_("Auditor"),
        Role.ADMINISTRATOR: N_("Administrator"),
    }
)
DEPARTMENTS: Mapping[Department, str] = MappingProxyType(
    {
        Department.TRAFFIC_POLICE: N_("Traffic police"),
        Department.TRANSPORT: N_("Transport"),
        Department.EMERGENCY: N_("Emergency management"),
        Department.FIRE: N_("Fire and rescue"),
        Department.MARKET: N_("Market supervision"),
    }
)
SCOPES: Mapping[Permission, str] = MappingProxyType(
    {
        Permission.OWN_ACCOUNT: N_("own account"),
        Permission.LIVE: N_("see the live map"),
        Permission.ALERTS: N_("read alerts"),
        Permission.HANDLE: N_("handle alerts"),
        Permission.VEHICLES: N_("read vehicles"),
        Permission.TRACKS: N_("read tracks"),
        Permission.PORTAL: N_("read the enterprise's own"),
        Permission.REPORTS: N_("read reports"),
        Permission.COVERAGE: N_("read coverage"),
        Permission.RULES: N_("read rules"),
        Permission.RULES_WRITE: N_("change rules"),
        Permission.USERS: N_("manage accounts"),
        Permission.AUDIT: N_("read the audit log"),
        Permission.SYSTEM: N_("see the state of the system"),
        Permission.METRICS: N_("fetch metrics"),
    }
)
