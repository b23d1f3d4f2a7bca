"""A world's files, fences and registry: read as a whole or refused with every fault; and written."""

import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import msgspec
import orjson

from hazmat.contradictions import contradictions
from hazmat.documents import HAZARD_CLASSES, BlacklistEntry, Carrier, Permit, Person, Vehicle, Waybill
from hazmat.fence_fields import read_id, read_schedule, write_schedule
from hazmat.fence_geojson import fences_to_geojson, read_fences
from hazmat.registry import World
from hazmat.rule_settings import RuleSetting
from rules.catalogue import setting_fault

FENCES, REGISTRY = "fences.geojson", "registry.json"
_TABLES: tuple[tuple[str, type[Any], str], ...] = (
    ("vehicles", Vehicle, "vehicle_id"),
    ("waybills", Waybill, "waybill_no"),
    ("permits", Permit, "permit_no"),
    ("blacklist", BlacklistEntry, "entry_id"),
    ("people", Person, "person_id"),
    ("carriers", Carrier, "carrier_id"),
    ("rule_settings", RuleSetting, "rule_id"),
)
_HOLIDAYS = "holidays"
_MAY_REPEAT = frozenset({"rule_id"})
_ANY_SIGN = frozenset({"tank_temp_min_c", "tank_temp_max_c"})
_FROM_ZERO = frozenset({"hold_s", "clear_s", "cool_down_s"})
_ASCII_IDS = frozenset({"vehicle_id", "route_id", "roads"})  # they are looked up as columns of ASCII
_KEYS = frozenset(
    {"waybill_no", "permit_no", "entry_id", "carrier_id", "driver_id", "escort_id", "subject_id", "person_id"}
)
_KEY_BYTES = 32
_NO_NOTE = frozenset({"note"})
_SCHEDULE = frozenset({"hours", "weekdays", "holidays"})
_T = TypeVar("_T")


