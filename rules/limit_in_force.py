"""Limits that a fold over time needs: as columns, in the version in force at each fix."""

from collections.abc import Mapping

import numpy as np

from hazmat.columns import Floats, Rows, Times
from hazmat.lookup import Timeline
from hazmat.registry import Registry


def limit_in_force(registry: Registry, rule_id: str, name: str, defined: float, times: Times) -> Floats:
    """A rule's limit at each time: ``defined``, as its definition says, or what the registry says instead."""
    settings = registry.derived(_settings)
    if rule_id not in settings:
        return np.full(len(times), defined)
    timeline, rows = settings[rule_id]
    values = [registry.world.rule_settings[row].limits.get(name, defined) for row in rows.tolist()]
    return np.array([*values, defined])[timeline.at(np.zeros(len(times), np.int64), times)]


def _settings(registry: Registry) -> Mapping[str, tuple[Timeline, Rows]]:
    """Of each rule that has settings: which was in force when, and their rows."""
    rows: dict[str, list[int]] = {}
    for row, setting in enumerate(registry.world.rule_settings):
        rows.setdefault(setting.rule_id, []).append(row)
    return {rule_id: (_timeline(registry, mine), np.array(mine)) for rule_id, mine in rows.items()}


def _timeline(registry: Registry, rows: list[int]) -> Timeline:
    spans = [
        (registry.world.rule_settings[row].valid_from, registry.world.rule_settings[row].valid_to)
        for row in rows
    ]
    return Timeline.of(np.zeros(len(rows), np.int64), spans)
