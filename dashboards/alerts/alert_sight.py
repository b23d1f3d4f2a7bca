"""What of an alert's file, and of papers, a viewer may see: not other enterprises' trucks, not every name."""

from hazmat.accounts import Account, Department, Role, Viewer
from hazmat.store.pool import Row
from hazmat.store.screens import Screens

_CHECK_PEOPLE = frozenset({Department.TRAFFIC_POLICE, Department.TRANSPORT})
_PEOPLE = ("driver_name", "escort_name")
# Who else was there: plates of a group, of who drove by. The class of the other's goods is told: it is why.
_OTHERS = frozenset({"members", "passed_by"})
_TOLD_OF_OTHERS = frozenset({"other_hazard_class"})


def alert_file(store: Screens, alert_id: str, viewer: Viewer | None) -> Row | None:
    """Return an alert's file as a viewer may see it (None: whole, for our own commands); None if there is
    no such alert."""
    file = store.alert_file(alert_id)
    if file is None or viewer is None:
        return file
    if viewer.tenant is not None:
        file = {**file, "alert": _of_tenant(store, file["alert"], viewer.tenant)}
    return {**file, "waybill": with_people(file["waybill"], viewer.account)}


def with_people(waybill: Row | None, account: Account) -> Row | None:
    """Return a waybill with the names of driver and escort as an account may see them; None stays."""
    if not waybill or sees_names(account):
        return waybill
    return {**waybill, **{name: masked(waybill[name] or "") for name in _PEOPLE}}


def sees_names(account: Account) -> bool:
    """Whether drivers and escorts are shown by name: to who checks their certificates (traffic police,
    transport) and to their own enterprise; fire or market officers do their work without."""
    return account.role is not Role.INSPECTOR or account.department in _CHECK_PEOPLE


def masked(name: str) -> str:
    """Return a person's name with all but the first letter hidden."""
    return name[:1] + "*" * (len(name) - 1)


def _of_tenant(store: Screens, alert: Row, tenant: str) -> Row:
    """Without who and where other vehicles were, unless it is one of the tenant's own."""
    facts = alert["evidence"]
    other = facts.get("other_vehicle_id")
    own = other is not None and getattr(store.plates([other]).get(other), "carrier_id", "") == tenant
    hidden = _OTHERS | (set() if own else {each for each in facts if each.startswith("other_")})
    shown = {name: fact for name, fact in facts.items() if name not in hidden - _TOLD_OF_OTHERS}
    about = "" if alert["object_id"] == other and not own else alert["object_id"]
    return {**alert, "object_id": about, "evidence": shown}
