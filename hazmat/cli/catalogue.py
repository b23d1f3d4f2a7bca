"""`hazmat rules`: the catalogue of rules as Markdown, Chinese and English, as docs/rules.md holds it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from hazmat.clock import now, to_time
from hazmat.registry import Registry
from rules.catalogue import CATALOGUE, rule_table
from rules.rule import AnyRule, Definition, Group, Receiver, Rule, TogetherRule

_HEAD = """\
# 预警规则目录 · Rules

由 `hazmat rules` 从规则定义生成，测试逐字比对。每一个参与判定的数值都在这里：条件须持续多久、
至少几个定位才预警，何时解除。
数值可在基础数据 `rule_settings` 中按生效时间调整，无需发版；`hazmat rules --now` 打印现行数值。

Made by `hazmat rules` from the rules themselves; a test compares. Every number that decides is here: how
long a condition must hold before an alert fires, for how many fixes at least, and what ends it. The
registry's `rule_settings` may change them from a moment on, without a release; `hazmat rules --now`
prints what is in force. A level is 红 red, 橙 orange, 黄 yellow or 蓝 blue; blue ones go to the driver or
as a notice, before anything is reported.
"""
_GROUPS = {
    Group.PLACE: "位置 · Place",
    Group.CONDUCT: "驾驶行为 · Conduct",
    Group.DOCUMENTS: "单证与资质 · Documents",
    Group.DEVICE: "终端 · Device",
    Group.LOAD: "罐体与载荷 · Load",
    Group.TOGETHER: "多车 · Together",
    Group.EMERGENCY: "紧急 · Emergency",
}
_TABLE_HEAD = "| id | 名称 | name | 级别 | 预警条件 | 808 / 809 |\n|---|---|---|---|---|---|\n"
_LEVELS = {"red": "红", "orange": "橙", "yellow": "黄", "blue": "蓝"}
_RECEIVERS = {
    Receiver.DRIVER: "驾驶员",
    Receiver.CARRIER: "企业",
    Receiver.TRAFFIC_POLICE: "交警",
    Receiver.TRANSPORT: "交通运输",
    Receiver.EMERGENCY: "应急管理",
    Receiver.FIRE: "消防救援",
    Receiver.MARKET: "市场监管",
}


def print_rules(registry: Registry | None = None) -> int:
    """Print the whole file; with a registry, the numbers that it has in force now."""
    print(rules_as_markdown(CATALOGUE.values() if registry is None else _in_force(registry)), end="")
    return 0


def _in_force(registry: Registry) -> list[Definition]:
    table = rule_table(registry)
    numbers = np.arange(len(CATALOGUE))
    return [table.definitions[row] for row in table.at(numbers, np.full(len(numbers), to_time(now())))]


def rules_as_markdown(rules: Iterable[Definition] = tuple(CATALOGUE.values())) -> str:
    """A table of each group, then one chapter a rule, in the order of the catalogue."""
    listed = list(rules)
    parts = [_HEAD]
    for group, title in _GROUPS.items():
        mine = [rule for rule in listed if rule.group is group]
        if mine:
            parts.append(f"\n# {title}\n\n{_TABLE_HEAD}")
            parts += [_row(rule) for rule in mine]
            parts += [_chapter(rule) for rule in mine]
    return "".join(parts)


def _row(rule: Definition) -> str:
    off = "" if rule.enabled else "（停用 off）"
    codes = f"{_code(rule.jt808, '')} / {_code(rule.jt809, '0x')}"
    level = _LEVELS[rule.severity.value]
    return f"| `{rule.id}` | {rule.name_zh}{off} | {rule.name_en} | {level} | {_fires(rule)} | {codes} |\n"


def _code(code: int | None, prefix: str) -> str:
    if code is None:
        return "—"
    return f"0x{code:X}" if prefix else f"bit {code}"


def _fires(rule: Definition) -> str:
    if isinstance(rule, Rule | TogetherRule):
        at_once = " / 立即" if isinstance(rule, Rule) and rule.at_once else ""
        return _held(rule.hold.seconds, rule.hold.fixes) + at_once
    return f"{rule.limits['after_s']:g} s 无消息"


def _held(seconds: float, fixes: int) -> str:
    return f"{seconds:g} s, {fixes}×" if seconds else f"{fixes}×"


def _chapter(rule: Definition) -> str:
    facts = "".join(f"| {name} | {value} |\n" for name, value in _facts(rule))
    return f"\n## {rule.name_zh} · {rule.name_en}\n\n| | |\n|---|---|\n{facts}"


def _facts(rule: Definition) -> Iterator[tuple[str, str]]:
    yield "编号、版本 id, version", f"`{rule.id}`, {rule.version}"
    if not rule.enabled:
        yield "状态 state", "**停用**，可在基础数据中启用 · **switched off**, the registry may switch it on"
    yield "级别 level", f"{_LEVELS[rule.severity.value]} {rule.severity.value}"
    yield "情形", rule.says.what("zh", rule.limits)
    yield "condition", rule.says.what("en", rule.limits)
    yield "依据 basis", rule.basis
    yield "通知 receivers", "、".join(_RECEIVERS[receiver] for receiver in rule.receivers)
    if rule.warns_of:
        yield "预先提醒 warns of", f"`{rule.warns_of}`"
    yield "预警 fires", _fires(rule) + (" (s, fixes)" if isinstance(rule, Rule) else "")
    yield "解除 ends", f"{rule.says.ends('zh', rule.limits)} · {rule.says.ends('en', rule.limits)}"
    if isinstance(rule, Rule):
        yield from _ends(rule)
    if rule.unit:
        yield "度量 measures", rule.unit
    if rule.limits:
        yield "限值 limits", ", ".join(f"`{name}` {value:g}" for name, value in rule.limits.items())
    yield "迟到 late", f"超过 {rule.late_s:g} s 才收到的，只作证据 · later than that: evidence only"
    if rule.needs:
        yield "前提 needs", ", ".join(f"`{need.value}`" for need in rule.needs)
    if rule.jt808 is not None or rule.jt809 is not None:
        yield "JT/T 808, 809", f"{_code(rule.jt808, '')}, {_code(rule.jt809, '0x')}"


def _ends(rule: AnyRule) -> Iterator[tuple[str, str]]:
    yield "解除须持续 clears after", _held(rule.clear.seconds, rule.clear.fixes)
    yield "断档 gap", f"{rule.gap_s:g} s"
    if rule.cool_down_s:
        yield "静默 cool-down", f"{rule.cool_down_s:g} s"
