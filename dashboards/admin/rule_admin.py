"""/admin/rules: the rules with the numbers in force, and the form that changes them from a moment on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from dashboards.admin.admin_words import GROUPS, RECEIVERS
from dashboards.admin.rule_form import Number, Values, faults_of, numbers, read_form, values_at, values_of
from dashboards.alerts.rule_names import rule_name
from dashboards.alerts.rule_words import unit_words
from dashboards.context import Context, viewer_of
from dashboards.gate import GuardedRoute, address_of
from dashboards.i18n import N_, language_of
from hazmat.accounts import Permission
from hazmat.rule_settings import RuleSetting
from hazmat.store.audit import AuditEntry
from hazmat.store.rule_changes import (
    ChangedMeanwhileError,
    KnownSetting,
    NotAcceptedError,
    NotPlannedError,
    fingerprint,
)
from rules.catalogue import CATALOGUE

Typed = dict[str, str]
CHANGED_MEANWHILE = N_(
    "Somebody else has changed this rule meanwhile. What you typed is kept; compare it with the present"
    " values and send it once more."
)
NOT_ACCEPTED = N_("The flow would refuse these settings; nothing was stored")
BEGUN = N_("This change has begun or was taken back already")


@dataclass(frozen=True, slots=True)
class Span:
    """One setting in the history of a rule; ``changed``: the numbers that differ from the definition."""

    known: KnownSetting
    state: str
    values: Values
    changed: tuple[tuple[Number, float], ...]


async def typed(request: Request) -> Typed:
    """The fields of a form, as text."""
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


class RulePages:
    """The pages of one application."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def router(self) -> APIRouter:
        """Return their routes."""
        router = APIRouter(prefix="/admin/rules", include_in_schema=False, route_class=GuardedRoute)
        router.add_api_route("", self.overview)
        router.add_api_route("/{rule_id}", self.one)
        router.add_api_route("/{rule_id}", self.change, methods=["POST"])
        router.add_api_route("/{rule_id}/withdraw", self.withdraw, methods=["POST"])
        return router

    def overview(self, request: Request, group: str = "") -> Response:
        """All rules, or those of a group."""
        at, known = self._context.clock(), self._context.doors.rule_changes.all()
        rules = [r for r in CATALOGUE.values() if group in {"", str(r.group)}]
        rows = [self._row(request, rule, known, at) for rule in rules]
        values = {
            "rows": rows,
            "group": group,
            "groups": GROUPS,
            "receivers": RECEIVERS,
            "unit": partial(unit_words, language=language_of(request, viewer_of(request))),
        }
        return self._context.page.render(request, "admin_rules.html", values)

    def _row(
        self, request: Request, rule: Any, known: tuple[KnownSetting, ...], at: datetime
    ) -> dict[str, object]:
        own = [each for each in known if each.setting.rule_id == rule.id]
        present = next((each for each in own if _in_force(each.setting, at)), None)
        return {
            "rule": rule,
            "name": rule_name(rule.id, language_of(request, viewer_of(request))),
            "values": values_at([each.setting for each in own], rule.id, at),
            "numbers": numbers(rule.id),
            "present": present,
            "planned": any(each.setting.valid_from > at for each in own),
        }

    def one(self, request: Request, rule_id: str) -> Response:
        """One rule: its numbers, the form, the history."""
        return self._page(request, rule_id)

    def change(self, request: Request, rule_id: str, form: Annotated[Typed, Depends(typed)]) -> Response:
        """Set a rule's numbers from a moment on, or say what is wrong and keep what was typed."""
        at, door = self._context.clock(), self._context.doors.rule_changes
        _demand(rule_id)
        settings = tuple(known.setting for known in door.all())
        asked = read_form(form, rule_id, settings, at)
        if asked.setting is None:
            return self._page(request, rule_id, form, asked.faults, status=422)
        before = values_at(settings, rule_id, asked.setting.valid_from)
        entry = self._entry(request, "change rule", rule_id, at, _told(before, asked.setting))
        try:
            door.change(asked.setting, form.get("seen", ""), entry, lambda all_: faults_of(all_, rule_id))
        except ChangedMeanwhileError:
            return self._page(request, rule_id, form, {"": CHANGED_MEANWHILE}, status=409)
        except NotAcceptedError:
            return self._page(request, rule_id, form, {"": NOT_ACCEPTED}, status=422)
        return RedirectResponse(f"/admin/rules/{rule_id}?done=change", 303)

    def withdraw(self, request: Request, rule_id: str, form: Annotated[Typed, Depends(typed)]) -> Response:
        """Take back a planned change."""
        at = self._context.clock()
        _demand(rule_id)
        try:
            moment = datetime.fromisoformat(form.get("moment", ""))
            entry = self._entry(request, "withdraw rule change", rule_id, at, {})
            self._context.doors.rule_changes.withdraw(rule_id, moment, form.get("seen", ""), entry)
        except ChangedMeanwhileError:
            return self._page(request, rule_id, None, {"": CHANGED_MEANWHILE}, status=409)
        except (NotPlannedError, ValueError):
            return self._page(request, rule_id, None, {"": BEGUN}, status=409)
        return RedirectResponse(f"/admin/rules/{rule_id}?done=withdraw", 303)

    def _page(
        self,
        request: Request,
        rule_id: str,
        form: Typed | None = None,
        faults: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        _demand(rule_id)
        at, door = self._context.clock(), self._context.doors.rule_changes
        own = tuple(known for known in door.all() if known.setting.rule_id == rule_id)
        present = values_at([known.setting for known in own], rule_id, at)
        viewer = viewer_of(request)
        language = language_of(request, viewer)
        rule = CATALOGUE[rule_id]
        limits = {n.limit: present.numbers[n.field] for n in numbers(rule_id) if n.limit}
        values = {
            "rule": rule,
            "name": rule_name(rule_id, language),
            "what": rule.says.what(language, limits),
            "ends": rule.says.ends(language, limits),
            "receivers": RECEIVERS,
            "unit": partial(unit_words, language=language),
            "numbers": numbers(rule_id),
            "present": present,
            "form": form or _as_form(present),
            "faults": faults or {},
            "history": [_span(known, at) for known in reversed(own)],
            "withdrawn": door.withdrawals(rule_id),
            "seen": fingerprint(own, rule_id),
            "may_write": viewer.may(Permission.RULES_WRITE),
            "done": request.query_params.get("done", "") if status == 200 else "",
        }
        return self._context.page.render(request, "admin_rule.html", values, status)

    def _entry(
        self, request: Request, action: str, rule_id: str, at: datetime, detail: Mapping[str, object]
    ) -> AuditEntry:
        account = viewer_of(request).account
        return AuditEntry(
            at=at,
            action=action,
            account_id=account.account_id,
            login=account.login,
            role=account.role,
            address=address_of(request),
            object_kind="rule",
            object_id=rule_id,
            detail=detail,
        )


def _demand(rule_id: str) -> None:
    if rule_id not in CATALOGUE:
        raise HTTPException(404, f"no rule {rule_id}")


def _in_force(setting: RuleSetting, at: datetime) -> bool:
    return setting.valid_from <= at and (setting.valid_to is None or at < setting.valid_to)


def _span(known: KnownSetting, at: datetime) -> Span:
    setting = known.setting
    state = "planned" if setting.valid_from > at else "present" if _in_force(setting, at) else "past"
    values = values_of(setting)
    own = ((n, values.numbers[n.field]) for n in numbers(setting.rule_id))
    return Span(known, state, values, tuple((n, value) for n, value in own if value != n.default))


def _as_form(present: Values) -> Typed:
    shown = {name: f"{value:.12g}" for name, value in present.numbers.items()}
    return {**shown, "enabled": "on" if present.enabled else "off", "reason": "", "valid_from": ""}


def _told(before: Values, setting: RuleSetting) -> dict[str, object]:
    """What changes, for the audit log: old and new of every number that differs."""
    after = values_of(setting)
    changes: dict[str, object] = {
        name: {"from": before.numbers[name], "to": value}
        for name, value in after.numbers.items()
        if before.numbers[name] != value
    }
    if before.enabled != after.enabled:
        changes["enabled"] = {"from": before.enabled, "to": after.enabled}
    return {"changes": changes, "reason": setting.note}
