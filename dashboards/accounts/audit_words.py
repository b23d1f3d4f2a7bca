"""What the audit log's actions and outcomes are called on the screens; marked, translated where shown."""

from collections.abc import Mapping
from types import MappingProxyType

from dashboards.i18n import N_

# An action that is not here is shown as it is written: in English.
ACTIONS = (
    N_("sign in"), N_("sign out"), N_("end session"), N_("change password"), N_("turn on second step"),
    N_("turn off second step"), N_("make token"), N_("revoke token"), N_("add account"),
    N_("change account"), N_("disable account"), N_("enable account"), N_("reset password"),
    N_("access refused"), N_("foreign object"), N_("read audit log"), N_("export audit log"),
    N_("read vehicle card"), N_("read track"), N_("read tracks of an area"), N_("read alert"),
    N_("read evidence map"), N_("acknowledge alert"), N_("claim alert"), N_("release alert"),
    N_("note on alert"), N_("photo on alert"), N_("read photo"), N_("read people"), N_("read reject"),
    N_("change rule"),
)  # fmt: skip
OUTCOMES: Mapping[str, str] = MappingProxyType(
    {"done": N_("done"), "denied": N_("denied"), "failed": N_("failed")}
)
OBJECTS: Mapping[str, str] = MappingProxyType(
    {
        "vehicle": N_("vehicle"),
        "alert": N_("alert"),
        "person": N_("person"),
        "carrier": N_("enterprise"),
        "account": N_("account"),
        "session": N_("session"),
        "token": N_("token"),
        "rule": N_("rule"),
    }
)
