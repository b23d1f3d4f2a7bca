"""`hazmat explain`: why an alert was raised, in words."""

from __future__ import annotations

from dashboards.alerts.explain import Explanation, explain
from dashboards.alerts.explain_texts import TEXTS
from hazmat.accounts import Language
from hazmat.cli.complaint import ConditionError
from hazmat.cli.database import database
from hazmat.settings import Settings
from hazmat.store.pool import Pool
from hazmat.store.screens import Screens


def explain_alert(settings: Settings, alert_id: str, language: Language) -> int:
    """Print the explanation of one alert of the database."""
    with database(settings) as dsn:
        store = Screens(Pool(dsn))
        try:
            print(as_text(explain(store, alert_id, language), language))
        except LookupError as error:
            raise ConditionError(f"no alert {alert_id!r} in the database") from error
        finally:
            store.close()
    return 0


def as_text(told: Explanation, language: Language) -> str:
    """The explanation as lines for a terminal."""
    say = TEXTS[language]
    lines = [told.title, "", told.what, told.since, told.ended, told.ends_when, *told.notes, told.rule]
    for head, facts in ((say["facts"], told.facts), (say["documents"], told.documents)):
        lines += ["", head, *(f"  {fact.name}: {fact.value}" for fact in facts)]
    lines += ["", say["fixes"], f"  {say['fix_head']}"]
    for fix in told.fixes:
        speed = "—" if fix.speed_kmh is None else f"{fix.speed_kmh:.1f}"
        lines.append(f"  {fix.time}  {fix.lon:.6f}  {fix.lat:.6f}  {speed:>6}  {fix.mark}".rstrip())
    return "\n".join(lines)
