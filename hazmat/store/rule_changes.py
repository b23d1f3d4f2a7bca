"""Settings of rules as people change them: in one transaction with the audit entry, one change at a time."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from hazmat.rule_settings import RuleSetting
from hazmat.store.audit import AuditEntry, write_entry
from hazmat.store.pool import Connection, Pool, Row
from hazmat.store.queries import load_queries
from hazmat.store.registry_rows import rule_setting

_QUERIES = load_queries("rule_changes")
Settings = tuple[RuleSetting, ...]


class ChangedMeanwhileError(Exception):
    """Somebody else has changed the rule since the page was made."""


class NotAcceptedError(Exception):
    """The settings as they would be are refused; ``faults`` say why. Nothing was stored."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class NotPlannedError(Exception):
    """There is no setting of that moment, or it has begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSetting:
    """A setting with who made it and when; None: it was imported."""

    setting: RuleSetting
    set_by: str | None
    set_at: datetime | None


class RuleChanges:
    """The door; all may raise StoreUnavailable."""

    def __init__(self, reading: Pool, writing: Pool) -> None:
        self._reading = reading
        self._writing = writing

    def all(self) -> tuple[KnownSetting, ...]:
        """Every setting there is, ended ones too, by rule and beginning."""
        return self._reading.ask(_all)

    def withdrawals(self, rule_id: str) -> list[Row]:
        """Changes of a rule that were taken back, the last first, as the audit log has them."""
        return self._reading.rows(_QUERIES["withdrawals"], rule_id=rule_id)

    def change(
        self,
        setting: RuleSetting,
        expected: str,
        entry: AuditEntry,
        faults: Callable[[Settings], tuple[str, ...]],
    ) -> None:
        """Store a setting that begins at its ``valid_from`` and ends where the next one begins.

        The one in force until then ends there. ``expected`` is the ``fingerprint`` of what the person saw,
        ``faults`` says what is wrong with all settings as they would be. ChangedMeanwhileError,
        NotAcceptedError.
        """

        def write(connection: Connection) -> None:
            _demand_unchanged(connection, setting.rule_id, expected)
            values = asdict(setting) | {"limits": Jsonb(dict(setting.limits))}
            values |= {"set_by": entry.login, "set_at": entry.at}
            cut = connection.execute(
                _QUERIES["cut"], {"rule_id": setting.rule_id, "moment": setting.valid_from}
            ).fetchone()
            connection.execute(_QUERIES["add"], values)
            if wrong := faults(tuple(known.setting for known in _all(connection))):
                raise NotAcceptedError(wrong)
            write_entry(connection, _with(entry, setting.valid_from, _cut_detail(cut)))

        self._writing.ask(write)

    def withdraw(self, rule_id: str, valid_from: datetime, expected: str, entry: AuditEntry) -> None:
        """Take back a setting that has not begun at ``entry.at``; what it cut goes on as before.

        ChangedMeanwhileError, NotPlannedError.
        """

        def write(connection: Connection) -> None:
            _demand_unchanged(connection, rule_id, expected)
            which = {"rule_id": rule_id, "valid_from": valid_from}
            if connection.execute(_QUERIES["withdraw"], which | {"at": entry.at}).fetchone() is None:
                raise NotPlannedError
            connection.execute(_QUERIES["reach"], which)
            write_entry(connection, _with(entry, valid_from, {}))

        self._writing.ask(write)


def fingerprint(settings: Iterable[KnownSetting], rule_id: str) -> str:
    """A word for a rule's settings as they stand: another one when anything of them is changed."""
    own = [repr(known) for known in settings if known.setting.rule_id == rule_id]
    return hashlib.sha256("\n".join(own).encode()).hexdigest()[:16]


def _all(connection: Connection) -> tuple[KnownSetting, ...]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return tuple(_known(row) for row in cursor.execute(_QUERIES["all"]))


def _known(row: dict[str, object]) -> KnownSetting:
    set_by, set_at = row.pop("set_by"), row.pop("set_at")
    assert set_by is None or isinstance(set_by, str)
    assert set_at is None or isinstance(set_at, datetime)
    return KnownSetting(setting=rule_setting(row), set_by=set_by, set_at=set_at)


def _demand_unchanged(connection: Connection, rule_id: str, expected: str) -> None:
    connection.execute(_QUERIES["lock"], {"rule_id": rule_id})
    if fingerprint(_all(connection), rule_id) != expected:
        raise ChangedMeanwhileError


def _cut_detail(cut: tuple[datetime, datetime | None] | None) -> dict[str, object]:
    if cut is None:
        return {}
    start, end = cut
    return {"cut": {"valid_from": start.isoformat(), "valid_to": end.isoformat() if end else None}}


def _with(entry: AuditEntry, valid_from: datetime, more: Mapping[str, object]) -> AuditEntry:
    return replace(entry, detail={**entry.detail, "valid_from": valid_from.isoformat(), **more})
