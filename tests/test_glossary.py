"""Every name in the data that flows, in its enumerations and in the database is explained in GLOSSARY.md."""

from __future__ import annotations

import enum
import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import ModuleType

import psycopg
import pytest

from hazmat import accounts, alerts, documents, geofences, journeys, outcome, position, registry, schedule

GLOSSARY = Path(__file__).parent.parent / "GLOSSARY.md"
CONTRACT = (accounts, alerts, documents, geofences, journeys, outcome, position, schedule)
COLUMNS = """
    SELECT DISTINCT table_name, column_name
    FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name !~ '^positions_'
"""
# A one-row table has to say so to the server and to nobody else.
MECHANICS = {"only_row"}


def explained() -> set[str]:
    rows = [line for line in GLOSSARY.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    return {name for row in rows for name in re.findall(r"`([a-z0-9_]+)`", row)}


def classes(module: ModuleType) -> list[type]:
    found = [item for item in vars(module).values() if isinstance(item, type)]
    return [item for item in found if item.__module__ == module.__name__]


def names(item: type) -> set[str]:
    if is_dataclass(item):
        return {field.name for field in fields(item)}
    return {member.name.lower() for member in item} if issubclass(item, enum.Enum) else set()


@pytest.mark.parametrize("module", CONTRACT, ids=lambda module: module.__name__)
def test_every_field_and_member_is_explained(module: ModuleType) -> None:
    used = {name for item in classes(module) for name in names(item)}
    assert used, f"nothing found in {module.__name__}"
    assert used <= explained(), f"not in GLOSSARY.md: {sorted(used - explained())}"


def test_the_world_is_explained() -> None:
    assert names(registry.World) <= explained()


def test_every_column_is_explained(postgres_database: str) -> None:
    with psycopg.connect(postgres_database) as connection:
        found = connection.execute(COLUMNS).fetchall()
    used = {name for row in found for name in row}
    assert {"positions", "fix_time", "alerts", "evidence"} <= used
    assert used - MECHANICS <= explained(), f"not in GLOSSARY.md: {sorted(used - MECHANICS - explained())}"


def test_no_line_stands_twice() -> None:
    rows = re.findall(r"^\| .+? \| (`[^|]+`) \|", GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE)
    single = [row for row in rows if row.count("`") == 2]
    assert len(single) == len(set(single)), sorted({row for row in single if single.count(row) > 1})