class WorldError(Exception):
    """A world's files were refused; ``faults`` lists everything wrong with them."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        self.faults = faults
        super().__init__("\n".join((f"{len(faults)} faults, nothing was loaded:", *faults)))


def load_world(folder: Path) -> World:
    """The world of a folder; WorldError with every fault of both files if there is one.

    ``fences.geojson`` as ``hazmat.fence_geojson`` reads it; ``registry.json`` is an object of lists
    ``vehicles``, ``waybills``, ``permits``, ``blacklist``, ``people``, ``carriers``, whose items have the
    fields of ``hazmat.documents``, with ``hours``, ``weekdays`` and ``holidays`` for a permit's schedule,
    ``rule_settings`` (``hazmat.rule_settings``) and ``holidays``, days as "2026-10-01".
    """
    fences, fence_faults = _read(folder / FENCES, read_fences)
    tables, table_faults = _read(folder / REGISTRY, read_registry)
    faults = (*fence_faults, *table_faults)
    if faults or fences is None or tables is None:
        raise WorldError(faults)
    world = World(fences=fences, **tables)
    if faults := world_faults(world):
        raise WorldError(tuple(f"{folder / REGISTRY}: {fault}" for fault in faults))
    return world


def world_faults(world: World) -> tuple[str, ...]:
    """What no registry may hold: rows that contradict one another, settings that no rule can take."""
    faults = (setting_fault(each) for each in world.rule_settings)
    settings = (f"rule_settings[{row}] {fault}" for row, fault in enumerate(faults) if fault)
    return (*contradictions(world), *settings)


def save_world(world: World, folder: Path, note: str = "") -> None:
    """Write a world as ``load_world`` reads it; the note stands in both files."""
    folder.mkdir(parents=True, exist_ok=True)
    fences = fences_to_geojson(world.fences, note)
    (folder / FENCES).write_bytes(_lines(fences, "features"))
    tables: dict[str, Any] = {"note": note} if note else {}
    for name, _, _ in _TABLES:
        tables[name] = [_plain(row) for row in getattr(world, name)]
    tables[_HOLIDAYS] = [day.isoformat() for day in world.holidays]
    (folder / REGISTRY).write_bytes(_lines(tables, *(name for name, _, _ in _TABLES), _HOLIDAYS))


def read_registry(document: object) -> tuple[dict[str, tuple[Any, ...]], tuple[str, ...]]:
    """The tables of a decoded ``registry.json`` by name, and the faults: table, row number, id and field."""
    if not isinstance(document, Mapping):
        return {}, ("must be an object",)
    names = {_HOLIDAYS, *(name for name, _, _ in _TABLES)}
    faults = [f"{name}: no such table" for name in document if name not in names | _NO_NOTE]
    tables = {_HOLIDAYS: _days(document.get(_HOLIDAYS, []), faults)}
    for name, kind, key in _TABLES:
        rows = document.get(name, [])
        if isinstance(rows, list):
            tables[name] = _rows(name, kind, key, rows, faults)
        else:
            faults.append(f"{name}: must be a list")
    return tables, tuple(faults)


def _days(days: object, faults: list[str]) -> tuple[date, ...]:
    try:
        found = msgspec.convert(days, list[date])
    except msgspec.ValidationError as error:
        faults.append(f"{_HOLIDAYS}: {error}")
        return ()
    return tuple(sorted(set(found)))


def _read(
    path: Path, reader: Callable[[object], tuple[_T, tuple[str, ...]]]
) -> tuple[_T | None, tuple[str, ...]]:
    try:
        value, faults = reader(orjson.loads(path.read_bytes()))
    except OSError as error:
        return None, (f"{path}: {error.strerror}",)
    except orjson.JSONDecodeError as error:
        return None, (f"{path}: not JSON: {error}",)
    return value, tuple(f"{path}: {fault}" for fault in faults)


def _rows(name: str, kind: type[Any], key: str, rows: list[object], faults: list[str]) -> tuple[Any, ...]:
    seen: dict[object, int] = {}
    made = []
    for number, row in enumerate(rows):
        if not isinstance(row, Mapping):
            faults.append(f"{name}[{number}]: must be an object")
            continue
        where = f"{name}[{number}] ({row.get(key)})"
        before = len(faults)
        values = _values(kind, row, where, faults)
        first = number if key in _MAY_REPEAT else seen.setdefault(str(row.get(key)), number)
        if first != number:
            faults.append(f"{where}: {key}: same as row {first}")
        if len(faults) == before:
            made.append(kind(**values))
    return tuple(made)


def _values(kind: type[Any], row: Mapping[str, object], where: str, faults: list[str]) -> dict[str, Any]:
    hints = get_type_hints(kind)
    names = {*hints, *_NO_NOTE} | (_SCHEDULE if "schedule" in hints else set())
    faults += [f"{where}: {name}: no such field" for name in row if name not in names - {"schedule"}]
    values: dict[str, Any] = {}
    for field in fields(kind):
        try:
            if field.name == "schedule":
                given = (row.get(name) for name in ("hours", "weekdays", "holidays"))
                values["schedule"] = read_schedule(*given)
            elif field.name in row:
                values[field.name] = _value(field.name, row[field.name], hints[field.name])
            elif field.default is MISSING and field.default_factory is MISSING:
                faults.append(f"{where}: {field.name}: missing")
        except ValueError as error:  # msgspec's is one too
            faults.append(f"{where}: {field.name}: {error}")
    start, end = values.get("valid_from"), values.get("valid_to")
    if start and end and end <= start:
        faults.append(f"{where}: valid_to: not after valid_from")
    return values


def _value(name: str, given: object, hint: Any) -> object:
    value: object = msgspec.convert(given, hint)
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError(f"needs an offset: {given!r}")
    _check_number(name, value)
    _check_ids(name, value)
    classes = value if name == "hazard_classes" else (value,) if name == "hazard_class" else ()
    unknown = [each for each in classes if each not in HAZARD_CLASSES]  # type: ignore[attr-defined]
    if unknown:
        raise ValueError(f"unknown hazard class {unknown}")
    return value


def _check_number(name: str, value: object) -> None:
    if not isinstance(value, float):
        return
    if not math.isfinite(value):
        raise ValueError(f"must be a number, not {value!r}")
    if name in _FROM_ZERO and value < 0:
        raise ValueError(f"must be 0 or more, not {value!r}")
    if name not in _FROM_ZERO | _ANY_SIGN and not value > 0:
        raise ValueError(f"must be greater than 0, not {value!r}")


def _check_ids(name: str, value: object) -> None:
    if name in _ASCII_IDS:
        for each in value if isinstance(value, tuple) else (value,):
            if each or name == "vehicle_id":
                read_id(each)
    elif name in _KEYS and isinstance(value, str):
        optional = name == "escort_id"
        if not (value.strip() or optional) or len(value.encode()) > _KEY_BYTES or "\0" in value:
            raise ValueError(f"must be 1 to {_KEY_BYTES} bytes of text, not {value!r}")


def _plain(row: Any) -> dict[str, Any]:
    needed = {f.name for f in fields(row) if f.default is MISSING and f.default_factory is MISSING}
    values = {
        name: value
        for name, value in asdict(row).items()
        if name != "schedule" and (name in needed or value not in (None, "", (), {}))
    }
    return {**values, **(write_schedule(row.schedule) if isinstance(row, Permit) else {})}


def _lines(document: Mapping[str, Any], *lists: str) -> bytes:
    """JSON with one item of these lists a line, so that a change shows as a line."""
    parts = [
        f"{orjson.dumps(k).decode()}:{orjson.dumps(v).decode()}"
        for k, v in document.items()
        if k not in lists
    ]
    for name in lists:
        items = ",\n".join(orjson.dumps(item).decode() for item in document[name])
        parts.append(f"{orjson.dumps(name).decode()}:[\n{items}\n]")
    return ("{" + ",\n".join(parts) + "}\n").encode()
