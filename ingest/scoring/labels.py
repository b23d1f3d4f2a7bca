"""Labelled cases as they lie on the disk: a track, what was really wrong in it, and the world around it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import orjson

TRACK, TRUTH, LABEL, WORLD = "track.ndjson", "truth.json", "label.json", "world"
_TRUTH_FIELDS = frozenset({"vehicle_id", "rule_id", "object_id", "start", "end", "marginal"})
_LABEL_FIELDS = frozenset({"hours", "rules", "ignore", "text"})
_T = TypeVar("_T")


class LabelError(Exception):
    """A label cannot be read; the message names file, row and field."""


@dataclass(frozen=True, slots=True)
class Truth:
    """A breach that really happened: seconds since 1970, ``end`` inf where it outlasts the track.

    ``object_id`` empty: any object. ``marginal``: real, but too short or too slight to be asked for.
    """

    vehicle_id: str
    rule_id: str
    object_id: str
    start: float
    end: float
    marginal: bool = False


@dataclass(frozen=True, slots=True)
class LabelledCase:
    """A folder with a track and its truths. ``hours`` are vehicle-hours, None: those of the track.

    ``ignore``: rules that nobody labelled here.
    """

    name: str
    track: Path
    world: Path
    truths: tuple[Truth, ...]
    hours: float | None = None
    rules: tuple[str, ...] = ()
    ignore: frozenset[str] = frozenset()


def find_cases(folder: Path) -> list[LabelledCase]:
    """Every labelled case at or under a folder, by name; LabelError for the first that cannot be read."""
    tracks = sorted(path for path in folder.rglob(TRACK) if (path.parent / TRUTH).exists())
    if not tracks:
        raise LabelError(f"{folder}: no case, that is a folder with {TRACK} and {TRUTH}")
    return [read_case(path.parent, folder) for path in tracks]


def read_case(case: Path, root: Path) -> LabelledCase:
    """The case in a folder, named by its path from ``root``."""
    label, truths = _label(case / LABEL), tuple(_truths(case / TRUTH))
    return LabelledCase(
        name=case.relative_to(root).as_posix() if case != root else case.name,
        track=case / TRACK,
        world=_world_of(case),
        truths=truths,
        hours=label.get("hours"),
        rules=tuple(label.get("rules", ())),
        ignore=frozenset(label.get("ignore", ())),
    )


def _world_of(case: Path) -> Path:
    for folder in (case, *case.absolute().parents):
        if (folder / WORLD).is_dir():
            return folder / WORLD
    raise LabelError(f"{case}: no folder {WORLD}/ at or above it")


def _json(path: Path, kind: type[_T]) -> _T:
    try:
        value = orjson.loads(path.read_bytes())
    except OSError as error:
        raise LabelError(f"{path}: {error.strerror}") from None
    except orjson.JSONDecodeError as error:
        raise LabelError(f"{path}: not JSON: {error}") from None
    if not isinstance(value, kind):
        raise LabelError(f"{path}: must be a {kind.__name__}")
    return value


def _label(path: Path) -> dict[str, Any]:
    label = _json(path, dict) if path.exists() else {}
    for name, value in label.items():
        if name not in _LABEL_FIELDS:
            raise LabelError(f"{path}: {name}: no such field")
        if name in ("rules", "ignore") and not _is_texts(value):
            raise LabelError(f"{path}: {name}: must be a list of rule ids")
        if name == "hours" and not (isinstance(value, int | float) and value > 0):
            raise LabelError(f"{path}: hours: must be greater than 0, not {value!r}")
    return label


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _truths(path: Path) -> Iterator[Truth]:
    for number, row in enumerate(_json(path, list)):
        where = f"{path}: row {number}"
        if not isinstance(row, Mapping):
            raise LabelError(f"{where}: must be an object")
        for name in row:
            if name not in _TRUTH_FIELDS:
                raise LabelError(f"{where}: {name}: no such field")
        yield _truth(row, where)


def _truth(row: Mapping[str, Any], where: str) -> Truth:
    start = _field(row, "start", where, _moment)
    end = _field(row, "end", where, lambda value: float("inf") if value is None else _moment(value))
    if end <= start:
        raise LabelError(f"{where}: end: not after start")
    marginal = row.get("marginal", False)
    if not isinstance(marginal, bool):
        raise LabelError(f"{where}: marginal: must be true or false, not {marginal!r}")
    vehicle_id, rule_id, object_id = (
        _field(row, name, where, _text) for name in ("vehicle_id", "rule_id", "object_id")
    )
    return Truth(vehicle_id, rule_id, object_id, start, end, marginal)


def _field(row: Mapping[str, Any], name: str, where: str, read: Callable[[Any], _T]) -> _T:
    if name not in row:
        raise LabelError(f"{where}: {name}: missing")
    try:
        return read(row[name])
    except (TypeError, ValueError):
        raise LabelError(f"{where}: {name}: cannot be {row[name]!r}") from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _moment(value: object) -> float:
    time = datetime.fromisoformat(_text(value))
    if time.tzinfo is None:
        raise ValueError
    return time.timestamp()
